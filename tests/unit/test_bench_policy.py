"""The benchmark of verdicts compares like with like: both judges accept the same cases."""

from __future__ import annotations

from bench.policy import measure, table
from bench.policy_cases import bench_cases, every_rule


def test_json_logic_and_the_judge_accept_the_same_redemptions() -> None:
    figures, codes = measure(1_500, 1, seed=3)
    assert figures["accepted"] == codes["accepted"] > 750
    assert len(codes) > 12, "most rules are met and missed"
    assert {"nakhon_per_s", "jsonlogic_per_s", "ratio"} <= figures.keys()
    assert "verdicts a second" in table(figures, codes)


def test_the_same_seed_makes_the_same_cases() -> None:
    policy = every_rule()
    assert bench_cases(policy, 50, 7) == bench_cases(policy, 50, 7)
    assert bench_cases(policy, 50, 7) != bench_cases(policy, 50, 8)
