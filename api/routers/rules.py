"""What the till's rules stand on: households, stands, and the verdicts it signed."""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import EVERY_OFFICE, MerchantDep, PartyDep, office
from api.paging import Limit
from api.schemas.rules import (
    HouseholdsKept,
    RegisterStand,
    SignedVerdict,
    Stand,
    Stands,
    StandUse,
    WithdrawStand,
)
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from api.tables import TABLE_BODY, table_of
from ledger.db import stands
from ledger.db.api_keys import Officer
from ledger.db.tables_rules import Stand as StandRow
from ledger.db.tables_rules import StandUse as StandUseRow
from ledger.db.tables_rules import VerdictRecord
from ledger.domain.signatures import recover
from ledger.domain.verdict_document import digest_of
from ledger.errors import NotFound
from ledger.services.households import keep_households, read_households
from ledger.services.runtime import Runtime
from ledger.services.till_policies import known_policy
from ledger.services.verdicts import verdict_for_office, verdict_for_party

router = APIRouter(prefix="/v1", tags=["rules"])

VerdictName = Annotated[str, Path(max_length=64, examples=["vrd_5v3k7q2mza4xw6yt5v3k7q2m"])]
USES_SHOWN_MAX: Final = 200

_HOUSEHOLDS_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": TABLE_BODY["requestBody"]["content"]
        | {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "pass,household\n17,H-0412\n42,H-0412\n",
            }
        },
    }
}


@router.post("/households", response_model=HouseholdsKept, openapi_extra=_HOUSEHOLDS_BODY)
async def set_households(
    request: Request,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Say which passes are one household: a table with the columns pass and household. All lines,
    or none and every bad line is named. A pass never named is a household of its own."""
    table = await table_of(request)

    async def work() -> HouseholdsKept:
        found = read_households(table)
        count = await keep_households(session, runtime, found, set_by=officer.key_id, now=now)
        return HouseholdsKept(passes=len(found), households=count)

    return await once.answer(session, work, now=now)


@router.post("/merchants/{number}/stands", status_code=201, response_model=Stand)
async def register_stand(
    body: RegisterStand,
    shop: MerchantDep,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
) -> Response:
    """Register a charge code that stands in the shop for good. Signed by its payout address."""

    async def work() -> Stand:
        kept = await stands.keep_stand(
            session, shop.number, body.reference, reason=body.reason, now=now
        )
        return _stand(kept)

    return await once.answer(session, work, now=now, status=201)


@router.post("/merchants/{number}/stands/withdraw", response_model=Stand)
async def withdraw_stand(
    body: WithdrawStand,
    shop: MerchantDep,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
) -> Response:
    """Withdraw a stand. Its uses stay listed. Signed by the shop's payout address."""

    async def work() -> Stand:
        found = await stands.find_stand(session, shop.number, body.reference)
        if found is None:
            raise NotFound(what="stand", which=body.reference)
        found.withdrawn_at = now
        await session.flush()
        return _stand(found)

    return await once.answer(session, work, now=now)


@router.get("/merchants/{number}/stands")
async def list_stands(shop: MerchantDep, session: ReadingDep) -> Stands:
    """A shop's stands and their last uses. Signed by its payout address."""
    kept = await stands.stands_of(session, shop.number)
    uses = await stands.uses_of(session, merchant=shop.number, most=USES_SHOWN_MAX)
    return Stands(stands=[_stand(one) for one in kept], uses=[_use(one) for one in uses])


@router.get("/stand-uses")
async def list_stand_uses(
    session: ReadingDep,
    limit: Limit = 50,
    _officer: Officer = office(*EVERY_OFFICE),
) -> list[StandUse]:
    """The last redemptions, of all shops, that were accepted at a stand in place of a position."""
    return [_use(one) for one in await stands.uses_of(session, merchant=None, most=limit)]


@router.get("/verdicts/{name}")
async def read_verdict(
    asker: PartyDep, session: ReadingDep, runtime: RuntimeDep, name: VerdictName
) -> SignedVerdict:
    """A verdict as it was signed: for any office, for the holder of its pass, and for its shop."""
    if isinstance(asker, Officer):
        return await _verdict(session, runtime, await verdict_for_office(session, name))
    found = await verdict_for_party(session, runtime, name, asker)
    return await _verdict(session, runtime, found)


async def _verdict(session: AsyncSession, runtime: Runtime, found: VerdictRecord) -> SignedVerdict:
    policy = await known_policy(session, bytes.fromhex(found.policy_hash[2:]))
    document = orjson.loads(found.document)
    digest = digest_of(runtime.deployment.domain_separator, document)
    return SignedVerdict(
        document=document,
        signature="0x" + found.r.hex() + found.vs.hex(),
        signer=recover(digest, found.r, found.vs),
        chain_id=runtime.chain_id,
        book=runtime.book,
        policy={} if policy is None else orjson.loads(policy.canonical),
    )


def _stand(found: StandRow) -> Stand:
    return Stand(
        merchant=found.merchant,
        reference=found.reference,
        reason=found.reason,
        registered_at=found.registered_at,
        withdrawn_at=found.withdrawn_at,
    )


def _use(found: StandUseRow) -> StandUse:
    return StandUse(
        redemption=found.redemption_id,
        campaign=found.campaign,
        merchant=found.merchant,
        reference=found.reference,
        reason=found.reason,
        used_at=found.used_at,
    )
