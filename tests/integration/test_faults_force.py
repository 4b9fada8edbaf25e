"""A sequencer that ignores, a city that is gone: the shop's own hand brings its money in (FAULTS
11, 24). Nothing but what the shop kept on its device, a deployment record and a node."""

import asyncio
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.audit.verify import verify
from ledger.chain.signer import keyfile_of
from ledger.domain.clock import step_of
from ledger.domain.redemption import Entry, SignedRedemption
from tests.conftest import City
from tests.integration.city_process import city_process
from tests.integration.conftest import Town
from tests.integration.faults import ask
from tests.integration.story import Story
from tests.integration.test_two_processes import charge_now, until
from tests.integration.till import Till, key_of
from wallet_cli.exit_codes import ExitCode
from wallet_cli.main import run

SHOP = "ข้าวซอย"
PASSWORD = "กุญแจของร้าน ๑๒๓"
QUARTER = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop's device: its keyfile, its stubs, and the `nakhon` command."""

    home: Path
    record: Path
    till: Till
    city: City

    @property
    def stubs(self) -> Path:
        return self.home / "stubs"

    async def does(self, *words: str, api: str = "http://127.0.0.1:9") -> tuple[ExitCode, Any, str]:
        """The exit code, what was printed as JSON, and the complaint. Without `api` there is no
        city: nothing answers on that port."""
        environment = {
            "NAKHON_HOME": str(self.home),
            "NAKHON_API_URL": api,
            "NAKHON_RPC_URL": self.till.gateway.url,
            "NAKHON_DEPLOYMENT": str(self.record),
            "NAKHON_KEYFILE": str(self.home / "shop.json"),
            "NAKHON_PASSWORD_FILE": str(self.home / "password"),
            "LANG": "C",
        }
        out, err = io.StringIO(), io.StringIO()
        code = await asyncio.to_thread(run, [*words, "--json"], environment, out=out, err=err)
        text = out.getvalue()
        return code, json.loads(text) if text else None, err.getvalue()

    async def forces(self, *stubs: Path) -> tuple[ExitCode, list[dict[str, Any]], str]:
        code, told, complaint = await self.does("merchant", "force", *map(str, stubs))
        rows = told["rows"] if isinstance(told, dict) else told or []
        return code, rows, complaint

    async def credit(self) -> int:
        story = Story(gateway=self.till.gateway, city=self.city)
        return int((await ask(story, "CouponBook", "credits", 1, 1))[0])


@pytest.fixture
async def shop(till: Till, town: Town, tmp_path: Path) -> Shop:
    home = tmp_path / "device"
    home.mkdir()
    record = home / "deployment.json"
    record.write_bytes(town.city.deployment.document())
    key = key_of(SHOP)
    (home / "shop.json").write_bytes(keyfile_of(key.private_key, PASSWORD, iterations=2**10))
    (home / "password").write_text(PASSWORD, "utf-8")
    await till.gateway.rpc("anvil_setBalance", [key.address, hex(10**18)])
    return Shop(home=home, record=record, till=till, city=town.city)


def silent_city(till: Till, shop: Shop) -> dict[str, str]:
    """A server that takes redemptions and never sends one: every fee is too high for it."""
    return {
        "NAKHON_HOME": str(shop.home.parent),
        "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
        "NAKHON_RPC_URL": till.gateway.url,
        "NAKHON_DEPLOYMENT": str(shop.record),
        "NAKHON_CLOCK": "chain",
        "NAKHON_PORT": "0",
        "NAKHON_CONFIRMATIONS": "2",
        "NAKHON_FEE_WEI_MAX": "1",
    }


async def pay_and_keep(till: Till, shop: Shop, *names: str) -> list[str]:
    """Residents pay at a city that ignores them, the shop keeps its stubs, the city is killed."""
    taken = []
    environment, log = silent_city(till, shop), shop.home.parent / "city.log"
    opened = city_process(environment, log)
    city = await asyncio.to_thread(opened.__enter__)
    try:
        async with httpx.AsyncClient(base_url=city.url, timeout=60) as client:
            for number, name in enumerate(names):
                body = await charge_now(till, name, 1_000 + number)
                named = {"idempotency-key": f"pay-{number}"}
                answer = await client.post("/v1/redemptions", json=body, headers=named)
                assert answer.status_code == 201, answer.text
                taken.append(str(answer.json()["id"]))
        code, told, complaint = await shop.does("merchant", "keep", "--merchant", "1", api=city.url)
        assert (code, complaint) == (ExitCode.OK, ""), complaint
        assert (told["waiting"], told["new"]) == (len(names), len(names))
        again = await shop.does("merchant", "keep", "--merchant", "1", api=city.url)
        assert again[1]["new"] == 0
    finally:
        city.kill()
        await asyncio.to_thread(opened.__exit__, None, None, None)
    assert sorted(path.stem for path in shop.stubs.iterdir()) == sorted(taken)
    return taken


async def test_a_shop_forces_what_was_ignored_with_the_city_gone_for_good(
    till: Till, shop: Shop
) -> None:
    taken = await pay_and_keep(till, shop, "somchai", "malee")
    accepted_at = await till.now()
    assert await shop.credit() == 0

    code, early, _complaint = await shop.forces(shop.stubs)
    assert code is ExitCode.REFUSED
    assert {row["code"] for row in early} == {"force_too_early"} and all(r["th"] for r in early)

    await till.sleep_until(accepted_at + QUARTER + 1)
    code, forced, complaint = await shop.forces(shop.stubs)
    assert code is ExitCode.OK, (forced, complaint)
    assert {row["redemption"]: row["outcome"] for row in forced} == dict.fromkeys(taken, "forced")
    assert await shop.credit() == 1_000 + 1_001

    code, again, _complaint = await shop.forces(shop.stubs)
    assert code is ExitCode.OK
    assert [row["outcome"] for row in again] == ["taken", "taken"]
    assert {row["tx_hash"] for row in again} == {row["tx_hash"] for row in forced}
    assert await shop.credit() == 1_000 + 1_001
    found = await verify(till.gateway, till.runtime.deployment)
    assert found.agrees and found.redemptions == 2, found.findings


