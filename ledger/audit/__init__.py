"""What somebody who does not trust the city can check: rebuild, verify, diff, trace."""
