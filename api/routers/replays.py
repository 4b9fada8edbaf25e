"""A draft tried on the past, before anybody approves it. Nothing is written."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import office
from api.schemas.replays import ReplayDraft
from api.sessions import ReadingDep, RuntimeDep
from ledger.db import lists
from ledger.db.api_keys import Officer
from ledger.domain.past import city_name
from ledger.domain.replay_report import report_bytes
from ledger.errors import NotFound
from ledger.services.campaigns import policy_with
from ledger.services.replay import replay_draft
from ledger.services.replay_past import past_of_city

router = APIRouter(prefix="/v1", tags=["campaigns"])


@router.post("/policies/replay", response_model=dict[str, Any])
async def replay_policy(
    body: ReplayDraft,
    session: ReadingDep,
    runtime: RuntimeDep,
    _officer: Officer = office("campaign_officer", "approver"),
) -> Response:
    """Who would have been refused and why, what it would cost a day, which shops gain or lose.

    Ask again for the same bytes: the same draft and the same past give the same report.
    """
    document = await _document(session, body)
    listed = await _listed(session, body)
    past = await past_of_city(session, runtime)
    report = await asyncio.to_thread(
        replay_draft,
        document,
        past,
        budget=body.budget,
        listed=listed,
        weeks=body.weeks,
        city=city_name(runtime.chain_id, runtime.book),
    )
    return Response(report_bytes(report), media_type="application/json")


async def _document(session: AsyncSession, body: ReplayDraft) -> bytes:
    if isinstance(body.policy, dict):
        return json.dumps(body.policy, ensure_ascii=False).encode()
    found = await policy_with(session, body.policy)
    if found is None:
        raise NotFound(what="policy", which=body.policy)
    return found.canonical


async def _listed(session: AsyncSession, body: ReplayDraft) -> Sequence[int] | None:
    if not isinstance(body.listed, str):
        return body.listed
    numbers = await lists.list_numbers(session, body.listed)
    if not numbers:
        raise NotFound(what="list", which=body.listed)
    return numbers
