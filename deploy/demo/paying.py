"""The shops are paid: two officers, the chain, the bank, and what the bank sends back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from deploy.demo.bank import answer_payouts, read_payouts
from deploy.demo.city import PATIENCE_SECONDS, POLL_SECONDS, City
from deploy.demo.telling import Telling
from deploy.demo.till import StoryBroken, Till, expect
from deploy.demo.town_hall import Town
from wallet_cli.client import JsonObject

FOLDER: Final = "settlement"
CLOSED_ACCOUNT: Final = "9999999999"
BANK: Final = "006"
FINALITY_SECONDS: Final = 1


def pay_shops(city: City, tell: Telling, town: Town, till: Till, unlucky: int) -> None:
    """Two rounds: everything that was taken, and what came back from the first, since the bank
    details of the shop `unlucky` are out of date."""
    tell.chapter(
        "จ่ายเงินร้าน: ทำรอบ อนุมัติ ตัดโทเคน ธนาคาร",
        "The shops are paid: a round, its approval, burnt on the chain, and the bank",
    )
    folder = city.runtime.settings.home / FOLDER
    (folder / "statements").mkdir(parents=True, exist_ok=True)
    both = (town.half, town.free)
    spent = sum(int(till.client.get(f"/v1/campaigns/{each}")["money"]["spent"]) for each in both)
    _give_accounts(city, town, unlucky)
    first = _pay_round(city, tell, folder)
    expect("the first round pays all that was spent", wanted=spent, found=int(first["total"]))
    back = _returned(city, first)
    expect("whose payment came back", wanted=[unlucky], found=[line["merchant"] for line in back])
    amount = int(back[0]["amount"])
    tell.money(f"ธนาคารคืนของร้าน {unlucky}", f"came back for shop {unlucky}: closed", amount)
    _bank(city, unlucky, _account(unlucky))
    second = _pay_round(city, tell, folder)
    expect("the second round pays what came back", wanted=amount, found=int(second["total"]))
    expect("nothing came back this time", wanted=[], found=_returned(city, second))
    _write_statements(city, tell, folder, first)


def _give_accounts(city: City, town: Town, unlucky: int) -> None:
    for number in town.registers:
        _bank(city, number, CLOSED_ACCOUNT if number == unlucky else _account(number))
    body = {"bank": "004", "number": "9876543210", "name": "เทศบาลเมืองแม่เหียะ"}
    city.office("treasurer").post("/v1/city/bank", body)


def _account(shop: int) -> str:
    return f"{6_000_000_000 + shop}"


def _bank(city: City, shop: int, number: str) -> None:
    body = {"bank": BANK, "number": number, "name": f"ร้าน {shop}"}
    city.office("registrar").post(f"/v1/merchants/{shop}/bank", body)


def _pay_round(city: City, tell: Telling, folder: Path) -> JsonObject:
    """One round from its making to the bank's answer; the round as it then is."""
    treasurer = city.office("treasurer")
    made = treasurer.post("/v1/rounds", {})
    number = made["round"]
    city.office("approver").post(f"/v1/rounds/{number}/approve", {"hash": made["hash"]})
    tell.money(
        f"รอบ {number}: อนุมัติโดยคนที่สอง", f"round {number}, by two officers", int(made["total"])
    )
    done = _await_final(city, number)
    tell.fact(
        f"ตัดโทเคนบนเชนแล้วในรอบ {done['chain_round']} จึงให้ไฟล์ธนาคารได้",
        f"burnt on the chain as its round {done['chain_round']}: only now the bank gets its file",
    )
    content = treasurer.download(f"/v1/rounds/{number}/file", layout="iso20022")
    (folder / f"payout-{number}.xml").write_bytes(content)
    file = read_payouts(content)
    expect("what the bank reads", wanted=int(done["total"]), found=file.total)
    answer = answer_payouts(file, closed=CLOSED_ACCOUNT)
    (folder / f"answer-{number}.xml").write_bytes(answer)
    treasurer.post_raw("/v1/rounds/answers?layout=iso20022", answer, "application/xml")
    tell.fact(
        f"ธนาคารจำลองรับ {len(file.payments)} รายการและตอบกลับ",
        f"a simulated bank takes {len(file.payments)} payments and answers",
    )
    return done


def _await_final(city: City, number: int) -> JsonObject:
    patience = time.monotonic() + PATIENCE_SECONDS
    seen: JsonObject = {}
    while time.monotonic() < patience:
        seen = city.office("treasurer").get(f"/v1/rounds/{number}")
        if seen["chain"] == "final":
            return seen
        if seen["chain"] == "settled":
            # Blocks come with transactions here: another one makes the last one final.
            city.advance(FINALITY_SECONDS)
        time.sleep(POLL_SECONDS)
    raise StoryBroken(what=f"round {number}", wanted="final", found=seen.get("chain"))


def _lines(city: City, number: int) -> list[JsonObject]:
    return list(city.office("treasurer").items(f"/v1/rounds/{number}/lines"))


def _returned(city: City, made: JsonObject) -> list[JsonObject]:
    return [line for line in _lines(city, made["round"]) if line["payment"] == "returned"]


def _write_statements(city: City, tell: Telling, folder: Path, first: JsonObject) -> None:
    treasurer = city.office("treasurer")
    shops = [line["merchant"] for line in _lines(city, first["round"])]
    for shop in shops:
        page = treasurer.download(f"/v1/statements/{shop}", form="html")
        expect(f"the statement of shop {shop}", wanted=True, found=b"they agree" in page)
        (folder / "statements" / f"shop-{shop}.html").write_bytes(page)
    tell.fact(
        f"ใบแจ้งยอดของ {len(shops)} ร้านอยู่ใน {folder / 'statements'}",
        f"the statements of {len(shops)} shops are there; each agrees with the chain",
    )
