"""`nakhon wallet`, what stays: history, receipts, and a paper coupon moved onto this machine."""

from typing import Annotated

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.wallet import KEY_COLUMNS, REDEMPTION_COLUMNS, app, redemption_row
from wallet_cli.desk import Desk
from wallet_cli.language import both
from wallet_cli.pictures import CodeSource, text_of

__all__ = ["app"]


@command(
    app,
    "history",
    th="รายการที่ใช้ไปแล้วทั้งหมด ใหม่สุดก่อน",
    en="Everything you spent, newest first.",
    example="nakhon wallet history -o csv",
    takes=Takes.CITY | Takes.KEYFILE | Takes.OUTPUT,
)
def history(desk: Desk) -> None:
    with desk.holder() as client:
        rows = [redemption_row(one) for one in client.items("/v1/me/redemptions")]
    desk.printer.rows(REDEMPTION_COLUMNS, rows)


@command(
    app,
    "receipt",
    th="ตรวจใบรับว่าเป็นคำมั่นที่เมืองลงลายเซ็นจริง ไม่ต้องใช้กุญแจ\nใส่ --deployment เพื่อตรวจโดยไม่ต่อเซิร์ฟเวอร์",
    en="Check that a receipt is the city's own signed promise. Needs no key.\n"
    "With --deployment it needs no server either.",
    example="nakhon wallet receipt receipt.png",
    takes=Takes.CITY | Takes.CHAIN | Takes.OUTPUT,
)
def receipt(desk: Desk, source: CodeSource) -> None:
    from ledger.qr.codec import ReceiptCode
    from ledger.qr.scan import scan
    from wallet_cli.code_rows import code_columns, code_row
    from wallet_cli.receipts import promise_of, signed_by

    promise = promise_of(desk)
    code = scan(text_of(source), promise.tag, ReceiptCode)
    signer = signed_by(code, promise)
    row = {**code_row(code), "signer": signer, "genuine": True}
    desk.printer.record(code_columns(code), row)
    desk.printer.note("ใบรับนี้เป็นคำมั่นของเมืองจริง", "the receipt is the city's own promise")


@command(
    app,
    "import-paper",
    th="อ่านคูปองกระดาษเป็นไฟล์กุญแจบนเครื่องนี้ กระดาษยังใช้ได้จนกว่าจะย้ายบัตร",
    en="Turn a paper coupon into a keyfile here. The paper works until the pass moves.",
    example="nakhon wallet import-paper sheet.png --keyfile paper.json --pin",
    takes=Takes.CITY | Takes.KEYFILE | Takes.OUTPUT,
)
def import_paper(
    desk: Desk,
    source: CodeSource,
    pin: Annotated[
        bool, typer.Option("--pin", help=both("ถามรหัส PIN ของกระดาษ", "ask for the paper's PIN"))
    ] = False,
) -> None:
    from ledger.qr.codec import PaperCode
    from ledger.qr.paper import key_of
    from ledger.qr.scan import scan
    from wallet_cli.keys import refuse_existing, write_keyfile
    from wallet_cli.paper_payment import ask_pin

    path = desk.keyfile_path()
    refuse_existing(path)
    with desk.public() as client:
        code = scan(text_of(source), client.city.tag, PaperCode)
    digits = ask_pin(desk) if pin or code.pin_needed else ""
    key = write_keyfile(path, key_of(code, digits), desk.new_password())
    desk.printer.record(KEY_COLUMNS, {"address": key.address, "keyfile": str(path)})
    desk.printer.note(
        "กระดาษยังใช้ได้อยู่ ย้ายบัตรไปกุญแจใหม่ด้วย nakhon wallet move แล้วกระดาษจะใช้ไม่ได้อีก",
        "the paper still works; nakhon wallet move takes the pass to a new key and kills it",
    )
