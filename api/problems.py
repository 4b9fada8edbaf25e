"""The one table from failures to HTTP, and the one shape they are answered in (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.headers import SECURITY_HEADERS
from ledger import errors
from ledger.db.failures import database_failed
from ledger.domain.sentences import Sentence, speak
from ledger.errors import LedgerError, RedemptionRefused
from ledger.services.table_reasons import COLUMNS_TH, thai_reason

PROBLEM_TYPE: Final = "application/problem+json"
REQUEST_ID: Final = "x-request-id"
FIELD_ERRORS_MAX: Final = 50

_FIELD_FAULT_TH: Final = "ค่านี้ไม่ตรงตามรูปแบบที่กำหนด"
_FIELD_FAULTS_TH: Final = {
    "missing": "ไม่ได้ใส่ค่า",
    "string_too_short": "สั้นเกินไป",
    "string_too_long": "ยาวเกินไป",
    "greater_than_equal": "น้อยเกินไป",
    "greater_than": "น้อยเกินไป",
    "less_than_equal": "มากเกินไป",
    "less_than": "มากเกินไป",
    "int_parsing": "ต้องเป็นจำนวนเต็ม",
    "int_type": "ต้องเป็นจำนวนเต็ม",
    "too_short": "มีน้อยรายการเกินไป",
    "too_long": "มีรายการมากเกินไป",
    "extra_forbidden": "ไม่มีช่องชื่อนี้",
    "json_invalid": "อ่านข้อมูลนี้ไม่ได้",
}

_log = logging.getLogger("nakhon.api")

STATUS: Final[dict[type[LedgerError], int]] = {
    LedgerError: 500,
    errors.InputInvalid: 422,
    errors.RedemptionRefused: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.IdempotencyMismatch: 422,
    errors.Unauthorised: 401,
    errors.RoleMissing: 403,
    errors.SamePerson: 403,
    errors.RoundNeedsAnother: 403,
    errors.DeviceBillLimitExceeded: 403,
    errors.DeviceDayLimitUsed: 403,
    errors.AssistedDayLimitUsed: 403,
    errors.ChainFailure: 502,
    errors.NodeUnreachable: 503,
    errors.TransactionReverted: 409,
    errors.DevelopmentKeyRefused: 500,
    errors.ToolMissing: 500,
    errors.PortBusy: 500,
}
"""The nearest ancestor's row counts."""

HTTP_SENTENCES: Final[dict[str, Sentence]] = {
    "bad_request": Sentence(
        th="อ่านคำขอนี้ไม่ได้",
        en="This request cannot be read.",
        action_th="ตรวจรูปแบบของคำขอแล้วส่งใหม่",
        action_en="Check the form of the request and send it again.",
    ),
    "no_such_page": Sentence(
        th="ไม่มีที่อยู่นี้ในระบบ",
        en="There is nothing at this address.",
        action_th="ตรวจที่อยู่อีกครั้ง",
        action_en="Check the address.",
    ),
    "method_not_allowed": Sentence(
        th="ที่อยู่นี้ไม่รับคำขอแบบนี้",
        en="This address does not take this method.",
        action_th="ดูวิธีที่รับได้ในหัวข้อ Allow",
        action_en="See the Allow header for the methods it takes.",
    ),
    "body_timeout": Sentence(
        th="ส่งข้อมูลช้าเกินไป",
        en="The body did not arrive in time.",
        action_th="ลองใหม่เมื่อสัญญาณดีขึ้น",
        action_en="Try again on a better connection.",
    ),
    "body_too_large": Sentence(
        th="ข้อมูลที่ส่งมาใหญ่เกินไป",
        en="What was sent is too large.",
        action_th="แบ่งส่งเป็นส่วนย่อย",
        action_en="Send it in smaller parts.",
    ),
    "media_type_unsupported": Sentence(
        th="รูปแบบข้อมูลที่ส่งมาใช้ไม่ได้ที่นี่",
        en="This address does not take this kind of content.",
        action_th="ส่งเป็น application/json หรือ text/csv สำหรับไฟล์ตาราง",
        action_en="Send application/json, or text/csv where a table is meant.",
    ),
    "database_unavailable": Sentence(
        th="ฐานข้อมูลไม่ตอบหรือกำลังยุ่งในขณะนี้",
        en="The database does not answer, or is busy, at this moment.",
        action_th="ส่งคำขอเดิมอีกครั้งด้วยรหัสกันส่งซ้ำเดิม ระบบจะไม่ทำรายการซ้ำ",
        action_en="Send the same request again under its Idempotency-Key: nothing is done twice.",
    ),
    "internal_error": Sentence(
        th="ระบบขัดข้อง ไม่มีรายการใดถูกบันทึกค้างไว้ครึ่งทาง",
        en="Something broke on our side. Nothing was left half-done.",
        action_th="ลองใหม่อีกครั้ง หากยังไม่ได้ให้แจ้งหมายเลขคำขอ",
        action_en="Try again; if it persists, tell us the request id.",
    ),
}

