"""Whether a budget covers everyone a policy promises its allowance to."""

from __future__ import annotations

from ledger.domain.amounts import brief_baht
from ledger.domain.located_json import read_json
from ledger.domain.policy import parse_policy
from ledger.errors import InputInvalid, PolicyInvalid


def check_budget(document: bytes, budget: int, people: int | None = None) -> int:
    """Return what all allowances come to, where the budget (satang) covers them.

    The list says how many they are; a policy for everyone needs `people`. Raises PolicyInvalid
    with the line of the list, or of the allowance, where the budget is too small, and InputInvalid
    where nobody says how many people there are.
    """
    policy = parse_policy(document)
    lines = read_json(document.decode("utf-8-sig")).lines
    if policy.issue is not None:
        count, pointer = policy.issue.count, "/issue/list/count"
    elif people is not None:
        count, pointer = people, "/allowance"
    else:
        why = "the policy issues to everyone: say how many people that is"
        raise InputInvalid(what="people", why=why, why_th="โครงการให้สิทธิ์ทุกคน โปรดระบุจำนวนคน")
    needed = count * policy.allowance
    if needed > budget:
        figures = brief_baht(policy.allowance), brief_baht(needed), brief_baht(budget)
        raise PolicyInvalid(
            pointer=pointer,
            line=lines[pointer],
            why=f"{count:,} people at {figures[0]} baht are {figures[1]} baht, "
            f"more than the budget of {figures[2]}",
            why_th=f"{count:,} คน คนละ {figures[0]} บาท รวม {figures[1]} บาท "
            f"เกินงบประมาณ {figures[2]} บาท",
        )
    return needed
