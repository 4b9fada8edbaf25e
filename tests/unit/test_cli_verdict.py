"""`nakhon audit verdict`: good verdicts agree, and each kind of lie has its exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.policy import policy_terms
from ledger.domain.rules import Request
from ledger.domain.signatures import address_of, sign
from ledger.domain.till_terms import TillFacts
from ledger.domain.typed_data import domain_separator
from ledger.domain.usage import Usage
from ledger.domain.verdict import judge
from ledger.domain.verdict_document import digest_of, document_of
from tests.property.domain_city import CAMPAIGN, MERCHANT, PASS, REQUEST, TOKEN
from tests.unit.cli_teller import ended
from tests.unit.test_policy_files import FILES, policy_named
from wallet_cli.exit_codes import ExitCode

KEY = b"\x33" * 32
BOOK = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SEPARATOR = domain_separator(31_337, BOOK)
WALLET = next(path for path in FILES if path.stem == "ten_thousand_baht_wallet")


def handed_out(change: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    """A signed verdict under the wallet's policy; `change` is what a lying service altered."""
    policy = policy_named("ten_thousand_baht_wallet")
    at = policy.starts + 3_600
    campaign = replace(CAMPAIGN, terms=policy_terms(policy, TOKEN))
    asked: Request = replace(REQUEST, signed_at=at, **request)
    assert policy.till.goods_notice is not None
    facts = TillFacts(
        distance_metres=310,
        position_age_seconds=3,
        accuracy_metres=9,
        notice_acknowledged=policy.till.goods_notice.hash,
    )
    verdict = judge(campaign, PASS, MERCHANT, Usage(), asked, at, till=policy.till, facts=facts)
    document = document_of(campaign, PASS, MERCHANT, Usage(), asked, at, verdict, facts=facts)
    document["outcome"] |= change or {}
    r, vs = sign(digest_of(SEPARATOR, document), KEY)
    return {
        "document": document,
        "signature": "0x" + (r + vs).hex(),
        "signer": address_of(KEY),
        "chain_id": 31_337,
        "book": BOOK,
    }


def audited(tmp_path: Path, verdict: Any, *arguments: str) -> tuple[ExitCode, str, str]:
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(verdict), "utf-8")
    return ended(["audit", "verdict", str(path), *arguments])


def test_a_refusal_is_judged_again_from_the_file_and_agrees(tmp_path: Path) -> None:
    signed = handed_out()
    code, out, err = audited(tmp_path, signed, "--policy", str(WALLET), "-o", "json")
    assert code is ExitCode.OK, err
    row = json.loads(out)
    assert row["agrees"] is True
    assert row["code"] == "too_far"
    assert row["en"].startswith("You are 310 metres from the shop")
    assert row["signer"] == address_of(KEY)


def test_the_policy_may_come_with_the_verdict(tmp_path: Path) -> None:
    signed = handed_out() | {"policy": json.loads(WALLET.read_bytes())}
    code, out, err = audited(tmp_path, signed, "--lang", "th")
    assert code is ExitCode.OK, err
    assert "ท่านอยู่ห่างจากร้าน 310 เมตร" in out
    del signed["policy"]
    assert audited(tmp_path, signed)[0] is ExitCode.USAGE


def test_an_acceptance_is_told_in_words_too(tmp_path: Path) -> None:
    signed = handed_out(venue="chain")
    code, out, err = audited(tmp_path, signed, "--policy", str(WALLET), "--lang", "en")
    assert code is ExitCode.OK, err
    assert "100 baht taken, 9,900 baht left in all" in out


def test_a_wrong_figure_under_a_good_signature_is_named(tmp_path: Path) -> None:
    signed = handed_out({"figures": {"distance_metres": 310, "metres_max": 299}})
    code, out, err = audited(tmp_path, signed, "--policy", str(WALLET), "--json")
    assert code is ExitCode.DIFFERS
    assert json.loads(out)["disagreements"] == [
        {"what": "figures.metres_max", "said": 299, "judged": 300}
    ]
    assert "figures.metres_max" in err


def test_a_wrong_outcome_under_a_good_signature_differs(tmp_path: Path) -> None:
    signed = handed_out({"accepted": True, "code": "accepted"})
    code, _out, err = audited(tmp_path, signed, "--policy", str(WALLET), "--lang", "en")
    assert code is ExitCode.DIFFERS
    assert "accepted, code" in err


def test_a_changed_document_or_another_signer_fails_the_signature(tmp_path: Path) -> None:
    policy = ["--policy", str(WALLET)]
    changed = handed_out()
    changed["document"]["facts"]["distance_metres"] = "299"
    assert audited(tmp_path, changed, *policy)[0] is ExitCode.NOT_ALLOWED
    other = handed_out() | {"signer": BOOK}
    assert audited(tmp_path, other, *policy)[0] is ExitCode.NOT_ALLOWED
    city = handed_out() | {"chain_id": 1}
    assert audited(tmp_path, city, *policy)[0] is ExitCode.NOT_ALLOWED
    good = handed_out()
    assert audited(tmp_path, good, *policy, "--signer", BOOK)[0] is ExitCode.NOT_ALLOWED
    assert audited(tmp_path, good, *policy, "--signer", address_of(KEY))[0] is ExitCode.OK


def test_another_policy_is_refused(tmp_path: Path) -> None:
    half = next(path for path in FILES if path.stem == "half_half_plus_2025")
    code, _out, err = audited(tmp_path, handed_out(), "--policy", str(half), "--lang", "en")
    assert code is ExitCode.USAGE
    assert "another policy" in err


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0x12"},
        {"signature": "zz"},
        {"signature": 7},
        {"signer": "me"},
        {"signer": None},
        {"document": []},
        {"colour": "red"},
        {"chain_id": "1"},
        {"chain_id": True},
        {"chain_id": None},
        {"book": None},
        {"book": 5},
        {"policy": 5},
        {"policy": {"a": 2**60}},
    ],
)
def test_what_is_no_signed_verdict_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    code, out, err = audited(tmp_path, handed_out() | changes, "--policy", str(WALLET))
    assert code in (ExitCode.USAGE, ExitCode.NOT_ALLOWED), err
    assert out == ""


def test_bytes_that_are_no_json_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    for raw in (b"", b"\xff", b"[" * 100_000, b"[]"):
        path.write_bytes(raw)
        assert ended(["audit", "verdict", str(path)])[0] is ExitCode.USAGE


def test_without_a_city_in_the_file_the_deployment_record_names_it(tmp_path: Path) -> None:
    signed = handed_out()
    del signed["chain_id"], signed["book"]
    missing = ("--policy", str(WALLET), "--deployment", str(tmp_path / "none.json"))
    assert audited(tmp_path, signed, *missing)[0] is ExitCode.CHAIN
