"""The anchors of days, and the path from a receipt to its own. Public: nothing is personal."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter

from api import answers
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas.anchors import DayAnchor, Path, ReceiptWithPath
from api.schemas.base import UINT32_MAX, Page
from api.sessions import ReadingDep, RuntimeDep
from ledger.db import anchors as stored
from ledger.db.tables_anchors import AnchoredDay
from ledger.domain.anchors import Leaf
from ledger.domain.business_days import date_of
from ledger.errors import UnknownRedemption
from ledger.services import anchors

router = APIRouter(prefix="/v1", tags=["anchors"])

Day = Annotated[int, PathParameter(ge=0, le=UINT32_MAX)]
Name = Annotated[str, PathParameter(max_length=64, examples=["rdm_5v3k7q2mza4xw6yt5v3k7q2m"])]

LEAVES_MAX: Final = 20_000
_LEAVES: Final = "position,kind,campaign,pass,merchant,bill,amount,copay,signed_at,voided_at"
_CSV: Final[dict[str, Any]] = {"content": {"text/csv": {"schema": {"type": "string"}}}}


@router.get("/anchors")
async def list_anchors(
    request: Request,
    response: Response,
    session: ReadingDep,
    runtime: RuntimeDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DayAnchor]:
    """Anchored days, newest first. Days on which nothing happened are skipped."""
    position = position_of(cursor, 1)
    before = position[0] if position else None
    found = await stored.anchored_before(session, runtime.chain_id, before, limit + 1)
    following = cursor_of((found[limit - 1][0].day,)) if len(found) > limit else None
    link_next(request, response, following, limit)
    return Page(items=[_shown(*one) for one in found[:limit]], next=following)


@router.get("/anchors/{day}")
async def read_anchor(session: ReadingDep, runtime: RuntimeDep, day: Day) -> DayAnchor:
    """The anchor of one Bangkok day, counted from 1970-01-01."""
    return _shown(*await anchors.anchor_of_day(session, runtime, day))


@router.get("/anchors/{day}/leaves", responses={200: _CSV}, response_class=Response)
async def read_leaves(
    session: ReadingDep,
    runtime: RuntimeDep,
    day: Day,
    first: Annotated[int, Query(ge=0, le=UINT32_MAX, description="the position to begin at")] = 0,
) -> Response:
    """The redemptions (kind 1) and voids (kind 2) of an anchored day, as CSV, in the order of its
    tree: whoever hashes them (docs/receipts.md) has to come to the anchored root.

    At most 20,000 lines; `Link` names the next ones. Amounts are satang.
    """
    anchored, leaves = await anchors.leaves_of_day(session, runtime, day)
    last = min(first + LEAVES_MAX, len(leaves))
    text = await asyncio.to_thread(_lines, leaves[first:last], first)
    named = f"leaves-{date_of(anchored.day).isoformat()}-{first}.csv"
    headers = {"content-disposition": f'attachment; filename="{named}"'}
    if last < len(leaves):
        headers["link"] = f'</v1/anchors/{day}/leaves?first={last}>; rel="next"'
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _lines(leaves: Sequence[Leaf], first: int) -> str:
    rows = [_LEAVES]
    for position, leaf in enumerate(leaves, first):
        figures = (
            position, leaf.kind, leaf.campaign, leaf.pass_number, leaf.merchant, leaf.bill,
            leaf.amount, leaf.copay, leaf.signed_at, leaf.voided_at,
        )  # fmt: skip
        rows.append(",".join(map(str, figures)))
    return "\r\n".join(rows) + "\r\n"


@router.get("/receipts/{name}/path")
async def read_receipt_path(
    session: ReadingDep, runtime: RuntimeDep, name: Name
) -> ReceiptWithPath:
    """A receipt and its path to the anchored root: the file that verify_receipt.js reads.

    409 `not_anchored` until the day of its block is over and anchored.
    """
    found = await anchors.path_to_anchor(session, runtime, name)
    signed = found.redemption.receipt
    if signed is None:
        raise UnknownRedemption(redemption=name)
    return ReceiptWithPath(
        receipt=answers.receipt(runtime, found.redemption, signed),
        path=Path(
            day=found.anchored.day,
            date=date_of(found.anchored.day).isoformat(),
            position=found.position,
            count=found.anchored.leaves,
            leaf="0x" + found.leaf.hex(),
            siblings=["0x" + each.hex() for each in found.siblings],
            root=found.anchored.root,
            tx_hash=found.tx_hash,
        ),
    )


def _shown(anchored: AnchoredDay, tx_hash: str) -> DayAnchor:
    return DayAnchor(
        day=anchored.day,
        date=date_of(anchored.day).isoformat(),
        root=anchored.root,
        leaves=anchored.leaves,
        amount=anchored.amount,
        copay=anchored.copay,
        staff_head=anchored.staff_head,
        anchored_at=anchored.at,
        tx_hash=tx_hash,
    )
