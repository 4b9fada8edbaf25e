"""The till's redemptions beside the index's, for whoever compares them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.db.index_rows import table_of
from ledger.db.tables_index import IncludedRedemption
from ledger.db.tables_till import RedemptionRecord

PAGE: Final = 5_000
FIGURES: Final = ("merchant", "bill", "amount", "copay")


@dataclass(frozen=True, slots=True, kw_only=True)
class TillRow:
    """One record of the till, and the same redemption on the chain where it is there."""

    columns: ClassVar[tuple[str, ...]] = FIGURES

    id: str
    campaign: int
    pass_number: int
    step: int
    status: str
    till: tuple[int, ...]
    chain: tuple[int, ...] | None


async def till_beside_index(connection: AsyncConnection, chain_id: int) -> AsyncIterator[TillRow]:
    """Every redemption of the till, by id, in pages."""
    till, index = table_of(RedemptionRecord), table_of(IncludedRedemption)
    joined = till.outerjoin(
        index,
        (index.c.chain_id == chain_id)
        & (index.c.campaign == till.c.campaign)
        & (index.c.pass_number == till.c.pass_number)
        & (index.c.step == till.c.step),
    )
    columns: list[ColumnElement[Any]] = [
        till.c.id,
        till.c.campaign,
        till.c.pass_number,
        till.c.step,
        till.c.status,
    ]
    columns += [till.c[name].label(f"till_{name}") for name in FIGURES]
    columns += [index.c[name].label(f"chain_{name}") for name in FIGURES]
    after = ""
    while True:
        query = (
            select(*columns)
            .select_from(joined)
            .where(till.c.id > after)
            .order_by(till.c.id)
            .limit(PAGE)
        )
        page = (await connection.execute(query)).mappings().all()
        for row in page:
            chain = tuple(row[f"chain_{name}"] for name in FIGURES)
            yield TillRow(
                id=row["id"],
                campaign=row["campaign"],
                pass_number=row["pass_number"],
                step=row["step"],
                status=row["status"],
                till=tuple(row[f"till_{name}"] for name in FIGURES),
                chain=None if chain[0] is None else chain,
            )
        if len(page) < PAGE:
            return
        after = page[-1]["id"]
