"""The few pages people see: where a QR leads an ordinary camera, and where everything is."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated, Final

from fastapi import APIRouter, Path
from jinja2 import Environment, StrictUndefined, Template
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import HTMLResponse

from api.headers import PAGE_STYLE
from api.sessions import ReadingDep, RuntimeDep
from ledger.domain.amounts import format_baht
from ledger.domain.clock import english_date, thai_date
from ledger.errors import QrInvalid, UnknownMerchant
from ledger.qr.codec import (
    ChargeCode,
    Code,
    PaperCode,
    PresentCode,
    ReceiptCode,
    decode_body,
    encode_body,
)
from ledger.services import merchants
from ledger.services.runtime import Runtime

WEB: Final = FilePath(__file__).resolve().parents[1] / "web"
BODY_LENGTH_MAX: Final = 300

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing said in both languages."""

    th: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row of a page: a label in both languages and its value, maybe a link."""

    th: str
    en: str
    value: str
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says. Everything in it is escaped when it is written out."""

    title: Part
    parts: tuple[Part, ...] = ()
    facts: tuple[Fact, ...] = ()
    status: int = 200


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string((WEB / "page.html").read_text("utf-8"))


def render_page(runtime: Runtime, page: Page) -> HTMLResponse:
    """A page as an answer."""
    settings = runtime.settings
    text = _template().render(
        title_th=page.title.th,
        title_en=page.title.en,
        city_th=settings.city_th,
        city_en=settings.city_en,
        parts=page.parts,
        rows=page.facts,
        style=PAGE_STYLE,
    )
    return HTMLResponse(text, page.status)


@router.get("/", response_class=HTMLResponse)
async def read_index(runtime: RuntimeDep) -> HTMLResponse:
    """The front door: which addresses there are."""
    links = (
        ("กระเป๋าคูปอง", "Coupon wallet", "/wallet"),
        ("เครื่องรับคูปองของร้าน", "A shop's till", "/shop"),
        ("เงินของเมืองทำอะไรไปบ้าง", "What the city's money did", "/city"),
        ("ศาลากลาง (เจ้าหน้าที่)", "City hall (officers)", "/hall"),
        ("สถานะความพร้อม", "Readiness", "/readyz"),
        ("โครงการทั้งหมด", "Campaigns", "/v1/campaigns"),
        ("ร้านค้าทั้งหมด", "Merchants", "/v1/merchants"),
        ("สัญญาบนเชน", "Contracts and chain", "/v1/deployment"),
        ("เวลาของระบบ", "The till's time", "/v1/time"),
        ("เอกสาร API (OpenAPI 3.1)", "API description (OpenAPI 3.1)", "/openapi.json"),
    )
    facts = [Fact(th=th, en=en, value=path, href=path) for th, en, path in links]
    for name, contract in runtime.deployment.contracts.items():
        facts.append(Fact(th="สัญญา", en="Contract", value=f"{name} {contract.address}"))
    welcome = Part(
        th="เครื่องนี้ให้บริการคูปองของเมือง ใช้ผ่านกระเป๋าคูปอง เครื่องรับของร้าน คำสั่ง nakhon หรือ API ด้านล่าง",
        en="This server runs the city's coupons. Use the wallet, the till, the nakhon command, or "
        "the API below.",
    )
    title = Part(th="นคร: บัญชีเงินของเมือง", en="Nakhon: the city's money, open to audit")
    return render_page(runtime, Page(title=title, parts=(welcome,), facts=tuple(facts)))


@router.get("/Q/{body}", response_class=HTMLResponse)
@router.get("/q/{body}", response_class=HTMLResponse)
async def read_code(
    runtime: RuntimeDep, session: ReadingDep, body: Annotated[str, Path()]
) -> HTMLResponse:
    """Where a camera that is not a wallet lands: what the code is and what to do with it."""
    try:
        tag, code = decode_body(body[: BODY_LENGTH_MAX + 1].upper())
    except QrInvalid:
        return render_page(runtime, _NOT_OURS)
    if tag != runtime.deployment.tag:
        return render_page(runtime, _OTHER_CITY)
    return render_page(runtime, await _page_of(session, runtime, code))


_NOT_OURS: Final = Page(
    title=Part(th="ไม่ใช่คิวอาร์ของเมือง", en="Not one of the city's codes"),
    parts=(
        Part(
            th="คิวอาร์นี้อ่านไม่ได้หรือไม่ใช่ของระบบคูปองเมือง อย่ากรอกข้อมูลหรือจ่ายเงินตามคิวอาร์นี้",
            en="This code cannot be read or is not the city's. Do not pay or type anything for it.",
        ),
    ),
    status=404,
)
_OTHER_CITY: Final = Page(
    title=Part(th="คิวอาร์ของเมืองอื่น", en="A code of another city"),
    parts=(
        Part(
            th="คิวอาร์นี้เป็นของเมืองอื่น ใช้ที่เมืองนี้ไม่ได้",
            en="This code belongs to another city and cannot be used here.",
        ),
    ),
    status=404,
)


