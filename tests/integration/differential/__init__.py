"""The Python domain and the deployed contracts driven by the same random histories.

`python -m tests.integration.differential --cases 100000 --seed 7` runs as long as one likes;
test_differential.py runs a short one. docs/wire-format.md decides who is right.
"""
