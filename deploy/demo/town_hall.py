"""Before the first lunch: money, people, shops, two campaigns; each decided by its own office."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from deploy.demo.city import City
from deploy.demo.people import Person, Shop, generated_shops, real_shops, residents
from deploy.demo.telling import Telling
from deploy.demo.till import Register, StoryBroken, expect
from ledger.domain.geography import degrees
from ledger.services.places import gazetteer
from wallet_cli.client import CityClient, JsonObject
from wallet_cli.failures import CommandFailure, Explanation
from wallet_cli.keys import Key

ROOT: Final = Path(__file__).resolve().parents[2]
MAE_HIA: Final = "500109"
LUNCH_POLICY: Final = ROOT / "policies" / "half_half_plus_2025.json"
SHOPS_FILE: Final = ROOT / "data" / "chiangmai_restaurants.csv"

CITY_FUNDS: Final = 15_000_000
PARTNER_FUNDS: Final = 5_000_000
LIST_FUNDS: Final = 150_000
LISTED: Final = 37
SETTLE_SECONDS: Final = 60

FREE_LUNCH: Final[dict[str, Any]] = {
    "version": 1,
    "name": {"th": "มื้อกลางวันฟรีหมู่บ้านเดียวกัน", "en": "A free lunch in your own village"},
    "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-11-30T23:00:00+07:00"},
    "hours": {"every_day": ["10:00", "15:00"]},
    "share_basis_points": 10_000,
    "allowance": "10000",
    "per_use_max": "6000",
    "bill_min": "4000",
    "audience": ["resident"],
    "categories": ["restaurant"],
    "districts": "any",
    "same_district": True,
}


@dataclass(slots=True, kw_only=True)
class Town:
    """Who and what the story has so far."""

    residents: list[Person]
    registers: dict[int, Register] = field(default_factory=dict)
    temple: int = 0
    half: int = 0
    free: int = 0

    def in_village(self, village: int) -> list[Register]:
        """The restaurants of one village."""
        return [each for each in self.registers.values() if each.shop.district == village]


def settle(client: CityClient, answer: JsonObject) -> JsonObject:
    """Wait until the chain has an order; what came of it."""
    done = client.settled(answer["intent"], SETTLE_SECONDS)
    expect(f"order {done['kind']}", wanted=True, found=done["status"] in {"included", "final"})
    return dict(done.get("result") or {})


def settle_all(client: CityClient, answers: list[JsonObject]) -> None:
    """Wait until the chain has each of these orders."""
    for answer in answers:
        settle(client, answer)


def gather(city: City, tell: Telling) -> Town:
    """The city, its residents and their passes."""
    place = gazetteer().named(MAE_HIA)
    centre = gazetteer().centre_of(place)
    tell.chapter(f"เมือง: ต.{place.name_th} จ.เชียงใหม่", f"The city: {place.name_en}, Chiang Mai")
    tell.fact(
        f"ไม่มีพิกัดกลางในตารางทางการ จึงใช้ค่าเฉลี่ยของอำเภอ "
        f"{degrees(centre.point.latitude)}, {degrees(centre.point.longitude)}",
        "the official table has no centre for it: the mean of its district stands in",
    )
    town = Town(residents=residents())
    rows = ["address,class,district"]
    rows += [f"{one.address},resident,{one.village}" for one in town.residents]
    registrar = city.office("registrar")
    answer = registrar.post_raw("/v1/passes", "\n".join(rows).encode(), "text/csv")
    settle(registrar, answer)
    _check_numbers(registrar, town.residents)
    people = ", ".join(one.name for one in town.residents[:3])
    tell.fact(
        f"ออกบัตรให้ประชาชน {len(town.residents)} คน ({people} …) บนเชนมีแต่หมายเลข",
        f"{len(town.residents)} residents have a pass; the chain knows numbers, not names",
    )
    return town


def _check_numbers(registrar: CityClient, people: list[Person]) -> None:
    """Passes are numbered in the order they were enrolled: 1 is the first resident's."""
    for number in (1, len(people) // 2, len(people)):
        holder = registrar.get(f"/v1/passes/{number}")["holder"]
        expect(f"the holder of pass {number}", wanted=people[number - 1].address, found=holder)


def open_shops(city: City, tell: Telling, town: Town) -> None:
    """Register fifty-one places; the temple is refused as a restaurant, and taken as a temple."""
    tell.chapter("ร้านค้า", "The shops")
    registrar = city.office("registrar")
    centre = gazetteer().centre_of(gazetteer().named(MAE_HIA)).point
    orders: list[tuple[Shop, JsonObject]] = []
    for shop in [*real_shops(SHOPS_FILE), *generated_shops(centre)]:
        if shop.kind == "temple":
            refused = _refuse_temple(registrar, shop)
            tell.fact(f"{shop.name}: {refused.th}", refused.en)
        orders.append((shop, registrar.post("/v1/merchants", _registration(shop, shop.kind))))
    for shop, answer in orders:
        number = int(settle(registrar, answer)["merchant"])
        if shop.kind == "temple":
            town.temple = number
            continue
        client = CityClient(city.api_url, key=Key(shop.private_key))
        town.registers[number] = Register(shop=shop, number=number, client=client)
    tell.fact(
        f"ขึ้นทะเบียนร้านอาหาร {len(town.registers)} ร้าน และวัด 1 แห่ง (ในหมวดวัด)",
        f"{len(town.registers)} restaurants are registered, and one temple, as a temple",
    )


def _refuse_temple(registrar: CityClient, shop: Shop) -> Explanation:
    try:
        registrar.post("/v1/merchants", _registration(shop, "restaurant"))
    except CommandFailure as refused:
        expect(
            "why a temple is no restaurant",
            wanted="merchant_category_mismatch",
            found=refused.explanation.code,
        )
        return refused.explanation
    raise StoryBroken(what="a temple as a restaurant", wanted="refused", found="registered")


def _registration(shop: Shop, category: str) -> JsonObject:
    return {
        "payout": shop.address,
        "kind": shop.kind,
        "category": category,
        "district": shop.district,
        "name_th": shop.name,
        "name_en": shop.name,
        "latitude": degrees(shop.position.latitude),
        "longitude": degrees(shop.position.longitude),
    }


def open_campaigns(city: City, tell: Telling, town: Town) -> None:
    """Two funders, two policies, three different people for draft, approval and issue."""
    tell.chapter("โครงการและเงิน", "The campaigns and their money")
    treasurer = city.office("treasurer")
    minted = []
    for funder, amount in (("treasurer", CITY_FUNDS + LIST_FUNDS), ("partner", PARTNER_FUNDS)):
        body = {"to": city.signer_address(funder), "amount": str(amount), "reference": "demo"}
        minted.append(treasurer.post("/v1/tokens/mint", body))
    settle_all(treasurer, minted)

    lunch = json.loads(LUNCH_POLICY.read_bytes())
    town.half = _draft(city, tell, lunch, None)
    listed = list(range(10, 10 + LISTED * 5, 5))
    town.free = _draft(city, tell, FREE_LUNCH, listed)
    funded = []
    for campaign, funder, amount in (
        (town.half, "treasurer", CITY_FUNDS),
        (town.half, "partner", PARTNER_FUNDS),
        (town.free, "treasurer", LIST_FUNDS),
    ):
        body = {"amount": str(amount), "funder": funder}
        funded.append(treasurer.post(f"/v1/campaigns/{campaign}/fund", body))
        tell.money(f"เข้าโครงการ {campaign}", f"into campaign {campaign} by {funder}", amount)
    settle_all(treasurer, funded)
    for step, office, th, en in (
        ("approve", "approver", "อนุมัติโดยคนที่สอง", "approved by a second person"),
        ("issue", "issuer", "ออกสิทธิ์โดยคนที่สาม", "issued by a third"),
    ):
        client = city.office(office)
        both = (town.half, town.free)
        settle_all(client, [client.post(f"/v1/campaigns/{each}/{step}") for each in both])
        tell.fact(th, en)
    tell.fact(
        f"โครงการ {town.half}: ทุกคน {len(town.residents)} คน · โครงการ {town.free}: "
        f"เฉพาะรายชื่อ {LISTED} คน",
        f"campaign {town.half}: everyone, in one transaction · campaign {town.free}: "
        f"a list of {LISTED} pass numbers",
    )


def _draft(city: City, tell: Telling, policy: JsonObject, listed: list[int] | None) -> int:
    officer = city.office("campaign_officer")
    body: JsonObject = {"policy": policy}
    if listed is not None:
        stored = officer.post_raw(
            "/v1/lists", "\n".join(["pass", *map(str, listed)]).encode(), "text/csv"
        )
        issue = {"list": {"count": stored["count"], "hash": stored["hash"]}}
        body = {"policy": policy | {"issue": issue}, "list": stored["id"]}
    campaign = int(settle(officer, officer.post("/v1/campaigns", body))["campaign"])
    described = officer.get(f"/v1/campaigns/{campaign}")
    tell.fact(policy["name"]["th"], policy["name"]["en"])
    for th, en in zip(described["sentences"]["th"], described["sentences"]["en"], strict=True):
        tell.lines(f"{th}\n  {en}")
    expect(
        "the allowance on the chain",
        wanted=policy["allowance"],
        found=described["terms"]["allowance"],
    )
    return campaign
