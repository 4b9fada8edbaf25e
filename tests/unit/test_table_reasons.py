"""Every reason our readers of tables give is said in Thai too."""

import re

import pytest

from ledger.errors import CsvInvalid
from ledger.services.csv_rows import BAD_LINES_MAX
from ledger.services.passes import read_enrolments
from ledger.services.shop_tables import read_shops
from ledger.services.table_reasons import thai_reason

PEOPLE = "address,class,district,valid_from,valid_until,medium"
SHOPS = "payout,kind,category,district,name_th,name_en,latitude,longitude"
GOOD = "0x" + "5" * 40
OTHER = "0x" + "6" * 40


def whys(text: str | bytes) -> list[str]:
    """Each reason for which a table is refused."""
    raw = text.encode() if isinstance(text, str) else text
    read = read_shops if raw.startswith(b"payout") else read_enrolments
    with pytest.raises(CsvInvalid) as refused:
        read(raw)
    return [row["why"] for row in refused.value.details["rows"]]


BAD_PEOPLE = (
    "0x1,resident,1,,,", "0x" + "aB" * 20 + ",resident,1,,,", "0x" + "0" * 40 + ",resident,1,,,",
    f"{GOOD},king,1,,,", f"{GOOD},resident,99,,,", f"{GOOD},resident,x,,,",
    f"{GOOD},resident,1,y,,", f"{GOOD},resident,1,,,fax", f"{GOOD},resident", '"',
    ",".join("x" * 50),
)  # fmt: skip
BAD_SHOPS = (
    f"{GOOD},palace,restaurant,1,a,b,,", f"{GOOD},restaurant,zoo,1,a,b,,",
    f"{GOOD},restaurant,restaurant,1,,b,,", f"{GOOD},restaurant,restaurant,1,a,b,1,",
    f"{GOOD},restaurant,restaurant,1,a,b,x,1", f"{GOOD},restaurant,restaurant,1,a,b,1,999",
    f"{GOOD},restaurant,restaurant,1,วัดพระสิงห์,b,,", "0x2,restaurant,restaurant,1,a,b,,",
    f"{OTHER},restaurant,restaurant,1,a,b,,\n{OTHER},restaurant,restaurant,1,a,b,,",
)  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        *(f"{PEOPLE}\n{line}\n" for line in BAD_PEOPLE),
        *(f"{SHOPS}\n{line}\n" for line in BAD_SHOPS),
        "name,age\nx,1\n", PEOPLE + "\n", PEOPLE.encode() + b"\n\xff,resident,1,,,\n",
        PEOPLE.encode() + b"\n\0,resident,1,,,\n",
    ],
)  # fmt: skip
def test_a_reason_of_a_bad_line_is_a_thai_sentence(table: str | bytes) -> None:
    reasons = whys(table)
    assert reasons
    for why in reasons:
        told = thai_reason(why)
        assert told is not None, why
        assert re.search("[ก-๙]", told)


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("the address of line 3 again", "ซ้ำกับบรรทัด 3"),
        ("holds pass 12 already", "มีบัตรหมายเลข 12 อยู่แล้ว"),
        ("merchant 7 is paid at this address", "ร้านหมายเลข 7 รับเงินที่ที่อยู่นี้อยู่แล้ว"),
        ("valid_until is not after valid_from", "วันสิ้นสุดต้องอยู่หลังวันเริ่ม"),
        ("district: above 63", "เขต (district): ต้องไม่เกิน 63"),
        ("a reason that nobody gives", None),
    ],
)
def test_what_the_register_answers_is_said_too(why: str, told: str | None) -> None:
    assert thai_reason(why) == told


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (f"{PEOPLE}\n0x1,king,99,y,z,fax\n", PEOPLE),
        (f"{SHOPS}\n0x2,palace,zoo,99,,,x,999\n", SHOPS),
    ],
)
def test_every_fault_of_a_line_is_named_by_its_column(table: str, columns: str) -> None:
    assert sorted(why.partition(":")[0] for why in whys(table)) == sorted(columns.split(","))
    assert all(thai_reason(why) for why in whys(table))


def test_the_place_and_the_rest_of_a_line_are_judged_together() -> None:
    line = f"{GOOD},restaurant,restaurant,99,วัดพระสิงห์,Wat Phra Singh,1,"
    assert whys(f"{SHOPS}\n{line}\n") == [
        "district: above 63",
        "longitude: one of latitude and longitude is missing",
        "the place is a temple",
    ]


def test_a_line_that_is_bad_elsewhere_still_gives_its_payout_to_be_compared() -> None:
    two = f"{OTHER},palace,restaurant,1,a,b,,\n{OTHER},restaurant,restaurant,1,a,b,,"
    assert whys(f"{SHOPS}\n{two}\n") == [
        "kind: 'palace' is not a kind of place",
        "the payout of line 2 again",
    ]


def test_a_thousand_bad_lines_are_named_whole_and_then_reading_stops() -> None:
    lines = "\n".join("0x1,king,99,,," for _ in range(BAD_LINES_MAX + 5))
    assert len(whys(f"{PEOPLE}\n{lines}\n")) == 3 * BAD_LINES_MAX
