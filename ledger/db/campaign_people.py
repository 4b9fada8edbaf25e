"""Which officers took the steps of a campaign: drafted it, approved it, issued it."""

from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db import intents
from ledger.db.tables_till import ApiKey, Intent

STEPS: Final = ("draft", "approve", "issue", "issue_list")
_DONE_OR_MEANT: Final = (intents.QUEUED, intents.SENT, intents.INCLUDED, intents.FINAL)


async def steps_taken(session: AsyncSession, campaign: int) -> list[tuple[str, str]]:
    """The steps of a campaign and the officer's key that ordered each; failed ones are none."""
    drafted = (col(Intent.kind) == "draft") & (
        col(Intent.result)["campaign"].as_integer() == campaign
    )
    rows = await session.execute(
        select(col(Intent.kind), col(Intent.requested_by))
        .where(
            col(Intent.status).in_(_DONE_OR_MEANT),
            col(Intent.kind).in_(STEPS),
            or_(col(Intent.campaign) == campaign, drafted),
        )
        .distinct()
    )
    return [(kind, key) for kind, key in rows if key is not None]


async def names_of(session: AsyncSession, key_ids: set[str]) -> dict[str, str]:
    """Whose keys these are, withdrawn ones too."""
    rows = await session.execute(
        select(col(ApiKey.id), col(ApiKey.name)).where(col(ApiKey.id).in_(key_ids))
    )
    return {row.id: row.name for row in rows}
