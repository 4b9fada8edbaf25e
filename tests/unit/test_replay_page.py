"""The page of a replay: all figures in tables, nothing from outside, no script, Thai first."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ledger.domain.amounts import format_baht
from ledger.domain.past import Past
from ledger.domain.past_rows import past_rows
from ledger.services import replay_charts
from ledger.services.replay import replay_draft
from ledger.services.replay_page import replay_page
from tests.unit.cli_teller import ended
from tests.unit.replayed import CITY, DAY, STARTS, deployment_record, document, invented, one, past
from wallet_cli.exit_codes import ExitCode

NOON = STARTS + 6 * 3_600
HOSTILE = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """What a browser would make of it: elements, attributes, visible words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def report() -> dict[str, object]:
    return replay_draft(
        document(per_day_max="9000", categories=["restaurant", "grocery"]),
        invented(2_000),
        budget=9_000_000,
    )


def test_the_page_loads_nothing_runs_nothing_and_leads_nowhere(report: dict[str, object]) -> None:
    html = replay_page(report)
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "form", "a", "object"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [name for name, _ in page.attributes if name in {"src", "href", "style"}]
    assert not re.search(r"https?:|url\(|@import|javascript:", html)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_a_hostile_name_is_only_words() -> None:
    draft = document(name={"th": HOSTILE, "en": HOSTILE})
    html = replay_page(replay_draft(draft, past(one(NOON), city="<i>")))
    assert "<script" not in html and "<i>" not in html
    assert HOSTILE in " ".join(Page(html).words)


def test_every_figure_of_days_shops_hours_and_rules_stands_in_a_table(
    report: dict[str, object],
) -> None:
    words = " ".join(Page(replay_page(report)).words)
    for part in ("days", "shops", "hours"):
        for row in report[part]:  # type: ignore[attr-defined]
            for figure in ("real", "offered"):
                assert format_baht(int(row[figure])) in words, (part, row)
    for row in report["refusals"]:  # type: ignore[attr-defined]
        assert row["th"] in words and f"{row['refused']:,}" in words


def test_each_chart_has_a_name_and_its_table_follows(report: dict[str, object]) -> None:
    page = Page(replay_page(report))
    drawn = [tag for tag in page.tags if tag in {"svg", "table"}]
    assert drawn == ["svg", "table"] * 4 + ["table"]
    assert page.tags.count("svg") == sum(name == "aria-label" for name, _ in page.attributes)


def test_thai_comes_first_with_years_of_the_buddhist_era(report: dict[str, object]) -> None:
    html = replay_page(report)
    assert '<html lang="th">' in html
    assert "29 ต.ค. 2568" in html
    assert html.index("เงื่อนไขของร่าง") < html.index("The rules of the draft")
    assert report["policy"]["sentences"]["th"][0] in " ".join(Page(html).words)  # type: ignore[index]


def test_the_same_report_gives_the_same_page(report: dict[str, object]) -> None:
    assert replay_page(report) == replay_page(json.loads(json.dumps(report)))


def test_lines_stand_far_enough_apart_for_tone_marks(report: dict[str, object]) -> None:
    heights = re.findall(r"line-height: ([0-9]+\.[0-9]+)", replay_page(report))
    assert heights and all(int(height.replace(".", "").ljust(3, "0")) >= 160 for height in heights)
    assert replay_charts.TOP >= 20
    assert "prefers-color-scheme: dark" in replay_page(report)
    assert "@media print" in replay_page(report)


@pytest.mark.parametrize("count", [1, 2, 400])
def test_no_bar_leaves_its_drawing(count: int) -> None:
    of = past(*(one(NOON + day % 360 * DAY, pass_number=day + 1) for day in range(count)))
    found = replay_draft(document(share_basis_points=9_999), of, weeks=0)
    for chart in (
        replay_charts.days_chart(found["days"]),
        replay_charts.hours_chart(found["hours"]),
        replay_charts.shops_chart(found["shops"]),
        *([replay_charts.refusals_chart(found["refusals"])] if found["refusals"] else []),
    ):
        for bar in chart.bars:
            assert bar.x >= 0 and bar.x + bar.width <= replay_charts.WIDTH
            assert bar.y >= 0 and bar.y + bar.height <= chart.height
            assert bar.width >= 0 and bar.height >= 0


def test_a_past_of_nothing_but_voids_still_makes_a_page() -> None:
    found = replay_draft(document(), past(one(NOON, voided=5_000)))
    assert "1 รายการ" in " ".join(Page(replay_page(found)).words)


# The command


def write(directory: Path, of: Past, **changed: object) -> tuple[str, str]:
    draft, taken = directory / "draft.json", directory / "past.ndjson"
    draft.write_bytes(document(**changed))
    taken.write_text("\n".join(json.dumps(row) for row in past_rows(of)))
    return str(draft), str(taken)


def test_the_command_prints_the_report_and_writes_the_page(tmp_path: Path) -> None:
    draft, taken = write(tmp_path, invented(100))
    page = tmp_path / "out" / "report.html"
    line = ["policy", "replay", draft, "--past", taken, "--budget", "1,000", "--html", str(page)]
    code, out, _ = ended([*line, "-o", "json"])
    assert code is ExitCode.OK
    report = json.loads(out)
    assert report["settings"]["budget"] == "100000"
    assert page.read_text() == replay_page(report)
    assert ended([*line, "-o", "json"])[1] == out
    code, out, err = ended([*line, "--lang", "th"])
    assert code is ExitCode.OK
    assert "เกิดขึ้นจริง" in out and "ระบบเสนอ" in err
    assert ended([*line, "-o", "csv"])[1].startswith("rule,th,en,refused,")


def test_the_command_names_bad_lines_and_missing_files(tmp_path: Path) -> None:
    draft, taken = write(tmp_path, invented(3))
    Path(taken).write_text("pass,merchant,bill,amount,signed_at\nx,1,2,1,5\n")
    code, out, err = ended(["policy", "replay", draft, "--past", taken])
    assert (code, out) == (ExitCode.USAGE, "")
    assert "2: " in err and "csv_invalid" in err
    code, _, err = ended(["policy", "replay", draft, "--past", str(tmp_path / "none.csv")])
    assert code is ExitCode.NOT_FOUND
    Path(draft).write_text("{}")
    _, taken = write(tmp_path, invented(3), allowance="0")
    code, _, err = ended(["policy", "replay", draft, "--past", taken])
    assert code is ExitCode.USAGE and "policy_invalid" in err


def test_the_command_refuses_a_page_it_cannot_write(tmp_path: Path) -> None:
    draft, taken = write(tmp_path, invented(3))
    (tmp_path / "file").write_text("")
    page = tmp_path / "file" / "report.html"
    code, _, err = ended(["policy", "replay", draft, "--past", taken, "--html", str(page)])
    assert code is ExitCode.MACHINE and "file_unwritable" in err


def test_the_past_of_another_city_is_refused(tmp_path: Path) -> None:
    draft, taken = write(tmp_path, invented(3))
    record = tmp_path / "deployment.json"
    record.write_bytes(deployment_record("0x2222222222222222222222222222222222222222"))
    line = ["policy", "replay", draft, "--past", taken, "--deployment", str(record)]
    code, _, err = ended(line)
    assert code is ExitCode.CHAIN and "deployment_mismatch" in err
    record.write_bytes(deployment_record(CITY.partition(":")[2]))
    assert ended(line)[0] is ExitCode.OK
