"""Statements of funders, public or private: what their money bought."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Response

from api.access import office
from api.routers.statements import PDF, pdf
from api.schemas import funders as shapes
from api.sessions import NowDep, ReadingDep, RuntimeDep
from ledger.db.api_keys import Officer
from ledger.domain import funder_statement as domain
from ledger.domain.business_days import date_of
from ledger.services.funder_statements import statement_of_funder
from ledger.services.statement_pdf import funder_pdf

router = APIRouter(prefix="/v1", tags=["rounds"])

Address = Annotated[str, Path(max_length=64)]
Form = Annotated[Literal["json", "csv", "html", "pdf"], Query()]
_FORMS: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": {"text/csv": {}, "text/html": {}, PDF: {}}, "model": shapes.FunderStatement}
}


@router.get("/funders/{name}/statement", responses=_FORMS, response_class=Response)
async def funder_statement(
    session: ReadingDep,
    runtime: RuntimeDep,
    now: NowDep,
    name: Address,
    form: Form = "json",
    _officer: Officer = office("treasurer", "approver", "campaign_officer"),
) -> Response:
    """What an address paid into campaigns, and its share of what was bought, to the satang."""
    found = await statement_of_funder(session, runtime, name, now=now)
    if form == "csv":
        named = {"content-disposition": f'attachment; filename="funder-{found.funder}.csv"'}
        return Response(domain.funder_csv(found), media_type="text/csv", headers=named)
    if form == "html":
        return Response(domain.funder_html(found), media_type="text/html")
    if form == "pdf":
        city = runtime.settings.city_th
        content = await asyncio.to_thread(funder_pdf, found, city_th=city, now=now)
        return pdf(content, f"funder-{found.funder}")
    return Response(_shown(found).model_dump_json(), media_type="application/json")


def _shown(found: domain.FunderStatement) -> shapes.FunderStatement:
    return shapes.FunderStatement(
        funder=found.funder,
        day=date_of(found.day).isoformat(),
        bought=str(found.bought),
        agrees=found.agrees,
        contributions=[
            shapes.FunderLine(
                campaign=line.campaign,
                contribution=line.contribution,
                amount=str(line.amount),
                bought=str(line.bought),
                returned=str(line.returned),
                left=str(line.left),
            )
            for line in found.lines
        ],
        shares={
            by.value: {
                domain.bucket_code(by, bucket): str(amount) for bucket, amount in buckets.items()
            }
            for by, buckets in found.shares.items()
        },
    )
