"""A wallet on its own machine: the steps, and what it refuses to sign."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.signer import keyfile_of
from ledger.domain.clock import signed_at_of
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import address_of, recover
from ledger.domain.typed_data import redemption_digest, request_digest
from ledger.qr.codec import ChargeCode, PaperCode, PresentCode, encode
from ledger.qr.image import png, read_png
from ledger.qr.paper import derive_key
from ledger.qr.scan import scan
from tests.unit.cli_people import (
    HOLDER,
    NOON,
    ORIGIN,
    PASSWORD,
    SEPARATOR,
    SEQUENCER,
    STARTS,
    TAG,
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
from wallet_cli.failures import CommandFailure
from wallet_cli.spending import choose_coupon, next_signed_at, presented


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A keyfile of HOLDER and its password, in a directory of their own."""
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


def test_a_request_is_signed_by_the_holder_at_the_servers_time(
    teller: Teller, secrets: Path
) -> None:
    holds(teller, coupon())
    assert wallet(teller, secrets, "coupons")[0] is ExitCode.OK
    method, path, headers, body = next(each for each in teller.asked if "/me/" in each[1])
    signed_at = int(headers["nakhon-signed-at"])
    digest = request_digest(SEPARATOR, method=method, path=path, body=body, signed_at=signed_at)
    signature = bytes.fromhex(headers["nakhon-signature"].removeprefix("0x"))
    assert recover(digest, signature[:32], signature[32:]) == address_of(HOLDER)
    assert headers["nakhon-address"] == address_of(HOLDER)
    assert abs(signed_at - NOON) <= 5


def test_a_shown_code_is_signed_for_this_step_and_reads_back_from_its_picture(
    teller: Teller, secrets: Path, tmp_path: Path
) -> None:
    holds(teller, coupon())
    picture = tmp_path / "me.png"
    code, out, _ = wallet(teller, secrets, "show", "--bill", "๑๒๐", "--png", str(picture), "--json")
    assert code is ExitCode.OK
    shown = json.loads(out)
    read = scan(read_png(picture.read_bytes()), TAG, PresentCode)
    assert (read.bill, read.amount, read.copay) == (12_000, 6_000, 0)
    assert (read.signed_at - STARTS) % 15 == 0
    assert 0 <= NOON + 5 - read.signed_at <= 20
    signed = SignedRedemption(
        campaign=1, merchant=0, bill=12_000, amount=6_000, copay=0, signed_at=read.signed_at
    )
    assert recover(redemption_digest(SEPARATOR, signed), read.r, read.vs) == address_of(HOLDER)
    assert shown["text"] == read_png(picture.read_bytes())
    assert shown["amount"] == "6000"


def test_a_shown_code_is_drawn_for_people_and_not_for_programs(
    teller: Teller, secrets: Path
) -> None:
    holds(teller, coupon())
    assert "█" in wallet(teller, secrets, "show", "--bill", "120")[1]
    assert "█" not in wallet(teller, secrets, "show", "--bill", "120", "--json")[1]


def test_several_usable_coupons_ask_which_one() -> None:
    with pytest.raises(CommandFailure) as refused:
        choose_coupon([coupon(1), coupon(2)], None)
    assert refused.value.explanation.code == "campaign_needed"
    assert choose_coupon([coupon(1), coupon(2)], 2)["campaign"] == 2


def test_the_only_usable_coupon_is_taken_and_a_refusal_is_told() -> None:
    no = {"code": "ended", "th": "สิ้นสุดแล้ว", "en": "over", "figures": {}}
    assert choose_coupon([coupon(1, refusal=no), coupon(2)], None)["campaign"] == 2
    with pytest.raises(CommandFailure) as refused:
        choose_coupon([coupon(1, refusal=no)], None)
    assert refused.value.exit_code is ExitCode.REFUSED
    with pytest.raises(CommandFailure) as missing:
        choose_coupon([], None)
    assert missing.value.exit_code is ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (0, STARTS, STARTS),
        (0, STARTS + 14, STARTS),
        (0, STARTS + 15, STARTS + 15),
        (STARTS, STARTS + 3, STARTS + 15),
        (STARTS + 30, STARTS + 31, STARTS + 45),
        (STARTS, STARTS + 100, STARTS + 90),
    ],
)
def test_a_wallet_signs_on_a_step_later_than_its_last(last: int, now: int, expected: int) -> None:
    assert next_signed_at(STARTS, last, now) == expected


