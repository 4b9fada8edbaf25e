"""`nakhon merchant keep` and `force`: a shop's money needs no server of the city's (P3)."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.arguments import OfMerchant
from wallet_cli.command import Takes, command
from wallet_cli.commands.merchant_stands import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, exit_code_of, explain, failure
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

if TYPE_CHECKING:
    from ledger.chain.deployment import Deployment
    from wallet_cli.forcing import Forced
    from wallet_cli.stubs import Stub

__all__ = ["app"]

FOLDER: Final = "stubs"

_KEPT: Final = (
    Column("directory", "โฟลเดอร์", "Directory"),
    Column("waiting", "ยังไม่สิ้นสุด", "Not final yet"),
    Column("new", "เก็บเพิ่ม", "Kept now"),
)
_FORCED: Final = (
    Column("redemption", "รายการ", "Redemption"),
    Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT),
    Column("copay", "โทเคนที่รับ", "Tokens paid", Kind.BAHT),
    Column("outcome", "ผล", "Outcome"),
    Column("block", "บล็อก", "Block"),
    Column("tx_hash", "ธุรกรรม", "Transaction"),
    Column("code", "เหตุผล", "Why"),
    Column("th", "คำอธิบาย", "Why (Thai)"),
    Column("en", "คำอธิบายอังกฤษ", "Why (English)"),
)

_OVERTAKEN_TH: Final = (
    "บัตรนี้ใช้สิทธิ์รายการที่ใหม่กว่าบนเชนแล้ว รายการนี้ขึ้นเชนไม่ได้อีก ใบรับที่เมืองลงลายเซ็นเป็นหลักฐานหนี้ของเมือง"
)
_OVERTAKEN_EN: Final = (
    "a later redemption of this pass is on the chain, so this one never can be: "
    "the receipt the city signed proves what it owes"
)

Stubs = Annotated[
    Path | None,
    typer.Option(
        "--stubs",
        metavar="DIR",
        help=both(
            "โฟลเดอร์ต้นขั้วของร้าน ปกติ stubs ใน NAKHON_HOME",
            "where the shop keeps its stubs; stubs in NAKHON_HOME otherwise",
        ),
    ),
]


@command(
    app,
    "keep",
    th="เก็บต้นขั้ว (ลายเซ็นลูกค้าและใบรับของเมือง) ของรายการที่ยังไม่สิ้นสุดไว้ในเครื่องของร้าน\n"
    "ถ้าเซิร์ฟเวอร์ของเมืองหายไป ร้านใช้ต้นขั้วนำเงินขึ้นเชนเองได้ด้วย merchant force",
    en="Keep the stubs (customer's permit, city's receipt) of what is not final on this device.\n"
    "Should the city's server be gone, merchant force brings the money in with them.",
    example="nakhon merchant keep --merchant 3 --keyfile shop.json --every 10",
    takes=Takes.CITY | Takes.KEYFILE | Takes.OUTPUT,
)
def keep(
    desk: Desk,
    merchant: OfMerchant,
    stubs: Stubs = None,
    every: Annotated[
        int,
        typer.Option(
            "--every",
            metavar="SECONDS",
            min=0,
            max=3_600,
            help=both(
                "ทำซ้ำทุกกี่วินาทีจนกว่าจะหยุด 0 คือครั้งเดียว",
                "again every so many seconds until interrupted, 0 = once",
            ),
        ),
    ] = 0,
) -> None:
    directory = stubs or desk.settings.home / FOLDER
    _keep_once(desk, merchant, directory)
    while every:
        time.sleep(every)
        try:
            _keep_once(desk, merchant, directory)
        except CommandFailure as failed:
            # A city that is away for a while is what the stubs are for.
            if failed.exit_code is not ExitCode.UNREACHABLE:
                raise


def _keep_once(desk: Desk, merchant: int, directory: Path) -> None:
    from wallet_cli.receipts import of_city
    from wallet_cli.stubs import keep_stub, waiting_stubs

    with desk.holder() as client:
        promise = of_city(client.city)
        told = [keep_stub(directory, each, promise) for each in waiting_stubs(client, merchant)]
    row = {"directory": str(directory), "waiting": len(told), "new": sum(told)}
    desk.printer.record(_KEPT, row)


@command(
    app,
    "force",
    th="นำรายการที่เมืองไม่ส่งขึ้นเชนเอง ตั้งแต่ 15 นาทีถึง 7 วันหลังลูกค้าลงลายเซ็น\n"
    "ใช้เพียงต้นขั้ว ไฟล์ที่อยู่สัญญา และโหนดใดก็ได้ของเชน ไม่ต้องมีเซิร์ฟเวอร์ของเมือง",
    en="Bring to the chain what the city does not: from 15 minutes to 7 days after the customer\n"
    "signed. It needs the stubs, the deployment record and any node; no server of the city's.",
    example="nakhon merchant force stubs/ --rpc http://127.0.0.1:8545 "
    "--deployment 31337.json --keyfile shop.json",
    takes=Takes.CHAIN | Takes.KEYFILE | Takes.WAIT | Takes.OUTPUT,
)
def force(
    desk: Desk,
    stubs: Annotated[
        list[Path],
        typer.Argument(
            metavar="STUB...",
            help=both(
                "ไฟล์ต้นขั้ว ไฟล์ที่บันทึกจากหน้าร้าน หรือโฟลเดอร์ต้นขั้ว",
                "stubs, files that the shop's page saved, or directories of stubs",
            ),
        ),
    ],
) -> None:
    import asyncio

    from ledger.chain.deployment import Deployment
    from wallet_cli.receipts import of_deployment
    from wallet_cli.stubs import read_stubs

    deployment = Deployment.load(desk.deployment)
    promise = of_deployment(deployment)
    read = [stub for path in _files(stubs) for stub in read_stubs(path, promise)]
    read.sort(key=lambda stub: (stub.receipt.campaign, stub.receipt.pass_number, stub.entry.step))
    done = asyncio.run(_force_all(desk, deployment, read))
    desk.printer.rows(_FORCED, [_row(stub, one) for stub, one in zip(read, done, strict=True)])
    raise typer.Exit(_exit_code(done))


def _files(named: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in named:
        files += sorted(path.glob("rdm_*.json")) if path.is_dir() else [path]
    if not files:
        raise failure(
            ExitCode.NOT_FOUND,
            "no_stubs",
            th="ไม่พบต้นขั้วในที่ที่ระบุ",
            en="there are no stubs where you said",
            action_th="เก็บต้นขั้วด้วย nakhon merchant keep หรือเปิดหน้าร้านไว้ ขณะที่เมืองยังอยู่",
            action_en="nakhon merchant keep and the shop's page keep them, while the city is there",
        )
    return files


async def _force_all(
    desk: Desk, deployment: "Deployment", stubs: Sequence["Stub"]
) -> list["Forced"]:
    """One after the other, by pass and step: an earlier one would be overtaken by a later one."""
    from ledger.chain.gateway import Gateway
    from wallet_cli.forcing import Hand

    key = desk.key
    async with Gateway(desk.rpc_url) as gateway:
        hand = Hand(gateway, deployment, key.private_key)
        await hand.check()
        return [await hand.force(stub, wait_seconds=desk.options.wait_seconds) for stub in stubs]


def _row(stub: "Stub", done: "Forced") -> dict[str, Any]:
    from wallet_cli.forcing import Outcome

    row: dict[str, Any] = {
        "redemption": stub.id,
        "amount": str(stub.receipt.amount),
        "copay": str(stub.receipt.copay),
        "outcome": done.outcome.value,
        "block": done.block,
        "tx_hash": done.tx_hash,
    }
    if done.refusal is not None:
        why = explain(done.refusal)
        row |= {"code": why.code, "th": why.th, "en": why.en}
    if done.outcome is Outcome.OVERTAKEN:
        row["th"], row["en"] = _OVERTAKEN_TH, _OVERTAKEN_EN
    return row


def _exit_code(done: Sequence["Forced"]) -> ExitCode:
    """What is on the chain is well; else the first that is not decides."""
    from wallet_cli.forcing import Outcome

    for one in done:
        if one.outcome in (Outcome.OVERTAKEN, Outcome.REFUSED):
            return ExitCode.CHAIN if one.refusal is None else exit_code_of(one.refusal)
    waits = any(one.outcome is Outcome.SENT for one in done)
    return ExitCode.UNREACHABLE if waits else ExitCode.OK
