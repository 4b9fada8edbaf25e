"""`nakhon wallet move` and `moves`: paper onto a phone, and every key a pass has had."""

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallet_cli.arguments import PinFile, Yes
from wallet_cli.command import Takes, command
from wallet_cli.commands.passes import COLUMNS, MOVE_COLUMNS
from wallet_cli.commands.wallet_records import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure
from wallet_cli.language import both
from wallet_cli.pictures import text_of

if TYPE_CHECKING:
    from wallet_cli.client import CityClient
    from wallet_cli.keys import Key
    from wallet_cli.output import JsonObject

__all__ = ["app"]

POLL_SECONDS: Final = 0.2


@command(
    app,
    "move",
    th="ย้ายบัตรจากคูปองกระดาษมาที่กระเป๋านี้ กระดาษใช้ไม่ได้อีกทันที",
    en="Move the pass of a paper coupon to this wallet. The paper is dead at once.",
    example="nakhon wallet move --paper sheet.png --keyfile phone.json",
    takes=Takes.CITY | Takes.KEYFILE | Takes.WAIT | Takes.OUTPUT,
)
def move(
    desk: Desk,
    paper: Annotated[
        str,
        typer.Option(
            "--paper",
            metavar="PNG|TEXT",
            help=both("ภาพหรือข้อความของคิวอาร์บนกระดาษ", "picture or text of the paper's code"),
        ),
    ],
    pin_file: PinFile = None,
    yes: Yes = False,
) -> None:
    from ledger.qr.codec import PaperCode
    from ledger.qr.scan import scan
    from wallet_cli.paper_payment import paper_key

    with desk.public() as public:
        code = scan(text_of(paper), public.city.tag, PaperCode)
    old = paper_key(desk, code, pin_file)
    with desk.bearer_of(old) as client:
        number = int(client.get("/v1/me/pass")["pass"])
        desk.confirm(
            f"ย้ายบัตร {number} มาที่ {desk.key.address} กระดาษจะใช้ไม่ได้อีก ?",
            f"Move pass {number} to {desk.key.address}? The paper will be dead.",
            yes=yes,
        )
        client.post("/v1/me/move", _consent(client, number, old, desk.key))
    moved = _arrived(desk)
    if moved is None:
        desk.printer.note(
            "รับคำสั่งย้ายแล้ว กระดาษใช้ไม่ได้แล้ว กระเป๋านี้ใช้ได้เมื่อขึ้นเชน",
            "the order is kept and the paper is dead; this wallet spends once the chain has it",
        )
        moved = {"pass": number, "holder": desk.key.address, "status": "moving"}
    desk.printer.record(COLUMNS, moved)


def _consent(client: "CityClient", number: int, old: "Key", new: "Key") -> "JsonObject":
    from ledger.domain.typed_data import move_digest

    signed_at = client.now()
    digest = move_digest(
        client.city.separator,
        pass_number=number,
        from_address=old.address,
        to_address=new.address,
        signed_at=signed_at,
    )
    return {
        "to": new.address,
        "signed_at": signed_at,
        "signature": "0x" + new.sign(digest).hex(),
    }


def _arrived(desk: Desk) -> "JsonObject | None":
    """The pass once this wallet's key holds it; None where that takes longer than `--wait`."""
    until = time.monotonic() + desk.options.wait_seconds
    with desk.holder() as client:
        while True:
            try:
                return client.get("/v1/me/pass")
            except CommandFailure as refused:
                if refused.exit_code is not ExitCode.NOT_FOUND:
                    raise
            if time.monotonic() >= until:
                return None
            time.sleep(POLL_SECONDS)


@command(
    app,
    "moves",
    th="บัตรนี้เคยย้ายเครื่องเมื่อไร ใครสั่ง เพราะอะไร",
    en="When this pass moved from key to key: who ordered it, and why.",
    example="nakhon wallet moves",
    takes=Takes.CITY | Takes.KEYFILE | Takes.OUTPUT,
)
def moves(desk: Desk) -> None:
    with desk.holder() as client:
        found = client.get("/v1/me/moves")["items"]
    desk.printer.rows(MOVE_COLUMNS, found)
