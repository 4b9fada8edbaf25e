"""Pure rules and values: no network, SQL, clock or environment."""
