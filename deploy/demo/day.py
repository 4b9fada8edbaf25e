"""Lunch time: three hundred redemptions, voids, a lost phone, and a sequencer that looks away."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from deploy.demo.city import City
from deploy.demo.people import SEED, Person, person_key
from deploy.demo.telling import Telling
from deploy.demo.till import Register, Till, expect
from deploy.demo.town_hall import Town, settle
from ledger.chain.encoding import encode_call
from ledger.domain.amounts import format_baht
from ledger.domain.clock import step_of
from ledger.domain.redemption import Entry, SignedRedemption, pack_batch
from ledger.domain.signatures import address_of
from wallet_cli.client import JsonObject

DAY_MAX: Final = 20_000
LUNCHES: Final = 284
FREE_LUNCHES: Final = 16
TILLS: Final = 4
FORCE_AFTER_SECONDS: Final = 16 * 60


def have_lunch(city: City, tell: Telling, town: Town, till: Till) -> list[JsonObject]:
    """Three hundred redemptions, every other one in each direction, each through a picture."""
    tell.chapter(
        "กลางวัน: ใช้สิทธิ์ 300 ครั้งด้วย QR สองทิศทาง", "Noon: 300 redemptions, QR in both directions"
    )
    dice = random.Random(SEED)
    shops = list(town.registers.values())
    lunches = [
        (town.residents[index], dice.choice(shops), town.half, dice.randrange(4_000, 40_000, 100))
        for index in range(LUNCHES)
    ]
    for index in range(FREE_LUNCHES):
        person = town.residents[9 + 5 * index]
        lunches.append((person, town.in_village(person.village)[0], town.free, 6_000))
    with ThreadPoolExecutor(TILLS) as tills:
        paying = [tills.submit(_pay, till, *lunch, index) for index, lunch in enumerate(lunches)]
        taken = [each.result() for each in paying]
    slip = taken[0]
    tell.fact(
        f"ใบแรก {slip['id']}: บิล {format_baht(int(slip['bill']))} "
        f"เมืองจ่าย {format_baht(int(slip['amount']))} ประชาชนจ่าย {format_baht(int(slip['cash']))}",
        f"the first slip, signed by the city's sequencer: {slip['status']}",
    )
    city.wait_final([each["id"] for each in taken])
    tell.fact(f"{len(taken)} รายการอยู่บนเชนแล้วทั้งหมด", f"all {len(taken)} are final on the chain")
    total = sum(int(each["amount"]) for each in taken)
    tell.money("เมืองช่วยจ่าย", "the city's share", total)
    return taken


def _pay(
    till: Till, person: Person, register: Register, campaign: int, bill: int, index: int
) -> JsonObject:
    if index % 2:
        return till.scan_resident(person, register, campaign, bill, amount_max=DAY_MAX)
    return till.scan_shop(person, register, campaign, bill)


def undo(city: City, tell: Telling, town: Town, till: Till, taken: list[JsonObject]) -> None:
    """Two redemptions are voided by the shops' owners: what was used comes back."""
    tell.chapter("ยกเลิกรายการ: ร้านยินยอม สิทธิ์กลับคืนครบ", "Two voids: the shop agrees, all comes back")
    for redemption in taken[:2]:
        person = town.residents[int(redemption["pass"]) - 1]
        before = _left_today(city, town, person)
        register = town.registers[int(redemption["merchant"])]
        till.void(register, redemption)
        city.wait_voided(redemption["id"])
        after = _left_today(city, town, person)
        amount = int(redemption["amount"])
        expect("what a void restores today", wanted=before + amount, found=after)
        tell.money(
            f"คืนสิทธิ์ให้บัตร {redemption['pass']}", f"is back with pass {redemption['pass']}", amount
        )


def _left_today(city: City, town: Town, person: Person) -> int:
    coupons = city.wallet(person).get("/v1/me/coupons")["items"]
    return next(int(each["left_now"]) for each in coupons if each["campaign"] == town.half)


def lose_phone(city: City, tell: Telling, town: Town, till: Till) -> Person:
    """A phone is lost: the pass is rebound, the coupons follow, the old key is dead."""
    tell.chapter(
        "โทรศัพท์หาย: ย้ายบัตรไปเครื่องใหม่", "A lost phone: the pass moves, unspent coupons follow"
    )
    index = LUNCHES + 1
    old = town.residents[index]
    key = person_key("new phone", index)
    new = replace(old, private_key=key, address=address_of(key))
    before = _left_today(city, town, old)
    registrar = city.office("registrar")
    body = {"to": new.address, "reason": "แจ้งโทรศัพท์หายที่เคาน์เตอร์เทศบาล"}
    settle(registrar, registrar.post(f"/v1/passes/{index + 1}/rebind", body))
    city.wait_indexed()
    expect("what the new phone can spend", wanted=before, found=_left_today(city, town, new))
    register = next(iter(town.registers.values()))
    paid = till.scan_shop(new, register, town.half, 12_000)
    tell.fact(
        f"{old.name} ใช้สิทธิ์จากเครื่องใหม่ได้ทันที (บัตร {paid['pass']} เดิม)",
        f"pass {paid['pass']} spends from the new phone at once; the old key no longer can",
    )
    town.residents[index] = new
    return old


def force(city: City, tell: Telling, town: Town, till: Till) -> None:
    """The sequencer ignores a redemption; the merchant brings it to the chain by hand."""
    tell.chapter(
        "เซิร์ฟเวอร์เมืองเงียบ: ร้านส่งรายการขึ้นเชนเอง",
        "The city's sequencer looks away: the shop brings its redemption to the chain",
    )
    person = town.residents[LUNCHES + 2]
    register = list(town.registers.values())[5]
    with city.sequencer_stopped():
        receipt = till.scan_shop(person, register, town.half, 20_000)
        expect("its state", wanted="accepted", found=receipt["status"])
        city.advance(FORCE_AFTER_SECONDS)
        data = encode_call(
            "CouponBook", "forceRedeem", town.half, _force_batch(till, town, person, receipt)
        )
        tx_hash = city.send_as(register.shop.private_key, data)
        tell.fact(
            f"ร้านมีลายเซ็นของลูกค้าและส่งเองหลัง 15 นาที ({tx_hash[:18]}…)",
            "the shop holds the customer's signature and sends it after 15 minutes",
        )
        city.wait_indexed()
    city.wait_final([receipt["id"]])
    state = till.client.get(f"/v1/receipts/{receipt['id']}")
    tell.fact(
        "เซิร์ฟเวอร์กลับมา เห็นว่าขึ้นเชนแล้ว ไม่นับซ้ำ",
        f"the sequencer returns and finds it there: once, and {state['amount']} satang",
    )


def _force_batch(till: Till, town: Town, person: Person, receipt: JsonObject) -> bytes:
    """The same signed redemption, packed by the merchant; deterministic signing gives its bytes."""
    signed = till.sign(
        person,
        SignedRedemption(
            campaign=town.half,
            merchant=int(receipt["merchant"]),
            bill=int(receipt["bill"]),
            amount=int(receipt["amount"]),
            copay=int(receipt["copay"]),
            signed_at=int(receipt["signed_at"]),
        ),
    )
    entry = Entry(
        step=step_of(till.starts[town.half], signed.signed_at),
        merchant=signed.merchant,
        bill=signed.bill,
        amount=signed.amount,
        copay=signed.copay,
        r=signed.r,
        vs=signed.vs,
    )
    return pack_batch([entry])