_HTTP_CODES: Final = {
    400: "bad_request",
    404: "no_such_page",
    405: "method_not_allowed",
    408: "body_timeout",
    413: "body_too_large",
    415: "media_type_unsupported",
    503: "database_unavailable",
    500: "internal_error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a problem says, before it becomes bytes."""

    status: int
    code: str
    th: str
    en: str
    action_th: str
    action_en: str
    rule: str | None = None
    errors: Sequence[Mapping[str, Any]] | None = None
    figures: Mapping[str, Any] | None = None
    policy: str | None = None
    verdict: str | None = None


def status_of(error: LedgerError) -> int:
    """The HTTP status of a failure: that of its class, or of the nearest ancestor."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def told_of(error: LedgerError) -> Told:
    """A failure of the ledger as a problem: a refusal speaks with its reason's code."""
    refused = isinstance(error, RedemptionRefused)
    code = error.reason if isinstance(error, RedemptionRefused) else error.code
    _say_in_thai(error)
    spoken = speak(error)
    rows = error.details.get("rows")
    return Told(
        status=status_of(error),
        code=code,
        th=spoken.th,
        en=spoken.en,
        action_th=spoken.action_th,
        action_en=spoken.action_en,
        rule=code if refused else None,
        errors=[_row(code, row) for row in rows] if isinstance(rows, list) else None,
        figures=error.figures if isinstance(error, RedemptionRefused) else None,
        policy=error.policy if isinstance(error, RedemptionRefused) else None,
        verdict=error.verdict if isinstance(error, RedemptionRefused) else None,
    )


def _say_in_thai(error: LedgerError) -> None:
    """Give the reason of a bad input its Thai words, where it has none and a reader knows them."""
    why = error.details.get("why")
    if isinstance(error, errors.InputInvalid) and isinstance(why, str):
        error.details.setdefault("why_th", thai_reason(why))


def told_http(status: int, *, rows: Sequence[Mapping[str, Any]] | None = None) -> Told:
    """A failure of HTTP itself as a problem."""
    code = _HTTP_CODES.get(status, "bad_request" if status < 500 else "internal_error")
    sentence = HTTP_SENTENCES[code]
    return Told(
        status=status,
        code=code,
        th=sentence.th,
        en=sentence.en,
        action_th=sentence.action_th,
        action_en=sentence.action_en,
        errors=rows,
    )


def _row(code: str, row: Mapping[str, Any]) -> dict[str, Any]:
    line = row.get("line", row.get("row"))
    return {
        "code": row.get("code", code),
        "line": line,
        "detail": str(row.get("why", "")),
        "detail_th": row.get("why_th"),
    }


def render(told: Told, request_id: str) -> bytes:
    """The bytes of a problem."""
    problem: dict[str, Any] = {
        "type": f"urn:nakhon:problem:{told.code}",
        "title": told.code.replace("_", " ").capitalize(),
        "status": told.status,
        "code": told.code,
        "detail": f"{told.th} / {told.en}",
        "detail_th": told.th,
        "detail_en": told.en,
        "action_th": told.action_th,
        "action_en": told.action_en,
        "request_id": request_id,
    }
    if told.rule is not None:
        problem["rule"] = told.rule
    if told.errors is not None:
        problem["errors"] = list(told.errors)
    if told.policy is not None:
        problem["policy"] = told.policy
    if told.verdict is not None:
        problem["verdict"] = told.verdict
    if told.figures:
        problem["figures"] = dict(told.figures)
    return orjson.dumps(problem, default=_plain)


def _plain(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def respond(told: Told, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as an answer, with the headers every answer carries."""
    named = {REQUEST_ID: request_id, **SECURITY_HEADERS, **(headers or {})}
    if told.status == 401:
        named["www-authenticate"] = 'Bearer realm="nakhon"'
    if told.status == 503:
        named["retry-after"] = "2"
    body = render(told, request_id)
    return Response(body, told.status, headers=named, media_type=PROBLEM_TYPE)


def request_id_of(request: Request) -> str:
    """The id this request is known by in logs and answers."""
    return str(getattr(request.state, "request_id", "req_unknown"))


async def on_ledger_error(request: Request, error: Exception) -> Response:
    """Answer an expected failure."""
    assert isinstance(error, LedgerError)
    told = told_of(error)
    if told.status >= 500:
        _log.warning("request %s failed: %s", request_id_of(request), error.code)
    return respond(told, request_id_of(request))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer a failure of routing or of reading the request."""
    assert isinstance(error, HTTPException)
    return respond(told_http(error.status_code), request_id_of(request), error.headers)


async def on_invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose fields do not fit the schema: each field is named, none is echoed."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    rows = [
        {
            "code": str(each.get("type", "invalid")),
            "pointer": "/" + "/".join(str(part) for part in each.get("loc", ())),
            "detail": str(each.get("msg", "")).removeprefix("Value error, "),
            "detail_th": _FIELD_FAULTS_TH.get(str(each.get("type", "")), _FIELD_FAULT_TH),
        }
        for each in found[:FIELD_ERRORS_MAX]
    ]
    pointer = rows[0]["pointer"] if rows else "/body"
    why = rows[0]["detail"] if rows else "unreadable"
    why_th = rows[0]["detail_th"] if rows else _FIELD_FAULT_TH
    field = pointer.rpartition("/")[2]
    what_th = COLUMNS_TH.get(field, f"ช่อง {field}")
    invalid = errors.InputInvalid(what=pointer, what_th=what_th, why=why, why_th=why_th)
    told = told_of(invalid)
    return respond(_with_rows(told, rows), request_id_of(request))


def _with_rows(told: Told, rows: Sequence[Mapping[str, Any]]) -> Told:
    return Told(
        status=told.status,
        code=told.code,
        th=told.th,
        en=told.en,
        action_th=told.action_th,
        action_en=told.action_en,
        errors=rows,
    )


async def on_database_error(request: Request, error: Exception) -> Response:
    """Answer a database that is down, busy, or broke off: the same request may be asked again.

    Whether a commit that broke off was kept is not known here; the Idempotency-Key knows.
    """
    if not database_failed(error):
        return await on_defect(request, error)
    why = error.orig if isinstance(error, DBAPIError) else error
    _log.error("alarm: request %s: the database failed: %s", request_id_of(request), why)
    return respond(told_http(503), request_id_of(request))


async def on_defect(request: Request, error: Exception) -> Response:
    """Answer a defect of ours without telling its inside; the log has it under the request id."""
    request_id = request_id_of(request)
    _log.error("request %s broke", request_id, exc_info=error)
    return respond(told_http(500), request_id)
