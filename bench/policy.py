"""How fast a verdict is: `python -m bench.policy` prints a table, JSON=file writes the figures.

CASES (20,000) random redemptions under a policy that has every rule, the till's too, are judged by
`judge` and by the same rules in JSON Logic (panzi-json-logic), a generic engine that reads rules as
data. JSON Logic is spared what it cannot say: the hour of the week, the day's spending, the list
and the rounded share are handed to it ready, and it gives no reasons. Both must accept the same.
Seconds are the processor's, of one core; the best of REPEATS (3).
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time_ns
from typing import Any, Final

from json_logic.apply import apply  # type: ignore[import-untyped, unused-ignore]

from bench.policy_cases import BenchCase, bench_cases, every_rule, json_logic_of
from ledger.domain.policy_document import Policy
from ledger.domain.verdict import Verdict, judge

PER_SECOND_MIN: Final = 30_000
SECOND_NS: Final = 1_000_000_000


def judged(policy: Policy, cases: Sequence[BenchCase]) -> list[Verdict]:
    """Every case by our judge."""
    till = policy.till
    return [
        judge(
            case.campaign, case.pass_, case.merchant, case.usage, case.request, case.now,
            till=till, facts=case.facts,
        )
        for case in cases
    ]  # fmt: skip


def judged_by_json_logic(logic: dict[str, Any], cases: Sequence[BenchCase]) -> list[bool]:
    """Every case by the generic engine."""
    return [bool(apply(logic, case.flat)) for case in cases]


def measure(count: int, repeats: int, seed: int) -> tuple[dict[str, Any], Counter[str]]:
    """Judge the same cases both ways. Raises AssertionError where the two do not agree."""
    policy = every_rule()
    cases, logic = bench_cases(policy, count, seed), json_logic_of(policy)
    verdicts, ours = _best(lambda: judged(policy, cases), repeats)
    accepted, theirs = _best(lambda: judged_by_json_logic(logic, cases), repeats)
    for case, verdict, other in zip(cases, verdicts, accepted, strict=True):
        assert verdict.accepted == other, (verdict, case.flat)
    figures = {
        "cases": count,
        "accepted": sum(accepted),
        "nakhon_per_s": count * SECOND_NS // ours,
        "jsonlogic_per_s": count * SECOND_NS // theirs,
        "ratio": round(theirs / ours, 1),
    }
    return figures, Counter(verdict.code for verdict in verdicts)


def _best(run: Callable[[], list[Any]], repeats: int) -> tuple[list[Any], int]:
    found, best = [], 0
    for _ in range(repeats):
        began = process_time_ns()
        found = run()
        took = process_time_ns() - began
        best = min(best, took) if best else took
    return found, best


def table(figures: dict[str, Any], codes: Counter[str]) -> str:
    """The figures as people read them."""
    lines = [
        f"{'':36}{'verdicts a second':>20}",
        f"{'nakhon judge, with reason and figures':36}{figures['nakhon_per_s']:>19,}",
        f"{'the same rules in JSON Logic, yes or no':36}{figures['jsonlogic_per_s']:>17,}",
        "",
        (
            f"ratio {figures['ratio']}; {figures['accepted']:,} of {figures['cases']:,} accepted, "
            "by both alike"
        ),
        ", ".join(f"{code} {count:,}" for code, count in codes.most_common()),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print, write; 1 when the promise is broken."""
    count = int(os.environ.get("CASES", "20000"))
    repeats = int(os.environ.get("REPEATS", "3"))
    figures, codes = measure(count, repeats, seed=7)
    sys.stdout.write(table(figures, codes))
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(figures, indent=2) + "\n")
    if figures["nakhon_per_s"] < PER_SECOND_MIN:
        sys.stderr.write(f"fewer than {PER_SECOND_MIN:,} verdicts a second\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
