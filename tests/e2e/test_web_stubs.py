"""What a shop's pages keep brings its money in, with the city gone before it said so."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.signer import keyfile_of
from tests.e2e.conftest import OpenPhone
from tests.e2e.web_people import owner_of, take_charge, till_of
from tests.e2e.web_town import WebTown
from tests.integration.till import key_of
from wallet_cli.exit_codes import ExitCode

QUARTER = 15 * 60
PASSWORD = "กุญแจของใครก็ได้"
NOBODY = "http://127.0.0.1:9"
"""No city answers there."""


def forced(town: WebTown, directory: Path, stubs: Path) -> tuple[ExitCode, list[dict[str, Any]]]:
    """`nakhon merchant force` with a key of somebody who has some of the chain's coin."""
    key = key_of("a neighbour")
    town.do(town.till.gateway.rpc("anvil_setBalance", [key.address, hex(10**18)]))
    record, keyfile, password = (directory / name for name in ("31337.json", "key.json", "word"))
    record.write_bytes(town.till.runtime.deployment.document())
    keyfile.write_bytes(keyfile_of(key.private_key, PASSWORD, iterations=2**10))
    password.write_text(PASSWORD, "utf-8")
    environment = {
        "NAKHON_HOME": str(directory),
        "NAKHON_API_URL": NOBODY,
        "NAKHON_RPC_URL": town.till.gateway.url,
        "NAKHON_DEPLOYMENT": str(record),
        "NAKHON_KEYFILE": str(keyfile),
        "NAKHON_PASSWORD_FILE": str(password),
        "LANG": "C",
    }
    done = subprocess.run(
        [sys.executable, "-m", "wallet_cli.main", "merchant", "force", str(stubs), "--json"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout or "{}")
    return ExitCode(done.returncode), told.get("rows", []) if isinstance(told, dict) else told


async def _credit(town: WebTown, shop: int) -> int:
    book = town.till.runtime.deployment.address("CouponBook")
    answer = await town.till.gateway.call(book, encode_call("CouponBook", "credits", 1, shop))
    return int(decode_result("CouponBook", "credits", answer)[0])


def test_what_the_owners_page_kept_brings_the_money_in_with_the_city_gone(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    owner, number = owner_of(open_phone, web_town, "ร้านเก็บต้นขั้ว")
    owner.get_by_role("link", name="ร้าน", exact=True).click()
    owner.get_by_role("link", name="ต้นขั้วในเครื่องนี้").click()
    expect(owner.get_by_text("ยังไม่มีต้นขั้ว")).to_be_visible()
    taken = [web_town.pay_shop(number, bill) for bill in (12_000, 8_050)]
    accepted_at = web_town.do(web_town.till.now())
    # Kept by itself: the line tells of each, and nobody pressed anything.
    expect(owner.locator(".facts")).to_contain_text("100.25 ฿")
    owner.context.set_offline(True)
    owner.get_by_role("link", name="กลับ").click()
    owner.get_by_role("link", name="ต้นขั้วในเครื่องนี้").click()
    expect(owner.locator(".facts")).to_contain_text("100.25 ฿")
    with owner.expect_download() as download:
        owner.get_by_role("button", name="บันทึกเป็นไฟล์").click()
    assert download.value.suggested_filename == f"nakhon-stubs-{number}.json"
    file = tmp_path / "stubs.json"
    download.value.save_as(file)

    web_town.do(web_town.till.sleep_until(accepted_at + QUARTER + 1))
    # The first went to the chain when the second customer was enrolled; the second never did.
    assert web_town.do(_credit(web_town, number)) == 6_000
    code, rows = forced(web_town, tmp_path, file)
    assert code is ExitCode.OK, rows
    outcomes = {row["redemption"]: row["outcome"] for row in rows}
    assert outcomes == {taken[0]: "taken", taken[1]: "forced"}
    assert web_town.do(_credit(web_town, number)) == 6_000 + 4_025

    kept = json.loads(file.read_text("utf-8"))
    text = kept["items"][1]["receipt_qr"]
    kept["items"][1]["receipt_qr"] = text[:-8] + "AAAAAAAA"
    for items in (kept["items"], [{"stub": 2}], [1]):
        file.write_text(json.dumps({"stubs": 1, "items": items}), "utf-8")
        assert forced(web_town, tmp_path, file) == (ExitCode.CHAIN, [])


def test_a_cashiers_device_keeps_what_it_took_itself(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    cashier = till_of(open_phone, web_town)
    take_charge(cashier, "120")
    reference = cashier.url.rsplit("/", 1)[1]
    web_town.pay_charge(12_000, reference)
    expect(cashier.locator(".taken")).to_contain_text("60 ฿")
    accepted_at = web_town.do(web_town.till.now())
    # Another till of the shop took this one.
    web_town.pay_shop(web_town.shop, 9_000)
    cashier.get_by_role("link", name="ร้าน", exact=True).click()
    cashier.get_by_role("link", name="ต้นขั้วในเครื่องนี้").click()
    expect(cashier.locator(".facts")).to_contain_text("60 ฿")
    cashier.context.set_offline(True)
    expect(cashier.locator(".facts")).to_contain_text("60 ฿")
    with cashier.expect_download() as download:
        cashier.get_by_role("button", name="บันทึกเป็นไฟล์").click()
    file = tmp_path / "stubs.json"
    download.value.save_as(file)
    (stub,) = json.loads(file.read_text("utf-8"))["items"]
    assert (stub["amount"], stub["merchant"], stub["unnamed"]) == ("6000", web_town.shop, False)
    web_town.do(web_town.till.sleep_until(accepted_at + QUARTER + 1))
    code, rows = forced(web_town, tmp_path, file)
    assert code is ExitCode.OK and len(rows) == 1, rows
    assert rows[0]["outcome"] in ("forced", "taken")
    # A device that is withdrawn hands over what it still keeps.
    cashier.context.set_offline(False)
    web_town.revoke_devices()
    cashier.reload()
    expect(cashier.get_by_text("ยังเก็บต้นขั้ว 1 รายการ")).to_be_visible()
    with cashier.expect_download() as left:
        cashier.get_by_role("button", name="บันทึกเป็นไฟล์").click()
    assert json.loads(Path(left.value.path()).read_text("utf-8"))["items"] == [stub]