async def _page_of(session: AsyncSession, runtime: Runtime, code: Code) -> Page:
    match code:
        case ChargeCode():
            return await _charge(session, runtime, code)
        case PresentCode():
            return _present(code)
        case PaperCode():
            return _PAPER
        case ReceiptCode():
            return _receipt(code)


async def _charge(session: AsyncSession, runtime: Runtime, code: ChargeCode) -> Page:
    try:
        shop = await merchants.shop(session, runtime, code.merchant)
    except UnknownMerchant:
        unknown = Part(
            th="ไม่มีร้านนี้ในทะเบียนของเมือง อย่าจ่ายเงินตามคิวอาร์นี้",
            en="No registered shop has this number. Do not pay for this code.",
        )
        title = Part(th="ไม่พบร้านค้า", en="Unknown shop")
        return Page(title=title, parts=(unknown,), status=404)
    profile = shop.profile
    thai = profile.name_th if profile else f"ร้านหมายเลข {code.merchant}"
    english = profile.name_en if profile else f"Shop {code.merchant}"
    facts = [Fact(th="ร้าน", en="Shop", value=f"{thai} / {english}")]
    if code.bill:
        facts.append(Fact(th="ยอดบิล", en="Bill", value=f"{format_baht(code.bill)} ฿"))
    body = encode_body(code, runtime.deployment.tag)
    onward = "เปิดกระเป๋าบนเครื่องนี้ / Open the wallet on this phone"
    facts.append(Fact(th="จ่าย", en="Pay", value=onward, href=f"/wallet#pay/{body}"))
    return Page(
        title=Part(th="จ่ายด้วยคูปองของเมือง", en="Pay with the city's coupon"),
        parts=(
            Part(
                th="ดูชื่อร้านด้านล่างให้ตรงกับป้ายร้าน แล้วเปิดกระเป๋าคูปองของท่านเพื่อสแกนคิวอาร์นี้อีกครั้ง "
                "หน้านี้ยังไม่มีการจ่ายเงิน",
                en="Check that the name below is the one on the sign, then scan this code again "
                "with your coupon wallet. Nothing has been paid by opening this page.",
            ),
        ),
        facts=tuple(facts),
    )


def _present(code: PresentCode) -> Page:
    return Page(
        title=Part(th="คูปองของผู้ใช้สิทธิ์", en="A resident's coupon"),
        parts=(
            Part(
                th="คิวอาร์นี้สำหรับให้ร้านค้าสแกนด้วยเครื่องของร้าน และหมดอายุภายใน 90 วินาที อย่าถ่ายภาพหรือส่งต่อ",
                en="This code is for the shop's own till and dies within 90 seconds. Do not "
                "photograph it or pass it on.",
            ),
        ),
        facts=(Fact(th="โครงการ", en="Campaign", value=str(code.campaign)),),
    )


_PAPER: Final = Page(
    title=Part(th="คูปองกระดาษ", en="A paper coupon"),
    parts=(
        Part(
            th="ใครถือกระดาษนี้ใช้สิทธิ์ได้ เก็บไว้เหมือนเงินสด นำไปยื่นที่ร้านที่ร่วมโครงการ "
            "หรือย้ายเข้าโทรศัพท์ด้วยกระเป๋าคูปอง",
            en="Whoever holds this paper can use it: keep it like cash. Hand it to a shop that "
            "takes part, or move it into a phone with a coupon wallet.",
        ),
    ),
)


def _receipt(code: ReceiptCode) -> Page:
    return Page(
        title=Part(th="ใบรับรองการใช้คูปอง", en="A receipt"),
        parts=(
            Part(
                th="นี่คือคำรับรองที่เมืองลงลายเซ็นไว้ ตรวจลายเซ็นได้ด้วยกระเป๋าคูปองโดยไม่ต้องถามเมือง",
                en="This is a promise signed by the city. A coupon wallet can check the signature "
                "without asking the city.",
            ),
        ),
        facts=(
            Fact(th="โครงการ", en="Campaign", value=str(code.campaign)),
            Fact(th="ร้านหมายเลข", en="Shop number", value=str(code.merchant)),
            Fact(th="ยอดบิล", en="Bill", value=f"{format_baht(code.bill)} ฿"),
            Fact(th="เมืองจ่าย", en="Paid by the city", value=f"{format_baht(code.amount)} ฿"),
            Fact(th="รับเมื่อ", en="Accepted", value=_moment(code.accepted_at)),
        ),
    )


def _moment(t: int) -> str:
    try:
        return f"{thai_date(t)} / {english_date(t)}"
    except (OverflowError, ValueError, OSError):
        return str(t)
