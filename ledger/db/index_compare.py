"""The index's rows as they stand, for whoever compares them with the chain."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from ledger.db.index_rows import Row, table_of
from ledger.db.tables_index import IndexedBlock


def key_of(model: type[SQLModel]) -> tuple[int, ...]:
    """Where the primary key stands among the columns of a table."""
    return tuple(
        position for position, column in enumerate(table_of(model).columns) if column.primary_key
    )


def _height(table: Table, model: type[SQLModel]) -> Column[Any]:
    return table.c.number if model is IndexedBlock else table.c.block_number


async def rows_between(
    connection: AsyncConnection, model: type[SQLModel], chain_id: int, first: int, last: int
) -> list[Row]:
    """The rows of a table that belong to the blocks `first` … `last`."""
    table = table_of(model)
    height = _height(table, model)
    return await _rows(connection, table, chain_id, height.between(first, last))


async def rows_outside(
    connection: AsyncConnection, model: type[SQLModel], chain_id: int, first: int, last: int
) -> list[Row]:
    """The rows of a table that belong to no block of `first` … `last`."""
    table = table_of(model)
    height = _height(table, model)
    return await _rows(connection, table, chain_id, or_(height < first, height > last))


async def _rows(
    connection: AsyncConnection, table: Table, chain_id: int, which: ColumnElement[bool]
) -> list[Row]:
    query = select(table).where(table.c.chain_id == chain_id, which)
    return [tuple(row) for row in await connection.execute(query)]
