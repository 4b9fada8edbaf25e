"""Thailand's subdistricts: who they are called, and where they roughly lie.

Coordinates are whole microdegrees (WGS 84). The published table has no centroid for some places,
and then the middle of its neighbours stands in for it and is marked as an estimate.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ledger.errors import CsvInvalid, NotFound

COLUMNS: Final = (
    "subdistrict_code", "subdistrict_th", "subdistrict_en",
    "district_code", "district_th", "district_en",
    "province_code", "province_th", "province_en",
    "postcode", "latitude", "longitude",
)  # fmt: skip
BAD_ROWS_NAMED_MAX: Final = 100

EARTH_RADIUS_METRES: Final = 6_371_009

_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", re.ASCII)
_CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)
_PREFIXES: Final = ("ตำบล", "แขวง", "ต.", "tambon ", "subdistrict ")


class Basis(StrEnum):
    """What a centre was read from: its own centroid, or the mean of the places around it."""

    CENTROID = "centroid"
    DISTRICT_MEAN = "district_mean"
    PROVINCE_MEAN = "province_mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place on the globe, in millionths of a degree."""

    latitude: int
    longitude: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """Where a subdistrict lies. It is an estimate unless `basis` is its own centroid."""

    point: Point
    basis: Basis

    @property
    def estimated(self) -> bool:
        """Whether the figure was worked out from neighbours."""
        return self.basis is not Basis.CENTROID


