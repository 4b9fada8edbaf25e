"""A small town: two residents with passes, a shop, money, and one open campaign."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.running_city import Person, RunningCity, csv_file, eventually, newcomer, officer

POLICY = {
    "version": 1,
    "name": {"th": "มื้อกลางวันแม่เหียะ", "en": "Mae Hia lunch"},
    "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-12-31T23:00:00+07:00"},
    "hours": {"every_day": ["06:00", "23:00"]},
    "share_basis_points": 5000,
    "allowance": "200000",
    "per_day_max": "20000",
    "audience": ["resident"],
    "categories": ["restaurant"],
    "districts": "any",
    "same_district": False,
    "issue": "everyone",
}
TREASURER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The city and its people."""

    city: RunningCity
    directory: Path
    somchai: Person
    malee: Person
    shop: Person

    def office(self, name: str) -> Person:
        """The holder of an office."""
        return officer(self.city, name)

    def file(self, name: str) -> Path:
        """A file of this town."""
        return self.directory / name


def build_town(city: RunningCity, directory: Path) -> Town:
    """Bring the town about; every step is a command that somebody gives."""
    built = Town(
        city=city,
        directory=directory,
        somchai=newcomer(city, directory, "somchai"),
        malee=newcomer(city, directory, "malee"),
        shop=newcomer(city, directory, "shop"),
    )
    people = csv_file(
        built.file("residents.csv"),
        ("address", "class", "district"),
        (built.somchai.address, "resident", 7),
        (built.malee.address, "resident", 7),
    )
    registrar, treasurer = built.office("registrar"), built.office("treasurer")
    registrar.does("pass", "enrol", str(people))
    registrar.does(
        "merchant", "register", "--payout", built.shop.address, "--district", "7",
        "--name-th", "ข้าวซอยคุณยาย", "--name-en", "Khao Soi Khun Yai",
        "--latitude", "18.7953284", "--longitude", "98.9831449",
    )  # fmt: skip
    treasurer.does("city", "mint", TREASURER, "200,000")
    policy = built.file("lunch.json")
    policy.write_text(json.dumps(POLICY, ensure_ascii=False), "utf-8")
    drafted = built.office("campaign_officer").reads("campaign", "draft", str(policy))
    assert drafted["result"] == {"campaign": 1}
    built.office("approver").does("campaign", "approve", "1", "--yes")
    treasurer.does("campaign", "fund", "1", "๒๐,๐๐๐")
    built.office("issuer").does("campaign", "issue", "1", "--yes")
    eventually(lambda: built.somchai.reads("wallet", "coupons")[0]["refusal"] is None)
    return built
