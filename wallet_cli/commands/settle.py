"""`nakhon settle`: shops are paid, by a round that one officer makes and another approves."""

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallet_cli.arguments import (
    Baht,
    CampaignNumber,
    OfCampaign,
    OfMerchant,
    Yes,
    baht_option,
    number_argument,
    number_option,
)
from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import read_file, replace_file
from wallet_cli.intents import follow
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

if TYPE_CHECKING:
    from wallet_cli.client import CityClient

app = group(
    th="จ่ายเงินร้าน: ทำรอบ อนุมัติ ไฟล์ธนาคาร คำตอบธนาคาร ใบแจ้งยอด",
    en="paying shops: rounds, approval, the bank's files, statements",
)

_OFFICE: Final = Takes.CITY | Takes.OFFICER | Takes.OUTPUT
_FILE: Final = Takes.CITY | Takes.OFFICER | Takes.WAIT
_ORDER: Final = _OFFICE | Takes.WAIT
POLL_SECONDS: Final = 0.3
ON_ITS_WAY: Final = frozenset({"ordered", "made", "approved", "settled"})

_ROUND: Final = (
    Column("round", "รอบที่", "Round"),
    Column("day", "วันจ่าย", "Day"),
    Column("legs", "เงินของ", "Shares"),
    Column("minimum", "ยอดขั้นต่ำ", "Minimum", Kind.BAHT),
    Column("total", "ธนาคารจ่าย", "The bank pays", Kind.BAHT),
    Column("status", "สถานะ", "Status"),
    Column("chain", "บนเชน", "On the chain"),
    Column("chain_round", "รอบบนเชน", "Its round there"),
    Column("refused", "เชนปฏิเสธเพราะ", "Refused because"),
    Column("hash", "แฮช", "Hash"),
    Column("made_by", "ผู้ทำ", "Made by"),
    Column("made_at", "ทำเมื่อ", "Made at", Kind.TIME),
    Column("decided_by", "ผู้ตัดสิน", "Decided by"),
    Column("decided_at", "ตัดสินเมื่อ", "Decided at", Kind.TIME),
)
_LINES: Final = (
    Column("merchant", "ร้าน", "Shop"),
    Column("amount", "จำนวนเงิน", "Amount", Kind.BAHT),
    Column("entries", "รายการ", "Entries"),
    Column("reason", "ยกไปเพราะ", "Carried because"),
    Column("bank", "ธนาคาร", "Bank"),
    Column("number", "เลขบัญชี", "Account"),
    Column("name", "ชื่อบัญชี", "Name"),
    Column("payment", "ธนาคารว่า", "The bank says"),
    Column("bank_reason", "รหัสเหตุผล", "Its reason"),
)
_CHANGES: Final = (
    Column("merchant", "ร้าน", "Shop"),
    Column("status", "ธนาคารว่า", "The bank says"),
    Column("reason", "เหตุผล", "Reason"),
    Column("reference", "เลขอ้างอิง", "Reference"),
)
_ACCOUNT: Final = (
    Column("merchant", "ร้าน", "Shop"),
    Column("bank", "ธนาคาร", "Bank"),
    Column("number", "เลขบัญชี", "Account"),
    Column("name", "ชื่อบัญชี", "Name"),
)
_STATEMENT: Final = (
    Column("redemption", "รายการ", "Redemption"),
    Column("campaign", "โครงการ", "Campaign"),
    Column("leg", "เงินของ", "Share"),
    Column("day", "วันที่", "Day"),
    Column("amount", "จำนวนเงิน", "Amount", Kind.BAHT),
    Column("place", "สถานะ", "Where"),
    Column("round", "รอบ", "Round"),
    Column("paid_on", "จ่ายเมื่อ", "Paid on"),
    Column("reason", "เหตุผล", "Reason"),
)
_DEBTS: Final = (
    Column("merchant", "ร้าน", "Shop"),
    Column("campaign", "โครงการ", "Campaign"),
    Column("owed", "ค้างคืน", "Owes", Kind.BAHT),
)
_CLOSING: Final = (
    Column("what", "รายการ", "What"),
    Column("th", "คำไทย", "In Thai"),
    Column("en", "คำอังกฤษ", "In English"),
    Column("amount", "จำนวนเงิน", "Amount", Kind.BAHT),
)