async def test_what_was_forced_meanwhile_is_taken_over_by_a_city_that_comes_back(
    till: Till, shop: Shop
) -> None:
    taken = await pay_and_keep(till, shop, "somchai", "malee")
    await till.sleep_until(await till.now() + QUARTER + 1)
    (first, *_rest) = [shop.stubs / f"{name}.json" for name in taken]
    code, _rows, complaint = await shop.forces(first)
    assert code is ExitCode.OK, complaint

    async def all_final() -> bool:
        # The killed server's lease ends by itself, seconds later.
        await till.settle()
        states = [(await till.redemption(name))["status"] for name in taken]
        return states == ["final", "final"]

    await until(all_final)
    assert await shop.credit() == 1_000 + 1_001


async def test_a_redemption_that_was_overtaken_leaves_the_receipt_as_proof(
    till: Till, shop: Shop
) -> None:
    (name,) = await pay_and_keep(till, shop, "somchai")
    stub = shop.stubs / f"{name}.json"
    await till.sleep_until(await till.now() + QUARTER + 1)
    story = Story(gateway=till.gateway, city=shop.city)
    later = till.sign_redemption(
        key_of("somchai"),
        SignedRedemption(
            campaign=1,
            merchant=1,
            bill=10_000,
            amount=5_000,
            copay=0,
            signed_at=await till.step_now(1),
        ),
    )
    starts = (await till.client.get("/v1/campaigns/1")).json()["terms"]["starts"]
    entry = Entry(
        step=step_of(starts, later.signed_at),
        merchant=1,
        bill=10_000,
        amount=5_000,
        copay=0,
        r=later.r,
        vs=later.vs,
    )
    await story.redeem(1, [entry])
    code, (row,), _complaint = await shop.forces(stub)
    assert (code, row["outcome"]) == (ExitCode.REFUSED, "overtaken")
    assert "receipt" in row["en"] and "ใบรับ" in row["th"]
    receipt = json.loads(stub.read_text("utf-8"))["receipt_qr"]
    code, told, complaint = await shop.does(
        "wallet", "receipt", receipt, "--deployment", str(shop.record)
    )
    assert code is ExitCode.OK, (told, complaint)


async def test_a_stub_is_believed_only_as_the_city_signed_it(till: Till, shop: Shop) -> None:
    (name,) = await pay_and_keep(till, shop, "somchai")
    await till.sleep_until(await till.now() + QUARTER + 1)
    stub = shop.stubs / f"{name}.json"
    honest = json.loads(stub.read_text("utf-8"))
    assert stub.stat().st_mode & 0o077 == 0, "a permit is for its shop"
    signature = honest["signature"]
    changed = signature[:10] + ("0" if signature[10] != "0" else "1") + signature[11:]
    cases: list[tuple[dict[str, Any], ExitCode, str]] = [
        ({"slip": 1, "stub": None}, ExitCode.CHAIN, "stub_invalid"),
        ({"receipt_qr": honest["receipt_qr"][:-1] + "7"}, ExitCode.CHAIN, ""),
        ({"signature": "0x00"}, ExitCode.CHAIN, "stub_invalid"),
        ({"starts": honest["starts"] + 1}, ExitCode.CHAIN, "stub_invalid"),
        ({"id": "rdm_../../etc"}, ExitCode.CHAIN, "stub_invalid"),
        ({"signature": changed}, ExitCode.REFUSED, ""),
    ]
    for change, wanted, complained in cases:
        stub.write_text(json.dumps(honest | change), "utf-8")
        code, rows, complaint = await shop.forces(stub)
        assert code is wanted, (change, rows, complaint)
        assert complained in complaint
    assert await shop.credit() == 0
    stub.write_text(json.dumps(honest), "utf-8")
    await till.gateway.rpc("anvil_setBalance", [key_of(SHOP).address, "0x0"])
    code, _rows, complaint = await shop.forces(stub)
    assert code is ExitCode.CHAIN and "gas_missing" in complaint
    code, _rows, complaint = await shop.forces(shop.home / "nowhere")
    assert code is ExitCode.NOT_FOUND
    (shop.home / "empty").mkdir()
    code, _rows, complaint = await shop.forces(shop.home / "empty")
    assert code is ExitCode.NOT_FOUND and "no_stubs" in complaint


async def test_stubs_are_told_to_their_shop_alone_and_page_by_page(till: Till) -> None:
    for number, name in enumerate(("somchai", "malee", "lek")):
        assert (await till.pay(name, 1, 2_000, 1_000 - number)).status_code == 201
    path = "/v1/merchants/1/stubs"
    stranger = await till.signed(key_of("malee"), "GET", path)
    assert (stranger.status_code, stranger.json()["code"]) == (401, "signature_invalid")
    seen: list[str] = []
    after = ""
    while True:
        page = (await till.signed(key_of(SHOP), "GET", f"{path}?limit=2{after}")).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 3
    wrong = await till.signed(key_of(SHOP), "GET", f"{path}?after=rdm")
    assert wrong.status_code == 422
    await till.settle()
    assert (await till.signed(key_of(SHOP), "GET", path)).json()["items"] == []
