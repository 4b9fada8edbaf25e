"""Subdistricts: found as people type them, placed even where nobody published a centroid."""

import csv
import io

import pytest

from ledger.domain.geography import (
    COLUMNS,
    Basis,
    Gazetteer,
    degrees,
    microdegrees,
    parse_gazetteer,
)
from ledger.errors import CsvInvalid, NotFound
from ledger.services.places import gazetteer, read_gazetteer


def table(*rows: dict[str, str], line_end: str = "\r\n", mark: str = "") -> str:
    page = io.StringIO(newline="")
    writer = csv.DictWriter(page, COLUMNS, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return mark + page.getvalue()


def row(
    code: str, *, latitude: str = "18.7", longitude: str = "98.9", **more: str
) -> dict[str, str]:
    return {
        "subdistrict_code": code,
        "subdistrict_th": "สุเทพ",
        "subdistrict_en": "Suthep",
        "district_code": code[:4],
        "district_th": "เมืองเชียงใหม่",
        "district_en": "Mueang Chiang Mai",
        "province_code": code[:2],
        "province_th": "เชียงใหม่",
        "province_en": "Chiang Mai",
        "postcode": "50200",
        "latitude": latitude,
        "longitude": longitude,
        **more,
    }


@pytest.fixture(scope="module")
def thailand() -> Gazetteer:
    return gazetteer()


def test_the_table_that_ships_holds_every_subdistrict(thailand: Gazetteer) -> None:
    assert len(thailand.by_code) == 7_451
    assert sum(place.centroid is None for place in thailand.by_code.values()) == 330


@pytest.mark.parametrize(
    "words",
    [
        "แม่เหียะ", "Mae Hia", "mae  hia", "MAEHIA", "ต.แม่เหียะ", "ตำบลแม่เหียะ", "ตำบล แม่เหียะ",
        "500109", "๕๐๐๑๐๙", "５００１０９", "  แม่เหียะ  ", "Ｍａｅ Ｈｉａ",
    ],
)  # fmt: skip
def test_mae_hia_is_found_however_it_is_typed(thailand: Gazetteer, words: str) -> None:
    assert [place.code for place in thailand.find(words)] == ["500109"]


def test_a_place_without_a_centroid_stands_at_the_mean_of_its_district_as_an_estimate(
    thailand: Gazetteer,
) -> None:
    mae_hia = thailand.named("500109")
    assert mae_hia.centroid is None
    centre = thailand.centre_of(mae_hia)
    assert centre.estimated
    assert centre.basis is Basis.DISTRICT_MEAN
    assert 18_500_000 < centre.point.latitude < 19_000_000
    assert 98_700_000 < centre.point.longitude < 99_200_000


def test_a_place_with_a_centroid_keeps_it() -> None:
    places = parse_gazetteer(table(row("500101", latitude="18.7", longitude="98.9")))
    centre = places.centre_of(places.named("500101"))
    assert (centre.basis, centre.estimated) == (Basis.CENTROID, False)
    assert (centre.point.latitude, centre.point.longitude) == (18_700_000, 98_900_000)


def test_a_district_without_any_centroid_falls_back_to_its_province() -> None:
    places = parse_gazetteer(
        table(
            row("500101", latitude="18.0", longitude="98.0"),
            row("500102", latitude="19.0", longitude="99.0"),
            row("500201", latitude="", longitude=""),
        )
    )
    centre = places.centre_of(places.named("500201"))
    assert centre.basis is Basis.PROVINCE_MEAN
    assert (centre.point.latitude, centre.point.longitude) == (18_500_000, 98_500_000)


def test_a_province_without_any_centroid_is_said_to_have_none(thailand: Gazetteer) -> None:
    with pytest.raises(NotFound):
        thailand.centre_of(thailand.named("100101"))


def test_whole_names_come_before_beginnings_and_provinces_come_last(thailand: Gazetteer) -> None:
    found = thailand.find("Chiang Mai")
    assert found[0].name_en == "Chiang Mai"
    assert all(place.province_en == "Chiang Mai" for place in found[-100:])


@pytest.mark.parametrize("words", ["", "   ", "ตำบล", "ไม่มีที่นี่จริง", "\x00", "999999"])
def test_words_that_name_no_place_find_none(thailand: Gazetteer, words: str) -> None:
    assert thailand.find(words) == []


def test_an_unknown_code_is_not_found(thailand: Gazetteer) -> None:
    with pytest.raises(NotFound):
        thailand.named("000000")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_and_any_line_end_read_the_same(line_end: str, mark: str) -> None:
    places = parse_gazetteer(table(row("500101"), row("500102"), line_end=line_end, mark=mark))
    assert list(places.by_code) == ["500101", "500102"]


@pytest.mark.parametrize(
    "bad",
    [
        row("50010"),
        row("500101", district_code="5002"),
        row("500101", latitude="north"),
        row("500101", latitude="91.5"),
        row("500101", latitude="", longitude="98.9"),
        row("๕๐๐๑๐๑"),
        row("500102"),
    ],
    ids=["short", "foreign", "words", "off-globe", "half", "thai-digits", "twice"],
)
def test_one_bad_row_refuses_the_table_and_is_named_by_its_line(bad: dict[str, str]) -> None:
    with pytest.raises(CsvInvalid) as refused:
        parse_gazetteer(table(row("500102"), bad))
    assert [each["row"] for each in refused.value.details["rows"]] == [3]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(CsvInvalid) as refused:
        parse_gazetteer("subdistrict_code,latitude\n1,2\n")
    assert "longitude" in str(refused.value.details)


def test_a_file_that_is_no_text_is_refused(tmp_path) -> None:
    broken = tmp_path / "table.csv"
    broken.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(CsvInvalid):
        read_gazetteer(broken)
    with pytest.raises(NotFound):
        read_gazetteer(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("text", "value"),
    [("18.7837187", 18_783_719), ("-0.5", -500_000), ("98", 98_000_000), ("0.0000005", 0)],
)
def test_degrees_become_whole_microdegrees(text: str, value: int) -> None:
    assert microdegrees(text) == value


def test_microdegrees_read_back_the_same() -> None:
    for value in (0, 1, -1, 18_783_719, -98_000_000):
        assert microdegrees(degrees(value)) == value
