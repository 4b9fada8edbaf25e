"""The people and shops of the demo: generated from a seed, so that every run tells the same story.

Names live in the demo's memory only. The chain, the QR codes and the index know pass numbers.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faker import Faker

from ledger.domain.geography import Point, microdegrees
from ledger.domain.hashing import keccak
from ledger.domain.signatures import address_of

SEED: Final = 2568
RESIDENTS: Final = 500
GENERATED_SHOPS: Final = 40
VILLAGES: Final = range(1, 11)
OLD_TOWN: Final = 11
SPREAD_MICRODEGREES: Final = 15_000

DISHES: Final = (
    "ข้าวซอย", "ก๋วยเตี๋ยว", "ข้าวมันไก่", "ขนมจีน", "ข้าวขาหมู", "ส้มตำ", "อาหารตามสั่ง", "โจ๊ก",
    "ข้าวแกง", "ผัดไทย",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a key of their own. `village` is a district number of the city."""

    name: str
    private_key: bytes
    address: str
    village: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A place as its owner would write it on the form; `kind` is what the registrar saw there."""

    name: str
    kind: str
    position: Point
    private_key: bytes
    address: str
    district: int


def person_key(role: str, index: int) -> bytes:
    """Return the private key of the `index`-th `role`: a hash, so it is stable and never zero."""
    return keccak(f"nakhon demo {SEED} {role} {index}".encode())


def residents() -> list[Person]:
    """Return the 500 residents, village by village: neighbours get neighbouring numbers."""
    names = Faker("th_TH")
    names.seed_instance(SEED)
    found = []
    for index in range(RESIDENTS):
        key = person_key("resident", index)
        found.append(
            Person(
                name=f"{names.first_name()} {names.last_name()}",
                private_key=key,
                address=address_of(key),
                village=VILLAGES[index * len(VILLAGES) // RESIDENTS],
            )
        )
    return found


def real_shops(path: Path) -> list[Shop]:
    """Return the eleven real places of Chiang Mai. One of them is a temple."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    shops = []
    for index, row in enumerate(rows):
        key = person_key("real shop", index)
        shops.append(
            Shop(
                name=row["name"],
                kind="temple" if row["name"].startswith("พระธาตุ") else "restaurant",
                position=Point(
                    latitude=microdegrees(row["latitude"]),
                    longitude=microdegrees(row["longitude"]),
                ),
                private_key=key,
                address=address_of(key),
                district=OLD_TOWN,
            )
        )
    return shops


def generated_shops(centre: Point) -> list[Shop]:
    """Return forty lunch places around `centre`, named after their dish and their owner."""
    dice = random.Random(SEED)
    names = Faker("th_TH")
    names.seed_instance(SEED + 1)
    shops = []
    for index in range(GENERATED_SHOPS):
        key = person_key("shop", index)
        dish = DISHES[index % len(DISHES)]
        shops.append(
            Shop(
                name=f"{dish}{dice.choice(('ป้า', 'ลุง', 'แม่', 'เฮีย', 'เจ๊'))}{names.first_name()}",
                kind="restaurant",
                position=Point(
                    latitude=centre.latitude
                    + dice.randint(-SPREAD_MICRODEGREES, SPREAD_MICRODEGREES),
                    longitude=centre.longitude
                    + dice.randint(-SPREAD_MICRODEGREES, SPREAD_MICRODEGREES),
                ),
                private_key=key,
                address=address_of(key),
                district=VILLAGES[index % len(VILLAGES)],
            )
        )
    return shops