CHAIN_WORDS: Final = {
    "none": ("ไม่ขึ้นเชน", "nothing of it goes to the chain"),
    "ordered": ("กำลังส่งขึ้นเชน", "on its way to the chain"),
    "made": ("ทำรอบบนเชนแล้ว", "made on the chain"),
    "approved": ("อนุมัติบนเชนแล้ว กำลังตัดโทเคน", "approved on the chain, its pages are being settled"),
    "settled": ("ตัดโทเคนแล้ว รอยืนยัน", "settled on the chain, not final yet"),
    "final": ("ตัดโทเคนแล้ว ยืนยันแล้ว", "settled on the chain for good"),
    "withdrawn": ("ถอนจากเชนแล้ว", "withdrawn on the chain"),
    "refused": ("สัญญาปฏิเสธขั้นตอนหนึ่ง", "the contract refused a step"),
}

RoundNumber = Annotated[int, number_argument(th="เลขที่รอบ", en="number of the round")]
Layout = Annotated[
    str,
    typer.Option(
        "--layout",
        help=both(
            "iso20022 หรือชื่อรูปแบบ เช่น example_pipe_utf8",
            "iso20022, or a layout's name such as example_pipe_utf8",
        ),
    ),
]


@command(
    app,
    "bank",
    th="บันทึกบัญชีธนาคารของร้าน (นายทะเบียน) หรือของเมืองเมื่อไม่ใส่ --merchant (เหรัญญิก)",
    en="Keep a shop's bank account (registrar), or without --merchant the city's (treasurer).",
    example='nakhon settle bank 006 123-4-56789-0 "ข้าวซอยคุณยาย" --merchant 3',
    takes=_OFFICE,
)
def bank(
    desk: Desk,
    code: Annotated[
        str, typer.Argument(metavar="BANK", help=both("รหัสธนาคาร 3 หลัก", "the bank's 3 digits"))
    ],
    number: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help=both("เลขบัญชี", "the account's number"))
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("ชื่อบัญชี", "whose it is"))],
    merchant: Annotated[
        int | None, number_option("--merchant", "-m", th="เลขที่ร้าน", en="number of the shop")
    ] = None,
) -> None:
    body = {"bank": code, "number": number, "name": name}
    path = "/v1/city/bank" if merchant is None else f"/v1/merchants/{merchant}/bank"
    with desk.officer() as client:
        desk.printer.record(_ACCOUNT, client.post(path, body))


@command(
    app,
    "make",
    th="ทำรอบจ่ายของวันนี้จากทุกรายการที่ถึงกำหนดและยืนยันบนเชนแล้ว (เหรัญญิก)",
    en="Make today's round of everything final and due (treasurer).",
    example="nakhon settle make --minimum 100 --key-file treasurer.key",
    takes=_OFFICE,
)
def make(
    desk: Desk,
    minimum: Annotated[
        int | None,
        baht_option("--minimum", th="ร้านที่ได้น้อยกว่านี้ยกไปรอบหน้า", en="carry smaller lines, in baht"),
    ] = None,
    legs: Annotated[
        str, typer.Option("--legs", help=both("เงินของใคร คั่นด้วยจุลภาค", "whose money, by commas"))
    ] = "city,copay",
) -> None:
    body = {"legs": legs.split(","), "minimum": str(minimum or 0)}
    with desk.officer() as client:
        desk.printer.record(_ROUND, client.post("/v1/rounds", body))


@command(
    app,
    "list",
    th="รอบจ่ายทั้งหมด ใหม่สุดก่อน",
    en="Rounds, newest first.",
    example="nakhon settle list -o csv --key-file treasurer.key",
    takes=_OFFICE,
)
def list_rounds(desk: Desk) -> None:
    with desk.officer() as client:
        desk.printer.rows(_ROUND, client.items("/v1/rounds"))


@command(
    app,
    "show",
    th="ดูรอบหนึ่งทีละร้าน ทั้งที่จ่ายและที่ยกไปพร้อมเหตุผล",
    en="Show a round shop by shop: what is paid, and what is carried and why.",
    example="nakhon settle show 7 --key-file approver.key",
    takes=_OFFICE,
)
def show(desk: Desk, number: RoundNumber) -> None:
    with desk.officer() as client:
        found = client.get(f"/v1/rounds/{number}")
        rows = list(client.items(f"/v1/rounds/{number}/lines"))
    chain_th, chain_en = CHAIN_WORDS[found["chain"]]
    desk.printer.note(
        f"รอบ {number}: {found['status']} · {chain_th} · แฮช {found['hash']}",
        f"round {number}: {found['status']} · {chain_en} · hash {found['hash']}",
    )
    for digest in found["files"]:
        desk.printer.note(f"ไฟล์ธนาคารบนเชน {digest}", f"bank file on the chain: {digest}")
    if found["refused"]:
        desk.printer.note(
            f"สัญญาปฏิเสธ: {found['refused']} จะลองใหม่เอง",
            f"the contract refused: {found['refused']}; it is tried again by itself",
        )
    desk.printer.rows(_LINES, rows)


