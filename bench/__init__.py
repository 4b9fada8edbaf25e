"""Benchmarks that print tables beside their baselines."""
