"""The city's index against the chain, row by row: every difference named, with both values."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import SQLModel

from ledger.audit.replay import Progress, silent
from ledger.audit.till import till_differences
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.db.index_blocks import last_indexed
from ledger.db.index_compare import key_of, rows_between, rows_outside
from ledger.db.index_rows import Row, columns_of
from ledger.db.session import reading
from ledger.db.tables_index import FACTS, IndexedBlock, IndexedEvent
from ledger.domain.blocks import BlockRef
from ledger.errors import NodeLied, WrongState
from ledger.indexer.fetch import read_spans
from ledger.indexer.source import Source, source_of
from ledger.indexer.spans import SpanSize
from ledger.indexer.sync import rows_of

COMPARED: Final[tuple[type[SQLModel], ...]] = (IndexedBlock, IndexedEvent, *FACTS)


class Kind(StrEnum):
    """How a row of the index is wrong."""

    MISSING = "missing"
    EXTRA = "extra"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row, or one column of it, that is not as the chain has it.

    `chain` and `index` are the two values; None on the side that has no such row.
    """

    kind: Kind
    table: str
    key: Mapping[str, Any]
    column: str | None = None
    chain: Any = None
    index: Any = None

    @property
    def th(self) -> str:
        """The difference in Thai."""
        match self.kind:
            case Kind.MISSING:
                return f"ตาราง {self.table} ขาดแถว {self._place()}: บนเชนคือ {self.chain}"
            case Kind.EXTRA:
                return f"ตาราง {self.table} มีแถวเกิน {self._place()}: {self.index}"
            case Kind.DIFFERS:
                return (
                    f"ตาราง {self.table} แถว {self._place()} คอลัมน์ {self.column}: "
                    f"บนเชนคือ {self.chain} แต่ในดัชนีคือ {self.index}"
                )

    @property
    def en(self) -> str:
        """The difference in English."""
        match self.kind:
            case Kind.MISSING:
                return f"{self.table} lacks the row {self._place()}: the chain has {self.chain}."
            case Kind.EXTRA:
                return f"{self.table} has a row {self._place()} too many: {self.index}."
            case Kind.DIFFERS:
                return (
                    f"{self.table}, row {self._place()}, column {self.column}: "
                    f"{self.chain} on the chain, {self.index} in the index."
                )

    def _place(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.key.items())


@dataclass(slots=True, kw_only=True)
class DiffReport:
    """What was compared, up to the index's checkpoint, and what differs."""

    checkpoint: BlockRef
    rows: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether the index is the chain, row by row."""
        return not self.differences


async def diff(
    gateway: Gateway,
    engine: AsyncEngine,
    deployment: Deployment,
    *,
    progress: Progress = silent,
) -> DiffReport:
    """Read the chain again up to the index's checkpoint, and compare every row it should have.

    What the till says of redemptions that are on the chain is compared as well. Raises WrongState
    for an index that was never begun, NodeLied when the node cannot be believed.
    """
    source = source_of(deployment)
    async with reading(engine) as connection:
        checkpoint = await last_indexed(connection, source.chain_id)
        if checkpoint is None:
            raise WrongState(what="index", state="empty", needs="a first block")
        head = await gateway.block_number()
        if head < checkpoint.number:
            raise NodeLied(what=f"the head {head} is below the index's block {checkpoint.number}")
        report = DiffReport(checkpoint=checkpoint)
        spans = read_spans(
            *(gateway, source, source.first_block, checkpoint.number, SpanSize()),
            partial(rows_of, source.chain_id),
        )
        async with aclosing(spans):
            async for span, rows in spans:
                ends = span.blocks[0].number, span.blocks[-1].number
                for model in COMPARED:
                    expected = rows.by_table[model]
                    found = await rows_between(connection, model, source.chain_id, *ends)
                    report.rows += len(expected)
                    report.differences += compare(model, expected, found)
                progress(ends[1], checkpoint.number)
        report.differences += await _outside(connection, source, checkpoint)
        report.differences += [
            Difference(
                kind=Kind.DIFFERS,
                table="redemptions",
                key={"id": name},
                column=column,
                chain=chain,
                index=till,
            )
            async for name, column, chain, till in till_differences(connection, deployment)
        ]
    return report


async def _outside(
    connection: AsyncConnection, source: Source, checkpoint: BlockRef
) -> list[Difference]:
    """Rows of blocks that no index of this deployment up to this checkpoint can have."""
    found: list[Difference] = []
    for model in COMPARED:
        strays = await rows_outside(
            connection, model, source.chain_id, source.first_block, checkpoint.number
        )
        found += compare(model, [], strays)
    return found


def compare(
    model: type[SQLModel], expected: Sequence[Row], found: Sequence[Row]
) -> Iterator[Difference]:
    """Yield what differs between the rows a table should have and those it has."""
    names, key = columns_of(model), key_of(model)
    table = str(model.__tablename__)
    chain = {tuple(row[at] for at in key): row for row in expected}
    index = {tuple(row[at] for at in key): row for row in found}
    for place in sorted(chain.keys() | index.keys()):
        named = {names[at]: value for at, value in zip(key, place, strict=True)}
        ours, theirs = chain.get(place), index.get(place)
        if ours is None:
            values = dict(zip(names, theirs or (), strict=False))
            yield Difference(kind=Kind.EXTRA, table=table, key=named, index=values)
        elif theirs is None:
            values = dict(zip(names, ours, strict=True))
            yield Difference(kind=Kind.MISSING, table=table, key=named, chain=values)
        else:
            for column, right, wrong in zip(names, ours, theirs, strict=True):
                if right != wrong:
                    yield Difference(
                        kind=Kind.DIFFERS,
                        table=table,
                        key=named,
                        column=column,
                        chain=right,
                        index=wrong,
                    )
