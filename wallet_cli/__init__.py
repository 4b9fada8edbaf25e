"""The `nakhon` command: one group for each person who uses the city."""
