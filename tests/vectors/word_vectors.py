"""Packed words of passes and merchants, lists, and the records of events."""

from __future__ import annotations

from dataclasses import replace

from ledger.domain import listing, redemption, signatures
from ledger.domain.hashing import checksum_address, keccak
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.redemption import RedeemedRecord, RefusedRecord
from tests.vectors.notation import STARTS, U24, U32, Json, counted, key, text, word


def words_file() -> Json:
    passes = [
        Pass(number=1, class_=0, district=0, valid_from=0, valid_until=0, status=PassStatus.ACTIVE),
        Pass(
            number=U32, class_=31, district=63, valid_from=2**40 - 1, valid_until=2**40 - 1,
            status=PassStatus.ENDED,
        ),
        Pass(
            number=123_456, class_=5, district=17, valid_from=STARTS, valid_until=STARTS + 86_400,
            status=PassStatus.SUSPENDED,
        ),
    ]  # fmt: skip
    first = Merchant(
        number=1,
        payout=signatures.address_of(key("merchant 1")),
        category=0,
        district=0,
        status=MerchantStatus.ACTIVE,
    )
    merchants = [
        first,
        replace(first, number=2, category=63, district=63, status=MerchantStatus.CLOSED),
        replace(first, number=3, payout=checksum_address(b"\xff" * 20), category=8, district=1),
    ]
    lists = [[1], [255, 256], [256 * 40, 3, 511, 512, 70_000], list(range(1, 38))]
    return {
        "passes": counted(
            [
                {"number": of.number, "class": of.class_, "district": of.district,
                 "valid_from": of.valid_from, "valid_until": of.valid_until,
                 "status": int(of.status), "word": word(of.pack())}
                for of in passes
            ]
        ),
        "merchants": counted(
            [
                {"number": of.number, "payout": of.payout, "category": of.category,
                 "district": of.district, "status": int(of.status), "word": word(of.pack())}
                for of in merchants
            ]
        ),
        "lists": counted([list_fields(numbers) for numbers in lists]),
    }  # fmt: skip


def list_fields(numbers: list[int]) -> Json:
    words = listing.words_of(numbers)
    return {
        "passes": sorted(numbers),
        "count": listing.list_count(words),
        "indexes": list(words),
        "words": [word(value) for value in words.values()],
        "hash": text(listing.list_hash(words)),
    }


def records_file() -> Json:
    redeemed = [
        RedeemedRecord(
            pass_number=1, merchant=3, bill=10_000, amount=5_000, copay=0, step=1, unnamed=False
        ),
        RedeemedRecord(
            pass_number=3, merchant=5, bill=31_000, amount=15_500, copay=0, step=1441, unnamed=True
        ),
        RedeemedRecord(
            pass_number=U32, merchant=U32, bill=U32, amount=U24, copay=U32, step=2**21 - 1,
            unnamed=True,
        ),
    ]  # fmt: skip
    refused = [
        RefusedRecord(index=0, reason=22, pass_number=2, head=1441, amount=5_001),
        RefusedRecord(index=299, reason=1, pass_number=0, head=U24, amount=U24),
        RefusedRecord(index=65_535, reason=27, pass_number=U32, head=1 << 23 | 7, amount=0),
    ]
    one, three = redemption.pack_records(redeemed[:1]), redemption.pack_records(redeemed)
    return {
        "redeemed": counted(
            [
                {"pass": of.pass_number, "merchant": of.merchant, "bill": of.bill,
                 "amount": of.amount, "copay": of.copay, "step": of.step, "unnamed": of.unnamed,
                 "bytes": text(redemption.pack_records([of]))}
                for of in redeemed
            ]
        ),
        "refused": counted(
            [
                {"index": of.index, "reason": of.reason, "pass": of.pass_number, "head": of.head,
                 "amount": of.amount, "bytes": text(redemption.pack_refused([of]))}
                for of in refused
            ]
        ),
        "batches": counted(
            [
                {"records": text(data), "digest": text(keccak(data)), "count": len(data) // 22}
                for data in (one, three)
            ]
        ),
    }  # fmt: skip
