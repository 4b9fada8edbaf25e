"""What Alembic runs: the connection is the caller's, there is no configuration file."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel import AutoString, SQLModel

from ledger.db import (
    tables_anchors,
    tables_charges,
    tables_devices,
    tables_doubts,
    tables_index,
    tables_messages,
    tables_papers,
    tables_rules,
    tables_settlement,
    tables_staff,
    tables_till,
    tables_webhooks,
)

DECLARED = (
    tables_anchors,
    tables_charges,
    tables_devices,
    tables_doubts,
    tables_index,
    tables_messages,
    tables_papers,
    tables_rules,
    tables_settlement,
    tables_staff,
    tables_till,
    tables_webhooks,
)
"""Importing them is what makes their tables known."""


def _render(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(value, sa.JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind == "type" and isinstance(value, AutoString):
        return f"sa.String(length={value.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
