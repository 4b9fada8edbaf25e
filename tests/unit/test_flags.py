"""The flags find what is planted, leave honest people alone, and are questions for a person."""

import ast
import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from bench.flag_city import FlagCity
from bench.flags import CROOKS, figures_of, labelled_city, score, table
from ledger.audit.flags import TillFile
from ledger.domain.flag_queue import NEXT, ReviewState, read_queue
from ledger.domain.flag_rules import RULES, raise_flags
from ledger.domain.flag_sentences import WORDS, explain_flag
from ledger.domain.flags import VERSION, Flag, Thresholds, thresholds_of
from ledger.errors import CsvInvalid, InputInvalid, NotFound, WrongState

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT.joinpath("docs", "flags.md").read_text("utf-8")
RECALL_MIN = {
    "far_from_shop": 0.9, "two_places": 0.5, "cash_out_ring": 0.7, "same_pair": 0.7,
    "limit_burst": 0.7, "closed_hours": 0.9, "one_device": 0.7, "no_return": 0.9,
}  # fmt: skip
FALSE_PER_1000_PASSES_MAX = 6
"""Of all rules together, in a small town where nobody cheats and each odd honest habit is there."""


@pytest.fixture(scope="module")
def town() -> FlagCity:
    return labelled_city(2_000, seed=5)


@pytest.fixture(scope="module")
def flags(town: FlagCity) -> list[Flag]:
    return raise_flags(town.facts(), Thresholds())


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_names_most_of_what_was_planted_for_it(
    town: FlagCity, flags: list[Flag], rule: str
) -> None:
    (mine,) = [each for each in score(town, flags) if each.rule == rule]
    assert mine.planted > 0 and mine.recall is not None
    assert mine.recall >= RECALL_MIN[rule], mine


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_in_an_honest_town_few_are_asked(seed: int) -> None:
    honest = labelled_city(2_000, seed=seed, crooks=0)
    raised = raise_flags(honest.facts(), Thresholds())
    assert len(raised) * 1_000 <= FALSE_PER_1000_PASSES_MAX * honest.passes, table(
        figures_of(score(honest, raised))
    )


def test_canteens_families_and_markets_are_no_rings() -> None:
    honest = labelled_city(2_000, seed=8, crooks=0)
    rings = raise_flags(honest.facts(), Thresholds(), ["cash_out_ring"])
    # The team that eats the set meal together on Fridays alone.
    assert {len(each.passes) for each in rings} <= {7}


def test_the_same_town_gives_the_same_flags(town: FlagCity, flags: list[Flag]) -> None:
    again = raise_flags(labelled_city(2_000, seed=5).facts(), Thresholds())
    assert again == flags
    assert len({each.id for each in flags}) == len(flags)


def test_a_flag_keeps_its_id_while_its_evidence_grows(town: FlagCity) -> None:
    whole = town.facts()
    until = whole.spendings[0].signed_at + 21 * 86_400
    part = replace(whole, spendings=[each for each in whole.spendings if each.signed_at < until])
    rules = ["one_device", "far_from_shop"]
    before, after = (
        {each.id for each in raise_flags(facts, Thresholds(), rules)} for facts in (part, whole)
    )
    assert before and before <= after


@pytest.mark.parametrize("rule", RULES)
def test_each_flag_explains_itself_in_both_languages(flags: list[Flag], rule: str) -> None:
    one = next(each for each in flags if each.rule == rule)
    th, en = explain_flag(one)
    assert re.search("[ก-๙]", th) and not re.search("[ก-๙]", en)
    assert "{" not in th + en and any(digit in en for digit in "0123456789")
    assert WORDS[rule].name_en in PAGE and f"`{rule}`" in PAGE


def test_every_threshold_and_the_version_are_published_with_their_figures() -> None:
    assert VERSION in PAGE
    plain = Thresholds()
    for each in fields(Thresholds):
        assert f"`{each.name}` {getattr(plain, each.name)}" in PAGE, each.name


def test_the_published_precision_and_recall_are_those_of_the_bench() -> None:
    town = labelled_city(20_000, seed=7, crooks=CROOKS)
    rows = figures_of(score(town, raise_flags(town.facts(), Thresholds())))
    for row in rows:
        line = (
            f"| `{row['rule']}` | {row['planted']} | {row['named']} | {row['false']} "
            f"| {row['precision']} | {row['recall']} |"
        )
        assert line in PAGE, line


def test_other_thresholds_can_be_given_and_are_checked() -> None:
    assert thresholds_of({"ring_passes": 8}).ring_passes == 8
    for wrong in ({"ring": 8}, {"ring_passes": 0}, {"ring_passes": "8"}, [], {"far_metres": True}):
        with pytest.raises(InputInvalid):
            thresholds_of(wrong)


