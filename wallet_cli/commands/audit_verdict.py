"""`nakhon audit verdict`: a signed verdict judged again, offline, from nothing but itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.arguments import OfDeployment, address_option
from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import spoken_columns
from wallet_cli.commands.audit_state import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import read_file
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

if TYPE_CHECKING:
    from ledger.domain.policy import Policy
    from ledger.domain.signed_verdict import SignedVerdict

__all__ = ["app"]

_COLUMNS: Final = (
    Column("agrees", "ตรงกัน", "Agrees"),
    Column("code", "ผล", "Outcome"),
    Column("th", "คำอธิบาย", "In words (Thai)"),
    Column("en", "อังกฤษ", "In words"),
    Column("judged_at", "ตัดสินเมื่อ", "Judged", Kind.TIME),
    Column("policy_hash", "ลายนิ้วมือเงื่อนไข", "Policy hash"),
    Column("signer", "ผู้ลงลายเซ็น", "Signer"),
    Column("disagreements", "ข้อที่ไม่ตรง", "What differs"),
)


@command(
    app,
    "verdict",
    th="ตัดสินคำวินิจฉัยที่ลงลายเซ็นไว้ซ้ำอีกครั้ง ไม่ต้องต่อเครือข่าย: ตรวจลายเซ็น เงื่อนไข และทุกตัวเลข",
    en="Judge a signed verdict again, offline: its signature, its policy, and every figure.",
    example="nakhon audit verdict verdict.json --policy lunch.json",
    takes=Takes.OUTPUT,
)
def verdict(
    desk: Desk,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=both("คำวินิจฉัยที่ลงลายเซ็น JSON", "a signed verdict, JSON")
        ),
    ],
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help=both("เอกสารเงื่อนไข หากไม่อยู่ในไฟล์", "the policy, where the file lacks it"),
        ),
    ] = None,
    signer: Annotated[
        str | None,
        address_option("--signer", th="ผู้ลงลายเซ็นที่ต้องเป็น", en="the address that must have signed"),
    ] = None,
    deployment: OfDeployment = None,
) -> None:
    from ledger.domain.hashing import address_bytes
    from ledger.errors import SignatureInvalid

    signed = _read(file)
    signed.check_signature(signed.separator or _separator(desk, deployment))
    if signer is not None and address_bytes(signer) != address_bytes(signed.signer):
        raise SignatureInvalid(why=f"signed by {signed.signer}, not by {signer}")
    again, differing = signed.judged_again(_policy_of(signed, policy))
    th, en = _told(again.code, again.figures)
    row = {
        "agrees": not differing,
        "code": again.code,
        "th": th,
        "en": en,
        "judged_at": signed.document["now"],
        "policy_hash": "0x" + again.policy_hash.hex(),
        "signer": signed.signer,
        "figures": again.figures,
        "disagreements": differing,
    }
    desk.printer.record(spoken_columns(_COLUMNS, desk), row)
    if differing:
        named = ", ".join(str(one["what"]) for one in differing)
        raise failure(
            ExitCode.DIFFERS,
            "verdict_differs",
            th=f"คำวินิจฉัยไม่ตรงกับการตัดสินซ้ำที่: {named}",
            en=f"the verdict differs from a second judgement in: {named}",
            action_th="เก็บไฟล์นี้เป็นหลักฐาน: ลายเซ็นถูกต้องแต่คำวินิจฉัยผิด",
            action_en="Keep this file as evidence: the signature is good and the verdict is wrong.",
        )


def _read(file: Path) -> "SignedVerdict":
    import orjson

    from ledger.domain.signed_verdict import read_signed
    from ledger.errors import InputInvalid

    try:
        # Its depth is bounded whatever the recursion limit of this process is.
        value: Any = orjson.loads(read_file(file))
    except ValueError as broken:
        raise InputInvalid(what="verdict", why="it is not JSON") from broken
    return read_signed(value)


def _separator(desk: Desk, deployment: Path | None) -> bytes:
    from ledger.chain.deployment import Deployment

    return Deployment.load(deployment or desk.deployment).domain_separator


def _policy_of(signed: "SignedVerdict", file: Path | None) -> "Policy":
    from ledger.domain.policy import parse_policy
    from ledger.errors import InputInvalid

    if file is not None:
        return parse_policy(read_file(file))
    if signed.policy is None:
        raise InputInvalid(what="policy", why="the file holds no policy: name it with --policy")
    return signed.policy


def _told(code: str, figures: dict[str, Any]) -> tuple[str, str]:
    from ledger.domain.amounts import brief_baht
    from ledger.domain.sentences import say

    if code != "accepted":
        return say(code, figures)
    amount, left = brief_baht(figures["amount"]), brief_baht(figures["allowance_left"])
    return f"รับ {amount} บาท เหลือทั้งหมด {left} บาท", f"{amount} baht taken, {left} baht left in all"
