"""A town's invented past, and drafts to replay on it. Always the same for the same seed."""

import json
import random
from typing import Any

from ledger.chain.deployment import CONTRACTS, DeployedContract, Deployment
from ledger.domain.past import Past, PastRedemption
from ledger.domain.policy import parse_policy
from ledger.domain.policy_document import Policy

STARTS = 1_761_692_400
"""29 October 2025, 06:00 in Bangkok."""
DAY = 86_400
CITY = "31337:0x1111111111111111111111111111111111111111"

DRAFT: dict[str, Any] = {
    "version": 1,
    "name": {"th": "ร่างข้าวกลางวัน", "en": "Lunch, a draft"},
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


def document(**changed: Any) -> bytes:
    """The draft with some members changed; None takes one away."""
    merged = {**DRAFT, **changed}
    kept = {name: value for name, value in merged.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False).encode()


def policy(**changed: Any) -> Policy:
    return parse_policy(document(**changed))


def one(signed_at: int, **changed: Any) -> PastRedemption:
    """Pass 1 had lunch for 100 baht at shop 1, and the city paid half."""
    plain: dict[str, Any] = {
        "campaign": 1,
        "pass_number": 1,
        "merchant": 1,
        "bill": 10_000,
        "amount": 5_000,
        "copay": 0,
        "signed_at": signed_at,
        "class_": 0,
        "district": 1,
        "valid_from": 0,
        "valid_until": 0,
        "category": 0,
        "merchant_district": 1,
    }
    return PastRedemption(**{**plain, **changed})


def past(*redemptions: PastRedemption, city: str = CITY) -> Past:
    return Past.of(city, redemptions)


def invented(count: int, *, days: int = 60, passes: int = 4_000, shops: int = 150) -> Past:
    """So many redemptions, spread over days, people and shops of three kinds and five districts."""
    dice = random.Random(count)
    taken: dict[tuple[int, int, int], PastRedemption] = {}
    while len(taken) < count:
        number, shop = dice.randint(1, passes), dice.randint(1, shops)
        at = STARTS + dice.randrange(days) * DAY + dice.randrange(0, 16 * 3_600, 15)
        bill = dice.randrange(3_000, 60_000, 50)
        each = one(
            at,
            pass_number=number,
            merchant=shop,
            bill=bill,
            amount=min(bill // 2, 20_000),
            class_=0 if number % 10 else 5,
            district=number % 5,
            category=shop % 3,
            merchant_district=shop % 5,
        )
        taken[each.key] = each
    return Past.of(CITY, taken.values())


def deployment_record(book: str, chain_id: int = 31337) -> bytes:
    """The published record of a city whose coupon book stands at this address."""
    contracts = {
        name: DeployedContract(address=book, code_hash="0x" + "ab" * 32, arguments=(), block=1)
        for name in CONTRACTS
    }
    record = Deployment(
        chain_id=chain_id, block=1, block_hash="0x" + "cd" * 32, contracts=contracts, roles={}
    )
    return record.document()
