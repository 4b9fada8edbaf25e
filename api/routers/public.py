"""The public's page and figures: what the money did, with no login and nothing personal."""

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, cast

from fastapi import APIRouter, Path, Query, Response

from api import answers
from api.routers.faces import Kept, Language, Letters, render_face
from api.routers.live import names_of, refused
from api.schemas.base import UINT32_MAX, Bilingual, Schema
from api.schemas.campaigns import CampaignState
from api.schemas.public import CampaignPublic, CityDays, DayFigures, DomainFigures, ShopFigures
from api.sessions import ReadingDep, RuntimeDep
from ledger.db.live_figures import ChainDay
from ledger.domain.business_days import date_of
from ledger.domain.vocabulary import CATEGORIES
from ledger.services import campaigns
from ledger.services.public_figures import Figures, days_of_city, figures_of

router = APIRouter(tags=["public"])

Number = Annotated[int, Path(ge=1, le=UINT32_MAX)]
Form = Annotated[Literal["json", "csv"], Query(description="the whole, or one table of it")]
Table = Annotated[Literal["days", "shops", "domains", "refusals"], Query()]

_CSV: Final[dict[str, Any]] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@router.get("/city", include_in_schema=False)
async def read_city(
    runtime: RuntimeDep,
    kept: Kept = None,
    letters: Letters = None,
    lang: Language | None = None,
) -> Response:
    """The public's face: what the money did, shops nearby, receipts checked in the browser."""
    large = letters == "large"
    return render_face(runtime, "public.html", "/city", asked=lang, kept=kept, large=large)


@router.get("/v1/city/days", responses={200: {"model": CityDays, **_CSV}}, response_class=Response)
async def read_days(session: ReadingDep, runtime: RuntimeDep, form: Form = "json") -> Response:
    """All campaigns by day, as the daily anchors count them."""
    found = CityDays(days=[_day(each) for each in await days_of_city(session, runtime)])
    if form == "csv":
        return _table("city-days", found.days)
    return Response(found.model_dump_json(by_alias=True), media_type="application/json")


@router.get(
    "/v1/campaigns/{number}/figures",
    responses={200: {"model": CampaignPublic, **_CSV}},
    response_class=Response,
)
async def read_figures(
    session: ReadingDep,
    runtime: RuntimeDep,
    number: Number,
    form: Form = "json",
    table: Table = "days",
) -> Response:
    """What a campaign did: its money, shops, domains, refusals and days."""
    found = await figures_of(session, runtime, number)
    policy_hash = "0x" + found.campaign.terms.policy_hash.hex()
    policy = await campaigns.policy_with(session, policy_hash)
    shown = _shown(found, answers.name_of(policy))
    if form == "csv":
        rows: dict[str, Sequence[Schema]] = {
            "days": shown.days,
            "shops": shown.shops,
            "domains": shown.domains,
            "refusals": shown.refusals,
        }
        return _table(f"campaign-{number}-{table}", rows[table])
    return Response(shown.model_dump_json(by_alias=True), media_type="application/json")


def _shown(found: Figures, name: Bilingual | None) -> CampaignPublic:
    campaign = found.campaign
    return CampaignPublic(
        campaign=campaign.number,
        name=name,
        status=cast("CampaignState", campaign.status.name.lower()),
        policy_hash="0x" + campaign.terms.policy_hash.hex(),
        starts=campaign.terms.starts,
        ends=campaign.terms.ends,
        block=found.block,
        funded=campaign.funded,
        spent=found.spent,
        left=max(campaign.funded - found.spent, 0),
        redemptions=sum(each.redemptions for each in found.days),
        passes=found.passes,
        shops=[
            ShopFigures(
                merchant=taken.merchant,
                name=names_of(shop),
                category=None if shop is None else CATEGORIES.word(shop.merchant.category).name,
                redemptions=taken.redemptions,
                amount=taken.amount,
                copay=taken.copay,
            )
            for taken, shop in found.shops
        ],
        taxonomy=found.taxonomy,
        domains=[
            DomainFigures(
                domain=each.name,
                name=Bilingual(th=each.th, en=each.en),
                redemptions=each.redemptions,
                amount=each.amount,
            )
            for each in found.domains
        ],
        refusals=[refused(each) for each in found.refusals],
        days=[_day(each) for each in found.days],
    )


def _day(each: ChainDay) -> DayFigures:
    return DayFigures(
        day=date_of(each.day).isoformat(),
        redemptions=each.redemptions,
        amount=each.amount,
        copay=each.copay,
        voids=each.voids,
        voided=each.voided,
        leaves=each.redemptions + each.voids,
    )


def _table(name: str, rows: Sequence[Schema]) -> Response:
    """Rows as CSV with a byte-order mark, for spreadsheets that would not see Thai otherwise."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    flat = [_flat(row.model_dump(mode="json")) for row in rows]
    if flat:
        writer.writerow(flat[0])
        writer.writerows([_cell(value) for value in row.values()] for row in flat)
    named = {"content-disposition": f'attachment; filename="{name}.csv"'}
    body = "\ufeff" + out.getvalue()
    return Response(body, media_type="text/csv; charset=utf-8", headers=named)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its bilingual names as two columns; the same columns for each row."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key == "name":
            flat |= {"name_th": (value or {}).get("th"), "name_en": (value or {}).get("en")}
        else:
            flat[key] = value
    return flat


def _cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula: a shop may be called what it likes."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
