"""A running campaign, for the officers who watch it."""

from typing import Annotated, Final, cast

from fastapi import APIRouter, Path

from api import answers
from api.access import EVERY_OFFICE, office
from api.schemas.base import UINT32_MAX, Bilingual
from api.schemas.campaigns import CampaignFigures, CampaignState
from api.schemas.live import LiveCampaign, LiveHour, LiveShop, RuleRefusals
from api.sessions import NowDep, ReadingDep, RuntimeDep
from ledger.db.api_keys import Officer
from ledger.db.live_figures import RefusedBy, Taken
from ledger.services.live import live_campaign, refusal_name
from ledger.services.merchants import Shop

router = APIRouter(prefix="/v1", tags=["campaigns"])

SHOPS_SHOWN_MAX: Final = 200


@router.get("/campaigns/{number}/live")
async def read_live(
    session: ReadingDep,
    runtime: RuntimeDep,
    now: NowDep,
    number: Annotated[int, Path(ge=1, le=UINT32_MAX)],
    _officer: Officer = office(*EVERY_OFFICE, "auditor"),
) -> LiveCampaign:
    """What a campaign is doing now: its money, today's hours, its shops, and what was refused."""
    found = await live_campaign(session, runtime, number, now=now, shops_most=SHOPS_SHOWN_MAX)
    funded = found.campaign.funded
    return LiveCampaign(
        campaign=number,
        status=cast("CampaignState", found.campaign.status.name.lower()),
        at=found.at,
        money=CampaignFigures(
            funded=funded,
            spent=found.spent,
            pending=found.pending,
            left=max(funded - found.spent - found.pending, 0),
        ),
        passes=found.passes,
        hours=[
            LiveHour(hour=hour, redemptions=each.count, amount=each.amount)
            for hour, each in enumerate(found.today)
        ],
        shops=[_shop(taken, shop) for taken, shop in found.shops],
        refusals=[refused(each) for each in found.refusals],
    )


def _shop(taken: Taken, shop: Shop | None) -> LiveShop:
    known = None if shop is None else answers.merchant(shop)
    return LiveShop(
        merchant=taken.key,
        name=names_of(shop),
        redemptions=taken.count,
        amount=taken.amount,
        latitude=None if known is None else known.latitude,
        longitude=None if known is None else known.longitude,
    )


def names_of(shop: Shop | None) -> Bilingual | None:
    """The registered names of a shop, where it has any."""
    if shop is None or shop.profile is None:
        return None
    return Bilingual(th=shop.profile.name_th, en=shop.profile.name_en)


def refused(by: RefusedBy) -> RuleRefusals:
    """A rule's count with the rule's name."""
    th, en = refusal_name(by.code)
    return RuleRefusals(
        code=by.code, name=Bilingual(th=th, en=en), refused=by.count, passes=by.passes
    )
