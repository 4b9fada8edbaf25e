"""What stands otherwise than it was last told: read from the till's own rows.

The till's table of redemptions is the one source, as it is for the shops' screens; the payments of
rounds are the other. A question joins them with what was told. Of those that matter each moment,
both sides are small: what is not final, and what was told and may still change. What passes both by
(made and final between two looks) is found among the newest, and by the whole comparison with which
every process begins to lead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

CITY: Final = 0
"""The owner of city hall's stream, which hears of every shop."""

ROUNDS_LOOKED_AT: Final = 30

_HEARD: Final = "EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.owner = s.owner)"
_OF_OWNERS: Final = ("s.owner = {row}.merchant AND s.owner <> 0", "s.owner = 0")
_STATE: Final = "r.status || ' ' || r.voided"
_REDEMPTION: Final = (
    "SELECT s.owner, r.id, r.campaign, r.merchant, r.status, r.reason, r.bill, r.amount, r.copay,"
    f" r.voided, r.accepted_at, c.reference, {_STATE} AS state"
    " FROM {source} JOIN webhook_streams s ON {owner}"
    " LEFT JOIN webhook_told t ON t.owner = s.owner AND t.subject = r.id"
    " LEFT JOIN charges_taken c ON c.redemption_id = r.id"
    f" WHERE {_HEARD} AND {{where}}"
    f" AND ((t.subject IS NULL AND r.accepted_at >= s.begins_at) OR t.state <> {_STATE})"
    " ORDER BY r.accepted_at, r.id LIMIT :most"
)
_VOIDED: Final = (
    "included_voids v JOIN redemptions r ON r.campaign = v.campaign"
    " AND r.pass_number = v.pass_number AND r.signed_at = v.signed_at"
)
_PAYMENT: Final = (
    "SELECT s.owner, p.reference, p.round, p.merchant, p.amount, p.status, p.moved_at"
    " FROM round_payments p JOIN webhook_streams s ON {owner}"
    " LEFT JOIN webhook_told t ON t.owner = s.owner AND t.subject = p.reference"
    f" WHERE {_HEARD} AND p.round >= :since"
    " AND ((t.subject IS NULL AND p.moved_at >= s.begins_at) OR t.state <> p.status)"
    " ORDER BY p.moved_at, p.reference LIMIT :most"
)


def _asked(question: str, row: str, **parts: str) -> tuple[TextClause, ...]:
    return tuple(
        text(question.format(owner=owner.format(row=row), **parts)) for owner in _OF_OWNERS
    )


_OPEN: Final = _asked(
    _REDEMPTION, "r", source="redemptions r",
    where="r.status IN ('accepted', 'included', 'failed', 'voided')",
)  # fmt: skip
_WATCHED: Final = _asked(_REDEMPTION, "r", source="redemptions r", where="t.watched")
_UNDONE: Final = _asked(_REDEMPTION, "r", source=_VOIDED, where="v.chain_id = :chain_id")
_NEWEST: Final = _asked(
    _REDEMPTION, "r", source="intents n JOIN redemptions r ON r.intent_id = n.id",
    where="n.created_at >= :since",
)  # fmt: skip
_EVERY: Final = _asked(_REDEMPTION, "r", source="redemptions r", where="1 = 1")
_PAYMENTS: Final = _asked(_PAYMENT, "p")
_HEARD_STREAMS: Final = text(f"SELECT s.owner FROM webhook_streams s WHERE {_HEARD}")
_LAST_ROUND: Final = text("SELECT max(number) FROM payment_rounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that its owner has not been told as it stands now."""

    owner: int
    subject: str
    type: str
    state: str
    watched: bool
    data: dict[str, Any]


async def is_heard(session: AsyncSession) -> bool:
    """Whether anybody has an endpoint: without one nothing is looked for."""
    return (await session.execute(_HEARD_STREAMS)).first() is not None


async def changes(
    session: AsyncSession, chain_id: int, *, since: int | None, most: int
) -> list[Change]:
    """Redemptions to be told of, the oldest first, at most about `most`: those that are not final
    or may still change; with `since` (the till's time) also voids and the newest of all."""
    questions = [*_OPEN, *_WATCHED]
    if since is not None:
        questions += [*_UNDONE, *_NEWEST]
    return await _redemptions(session, questions, chain_id=chain_id, since=since or 0, most=most)


async def every_change(session: AsyncSession, *, most: int) -> list[Change]:
    """The same by comparing everything."""
    return await _redemptions(session, _EVERY, most=most)


async def _redemptions(
    session: AsyncSession, questions: Sequence[TextClause], **values: Any
) -> list[Change]:
    found: dict[tuple[int, str], Change] = {}
    for question in questions:
        for row in await session.execute(question, values):
            if (row.owner, row.id) not in found and len(found) < values["most"]:
                found[row.owner, row.id] = _redemption(row)
    return list(found.values())


def _redemption(row: Any) -> Change:
    return Change(
        owner=row.owner,
        subject=row.id,
        type="redemption.voided" if row.voided else f"redemption.{row.status}",
        state=row.state,
        watched=row.status != "final" or row.voided > 0,
        data={
            "redemption": row.id,
            "campaign": row.campaign,
            "merchant": row.merchant,
            "status": row.status,
            "reason": row.reason,
            "bill": str(row.bill),
            "amount": str(row.amount),
            "copay": str(row.copay),
            "voided": str(row.voided),
            "accepted_at": row.accepted_at,
            "reference": row.reference,
        },
    )


async def payment_changes(session: AsyncSession, *, whole: bool, most: int) -> list[Change]:
    """Payments to be told of: of the last ROUNDS_LOOKED_AT rounds, or of all."""
    last = int(await session.scalar(_LAST_ROUND) or 0)
    since = 0 if whole else max(last - ROUNDS_LOOKED_AT, 0)
    found = []
    for question in _PAYMENTS:
        for row in await session.execute(question, {"since": since, "most": most}):
            found.append(_payment(row))
    return found[:most]


def _payment(row: Any) -> Change:
    return Change(
        owner=row.owner,
        subject=row.reference,
        type=f"payout.{row.status}",
        state=row.status,
        watched=False,
        data={
            "payout": row.reference,
            "round": row.round,
            "merchant": row.merchant,
            "status": row.status,
            "amount": str(row.amount),
            "moved_at": row.moved_at,
        },
    )