def test_a_wallet_waits_rather_than_sign_too_far_ahead() -> None:
    ahead = signed_at_of(STARTS, 6)
    with pytest.raises(CommandFailure) as refused:
        next_signed_at(STARTS, ahead, STARTS + 2)
    assert refused.value.explanation.code == "already_spent"
    with pytest.raises(CommandFailure) as early:
        next_signed_at(STARTS, 0, STARTS - 1)
    assert early.value.explanation.code == "not_started"


@pytest.mark.parametrize(
    ("bill", "amount", "copay", "given"),
    [(12_000, None, 0, 6_000), (100_000, None, 0, 20_000), (3, None, 0, 2), (12_000, 100, 0, 100)],
)
def test_a_wallet_offers_at_most_what_the_coupon_gives(
    bill: int, amount: int | None, copay: int, given: int
) -> None:
    signed = presented(coupon(), bill=bill, amount=amount, copay=copay, now=NOON)
    assert (signed.merchant, signed.amount, signed.bill) == (0, given, bill)


@pytest.mark.parametrize(
    ("bill", "amount", "copay"), [(12_000, 6_001, 0), (12_000, 0, 0), (12_000, 6_000, 6_001)]
)
def test_figures_the_coupon_cannot_give_are_not_signed(bill: int, amount: int, copay: int) -> None:
    with pytest.raises(CommandFailure) as refused:
        presented(coupon(), bill=bill, amount=amount, copay=copay, now=NOON)
    assert refused.value.exit_code is ExitCode.REFUSED


def test_paying_a_charge_shows_the_registered_shop_and_signs_the_figures_shown(
    teller: Teller, secrets: Path, tmp_path: Path
) -> None:
    holds(teller, coupon())
    knows_shop(teller)
    quotes(teller)
    takes(teller)
    picture = tmp_path / "charge.png"
    picture.write_bytes(png(charge()))
    receipt = tmp_path / "receipt.png"
    paid = ("pay", str(picture), "--yes", "--json", "--receipt", str(receipt))
    code, out, err = wallet(teller, secrets, *paid)
    assert code is ExitCode.OK, err
    assert "Khao Soi Khun Yai" in err and "120.00" in err and "60.00" in err
    sent = json.loads(asked_for(teller, "/v1/redemptions")[0])
    signature = bytes.fromhex(sent["signature"].removeprefix("0x"))
    signed = SignedRedemption(
        campaign=1, merchant=3, bill=12_000, amount=6_000, copay=0, signed_at=STARTS + 15
    )
    who = recover(redemption_digest(SEPARATOR, signed), signature[:32], signature[32:])
    assert who == address_of(HOLDER)
    assert sent["reference"] == b"12345678".hex()
    assert json.loads(out)["status"] == "accepted"
    assert ended(["wallet", "receipt", str(receipt), "--api", teller.url])[0] is ExitCode.OK


def test_without_a_yes_nothing_is_signed(teller: Teller, secrets: Path) -> None:
    holds(teller, coupon())
    knows_shop(teller)
    quotes(teller)
    code, _, err = wallet(teller, secrets, "pay", charge())
    assert code is ExitCode.USAGE and "(confirmation_needed)" in err
    assert asked_for(teller, "/v1/redemptions") == []


def test_a_pasted_code_of_an_unknown_shop_is_refused_before_anything_is_signed(
    teller: Teller, secrets: Path
) -> None:
    holds(teller, coupon())
    quotes(teller)
    code, _, err = wallet(teller, secrets, "pay", charge(merchant=99), "--yes")
    assert code is ExitCode.NOT_FOUND and "(unknown_merchant)" in err
    assert asked_for(teller, "/v1/redemptions/quote") == []
    assert asked_for(teller, "/v1/redemptions") == []


