"""What a coupon's limits say in words, and what a redemption has to bring for them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.amounts import brief_baht
from ledger.domain.clock import english_date, thai_date
from ledger.domain.till_terms import GoodsNotice
from ledger.domain.vocabulary import CATEGORIES
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.output import JsonObject

_PLACE: Final = re.compile(
    r"\s*(-?[0-9]{1,2}(?:\.[0-9]{1,9})?)\s*,\s*(-?[0-9]{1,3}(?:\.[0-9]{1,9})?)\s*", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the wallet is, in degrees as they were typed, and how precisely it is known."""

    latitude: str
    longitude: str
    accuracy_metres: int

    def measured(self, now: int) -> JsonObject:
        """The position as a request tells it."""
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "accuracy_metres": self.accuracy_metres,
            "measured_at": now,
        }


def read_place(text: str | None, accuracy_metres: int) -> Place | None:
    """A place like `18.7423,98.9420`; None for none. USAGE for anything else."""
    if text is None:
        return None
    found = _PLACE.fullmatch(text)
    if found is None:
        raise failure(
            ExitCode.USAGE,
            "place_unreadable",
            th="--position ต้องเป็นละติจูด,ลองจิจูด เช่น 18.7423,98.9420",
            en="--position is latitude,longitude, such as 18.7423,98.9420",
        )
    return Place(latitude=found[1], longitude=found[2], accuracy_metres=accuracy_metres)


def notice_of(limits: Mapping[str, Any] | None) -> GoodsNotice | None:
    """The notice a redemption has to acknowledge. Its hash is made here, of what is shown."""
    told = (limits or {}).get("notice")
    return None if told is None else GoodsNotice(th=str(told["th"]), en=str(told["en"]))


def limit_sentences(limits: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What is left, until when, and what is needed, in Thai and in English, line by line."""
    if not limits:
        return
    yield from _left(limits)
    yield from _times(limits)
    yield from _needs(limits)


_LEFT: Final = (
    ("left_today", "วันนี้เหลือ", "left today"),
    ("left", "เหลือทั้งหมด", "left in all"),
    ("household_left_today", "ครัวเรือนวันนี้เหลือ", "the household has left today"),
    ("household_left", "ครัวเรือนเหลือทั้งหมด", "the household has left in all"),
    ("merchant_left_today", "ร้านนี้วันนี้รับได้อีก", "this shop can still take today"),
    ("released_left", "งวดที่เปิดแล้วเหลือ", "left of what is released"),
)


def _left(limits: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    thai, english = [], []
    for name, th, en in _LEFT:
        if (figure := limits.get(name)) is not None:
            thai.append(f"{th} {brief_baht(int(figure))} บาท")
            english.append(f"{en}: {brief_baht(int(figure))} baht")
    if thai:
        yield " · ".join(thai), " · ".join(english)
    if coming := limits.get("instalment"):
        amount, after = (brief_baht(int(coming[name])) for name in ("amount", "after_spending"))
        opens = int(coming["opens"])
        yield (
            f"งวดถัดไป {amount} บาท ตั้งแต่ {thai_date(opens)} เมื่อใช้ครบ {after} บาท",
            f"next instalment: {amount} baht from {english_date(opens)}, once {after} are spent",
        )


def _times(limits: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    until = int(limits["until"])
    yield f"ใช้ได้ถึง {thai_date(until)}", f"until {english_date(until)}"
    if first := limits.get("first_use_by"):
        yield (
            f"ต้องใช้ครั้งแรกภายใน {thai_date(first)}",
            f"the first use must be by {english_date(first)}",
        )
    if opens := limits.get("opens_at"):
        yield f"เปิดใช้อีกครั้ง {thai_date(opens)}", f"open again {english_date(opens)}"


def _needs(limits: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if (where := limits.get("categories")) not in (None, "any"):
        words = list(CATEGORIES.chosen(CATEGORIES.mask(where)))
        yield (
            f"ใช้ได้ที่ {', '.join(word.th for word in words)}",
            f"at {', '.join(word.en for word in words)}",
        )
    if (districts := limits.get("districts")) not in (None, "any"):
        numbers = ", ".join(str(number) for number in districts)
        yield f"ใช้ได้ในเขต {numbers}", f"in districts {numbers}"
    if limits.get("same_district"):
        yield "ใช้ได้เฉพาะร้านในเขตของตนเอง", "only at shops of your own district"
    if place := limits.get("position"):
        metres = place["metres_max"]
        yield (
            f"ต้องอยู่ห่างร้านไม่เกิน {metres} เมตร และบอกตำแหน่ง",
            f"needs your position, at most {metres} metres from the shop",
        )
    if (first := limits.get("pays_first")) is not None:
        yield f"ใช้คูปองโครงการ {first} ก่อน", f"the coupon of campaign {first} pays first"
    if notice := notice_of(limits):
        yield notice.th, notice.en