@command(
    app,
    "approve",
    th="อนุมัติรอบที่ตรวจแล้ว ระบุแฮชที่เห็น ผู้ทำรอบอนุมัติเองไม่ได้ (ผู้อนุมัติ)",
    en="Approve a round, by the hash you have seen; never by whoever made it (approver).",
    example="nakhon settle approve 7 --hash 0x" + "ab" * 32 + " --key-file approver.key",
    takes=_OFFICE,
)
def approve(
    desk: Desk,
    number: RoundNumber,
    seen: Annotated[
        str, typer.Option("--hash", help=both("แฮชของรอบที่ตรวจ", "the hash of the round you saw"))
    ],
) -> None:
    with desk.officer() as client:
        answer = client.post(f"/v1/rounds/{number}/approve", {"hash": seen})
    desk.printer.record(_ROUND, answer)


@command(
    app,
    "withdraw",
    th="เลิกรอบ รายการที่ยังไม่จ่ายรอรอบหน้า รอบที่อนุมัติแล้วจะถอนบนเชนก่อน",
    en="Give up a round: what is not settled waits for the next one. One that was approved is\n"
    "withdrawn on the chain first.",
    example="nakhon settle withdraw 7 --yes --key-file treasurer.key",
    takes=_OFFICE,
)
def withdraw(desk: Desk, number: RoundNumber, yes: Yes = False) -> None:
    desk.confirm(f"เลิกรอบ {number} ?", f"Give up round {number}?", yes=yes)
    with desk.officer() as client:
        desk.printer.record(_ROUND, client.post(f"/v1/rounds/{number}/withdraw"))


@command(
    app,
    "file",
    th="เขียนไฟล์จ่ายเงินสำหรับธนาคารเมื่อรอบตัดโทเคนบนเชนแล้ว แฮชของไฟล์ขึ้นเชน (เหรัญญิก)",
    en="Write a round's file for the bank once its tokens are burnt for good; the file's SHA-256\n"
    "goes on the chain (treasurer).",
    example="nakhon settle file 7 payout.xml --key-file treasurer.key",
    takes=_FILE,
)
def file(
    desk: Desk,
    number: RoundNumber,
    to: Annotated[Path, typer.Argument(metavar="FILE", help=both("ไฟล์ที่จะเขียน", "where to"))],
    layout: Layout = "iso20022",
) -> None:
    with desk.officer() as client:
        _await_chain(desk, client, number)
        content = client.download(f"/v1/rounds/{number}/file", layout=layout)
    replace_file(to, content)
    digest = hashlib.sha256(content).hexdigest()
    desk.printer.note(
        f"เขียน {to} แล้ว SHA-256 {digest}", f"{to} is written, its SHA-256 is {digest}"
    )


def _await_chain(desk: Desk, client: "CityClient", number: int) -> None:
    """Wait, as long as the command may, until nothing of the round is on its way any more."""
    until = time.monotonic() + desk.options.wait_seconds
    while client.get(f"/v1/rounds/{number}")["chain"] in ON_ITS_WAY and time.monotonic() < until:
        time.sleep(POLL_SECONDS)


@command(
    app,
    "answer",
    th="รับคำตอบของธนาคารทั้งไฟล์หรือไม่รับเลย ไฟล์เดิมซ้ำไม่เปลี่ยนอะไร (เหรัญญิก)",
    en="Take the bank's answer, whole or not at all; the same file again changes nothing\n"
    "(treasurer).",
    example="nakhon settle answer answer.xml --key-file treasurer.key",
    takes=_OFFICE,
)
def answer(
    desk: Desk,
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help=both("ไฟล์จากธนาคาร", "the bank's file"))
    ],
    layout: Layout = "iso20022",
) -> None:
    raw = read_file(source)
    kind = "application/xml" if layout == "iso20022" else "text/csv"
    with desk.officer() as client:
        path = f"/v1/rounds/answers?layout={client.segment(layout)}"
        taken = client.post_raw(path, raw, kind)
    if taken["repeated"]:
        desk.printer.note("รับไฟล์นี้ไว้แล้วก่อนหน้า", "this file was taken before")
    desk.printer.rows(_CHANGES, taken["changes"])