@dataclass(frozen=True, slots=True, kw_only=True)
class Subdistrict:
    """One row of the official table. `centroid` is None where nobody published one."""

    code: str
    name_th: str
    name_en: str
    district_code: str
    district_th: str
    district_en: str
    province_code: str
    province_th: str
    province_en: str
    postcode: str
    centroid: Point | None


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Every subdistrict by its official six-digit code, in the order of the table."""

    by_code: Mapping[str, Subdistrict]

    def named(self, code: str) -> Subdistrict:
        """The subdistrict with this code. Raises NotFound."""
        try:
            return self.by_code[code]
        except KeyError:
            raise NotFound(what="subdistrict", which=code) from None

    def find(self, words: str) -> list[Subdistrict]:
        """Subdistricts for a code or a name in Thai or English, best first.

        Case, spaces, full-width and Thai digits, and a leading ตำบล, แขวง or ต. do not matter.
        Whole names come before beginnings, beginnings before parts; districts and provinces that
        bear the name come last. Empty for words that match nothing.
        """
        asked = plain_name(words)
        if not asked:
            return []
        ranked = [
            (rank, place.code, place)
            for place in self.by_code.values()
            if (rank := _rank(place, asked)) is not None
        ]
        return [place for _rank_, _code, place in sorted(ranked, key=lambda row: row[:2])]

    def centre_of(self, place: Subdistrict) -> Centre:
        """The centroid, else the mean of the district's known ones, else of the province's.

        Raises NotFound where the whole province has none.
        """
        if place.centroid is not None:
            return Centre(point=place.centroid, basis=Basis.CENTROID)
        everyone = self.by_code.values()
        district = [p.centroid for p in everyone if p.district_code == place.district_code]
        if near := _mean(district):
            return Centre(point=near, basis=Basis.DISTRICT_MEAN)
        province = [p.centroid for p in everyone if p.province_code == place.province_code]
        if far := _mean(province):
            return Centre(point=far, basis=Basis.PROVINCE_MEAN)
        raise NotFound(what="centre", which=place.code)


def parse_gazetteer(table: str) -> Gazetteer:
    """Read the CSV table (a BOM and any line ends are fine).

    Raises CsvInvalid naming the missing columns, or every bad row by its line and reason; the
    same code twice is a bad row. Nothing is skipped.
    """
    reader = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise CsvInvalid(rows=[{"row": 1, "why": f"no column {', '.join(missing)}"}])
    by_code: dict[str, Subdistrict] = {}
    bad: list[dict[str, object]] = []
    for row in reader:
        try:
            place = _place(row)
            if place.code in by_code:
                raise ValueError(f"code {place.code} stands here a second time")
            by_code[place.code] = place
        except ValueError as problem:
            bad.append({"row": reader.line_num, "why": str(problem)})
    if bad:
        raise CsvInvalid(rows=bad[:BAD_ROWS_NAMED_MAX], count=len(bad))
    return Gazetteer(by_code=by_code)


def distance_metres(here: Point, there: Point) -> int:
    """The way between two points over the globe, in whole metres rounded up: the haversine on a
    sphere of the mean radius, right to 0.6 % on the true ellipsoid."""
    one, other = (math.radians(point.latitude) / 1_000_000 for point in (here, there))
    east = math.radians(there.longitude - here.longitude) / 1_000_000
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(east / 2) ** 2
    return math.ceil(2 * EARTH_RADIUS_METRES * math.asin(min(1, math.sqrt(half))))


def plain_name(words: str) -> str:
    """A name reduced to what people mean by it: one spelling, no case, no spaces, no prefix."""
    folded = unicodedata.normalize("NFKC", words).casefold().strip()
    for prefix in _PREFIXES:
        folded = folded.removeprefix(unicodedata.normalize("NFKC", prefix))
    digits = (str(unicodedata.digit(letter, letter)) for letter in folded)
    return "".join(letter for letter in digits if letter.isalnum() or _is_mark(letter))


def microdegrees(text: str) -> int:
    """Millionths of a degree from decimal degrees, rounded half to even. Raises ValueError."""
    if not _DEGREES.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is not degrees")
    return int((Decimal(text) * 1_000_000).to_integral_value())


def degrees(value: int) -> str:
    """Millionths of a degree as decimal degrees: `18.742345`."""
    return str(Decimal(value).scaleb(-6))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in {"Mn", "Mc"}


def _rank(place: Subdistrict, asked: str) -> int | None:
    own = (place.code, plain_name(place.name_th), plain_name(place.name_en))
    if asked in own:
        return 0
    if any(name.startswith(asked) for name in own[1:]):
        return 1
    if any(asked in name for name in own[1:]):
        return 2
    around = (place.district_th, place.district_en, place.province_th, place.province_en)
    return 3 if any(asked == plain_name(name) for name in around) else None


def _place(row: dict[str, str]) -> Subdistrict:
    if None in row or any(row.get(name) is None for name in COLUMNS):
        raise ValueError(f"not {len(COLUMNS)} fields")
    code, district, province = (row[f"{of}_code"] for of in ("subdistrict", "district", "province"))
    if not _CODE.fullmatch(code) or (district, province) != (code[:4], code[:2]):
        raise ValueError("the codes of subdistrict, district and province do not fit together")
    return Subdistrict(
        code=code,
        name_th=row["subdistrict_th"],
        name_en=row["subdistrict_en"],
        district_code=district,
        district_th=row["district_th"],
        district_en=row["district_en"],
        province_code=province,
        province_th=row["province_th"],
        province_en=row["province_en"],
        postcode=row["postcode"],
        centroid=_centroid(row["latitude"].strip(), row["longitude"].strip()),
    )


def _centroid(latitude: str, longitude: str) -> Point | None:
    if not latitude and not longitude:
        return None
    point = Point(latitude=microdegrees(latitude), longitude=microdegrees(longitude))
    if abs(point.latitude) > 90_000_000 or abs(point.longitude) > 180_000_000:
        raise ValueError("the centroid is not on the globe")
    return point


def _mean(points: Iterable[Point | None]) -> Point | None:
    known: Sequence[Point] = [point for point in points if point is not None]
    if not known:
        return None
    return Point(
        latitude=sum(point.latitude for point in known) // len(known),
        longitude=sum(point.longitude for point in known) // len(known),
    )
