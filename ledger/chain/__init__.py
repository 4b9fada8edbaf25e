"""The only room that speaks to a node: JSON-RPC in, typed domain values out."""
