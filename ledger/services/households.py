"""Which passes are one household: set by the registrar, all lines or none."""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import till_counts
from ledger.db.tables_rules import HouseholdMember
from ledger.domain.ranges import U32
from ledger.errors import CsvInvalid, InputInvalid
from ledger.services.csv_rows import BadLines, read_rows, whole_number, why_of
from ledger.services.runtime import Runtime

PASSES_MAX: Final = 50
"""Of one household."""

_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One pass and its household, and the line it stands on in what was sent."""

    line: int
    pass_number: int
    household: str


def read_households(raw: bytes) -> list[Membership]:
    """The rows of a table with the columns pass and household. A household is a number or code of
    at most 40 letters, digits and . _ / -, and no name of anybody.

    Raises CsvInvalid naming every bad line.
    """
    bad = BadLines(CsvInvalid)
    seen: dict[int, int] = {}
    found = []
    for row in read_rows(raw, ["pass", "household"], bad):
        try:
            number = whole_number(row.cells["pass"], most=U32)
        except InputInvalid as error:
            bad.add(row.line, f"pass: {why_of(error)}", row.cells["pass"])
            continue
        household = row.cells["household"]
        if number in seen:
            bad.add(row.line, f"the pass of line {seen[number]} again", row.cells["pass"])
        elif not _NAME.fullmatch(household):
            bad.add(row.line, "household: a code of 1 to 40 letters, digits, . _ / -", household)
        else:
            found.append(Membership(line=row.line, pass_number=number, household=household))
        seen.setdefault(number, row.line)
    bad.refuse()
    return found


async def keep_households(
    session: AsyncSession,
    runtime: Runtime,
    memberships: list[Membership],
    *,
    set_by: str,
    now: int,
) -> int:
    """Put all passes into their households, or none; how many households were named. What they
    spent before counts in the new household from the next redemption on.

    Raises CsvInvalid naming every line with a pass nobody holds, or one too many of a household.
    """
    bad = BadLines(CsvInvalid)
    known = await till_counts.pass_numbers(session, runtime.chain_id)
    moving = {one.pass_number for one in memberships}
    size: dict[str, int] = {}
    for name in sorted({one.household for one in memberships}):
        size[name] = len(set(await till_counts.members_of(session, name)) - moving)
    for one in memberships:
        size[one.household] += 1
        if one.pass_number not in known:
            bad.add(one.line, "no such pass", str(one.pass_number))
        elif size[one.household] > PASSES_MAX:
            bad.add(one.line, f"more than {PASSES_MAX} passes in one household", one.household)
    bad.refuse()
    for one in memberships:
        await till_counts.put_in_household(
            session,
            HouseholdMember(
                pass_number=one.pass_number, household=one.household, set_by=set_by, set_at=now
            ),
        )
    await session.flush()
    return len(size)
