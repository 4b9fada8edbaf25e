"""What the till says of redemptions that are on the chain, against what the chain says."""

from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.chain.deployment import Deployment
from ledger.db.till_compare import TillRow, till_beside_index
from ledger.domain.redemption import redemption_id

ON_CHAIN: Final = frozenset({"included", "final", "voided"})

TillDifference = tuple[str, str, Any, Any]
"""The redemption's id, the column, the chain's value, the till's."""


async def till_differences(
    connection: AsyncConnection, deployment: Deployment
) -> AsyncIterator[TillDifference]:
    """Yield every column of a till record that its redemption on the chain contradicts.

    A redemption that the till calls included and the chain does not have, or the reverse for one it
    calls failed, is a difference of `status`. Redemptions the till has never heard of are none: the
    merchant's own hand may have brought them.
    """
    async for row in till_beside_index(connection, deployment.chain_id):
        for difference in _differences(row, deployment.domain_separator):
            yield difference


def _differences(row: TillRow, separator: bytes) -> list[TillDifference]:
    name = row.id
    due = redemption_id(separator, row.campaign, row.pass_number, row.step)
    if name != due:
        return [(name, "id", due, name)]
    if row.chain is None:
        if row.status in ON_CHAIN:
            return [(name, "status", "not on the chain", row.status)]
        return []
    found: list[TillDifference] = [
        (name, column, right, wrong)
        for column, right, wrong in zip(row.columns, row.chain, row.till, strict=True)
        if right != wrong
    ]
    if row.status == "failed":
        found.append((name, "status", "included", row.status))
    return found
