"""A past as rows of plain values, one spelling for CSV and NDJSON: what `read_past` reads again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.domain.past import Past
from ledger.domain.vocabulary import CATEGORIES, CLASSES, Vocabulary


def past_rows(past: Past) -> Iterator[dict[str, Any]]:
    """Yield a row for every redemption, in the order they were signed; None where unknown."""
    for each in past.redemptions:
        yield {
            "city": past.city,
            "campaign": each.campaign,
            "pass": each.pass_number,
            "merchant": each.merchant,
            "bill": str(each.bill),
            "amount": str(each.amount),
            "copay": str(each.copay),
            "signed_at": each.signed_at,
            "voided": str(each.voided),
            "class": _word(CLASSES, each.class_),
            "district": each.district,
            "valid_from": each.valid_from,
            "valid_until": each.valid_until,
            "category": _word(CATEGORIES, each.category),
            "merchant_district": each.merchant_district,
        }


def _word(vocabulary: Vocabulary, number: int | None) -> str | None:
    return None if number is None else vocabulary.word(number).name
