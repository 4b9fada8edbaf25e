"""A past from a file: read whole, or refused whole with every bad line by its number."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.past import Past
from ledger.domain.past_rows import past_rows
from ledger.errors import CsvInvalid, InputInvalid
from ledger.services import past_file
from ledger.services.past_file import read_past
from tests.unit.replayed import CITY, STARTS, invented, one, past

HEADER = "pass,merchant,bill,amount,signed_at\n"


def as_csv(of: Past) -> bytes:
    rows = list(past_rows(of))
    page = io.StringIO()
    writer = csv.DictWriter(page, rows[0].keys(), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return page.getvalue().encode()


def as_ndjson(of: Past) -> bytes:
    return "\n".join(json.dumps(row) for row in past_rows(of)).encode()


def bad(raw: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(CsvInvalid) as refused:
        read_past(raw.encode() if isinstance(raw, str) else raw)
    return [(row["line"], row["why"]) for row in refused.value.details["rows"]]


def test_what_was_written_out_reads_back_the_same_from_either_form() -> None:
    of = invented(200)
    for raw in (as_csv(of), b"\xef\xbb\xbf" + as_csv(of), as_ndjson(of)):
        assert read_past(raw) == of
        assert read_past(raw).digest == of.digest


def test_an_empty_cell_and_a_missing_column_are_unknown_and_not_zero() -> None:
    found = read_past(b"pass,merchant,bill,amount,signed_at,class\n1,2,100,50,5,\n")
    (only,) = found.redemptions
    assert (only.class_, only.district, only.category, only.household) == (None,) * 4
    assert (only.campaign, only.copay, only.voided) == (0, 0, 0)
    assert found.city == ""


def test_words_numbers_and_thai_digits_are_read() -> None:
    row = "๑๗,2,12000,6000,1761714000,senior,3,7\n"
    head = "pass,merchant,bill,amount,signed_at,class,category,household\n"
    (only,) = read_past((head + row).encode()).redemptions
    assert (only.pass_number, only.class_, only.category, only.household) == (17, 5, 3, 7)


def test_every_bad_line_is_named_by_its_number() -> None:
    lines = [
        "1,1,100,50,1000",
        "x,1,100,50,1000",
        "2,1,100,150,1000",
        "",
        "3,1,100,50",
        "1,1,100,50,1000",
        "0,1,100,50,1000",
        "4,1,,50,1000",
        '5,"1,100,50,1000',
        "6,1,100,50,99999999999999999999999",
        "7,1,-100,50,1000",
        "8,1,1e2,50,1000",
    ]
    named = bad(HEADER + "\n".join(lines))
    assert [line for line, _ in named] == [3, 4, 6, 7, 8, 9, 10, 11, 12, 13]
    assert named[3][1] == "the redemption of line 2 again"


def test_two_cities_in_one_file_are_refused_at_the_first_line_of_the_other() -> None:
    raw = "city," + HEADER + f"{CITY},1,1,100,50,1000\n1:0xother,2,1,100,50,1000\n"
    assert [line for line, _ in bad(raw)] == [3]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "\n\n",
        HEADER,
        "pass,merchant\n1,2\n",
        "pass,pass,merchant,bill,amount,signed_at\n",
        HEADER.replace("pass", "pass,secret"),
        HEADER + "1,1,100,50,1000,7\n",
        b"\xff\xfe\x00p",
        HEADER.encode() + b"1,1,1\x0000,50,1000\n",
        HEADER + "1" * 5_000 + "\n",
        "[1, 2]",
        '{"pass": 1',
        '{"pass": true, "merchant": 1, "bill": 100, "amount": 50, "signed_at": 5}',
        '{"pass": 1.5, "merchant": 1, "bill": 100, "amount": 50, "signed_at": 5}',
        '{"pass": 1, "merchant": 1, "bill": 100, "amount": 50, "signed_at": 5, "name": "x"}',
        '{"pass": [], "merchant": 1, "bill": 100, "amount": 50, "signed_at": 5}',
        "{" * 4_000,
    ],
)
def test_hostile_files_are_refused_with_a_line(raw: str | bytes) -> None:
    assert all(line >= 1 and why for line, why in bad(raw))


def test_a_file_with_a_thousand_faults_stops_there() -> None:
    assert len(bad(HEADER + "x,1,1,1,1\n" * 5_000)) == 1_000


def test_too_many_lines_and_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = as_csv(past(*(one(STARTS + 15 * step) for step in range(5))))
    monkeypatch.setattr(past_file, "REDEMPTIONS_MAX", 3)
    assert bad(raw)[-1][0] == 5
    monkeypatch.setattr(past_file, "PAST_BYTES_MAX", 10)
    with pytest.raises(InputInvalid):
        read_past(raw)


@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode(errors="replace"))
)
def test_any_bytes_are_a_past_or_refused(raw: bytes) -> None:
    for prefix in (b"", HEADER.encode(), b"{"):
        try:
            assert read_past(prefix + raw).redemptions
        except CsvInvalid as refused:
            assert refused.details["rows"]


@given(st.text(max_size=60))
def test_any_cell_is_read_or_named(cell: str) -> None:
    row = {"pass": cell, "merchant": 1, "bill": 9, "amount": 1, "signed_at": 5, "class": cell}
    try:
        read_past(json.dumps(row).encode())
    except CsvInvalid as refused:
        assert refused.details["rows"][0]["line"] == 1
