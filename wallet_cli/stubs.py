"""Stubs: what a shop keeps on its own device of each redemption, and what is believed of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.domain.clock import step_of
from ledger.domain.redemption import Entry
from ledger.domain.signatures import compact
from ledger.errors import LedgerError
from ledger.qr.codec import ReceiptCode
from ledger.qr.scan import scan
from wallet_cli.client import CityClient
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, failure
from wallet_cli.files import read_file, write_private
from wallet_cli.output import JsonObject
from wallet_cli.receipts import Promise, signed_by

VERSION: Final = 1
STUBS_BYTES_MAX: Final = 1 << 25
PAGE_ITEMS: Final = 200
PAGES_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """One redemption as its shop keeps it: the city's receipt (satang, seconds), and the entry with
    the holder's permit that brings it to the chain. An `unnamed` one cannot be forced."""

    id: str
    receipt: ReceiptCode
    entry: Entry
    unnamed: bool


def waiting_stubs(client: CityClient, merchant: int) -> Iterator[JsonObject]:
    """The shop's redemptions that are not final yet, page after page."""
    after: str | None = None
    for _ in range(PAGES_MAX):
        path = f"/v1/merchants/{merchant}/stubs"
        page = client.get(path, limit=PAGE_ITEMS, after=after)
        yield from page["items"]
        after = page.get("next")
        if after is None:
            return


def keep_stub(directory: Path, told: JsonObject, promise: Promise) -> bool:
    """Write a stub into the shop's directory; False where it is there already.

    It is read back first: what would be of no use on the day it is needed is refused now.
    """
    stub = stub_in(told, promise)
    path = directory / f"{stub.id}.json"
    if path.exists():
        return False
    text = json.dumps({"stub": VERSION, **told}, ensure_ascii=False, indent=1)
    try:
        write_private(path, text.encode() + b"\n")
    except FileExistsError:
        return False
    return True


def read_stubs(path: Path, promise: Promise) -> list[Stub]:
    """The stubs in a file: one that `keep` wrote, or all that the shop's page saved. CHAIN for what
    is none, is of another city or altered, or has a receipt that is not the city's."""
    try:
        told = json.loads(read_file(path, bytes_max=STUBS_BYTES_MAX))
    except ValueError as problem:
        raise _no_stub(path.name, "not JSON") from problem
    saved = told.get("items") if isinstance(told, dict) and told.get("stubs") == VERSION else None
    items = saved if isinstance(saved, list) else [told]
    return [stub_in(_of_this_version(each, path.name), promise) for each in items]


def _of_this_version(told: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(told, dict) or told.pop("stub", None) != VERSION:
        raise _no_stub(name, "not a stub of this version")
    return told


def stub_in(told: Mapping[str, Any], promise: Promise) -> Stub:
    """A stub out of what the city told, held against the deployment.

    Its figures are those of the receipt, and the receipt is the city's own. Whose permit it is,
    only the chain can say.
    """
    name = str(told.get("id", ""))[:40]
    try:
        receipt = scan(str(told["receipt_qr"]), promise.tag, ReceiptCode)
        r, vs = compact(bytes.fromhex(str(told["signature"]).removeprefix("0x")))
        step = step_of(int(told["starts"]), receipt.signed_at)
        unnamed = bool(told["unnamed"])
    except (KeyError, TypeError, ValueError) as problem:
        raise _no_stub(name, f"{type(problem).__name__}: {problem}") from problem
    except LedgerError as problem:
        raise _no_stub(name, problem.code) from problem
    signed_by(receipt, promise)
    if not (name.startswith("rdm_") and name[4:].isalnum()):
        raise _no_stub("", "it has no name of a redemption")
    entry = Entry(
        step=step,
        merchant=receipt.merchant,
        bill=receipt.bill,
        amount=receipt.amount,
        copay=receipt.copay,
        r=r,
        vs=vs,
    )
    return Stub(id=name, receipt=receipt, entry=entry, unnamed=unnamed)


def _no_stub(name: str, why: str) -> CommandFailure:
    return failure(
        ExitCode.CHAIN,
        "stub_invalid",
        th=f"{name or 'ไฟล์นี้'} ไม่ใช่ต้นขั้วของเมืองนี้ หรือถูกแก้ไข ({why})",
        en=f"{name or 'this file'} is no stub of this city, or was altered ({why})",
        action_th="ใช้ไฟล์ที่ nakhon merchant keep หรือหน้าร้านเก็บไว้ และ --deployment ของเมืองนั้น",
        action_en="use a file that nakhon merchant keep or the shop's page wrote, and that city's"
        " --deployment",
    )