def test_a_code_of_another_city_is_refused_before_the_shop_is_even_asked_for(
    teller: Teller, secrets: Path
) -> None:
    code, _, err = wallet(teller, secrets, "pay", charge(tag=b"\0\1\2\3"), "--yes")
    assert code is ExitCode.USAGE and "(qr_other_city)" in err
    assert asked_for(teller, "/v1/merchants/3") == []


def test_a_suspended_shop_is_refused(teller: Teller, secrets: Path) -> None:
    knows_shop(teller, status="suspended")
    code, _, err = wallet(teller, secrets, "pay", charge(), "--yes")
    assert code is ExitCode.REFUSED and "(merchant_suspended)" in err


@pytest.mark.parametrize(
    "lie",
    [
        {"bill": "12001"},
        {"merchant": 4},
        {"campaign": 2},
        {"copay": "1"},
        {"amount": "0", "cash": "12000"},
        {"amount": "12001", "cash": "-1"},
        {"cash": "1"},
    ],
)
def test_a_quote_that_is_not_of_this_charge_is_not_signed(
    teller: Teller, secrets: Path, lie: dict[str, Any]
) -> None:
    holds(teller, coupon())
    knows_shop(teller)
    quotes(teller, **lie)
    code, _, err = wallet(teller, secrets, "pay", charge(), "--yes")
    assert code is ExitCode.CHAIN and "(quote_untrue)" in err
    assert asked_for(teller, "/v1/redemptions") == []


def test_a_rule_that_says_no_is_told_with_its_sentences(teller: Teller, secrets: Path) -> None:
    holds(teller, coupon())
    knows_shop(teller)
    no = {"code": "day_quota_used", "th": "วันนี้ใช้ครบแล้ว", "en": "today is used up", "figures": {}}
    quotes(teller, verdict={"refusal": no})
    code, _, err = wallet(teller, secrets, "pay", charge(), "--yes")
    assert code is ExitCode.REFUSED
    assert "วันนี้ใช้ครบแล้ว" in err and "today is used up" in err and "(day_quota_used)" in err


@pytest.mark.parametrize("lie", [{"amount": 5_999}, {"merchant": 4}, {"bill": 11_999}])
def test_a_receipt_for_something_else_is_noticed(
    teller: Teller, secrets: Path, lie: dict[str, int]
) -> None:
    holds(teller, coupon())
    knows_shop(teller)
    quotes(teller)
    takes(teller, **lie)
    code, _, err = wallet(teller, secrets, "pay", charge(), "--yes")
    assert code is ExitCode.CHAIN and "(receipt_untrue)" in err


def test_a_receipt_of_somebody_else_is_noticed(teller: Teller, secrets: Path) -> None:
    holds(teller, coupon())
    knows_shop(teller)
    quotes(teller)
    takes(teller, key=b"\x33" * 32)
    code, _, err = wallet(teller, secrets, "pay", charge(), "--yes")
    assert code is ExitCode.CHAIN and "(receipt_untrue)" in err


def test_a_stand_asks_for_the_bill_and_a_charge_allows_no_other(
    teller: Teller, secrets: Path
) -> None:
    knows_shop(teller)
    code, _, err = wallet(teller, secrets, "pay", charge(0), "--yes")
    assert code is ExitCode.USAGE and "(bill_needed)" in err
    code, _, err = wallet(teller, secrets, "pay", charge(), "--bill", "1", "--yes")
    assert code is ExitCode.USAGE and "(bill_differs)" in err