@command(
    app,
    "debts",
    th="ร้านที่ค้างคืนโครงการ เพราะยกเลิกรายการหลังได้รับเงินแล้ว",
    en="Which shops owe a campaign, because they were paid before a void.",
    example="nakhon settle debts 1 --key-file treasurer.key",
    takes=_OFFICE,
)
def debts(desk: Desk, campaign: CampaignNumber) -> None:
    with desk.officer() as client:
        desk.printer.rows(_DEBTS, client.get(f"/v1/campaigns/{campaign}/debts")["items"])


@command(
    app,
    "cover",
    th="เมืองชำระหนี้ของร้านให้โครงการ ให้ปิดโครงการได้ ทุกคนเห็นบนเชน (เหรัญญิก)",
    en="Put the treasury's tokens in the place of a shop's debt, so that the campaign can close;\n"
    "everybody sees it on the chain (treasurer). Nothing only has the debt reckoned anew.",
    example="nakhon settle cover 20 --merchant 3 --campaign 1 --key-file treasurer.key",
    takes=_ORDER,
)
def cover(
    desk: Desk, amount: Baht, merchant: OfMerchant, campaign: OfCampaign, yes: Yes = False
) -> None:
    desk.confirm(f"ชำระหนี้แทนร้าน {merchant} ?", f"Cover the debt of shop {merchant}?", yes=yes)
    body = {"campaign": campaign, "amount": str(amount)}
    with desk.officer() as client:
        follow(desk, client, client.post(f"/v1/merchants/{merchant}/cover", body))


@command(
    app,
    "statement",
    th="ใบแจ้งยอดของร้าน: จ่ายอะไร เมื่อใด รายการใด อะไรยกไปเพราะอะไร --html เพื่อพิมพ์",
    en="A shop's statement: what was paid, when, for which redemptions, what is carried and why.",
    example="nakhon settle statement 3 --html shop3.html --key-file treasurer.key",
    takes=_OFFICE,
)
def statement(
    desk: Desk,
    merchant: Annotated[int, number_argument(th="เลขที่ร้าน", en="number of the shop")],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help=both("เขียนเป็นหน้าพิมพ์", "write a page to print")),
    ] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option(
            "--xlsx", metavar="FILE", help=both("เขียนเป็นตาราง XLSX", "write a spreadsheet")
        ),
    ] = None,
) -> None:
    with desk.officer() as client:
        found = client.get(f"/v1/statements/{merchant}")
        for form, to in (("html", html), ("xlsx", xlsx)):
            if to is not None:
                replace_file(to, client.download(f"/v1/statements/{merchant}", form=form))
    desk.printer.rows(_STATEMENT, found["rows"])
    if not found["agrees"]:
        raise failure(
            ExitCode.DIFFERS,
            "statement_differs",
            th=f"ไม่ตรงกับเชน: {found['total']} กับ {found['on_chain']} สตางค์",
            en=f"it differs from the chain: {found['total']} and {found['on_chain']} satang",
        )


@command(
    app,
    "account",
    th="บัญชีปิดโครงการ: เงินเข้า จ่าย ยกไป คืน รวมแล้วต้องเป็นศูนย์",
    en="A campaign's closing account: in, paid, carried, returned; it comes to zero.",
    example="nakhon settle account 1 --key-file treasurer.key",
    takes=_OFFICE,
)
def account(desk: Desk, campaign: CampaignNumber) -> None:
    with desk.officer() as client:
        found = client.get(f"/v1/campaigns/{campaign}/account")
    rows = [row | row["name"] for row in found["rows"]]
    rows.append({"what": "balance", "th": "คงเหลือ", "en": "balance", "amount": found["balance"]})
    desk.printer.rows(_CLOSING, rows)
    if found["balance"] != "0":
        raise failure(
            ExitCode.DIFFERS,
            "account_differs",
            th=f"บัญชีโครงการไม่ลงตัว ต่าง {found['balance']} สตางค์",
            en=f"the account does not come to zero, but to {found['balance']} satang",
        )
