"""Compiling, deploying, and the development chain."""