def test_scanning_says_what_a_code_is_and_never_shows_a_papers_seed(teller: Teller) -> None:
    seed = bytes(range(16))
    paper = encode(PaperCode(pin_needed=True, seed=seed), ORIGIN, TAG)
    code, out, err = ended(["wallet", "scan", paper, "--api", teller.url, "--json"])
    assert code is ExitCode.OK
    assert json.loads(out) == {"kind": "paper", "pin_needed": True}
    assert seed.hex() not in out + err
    code, out, _ = ended(["wallet", "scan", charge(), "--api", teller.url, "--json"])
    assert json.loads(out)["merchant"] == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\r\n\x1a\nbroken", "qr_picture_unreadable"),
        (b"", "qr_not_ours"),
        (b"https://example.com/", "qr_not_ours"),
        (b"\x00\xff\xfe", "qr_not_ours"),
    ],
)
def test_a_picture_that_is_none_is_told(
    teller: Teller, tmp_path: Path, content: bytes, told: str
) -> None:
    picture = tmp_path / "x.png"
    picture.write_bytes(content)
    code, _, err = ended(["wallet", "scan", str(picture), "--api", teller.url])
    assert code is ExitCode.USAGE and f"({told})" in err


def test_a_paper_coupon_becomes_a_keyfile(teller: Teller, secrets: Path, tmp_path: Path) -> None:
    seed = bytes(range(16))
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(png(encode(PaperCode(pin_needed=False, seed=seed), ORIGIN, TAG)))
    path, password = tmp_path / "paper.json", str(secrets / "password")
    arguments = ["wallet", "import-paper", str(sheet), "-k", str(path), "--api", teller.url]
    code, out, err = ended([*arguments, "--password-file", password, "--json"])
    assert code is ExitCode.OK
    assert json.loads(out)["address"] == address_of(derive_key(seed))
    assert derive_key(seed).hex() not in out + err


def test_a_picture_that_cannot_be_written_is_told(teller: Teller, secrets: Path) -> None:
    holds(teller, coupon())
    inside_a_file = str(secrets / "password" / "me.png")
    code, _, err = wallet(teller, secrets, "show", "--bill", "120", "--png", inside_a_file)
    assert code is ExitCode.MACHINE and "(file_unwritable)" in err


def test_the_till_checks_the_answer_to_a_scanned_coupon(
    teller: Teller, secrets: Path, tmp_path: Path
) -> None:
    knows_shop(teller)
    signed = {"campaign": 1, "bill": 12_000, "amount": 6_000, "copay": 0}
    text = encode(
        PresentCode(**signed, signed_at=STARTS + 15, r=b"1" * 32, vs=b"2" * 32), ORIGIN, TAG
    )
    password, keyfile = str(secrets / "password"), str(secrets / "holder.json")
    arguments = ["merchant", "scan", text, "--merchant", "3", "--bill", "120", "--api", teller.url]
    arguments += ["-k", keyfile, "--password-file", password]
    teller.answers["/v1/campaigns/1"] = (200, b'{"campaign": 1, "policy": null}')
    takes(teller)
    assert ended(arguments)[0] is ExitCode.OK
    takes(teller, merchant=4)
    code, _, err = ended(arguments)
    assert code is ExitCode.CHAIN and "(receipt_untrue)" in err
    sent = json.loads(asked_for(teller, "/v1/redemptions")[0])
    assert sent == {"present": text, "merchant": 3, "bill": "12000"}


def test_a_charge_is_drawn_for_a_registered_shop_only(teller: Teller, tmp_path: Path) -> None:
    knows_shop(teller)
    picture = tmp_path / "charge.png"
    arguments = ["merchant", "charge", "--merchant", "3", "--bill", "120", "--api", teller.url]
    code, out, _ = ended([*arguments, "--png", str(picture), "--json"])
    assert code is ExitCode.OK
    read = scan(read_png(picture.read_bytes()), TAG, ChargeCode)
    assert (read.merchant, read.bill, read.reference.hex()) == (
        3, 12_000, json.loads(out)["reference"],
    )  # fmt: skip
    code, out, _ = ended([*arguments, "--emvco", "--json"])
    assert scan(json.loads(out)["text"], TAG, ChargeCode).bill == 12_000
    unknown = ["merchant", "charge", "--merchant", "9", "--api", teller.url]
    assert ended(unknown)[0] is ExitCode.NOT_FOUND
