"""Everything that goes wrong, together: the driver, its schedule and the judge of what is left."""
