"""How good the flags are: `python -m bench.flags` prints a table, JSON=file writes the figures.

A labelled city of RESIDENTS (20,000) people, from SEED (7), with honest habits that look suspicious
and crooks planted for each rule. Precision: of a rule's flags, how many name somebody who was
planted. Recall: of what was planted for it, how much it named. A flag of one rule that names people
planted for another counts as right for its precision, and is shown apart as `others`.

TIMED (0) redemptions more are judged for the seconds alone: the same city, so often side by side.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final

from bench.flag_city import FlagCity, honest
from bench.flag_plants import PLANTS
from ledger.domain.flag_rules import RULES, raise_flags
from ledger.domain.flags import VERSION, Flag, FlagFacts, Thresholds

CROOKS: Final = 4
"""How often everything is planted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one rule did. Flags are `found` (its own planting), `others` (another's), or `false`."""

    rule: str
    planted: int
    named: int
    found: int
    others: int
    false: int

    @property
    def precision(self) -> float | None:
        """Of its flags, the part that names somebody who was planted; None without flags."""
        flags = self.found + self.others + self.false
        return (self.found + self.others) / flags if flags else None

    @property
    def recall(self) -> float | None:
        """Of what was planted for it, the part it named."""
        return self.named / self.planted if self.planted else None


def labelled_city(residents: int, seed: int, *, crooks: int = 1) -> FlagCity:
    """The town with its honest habits, and with what is planted in it, so many times."""
    city = FlagCity(random=Random(seed))
    honest(city, residents)
    for plant in PLANTS.values():
        for _ in range(crooks):
            plant(city)
    return city


def score(city: FlagCity, flags: Sequence[Flag]) -> list[Score]:
    """Each rule's flags against what was planted."""
    crooks = {member for groups in city.planted.values() for group in groups for member in group}
    scores = []
    for rule in RULES:
        mine = [_members(flag) for flag in flags if flag.rule == rule]
        groups = city.planted.get(rule, [])
        own: set[int] = set().union(*groups)
        found = sum(bool(members & own) for members in mine)
        others = sum(not members & own and bool(members & crooks) for members in mine)
        scores.append(
            Score(
                rule=rule,
                planted=len(groups),
                named=sum(any(group & members for members in mine) for group in groups),
                found=found,
                others=others,
                false=len(mine) - found - others,
            )
        )
    return scores


def _members(flag: Flag) -> set[int]:
    return {*flag.passes, *(-shop for shop in flag.merchants)}


def timed(facts: FlagFacts, count: int) -> tuple[int, float]:
    """Judge the city side by side with itself until there are `count` redemptions: how many there
    were, and the seconds."""
    spendings = list(facts.spendings)
    copies = -(-count // len(spendings))
    most = 1 + max(each.pass_number for each in spendings)
    shops = 1 + max(facts.categories)
    many = [
        each._replace(
            pass_number=each.pass_number + copy * most, merchant=each.merchant + copy * shops
        )
        for each in spendings
        for copy in range(copies)
    ]
    wide = replace(
        facts,
        spendings=many,
        categories=_side_by_side(dict(facts.categories), copies, shops),
        districts=_side_by_side(dict(facts.districts), copies, shops),
    )
    began = perf_counter()
    raise_flags(wide, Thresholds())
    return len(many), perf_counter() - began


def _side_by_side(values: dict[int, int], copies: int, apart: int) -> dict[int, int]:
    return {
        number + copy * apart: value for number, value in values.items() for copy in range(copies)
    }


def figures_of(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """The scores as rows, with precision and recall."""
    return [
        {
            "rule": each.rule,
            "planted": each.planted,
            "named": each.named,
            "found": each.found,
            "others": each.others,
            "false": each.false,
            "precision": None if each.precision is None else round(each.precision, 3),
            "recall": None if each.recall is None else round(each.recall, 3),
        }
        for each in scores
    ]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The scores as people read them."""
    columns = ("planted", "named", "found", "others", "false", "precision", "recall")
    lines = [f"{'rule':<16}" + "".join(f"{column:>11}" for column in columns)]
    for row in rows:
        cells = ("–" if row[column] is None else str(row[column]) for column in columns)
        lines.append(f"{row['rule']:<16}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print, write."""
    residents = int(os.environ.get("RESIDENTS", "20000"))
    seed = int(os.environ.get("SEED", "7"))
    extra = int(os.environ.get("TIMED", "0"))
    city = labelled_city(residents, seed, crooks=CROOKS)
    facts = city.facts()
    began = perf_counter()
    flags = raise_flags(facts, Thresholds())
    seconds = perf_counter() - began
    rows = figures_of(score(city, flags))
    sys.stdout.write(table(rows))
    sys.stdout.write(
        f"\nrules {VERSION}, seed {seed}: {len(facts.spendings):,} redemptions of {city.passes:,} "
        f"passes at {len(city.categories):,} shops, {len(city.attempts):,} refusals; "
        f"{len(flags)} flags in {seconds:.1f} s\n"
    )
    figures: dict[str, Any] = {
        "version": VERSION,
        "seed": seed,
        "residents": residents,
        "redemptions": len(facts.spendings),
        "seconds": round(seconds, 2),
        "rules": rows,
    }
    if extra:
        count, took = timed(facts, extra)
        figures |= {"timed_redemptions": count, "timed_seconds": round(took, 1)}
        sys.stdout.write(f"{count:,} redemptions in {took:.1f} s\n")
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(figures, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