def test_nothing_acts_on_a_flag() -> None:
    """No module that writes or decides imports the flags; the command line alone shows them."""
    importers = set()
    for room in ("ledger", "api", "deploy", "wallet_cli"):
        for path in ROOT.joinpath(room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and re.match(
                    r"ledger\.(domain\.flag|audit\.flags)", node.module or ""
                ):
                    importers.add(path.relative_to(ROOT).as_posix())
    assert {name for name in importers if not re.match(r"ledger/(domain|audit)/flag", name)} == {
        "wallet_cli/commands/audit_flags.py"
    }


# ── the till's file ──────────────────────────────────────────────────────────────────────────────


def verdict(**changes: object) -> dict[str, object]:
    document: dict[str, object] = {
        "campaign": {"number": 1},
        "pass": {"number": 7},
        "request": {"merchant": 3, "signed_at": 1_761_800_000},
        "facts": {
            "distance_metres": "9000", "position_age_seconds": "4", "accuracy_metres": "12",
        },
        "now": 1_761_800_020,
        "outcome": {"accepted": True, "code": "accepted"},
    }  # fmt: skip
    return {"document": document | changes, "device": "phone 9"}


def test_a_tills_file_tells_distances_phones_and_refused_attempts() -> None:
    till = TillFile()
    refused = verdict(outcome={"accepted": False, "code": "outside_hours"})
    till.read([json.dumps(each).encode() for each in (verdict(), refused)])
    ((key, note),) = till.notes.items()
    assert key == (1, 7, 1_761_800_000) and (note.distance_metres, note.device) == (
        9_000,
        "phone 9",
    )
    (attempt,) = till.attempts
    assert (attempt.merchant, attempt.reason) == (3, "outside_hours")


def test_bad_lines_of_a_tills_file_are_all_named() -> None:
    lines = [
        b"{",
        b"[]",
        b'{"document": {}}',
        json.dumps(verdict(campaign={"number": -1})).encode(),
    ]
    with pytest.raises(CsvInvalid) as refused:
        TillFile().read(lines)
    assert [row["row"] for row in refused.value.details["rows"]] == [1, 2, 3, 4]


# ── the queue ────────────────────────────────────────────────────────────────────────────────────


def queue_of(flags: list[Flag]) -> bytes:
    queue = read_queue(b"")
    raw = queue.opened(flags[:3], by="an audit", at=1)
    raw += queue.decided(flags[0].id, ReviewState.CLEARED, by="สมศรี", why="วันเกิด", at=2)
    return raw + queue.decided(flags[1].id, ReviewState.CONFIRMED, by="Somsri", why="a ring", at=3)


def test_a_queue_remembers_who_decided_what_and_why(flags: list[Flag]) -> None:
    queue = read_queue(queue_of(flags))
    first = queue.reviews[flags[0].id]
    assert (first.state, first.by, first.why) == (ReviewState.CLEARED, "สมศรี", "วันเกิด")
    assert queue.opened(flags[:3], by="an audit", at=9) == b""
    again = queue.decided(flags[0].id, ReviewState.OPEN, by="Somsri", why="once more", at=4)
    assert again and queue.reviews[flags[0].id].state is ReviewState.OPEN


def test_a_decision_needs_a_known_flag_a_state_that_follows_a_name_and_a_reason(
    flags: list[Flag],
) -> None:
    queue = read_queue(queue_of(flags))
    with pytest.raises(NotFound):
        queue.decided("flg_nobody", ReviewState.CLEARED, by="a", why="b", at=4)
    with pytest.raises(WrongState):
        queue.decided(flags[0].id, ReviewState.CONFIRMED, by="a", why="b", at=4)
    for by, why in (("", "b"), ("a", " "), ("a", "b" * 1_001)):
        with pytest.raises(InputInvalid):
            queue.decided(flags[2].id, ReviewState.CLEARED, by=by, why=why, at=4)
    assert set(NEXT) == set(ReviewState)


def test_any_change_to_a_queues_lines_is_named(flags: list[Flag]) -> None:
    lines = queue_of(flags).splitlines(keepends=True)
    changed = [line.replace(b"a ring", b"a wedding") for line in lines]
    lies = {
        "a line changed": [*changed, lines[0]],
        "a line left out": [lines[0], *lines[2:]],
        "a line put in": [*lines[:2], lines[1], *lines[2:]],
        "two lines changed places": [lines[1], lines[0], *lines[2:]],
        "an end cut inside a line": [*lines[:-1], lines[-1][:-9]],
        "not JSON": [*lines, b"nonsense\n"],
        "an unknown state": [*lines, lines[-1].replace(b"confirmed", b"punished")],
    }
    for lie, told in lies.items():
        with pytest.raises(InputInvalid):
            read_queue(b"".join(told))
            pytest.fail(lie)
