"""Which language a run speaks, and what strangers' text may do to a terminal: nothing."""

import csv
import io
import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.harmless_text import csv_cell, harmless_json, neutralise
from wallet_cli.desk import Desk, Options, Surroundings
from wallet_cli.language import Language, both, spoken, take_language
from wallet_cli.output import Column, Kind, OutputFormat, Printer

HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[2J\x1b[31mร้านปลอม",
    "\x1b]0;title\x07",
    "\u202eร้านย้อนกลับ",
    "a\u2066b\u2069c",
    "line\nbreak\r\n\ttab",
    "\x00nul\x7f\x9b31m",
    "zero\u200bwidth\ufeff",
    "[bold red]markup[/]",
    "ก" + "\u0e34" * 500,
    "x" * 10_000,
    "=HYPERLINK(1)",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1",
    "\ue000\ue001",
    "\U000e0001\U0001f468\u200d\U0001f469",
    "\ud800",
]

COLUMNS = (
    Column("name", "ชื่อ", "Name"),
    Column("amount", "บาท", "Baht", Kind.BAHT),
    Column("at", "เมื่อ", "At", Kind.TIME),
)


def printed(form: OutputFormat, rows: list[dict[str, object]], language: Language) -> str:
    out = io.StringIO()
    Printer(form=form, language=language, out=out, err=io.StringIO()).rows(COLUMNS, rows)
    return out.getvalue()


def acting(text: str) -> set[str]:
    allowed = {"\n", " "}
    acts = {"\x1b", "\x00", "\x07", "\x7f", "\x9b", "\r", "\t", "\u202e", "\u2066", "\u200b"}
    return {letter for letter in text if letter in acts - allowed}


@pytest.mark.parametrize(
    ("arguments", "environment", "language", "rest"),
    [
        (["--lang", "th", "city"], {}, "th", ["city"]),
        (["city", "--lang=en", "show"], {"LANG": "th_TH.UTF-8"}, "en", ["city", "show"]),
        (["city"], {"LANG": "th_TH.UTF-8"}, "th", ["city"]),
        (["city"], {"LANG": "en_US.UTF-8"}, "both", ["city"]),
        (["city"], {}, "both", ["city"]),
        (["city"], {"LC_ALL": "C", "LANG": "th_TH.UTF-8"}, "both", ["city"]),
        (["a", "--", "--lang", "th"], {}, "both", ["a", "--", "--lang", "th"]),
    ],
)
def test_the_option_decides_then_the_locale_then_both(
    arguments: list[str], environment: dict[str, str], language: str, rest: list[str]
) -> None:
    assert take_language(arguments, environment) == (Language(language), rest)


@pytest.mark.parametrize("arguments", [["--lang"], ["--lang", "fr"], ["--lang="]])
def test_a_language_we_do_not_speak_is_refused(arguments: list[str]) -> None:
    with pytest.raises(ValueError, match="Language"):
        take_language(arguments, {})


def test_both_languages_come_thai_first() -> None:
    text = both("ไทย", "English")
    assert spoken(text, Language.TH) == "ไทย"
    assert spoken(text, Language.EN) == "English"
    assert spoken(text, Language.BOTH, between=" · ") == "ไทย · English"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", list(OutputFormat))
def test_a_hostile_name_stays_a_name_in_every_shape(name: str, form: OutputFormat) -> None:
    rows: list[dict[str, object]] = [{"name": name, "amount": "12050", "at": 1_761_714_000}]
    shown = printed(form, rows, Language.BOTH)
    assert not acting(shown)
    shown.encode("utf-8")
    if form is OutputFormat.CSV:
        cells = list(csv.reader(io.StringIO(shown)))
        assert len(cells) == 2 and len(cells[1]) == 3
        assert not cells[1][0].startswith(("=", "+", "-", "@", "＝"))
    elif form in (OutputFormat.JSON, OutputFormat.NDJSON):
        value = json.loads(shown)
        assert (value[0] if isinstance(value, list) else value)["name"] == name


@given(st.text(max_size=300))
def test_nothing_acting_passes(text: str) -> None:
    acting_categories = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not acting_categories & {unicodedata.category(letter) for letter in neutralise(text)}


@given(st.text(max_size=300))
def test_harmless_json_means_the_same(text: str) -> None:
    document = json.dumps({"name": text}, ensure_ascii=False, indent=2)
    assert json.loads(harmless_json(document)) == {"name": text}
    assert not acting(harmless_json(document))


@given(st.text(max_size=60))
def test_no_csv_cell_begins_a_formula(text: str) -> None:
    cell = csv_cell(text)
    plain_number = cell.lstrip("+-").replace(",", "").replace(".", "", 1).isdigit()
    assert plain_number or not cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("name", ["ร้านน้ำเงี้ยวป้าเพ็ญ", "ก๋วยเตี๋ยวต้มยำกุ้งน้ำข้น", "ที่นี่ใต้ต้นโพธิ์", "Café Zoë"])
def test_real_names_are_shown_as_they_are(name: str) -> None:
    assert neutralise(name) == name


def test_a_table_reads_in_baht_and_in_the_buddhist_era() -> None:
    rows: list[dict[str, object]] = [{"name": "x", "amount": "123450", "at": 1_761_714_000}]
    thai = printed(OutputFormat.TABLE, rows, Language.TH)
    assert "1,234.50" in thai and "2568" in thai and "ชื่อ" in thai and "Name" not in thai
    english = printed(OutputFormat.TABLE, rows, Language.EN)
    assert "2025" in english and "Name" in english and "ชื่อ" not in english
    assert "ชื่อ" in (shown := printed(OutputFormat.TABLE, rows, Language.BOTH)) and "Name" in shown


def test_programs_get_satang_and_seconds() -> None:
    rows: list[dict[str, object]] = [{"name": "x", "amount": "123450", "at": 1, "more": [1]}]
    assert json.loads(printed(OutputFormat.JSON, rows, Language.TH)) == rows
    assert json.loads(printed(OutputFormat.NDJSON, rows, Language.TH)) == rows[0]
    assert printed(OutputFormat.CSV, rows, Language.TH) == "name,amount,at\nx,123450,1\n"


def test_many_rows_are_a_line_each_for_ndjson() -> None:
    rows: list[dict[str, object]] = [{"name": str(each)} for each in range(1_000)]
    lines = printed(OutputFormat.NDJSON, rows, Language.EN).splitlines()
    assert [json.loads(line)["name"] for line in lines] == [str(each) for each in range(1_000)]


def test_nothing_to_show_is_still_a_shape() -> None:
    assert json.loads(printed(OutputFormat.JSON, [], Language.EN)) == []
    assert printed(OutputFormat.NDJSON, [], Language.EN) == ""
    assert printed(OutputFormat.CSV, [], Language.EN) == "name,amount,at\n"


def test_no_color_codes_reach_a_pipe() -> None:
    assert "\x1b" not in printed(OutputFormat.TABLE, [{"name": "x"}], Language.BOTH)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def desk_at(out: io.StringIO, err: io.StringIO) -> Desk:
    surroundings = Surroundings(language=Language.EN, environment={}, out=out, err=err)
    return Desk(surroundings, Options())


def test_long_work_shows_a_bar_on_a_terminal_and_nothing_in_a_pipe() -> None:
    for err, shown in ((Terminal(), True), (io.StringIO(), False)):
        out = io.StringIO()
        with desk_at(out, err).progress("อ่านเชน", "Reading the chain", 10) as advance:
            advance(10)
        assert ("Reading the chain" in err.getvalue()) is shown
        assert out.getvalue() == ""


def test_no_color_is_respected_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    out = Terminal()
    desk_at(out, Terminal()).printer.record(COLUMNS, {"name": "x", "amount": "1", "at": 1})
    colours = re.findall(r"\x1b\[[0-9;]*m", out.getvalue())
    assert all(code in ("\x1b[0m", "\x1b[1m") for code in colours)
