"""Every failure ends with the exit code the table says, two sentences, and no stack trace."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import errors
from ledger.domain.reasons import Reason
from tests.unit.cli_teller import Teller, answering, deployment, ended
from wallet_cli.client import CityClient, problem_failure
from wallet_cli.exit_codes import MEANINGS, ExitCode
from wallet_cli.failures import CommandFailure, exit_code_of, exit_code_of_problem, explain

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def teller() -> Iterator[Teller]:
    with answering() as listening:
        yield listening


def test_every_exit_code_has_its_meaning_in_both_languages() -> None:
    for code in ExitCode:
        thai, english = MEANINGS[code]
        assert thai and english


@pytest.mark.parametrize("kind", list(errors.every_error()), ids=lambda kind: kind.code)
def test_every_expected_error_has_an_exit_code_and_two_sentences(
    kind: type[errors.LedgerError],
) -> None:
    if kind is errors.RedemptionRefused:
        error: errors.LedgerError = errors.RedemptionRefused("ended", {})
    else:
        error = kind()
    if kind is not errors.LedgerError:
        assert exit_code_of(error) is not ExitCode.UNEXPECTED
    told = explain(error)
    assert told.th and told.en and told.action_th and told.action_en


@pytest.mark.parametrize("reason", list(Reason), ids=lambda reason: reason.code)
def test_every_rule_that_refuses_ends_with_refused(reason: Reason) -> None:
    assert exit_code_of_problem(reason.code, 422, rule=reason.code) is ExitCode.REFUSED
    assert exit_code_of(errors.RedemptionRefused(reason.code, {})) is ExitCode.REFUSED


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("unknown_campaign", 404, ExitCode.NOT_FOUND),
        ("idempotency_mismatch", 422, ExitCode.CONFLICT),
        ("wrong_state", 409, ExitCode.CONFLICT),
        ("role_missing", 403, ExitCode.NOT_ALLOWED),
        ("key_unknown", 401, ExitCode.NOT_ALLOWED),
        ("signature_invalid", 401, ExitCode.NOT_ALLOWED),
        ("csv_invalid", 422, ExitCode.USAGE),
        ("day_quota_used", 422, ExitCode.REFUSED),
        ("node_unreachable", 503, ExitCode.UNREACHABLE),
        ("something_new", 429, ExitCode.UNREACHABLE),
        ("something_new", 418, ExitCode.USAGE),
        ("something_new", 500, ExitCode.UNEXPECTED),
    ],
)
def test_a_problem_of_the_server_ends_by_its_code_then_by_its_status(
    code: str, status: int, expected: ExitCode
) -> None:
    assert exit_code_of_problem(code, status) is expected


def test_a_problem_document_is_told_whole() -> None:
    told = problem_failure(
        422,
        {
            "code": "csv_invalid",
            "detail_th": "ไฟล์ผิด",
            "detail_en": "The file is wrong",
            "action_th": "แก้",
            "action_en": "Correct it",
            "request_id": "req_1",
            "errors": [{"code": "address", "detail": "no address", "line": 7}],
        },
    )
    assert told.exit_code is ExitCode.USAGE
    assert told.explanation.lines == ("line 7: no address (address)", "request req_1")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["wallet", "nonsense"],
        ["wallet", "show"],
        ["wallet", "show", "--bill", "1,5"],
        ["wallet", "show", "--bill", "-1"],
        ["wallet", "show", "--bill", "1e3"],
        ["wallet", "show", "--bill", "99999999999"],
        ["campaign", "approve", "0"],
        ["campaign", "approve", "4294967296"],
        ["campaign", "approve", "๑"],
        ["pass", "rebind", "1", "0x" + "0" * 40],
        ["pass", "rebind", "1", "0x12"],
        ["city", "find", "x", "-o", "xml"],
        ["city", "find", "x", "--json", "-o", "csv"],
        ["--lang", "fr", "city"],
    ],
)
def test_a_wrong_command_line_ends_with_usage_and_names_the_mistake(arguments: list[str]) -> None:
    code, out, err = ended(arguments)
    assert code is ExitCode.USAGE
    assert out == ""
    assert err.strip().splitlines()[-1].startswith("(")
    assert "Traceback" not in err


def test_nobody_answering_is_unreachable() -> None:
    code, _, err = ended(["campaign", "show", "--api", "http://127.0.0.1:1"])
    assert code is ExitCode.UNREACHABLE
    assert "(city_unreachable)" in err


@pytest.mark.parametrize("address", ["not a url", "http://", "ftp://x", "http://[::1", "//x"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    code, _, err = ended(["campaign", "show", "--api", address])
    assert code in (ExitCode.UNREACHABLE, ExitCode.USAGE)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'"x"', b"null", b"\xff\xfe", b"{" * 1_000]
)
def test_somebody_elses_server_is_told_apart(teller: Teller, body: bytes) -> None:
    teller.answers["/v1/campaigns/1"] = (200, body)
    code, _, err = ended(["campaign", "show", "1", "--api", teller.url])
    assert code is ExitCode.UNREACHABLE
    assert "(answer_unreadable)" in err


def test_an_officer_without_a_key_is_not_allowed_and_nothing_is_sent(teller: Teller) -> None:
    code, _, err = ended(["campaign", "pause", "1", "--api", teller.url])
    assert code is ExitCode.NOT_ALLOWED
    assert "(key_missing)" in err
    assert teller.asked == []


def test_a_servers_hostile_sentence_cannot_act_on_the_terminal(teller: Teller) -> None:
    problem = {"code": "ended", "detail_th": "\x1b[2Jจบ\u202e", "detail_en": "x\r\nok"}
    teller.answers["/v1/campaigns/1"] = (422, json.dumps(problem).encode())
    code, _, err = ended(["campaign", "show", "1", "--api", teller.url])
    assert code is ExitCode.REFUSED
    assert "\x1b" not in err and "\u202e" not in err and "\r" not in err


def test_an_officers_key_goes_into_the_header_and_every_post_has_a_key_of_its_own(
    teller: Teller, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("nk_secret\n")
    intent = {"id": "int_1", "kind": "pause", "status": "included", "result": None}
    teller.answers["/v1/campaigns/1/pause"] = (202, json.dumps({"intent": intent}).encode())
    for _ in range(2):
        arguments = ["campaign", "pause", "1", "--api", teller.url, "--key-file", str(key)]
        assert ended([*arguments, "--json"])[0] is ExitCode.OK
    sent = [headers for _, _, headers, _ in teller.asked]
    assert {headers["authorization"] for headers in sent} == {"Bearer nk_secret"}
    assert len({headers["idempotency-key"] for headers in sent}) == 2


def test_a_failed_order_ends_by_the_reason_the_chain_gave(teller: Teller) -> None:
    error = {"code": "wrong_state", "th": "อนุมัติแล้ว", "en": "approved already", "details": {}}
    intent = {"id": "int_1", "kind": "approve", "status": "failed", "error": error}
    teller.answers["/v1/campaigns/1/approve"] = (202, json.dumps({"intent": intent}).encode())
    arguments = ["campaign", "approve", "1", "--yes", "--api", teller.url]
    code, out, err = ended(arguments, NAKHON_KEY="nk_x")
    assert (code, out) == (ExitCode.CONFLICT, "")
    assert "approved already" in err


def test_an_order_that_is_not_on_the_chain_in_time_is_shown_as_it_stands(teller: Teller) -> None:
    intent = {"id": "int_1", "kind": "approve", "status": "queued", "result": None}
    teller.answers["/v1/campaigns/1/approve"] = (202, json.dumps({"intent": intent}).encode())
    arguments = ["campaign", "approve", "1", "--yes", "--api", teller.url, "--wait", "0", "--json"]
    code, out, err = ended(arguments, NAKHON_KEY="nk_x")
    assert code is ExitCode.OK
    assert json.loads(out)["status"] == "queued"
    assert "the chain does not have it yet" in err


def test_a_deed_that_needs_a_yes_asks_or_refuses(teller: Teller) -> None:
    code, _, err = ended(["campaign", "approve", "1", "--api", teller.url], NAKHON_KEY="nk_x")
    assert code is ExitCode.USAGE
    assert "(confirmation_needed)" in err
    assert teller.asked == []


@pytest.mark.parametrize("wrong", [{"domain_separator": "0x" + "11" * 32}, {"tag": "00000000"}])
def test_a_server_that_contradicts_itself_gets_no_signature(
    teller: Teller, wrong: dict[str, str]
) -> None:
    teller.answers["/v1/deployment"] = (200, deployment(**wrong))
    with CityClient(teller.url) as client, pytest.raises(CommandFailure) as refused:
        _ = client.city
    assert refused.value.exit_code is ExitCode.CHAIN


def test_the_wallet_follows_the_servers_time_wherever_it_goes(teller: Teller) -> None:
    with CityClient(teller.url) as client:
        for now in (4_000_000_000, 1_000_000_000):
            teller.answers["/v1/time"] = (200, json.dumps({"now": now}).encode())
            assert client.now() == now


def test_a_list_that_never_ends_is_given_up(teller: Teller) -> None:
    from wallet_cli import client as module

    page = json.dumps({"items": [], "next": "again"}).encode()
    teller.answers["/v1/merchants?limit=200"] = (200, page)
    teller.answers["/v1/merchants?limit=200&cursor=again"] = (200, page)
    with CityClient(teller.url) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PAGES_MAX", 5)
        with pytest.raises(CommandFailure) as refused:
            list(client.items("/v1/merchants"))
    assert refused.value.explanation.code == "answer_unreadable"


def test_every_page_of_a_list_is_read(teller: Teller) -> None:
    first = json.dumps({"items": [{"merchant": 1}], "next": "c/2"}).encode()
    second = json.dumps({"items": [{"merchant": 2}], "next": None}).encode()
    teller.answers["/v1/merchants?limit=200"] = (200, first)
    teller.answers["/v1/merchants?limit=200&cursor=c%2F2"] = (200, second)
    code, out, _ = ended(["city", "merchants", "--api", teller.url, "-o", "ndjson"])
    assert code is ExitCode.OK
    assert [json.loads(line)["merchant"] for line in out.splitlines()] == [1, 2]


def test_a_reader_that_leaves_early_is_no_failure() -> None:
    command = f"{sys.executable} -m wallet_cli.main city find เมือง -o ndjson | head -n 1"
    piped = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in piped.stderr and "BrokenPipe" not in piped.stderr
    assert piped.returncode == 0


def test_a_defect_is_told_without_a_stack_trace() -> None:
    script = (
        "import sys\n"
        "from wallet_cli import main as entry\n"
        "def broken(*_): raise RuntimeError('boom \\x1b[31m')\n"
        "entry.run = broken\n"
        "sys.argv = ['nakhon']\n"
        "entry.main()\n"
    )
    asked = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == ExitCode.UNEXPECTED
    assert "Traceback" not in asked.stderr and "\x1b" not in asked.stderr
    assert "(unexpected)" in asked.stderr
