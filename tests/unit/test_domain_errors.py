"""The tree of failures and the sentences that tell them."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from ledger import errors
from ledger.domain.sentences import SENTENCES, advise, say, shown, speak
from ledger.domain.verdict import Reason
from ledger.errors import (
    AmountInvalid,
    Conflict,
    InputInvalid,
    LedgerError,
    ListInvalid,
    NodeUnreachable,
    RedemptionRefused,
    ToolMissing,
    every_error,
)

THAI = range(0x0E00, 0x0E80)


def test_every_code_belongs_to_one_error() -> None:
    kinds = list(every_error())
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert kinds[0] is LedgerError


def test_the_docstring_of_the_tree_names_every_error() -> None:
    for kind in every_error():
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.__doc__, f"{kind.__name__} promises nothing"


def test_only_what_may_work_later_just_as_it_is_is_retryable() -> None:
    retryable = {kind.code for kind in every_error() if kind.retryable}
    assert retryable == {"node_unreachable", "idempotency_in_progress", "issuing_stopped"}


def test_an_error_keeps_its_details_and_shows_them_to_a_developer() -> None:
    failure = NodeUnreachable(url="http://node", why="timed out")
    assert failure.details == {"url": "http://node", "why": "timed out"}
    assert "timed out" in str(failure)


def test_every_error_and_every_reason_has_two_sentences_and_two_actions() -> None:
    needed = {kind.code for kind in every_error()} | {reason.code for reason in Reason}
    assert set(SENTENCES) == needed
    for code, sentence in SENTENCES.items():
        for thai in (sentence.th, sentence.action_th):
            assert any(ord(character) in THAI for character in thai), code
        for english in (sentence.en, sentence.action_en):
            assert not any(ord(character) in THAI for character in english), code
            assert english[0].isupper() or english[0] in "{“", code
            assert english.endswith("."), code


def test_both_languages_of_a_sentence_use_format_words_that_exist() -> None:
    known = {
        "",
        "baht",
        "date",
        "until",
        "percent",
        "seconds",
        "class",
        "category",
        "state",
        "rows",
        "period",
        "place",
        "rule",
    }
    for code, sentence in SENTENCES.items():
        for template in (sentence.th, sentence.en, sentence.action_th, sentence.action_en):
            for _text, _name, word, _conversion in string.Formatter().parse(template):
                assert word in known | {None}, code


def test_the_day_quota_says_what_was_used_and_what_is_left() -> None:
    thai, english = say("day_quota_used", {"spent_today": 18_000, "day_left": 2_000})
    assert thai == "วันนี้ใช้สิทธิ์ไปแล้ว 180 บาท เหลือ 20 บาท"
    assert english == "180 baht have been used today; 20 baht are left."
    assert advise("day_quota_used")[0] == "ใช้ไม่เกินยอดที่เหลือของวันนี้ หรือใช้สิทธิ์ใหม่วันพรุ่งนี้"


def test_a_refusal_speaks_for_its_reason() -> None:
    spoken = speak(RedemptionRefused("ended", {"ends": 1_767_196_800}))
    assert spoken.th == "โครงการสิ้นสุดแล้วเมื่อ 31 ธ.ค. 2568 23:00 น."
    assert spoken.en == "The campaign ended on 31 Dec 2025 23:00."
    assert spoken.action_th and spoken.action_en


def test_a_failure_without_details_is_told_all_the_same() -> None:
    for kind in every_error():
        failure = RedemptionRefused("ended") if kind is RedemptionRefused else kind()
        spoken = speak(failure)
        assert "{" not in spoken.th + spoken.en


def test_an_unknown_code_is_a_defect_of_ours() -> None:
    with pytest.raises(KeyError):
        say("no_such_code")


def test_details_cannot_smuggle_format_fields_controls_or_length_into_a_sentence() -> None:
    hostile = "{code.__class__}\x00\x1b[31m\u202e" + "x" * 10_000
    _thai, english = say("input_invalid", {"what": "name", "why": hostile})
    assert "{code.__class__}" in english
    assert "\x1b" not in english and "\x00" not in english and "\u202e" not in english
    assert len(english) < 300
    assert shown("a\u2066b") == "a b"


def test_thai_words_of_a_detail_are_preferred_in_thai() -> None:
    thai, english = say("input_invalid", {"what": "x", "why": "too long", "why_th": "ยาวเกินไป"})
    assert "ยาวเกินไป" in thai and "too long" in english


def test_a_list_of_bad_rows_names_the_first_and_counts_the_rest() -> None:
    rows = [{"row": number, "why": "listed before"} for number in range(1, 9)]
    thai, english = say(ListInvalid.code, {"rows": rows})
    assert "row 5: listed before and 3 more." in english
    assert "บรรทัด 5" in thai and "อีก 3 บรรทัด" in thai


def test_classes_categories_states_and_spans_of_time_read_as_words() -> None:
    thai, english = say("not_in_audience", {"audience": ["resident", "senior"], "class": "visitor"})
    assert "ผู้อยู่อาศัย, ผู้สูงอายุ" in thai and "residents, senior citizens" in english
    assert "17" in say("not_in_audience", {"audience": ["17"], "class": "17"})[1]
    assert "suspended" in say("merchant_suspended", {"merchant": 4, "state": "suspended"})[1]
    assert "ถูกระงับ" in say("merchant_suspended", {"merchant": 4, "state": "suspended"})[0]
    for seconds, words in (
        (1, "1 seconds"),
        (60, "1 minute"),
        (900, "15 minutes"),
        (604_800, "7 days"),
        (7_200, "2 hours"),
        (61, "61 seconds"),
    ):
        told = say("presentation_expired", {"signed_at": 0, "limit_seconds": seconds})[1]
        assert f"good for {words}." in told


def test_a_pass_without_end_and_a_time_beyond_calendars_are_told() -> None:
    _thai, english = say("pass_expired", {"valid_from": 2**40 - 1, "valid_until": 0})
    assert english == f"The pass is not valid now: it is valid from {2**40 - 1} to no end."


def test_errors_of_input_are_caught_as_one_family() -> None:
    for kind in (AmountInvalid, ListInvalid):
        assert issubclass(kind, InputInvalid)
    assert not issubclass(ToolMissing, InputInvalid)


def test_what_stands_in_the_way_is_said_in_both_languages() -> None:
    house = Path(__file__).resolve().parents[2]
    calls = [
        (path.name, node)
        for room in ("api", "ledger")
        for path in (house / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Conflict"
    ]
    assert len(calls) > 15
    for name, call in calls:
        given = {each.arg: ast.unparse(each.value) for each in call.keywords}
        assert {"why", "why_th"} <= given.keys(), f"{name}:{call.lineno}"
        assert any(ord(letter) in THAI for letter in given["why_th"]), f"{name}:{call.lineno}"
    failure = Conflict(what="key", why="it is a device already", why_th="ผูกกับร้านแล้ว")
    assert speak(failure).th.endswith(": ผูกกับร้านแล้ว")
    assert speak(failure).en.endswith(": it is a device already.")
