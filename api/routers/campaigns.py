"""Policies, lists, campaigns and their money."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api import answers
from api.access import office
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas.base import UINT32_MAX, Bilingual, Page
from api.schemas.campaigns import (
    POLICY_EXAMPLE,
    Campaign,
    DraftCampaign,
    FundCampaign,
    ListStored,
    MintTokens,
    PolicyStored,
)
from api.schemas.intents import IntentAccepted
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from api.tables import TABLE_BODY, table_of
from ledger.db import index_reads, redemptions
from ledger.db.api_keys import Officer
from ledger.db.tables_till import Intent
from ledger.domain.campaign import Campaign as CampaignState
from ledger.domain.policy_document import Policy
from ledger.errors import NotFound
from ledger.services import campaigns
from ledger.services.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["campaigns"])

CampaignPath = Annotated[int, Path(ge=1, le=UINT32_MAX)]

_POLICY_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}, "example": POLICY_EXAMPLE}},
    }
}


@router.post("/policies", status_code=201, response_model=PolicyStored, openapi_extra=_POLICY_BODY)
async def store_policy(
    request: Request,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
    _officer: Officer = office("campaign_officer"),
) -> Response:
    """Check a policy document, keep it, and read it aloud."""
    document = await request.body()

    async def work() -> PolicyStored:
        policy = await campaigns.keep_policy(session, document, now=now)
        return PolicyStored(
            hash="0x" + policy.hash.hex(),
            name=Bilingual(th=policy.name.th, en=policy.name.en),
            sentences=answers.explained(policy),
        )

    return await once.answer(session, work, now=now, status=201)


@router.post("/lists", status_code=201, response_model=ListStored, openapi_extra=TABLE_BODY)
async def store_list(
    request: Request,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
    officer: Officer = office("campaign_officer"),
) -> Response:
    """Upload a list of passes: a table with a column `pass`. Whole, or every bad line is named."""
    table = await table_of(request)

    async def work() -> ListStored:
        list_id, count, named = await campaigns.keep_list(
            session, table, uploaded_by=officer.key_id, now=now
        )
        return ListStored(id=list_id, count=count, hash=named)

    return await once.answer(session, work, now=now, status=201)


@router.get("/campaigns")
async def list_campaigns(
    request: Request,
    response: Response,
    session: ReadingDep,
    runtime: RuntimeDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Campaign]:
    """Campaigns by number."""
    (after,) = position_of(cursor, 1) or (0,)
    numbers = await index_reads.campaign_numbers(
        session, runtime.chain_id, after=min(after, UINT32_MAX), most=limit + 1
    )
    items = [await _shown(session, runtime, number) for number in numbers[:limit]]
    following = cursor_of((numbers[limit - 1],)) if len(numbers) > limit else None
    link_next(request, response, following, limit)
    return Page(items=items, next=following)


@router.get("/campaigns/{number}")
async def read_campaign(session: ReadingDep, runtime: RuntimeDep, number: CampaignPath) -> Campaign:
    """One campaign: its rules in words, its money."""
    return await _shown(session, runtime, number)


async def _shown(session: AsyncSession, runtime: Runtime, number: int) -> Campaign:
    found: CampaignState = await campaigns.campaign_numbered(session, runtime, number)
    return answers.campaign(
        found,
        spent=await index_reads.spent_of(session, runtime.chain_id, number),
        pending=await redemptions.waiting_in_campaign(session, number),
        policy=await campaigns.policy_with(session, "0x" + found.terms.policy_hash.hex()),
    )


@router.post("/campaigns", status_code=202, response_model=IntentAccepted)
async def draft_campaign(
    body: DraftCampaign,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("campaign_officer"),
) -> Response:
    """Order a campaign to be drafted."""

    async def work() -> IntentAccepted:
        policy = await _policy(session, body, now=now)
        placed = await campaigns.draft(
            session, runtime, policy, body.listed, requested_by=officer.key_id, now=now
        )
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)


async def _policy(session: AsyncSession, body: DraftCampaign, *, now: int) -> Policy:
    if isinstance(body.policy, dict):
        document = json.dumps(body.policy, ensure_ascii=False).encode()
        return await campaigns.keep_policy(session, document, now=now)
    found = await campaigns.policy_with(session, body.policy)
    if found is None:
        raise NotFound(what="policy", which=body.policy)
    return found


Step = Callable[..., Awaitable[list[Intent]]]

STEPS: Final[tuple[tuple[str, str, Step, str], ...]] = (
    ("approve", "approver", campaigns.approve, "Order a draft's approval, by a second person."),
    ("issue", "issuer", campaigns.issue, "Order the coupons' issue, by a third person."),
    ("pause", "guardian", campaigns.pause, "Order a pause: what was signed before still counts."),
    ("resume", "approver", campaigns.resume, "Order a paused campaign to go on."),
    ("sweep", "treasurer", campaigns.sweep, "Order what is left back to the funders."),
)
"""The steps that need nothing but the campaign's number: name, role, use case, summary."""


def _add_step(name: str, role: str, step: Step, summary: str) -> None:
    async def take_step(
        number: CampaignPath,
        session: WritingDep,
        once: OnceDep,
        runtime: RuntimeDep,
        now: NowDep,
        officer: Officer = office(role),
    ) -> Response:
        async def work() -> IntentAccepted:
            placed = await step(session, runtime, number, requested_by=officer.key_id, now=now)
            return answers.accepted(placed)

        return await once.answer(session, work, now=now, status=202)

    router.add_api_route(
        f"/campaigns/{{number}}/{name}",
        take_step,
        methods=["POST"],
        status_code=202,
        response_model=IntentAccepted,
        description=summary,
        name=f"{name}_campaign",
    )


for _step in STEPS:
    _add_step(*_step)


@router.post("/campaigns/{number}/fund", status_code=202, response_model=IntentAccepted)
async def fund_campaign(
    number: CampaignPath,
    body: FundCampaign,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("treasurer"),
) -> Response:
    """Order a contribution from one of the city's named keys."""

    async def work() -> IntentAccepted:
        return answers.accepted(
            await campaigns.fund(
                session,
                runtime,
                number,
                amount=body.amount,
                funder=body.funder,
                requested_by=officer.key_id,
                now=now,
            )
        )

    return await once.answer(session, work, now=now, status=202)


@router.post("/tokens/mint", status_code=202, response_model=IntentAccepted)
async def mint_tokens(
    body: MintTokens,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("treasurer"),
) -> Response:
    """Order tokens to be made against money received."""

    async def work() -> IntentAccepted:
        placed = await campaigns.mint(
            session,
            runtime,
            to=body.to,
            amount=body.amount,
            reference=body.reference,
            requested_by=officer.key_id,
            now=now,
        )
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)
