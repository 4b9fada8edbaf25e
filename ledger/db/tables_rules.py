"""What the rules of the till count: shops' days, households, stands, and its verdicts."""
