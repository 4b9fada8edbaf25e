"""A wallet tells a coupon's limits before they are met, and brings what a redemption needs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.signer import keyfile_of
from ledger.domain.signatures import address_of
from ledger.domain.till_terms import GoodsNotice
from tests.unit.cli_people import (
    HOLDER,
    NOON,
    PASSWORD,
    SEQUENCER,
    STARTS,
    asked_for,
    charge,
    coupon,
    holds,
    knows_shop,
    quotes,
    takes,
    wallet,
)
from tests.unit.cli_teller import Teller, answering, deployment, ended
from wallet_cli.exit_codes import ExitCode

NOTICE = GoodsNotice(th="ห้ามซื้อสุรา", en="No alcohol")
LIMITS: dict[str, Any] = {
    "left": "200000",
    "left_today": "18000",
    "household_left": "60000",
    "until": STARTS + 86_400,
    "first_use_by": STARTS + 3_600,
    "categories": ["restaurant"],
    "districts": [1, 7],
    "same_district": False,
    "position": {"metres_max": 300},
    "notice": {"th": NOTICE.th, "en": NOTICE.en, "hash": "0x" + "ab" * 32},
    "instalment": {"opens": STARTS + 60, "amount": "140000", "after_spending": "100000"},
}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys")
    (directory / "password").write_text(PASSWORD + "\n", "utf-8")
    (directory / "holder.json").write_bytes(keyfile_of(HOLDER, PASSWORD, iterations=2**10))
    return directory


@pytest.fixture
def teller() -> Iterator[Teller]:
    with answering() as listening:
        said = deployment(sequencer=address_of(SEQUENCER))
        listening.answers["/v1/deployment"] = (200, said)
        listening.answers["/v1/time"] = (200, json.dumps({"now": NOON}).encode())
        yield listening


def test_the_coupons_say_what_is_left_until_when_and_what_is_needed(
    teller: Teller, secrets: Path
) -> None:
    holds(teller, coupon(limits=LIMITS))
    code, _, told = wallet(teller, secrets, "coupons")
    assert code is ExitCode.OK
    for words in (
        "วันนี้เหลือ 180 บาท",
        "left today: 180 baht",
        "the household has left in all: 600 baht",
        "next instalment: 1,400 baht",
        "once 1,000 are spent",
        "the first use must be by",
        "in districts 1, 7",
        "at most 300 metres from the shop",
        NOTICE.th,
        NOTICE.en,
    ):
        assert words in told, words


def test_showing_a_code_tells_the_limits_first(teller: Teller, secrets: Path) -> None:
    holds(teller, coupon(limits=LIMITS))
    assert "left today: 180 baht" in wallet(teller, secrets, "show", "--bill", "120")[2]


def test_paying_brings_the_place_and_the_notice_that_was_shown(
    teller: Teller, secrets: Path
) -> None:
    holds(teller, coupon(limits=LIMITS))
    knows_shop(teller)
    quotes(teller, limits=LIMITS)
    takes(teller)
    code, _, told = wallet(
        teller, secrets, "pay", charge(), "--yes", "--position", "18.7423,98.942"
    )
    assert code is ExitCode.OK, told
    assert NOTICE.th in told and NOTICE.en in told
    (sent,) = (json.loads(body) for body in asked_for(teller, "/v1/redemptions"))
    # The hash is of what was shown, whatever the server says it is.
    assert sent["notice_acknowledged"] == "0x" + NOTICE.hash.hex()
    measured_at = sent["position"].pop("measured_at")
    assert abs(measured_at - NOON) <= 5
    assert sent["position"] == {
        "latitude": "18.7423",
        "longitude": "98.942",
        "accuracy_metres": 20,
    }
    (asked,) = (json.loads(body) for body in asked_for(teller, "/v1/redemptions/quote"))
    assert asked["position"]["latitude"] == "18.7423"


@pytest.mark.parametrize("place", ["here", "18.7423", "18.7423;98.942", "181,98,7"])
def test_a_place_that_is_none_is_refused_before_anything_is_asked(
    teller: Teller, secrets: Path, place: str
) -> None:
    code, _, _ = wallet(teller, secrets, "pay", charge(), "--yes", "--position", place)
    assert code is ExitCode.USAGE
    assert asked_for(teller, "/v1/redemptions") == []


def test_a_refusal_names_its_verdict(teller: Teller, secrets: Path) -> None:
    holds(teller, coupon())
    knows_shop(teller)
    quotes(teller)
    problem = {"code": "too_far", "rule": "too_far", "detail_th": "ไกล", "detail_en": "far"}
    problem["verdict"] = "vrd_5v3k7q2mza4xw6yt5v3k7q2m"
    teller.answers["/v1/redemptions"] = (422, json.dumps(problem).encode())
    code, _, told = wallet(teller, secrets, "pay", charge(), "--yes")
    assert code is ExitCode.REFUSED
    assert "verdict vrd_5v3k7q2mza4xw6yt5v3k7q2m" in told


def test_a_verdict_is_kept_as_the_file_that_auditors_read(
    teller: Teller, secrets: Path, tmp_path: Path
) -> None:
    said = {
        "document": {
            "now": NOON,
            "policy": "0x11",
            "outcome": {"accepted": False, "code": "ended"},
        },
        "signature": "0x" + "ab" * 64,
        "signer": address_of(SEQUENCER),
        "chain_id": 31337,
    }
    name = "vrd_5v3k7q2mza4xw6yt5v3k7q2m"
    teller.answers[f"/v1/verdicts/{name}"] = (200, json.dumps(said).encode())
    kept = tmp_path / "verdict.json"
    code, out, told = wallet(teller, secrets, "verdict", name, "--file", str(kept))
    assert code is ExitCode.OK, told
    assert "ended" in out
    assert json.loads(kept.read_text("utf-8")) == said


def test_a_stand_is_registered_by_the_shops_own_code_and_no_other(
    teller: Teller, secrets: Path
) -> None:
    kept = {"reference": b"12345678".hex(), "reason": "In a cellar.", "registered_at": NOON}
    teller.answers["/v1/merchants/3/stands"] = (201, json.dumps(kept).encode())
    shop = ["--api", teller.url, "--keyfile", str(secrets / "holder.json")]
    shop += ["--password-file", str(secrets / "password"), "--reason", "In a cellar."]
    code, _, told = ended(["merchant", "stand-add", charge(0), "--merchant", "3", *shop])
    assert code is ExitCode.OK, told
    (sent,) = (json.loads(body) for body in asked_for(teller, "/v1/merchants/3/stands"))
    assert sent == {"reference": b"12345678".hex(), "reason": "In a cellar."}
    code, _, _ = ended(["merchant", "stand-add", charge(0), "--merchant", "4", *shop])
    assert code is ExitCode.NOT_ALLOWED


def test_households_come_from_a_table(teller: Teller, secrets: Path, tmp_path: Path) -> None:
    table, key = tmp_path / "households.csv", tmp_path / "registrar.key"
    table.write_text("pass,household\n1,H-1\n", "utf-8")
    key.write_text("nk_registrar\n", "utf-8")
    teller.answers["/v1/households"] = (200, json.dumps({"passes": 1, "households": 1}).encode())
    officer = ["--api", teller.url, "--key-file", str(key)]
    code, _, told = ended(["pass", "households", str(table), *officer])
    assert code is ExitCode.OK, told
    assert asked_for(teller, "/v1/households") == [table.read_bytes()]
