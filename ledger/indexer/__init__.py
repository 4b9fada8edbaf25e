"""Chain to rows: spans of blocks, one transaction each, reorgs undone by their blocks' hashes."""
