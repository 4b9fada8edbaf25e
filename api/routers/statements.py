"""Statements of shops, for the shop and for the treasurer; closing accounts of campaigns."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import MerchantDep, office
from api.schemas import statements as shapes
from api.schemas.base import UINT32_MAX, Bilingual
from api.sessions import NowDep, ReadingDep, RuntimeDep
from ledger.db.api_keys import Officer
from ledger.domain import statement
from ledger.domain.business_days import date_of
from ledger.domain.clock import bangkok_day
from ledger.services.runtime import Runtime
from ledger.services.statement_pdf import account_pdf, statement_pdf
from ledger.services.statement_sheet import statement_xlsx
from ledger.services.statements import account_of, statement_of

router = APIRouter(prefix="/v1", tags=["rounds"])

Number = Annotated[int, Path(ge=1, le=UINT32_MAX)]
Form = Annotated[Literal["json", "csv", "html", "xlsx", "pdf"], Query()]
AccountForm = Annotated[Literal["json", "pdf"], Query()]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF: Final = "application/pdf"
_FORMS: Final[dict[int | str, dict[str, object]]] = {
    200: {
        "content": {"text/csv": {}, "text/html": {}, XLSX: {}, PDF: {}},
        "model": shapes.Statement,
    }
}
_ACCOUNT_FORMS: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": {PDF: {}}, "model": shapes.ClosingAccount}
}


@router.get("/merchants/{number}/statement", responses=_FORMS, response_class=Response)
async def own_statement(
    session: ReadingDep,
    runtime: RuntimeDep,
    now: NowDep,
    merchant: MerchantDep,
    form: Form = "json",
) -> Response:
    """The caller's own statement: what was paid, when and for what; what waits, and why."""
    return await _answer(session, runtime, merchant.number, form, now=now)


@router.get("/statements/{number}", responses=_FORMS, response_class=Response)
async def any_statement(
    session: ReadingDep,
    runtime: RuntimeDep,
    now: NowDep,
    number: Number,
    form: Form = "json",
    _officer: Officer = office("treasurer", "approver"),
) -> Response:
    """A shop's statement, as the shop itself sees it."""
    return await _answer(session, runtime, number, form, now=now)


async def _answer(
    session: AsyncSession, runtime: Runtime, number: int, form: str, *, now: int
) -> Response:
    found = await statement_of(session, runtime, number, now=now)
    if form == "csv":
        named = {"content-disposition": f'attachment; filename="statement-{number}.csv"'}
        return Response(statement.statement_csv(found), media_type="text/csv", headers=named)
    if form == "xlsx":
        named = {"content-disposition": f'attachment; filename="statement-{number}.xlsx"'}
        return Response(statement_xlsx(found), media_type=XLSX, headers=named)
    if form == "html":
        return Response(statement.statement_html(found), media_type="text/html")
    if form == "pdf":
        city = runtime.settings.city_th
        content = await asyncio.to_thread(statement_pdf, found, city_th=city, now=now)
        return pdf(content, f"statement-{number}")
    return Response(_shown(found).model_dump_json(), media_type="application/json")


def pdf(content: bytes, name: str) -> Response:
    """A PDF under the name it is kept by."""
    named = {"content-disposition": f'attachment; filename="{name}.pdf"'}
    return Response(content, media_type=PDF, headers=named)


def _shown(found: statement.Statement) -> shapes.Statement:
    return shapes.Statement(
        merchant=found.merchant,
        name=Bilingual(th=found.name_th, en=found.name_en),
        day=date_of(found.day).isoformat(),
        total=str(found.total),
        on_chain=str(found.on_chain),
        settled=str(found.settled),
        returned=str(found.returned),
        covered=str(found.covered),
        agrees=found.agrees,
        sums={place.value: str(found.sum_of(place)) for place in statement.Place},
        rows=[_row(row) for row in found.rows],
    )


def shown_day(day: int | None) -> str | None:
    """A day as JSON has it."""
    return None if day is None else date_of(day).isoformat()


def _row(row: statement.StatementRow) -> shapes.StatementRow:
    return shapes.StatementRow.model_validate(
        {
            "redemption": row.redemption,
            "campaign": row.campaign,
            "leg": row.leg.value,
            "day": date_of(row.day).isoformat(),
            "amount": str(row.amount),
            "place": row.place.value,
            "round": row.round,
            "paid_on": shown_day(row.paid_on),
            "due_on": shown_day(row.due_on),
            "reason": row.reason and row.reason.value,
        }
    )


@router.get(
    "/campaigns/{number}/account", responses=_ACCOUNT_FORMS, response_model=shapes.ClosingAccount
)
async def campaign_account(
    session: ReadingDep,
    runtime: RuntimeDep,
    now: NowDep,
    number: Number,
    form: AccountForm = "json",
    _officer: Officer = office("treasurer", "approver", "campaign_officer"),
) -> shapes.ClosingAccount | Response:
    """What became of a campaign's money, by the chain and by the rounds: the balance is zero."""
    account = await account_of(session, runtime, number)
    if form == "pdf":
        city, day = runtime.settings.city_th, bangkok_day(now)
        content = await asyncio.to_thread(account_pdf, account, city_th=city, day=day, now=now)
        return pdf(content, f"account-{number}")
    return shapes.ClosingAccount(
        campaign=account.campaign,
        balance=str(account.balance),
        rows=[
            shapes.AccountRow(
                what=row.what, name=Bilingual(th=row.th, en=row.en), amount=str(row.amount)
            )
            for row in account.rows
        ],
    )
