"""What a code may hold, how long it gets, and whose it is."""

from __future__ import annotations

import dataclasses
import re

import pytest

from ledger.errors import QrInvalid
from ledger.qr.codec import (
    TEXT_LENGTH_MAX,
    ChargeCode,
    Code,
    PaperCode,
    PresentCode,
    ReceiptCode,
    decode,
    encode,
)
from ledger.qr.faults import SAYINGS, QrFault, invalid
from ledger.qr.origin import ORIGIN_LENGTH_MAX, is_origin, origin_of
from ledger.qr.scan import scan, scan_any

TAG = bytes.fromhex("918626a9")
OTHER_TAG = bytes.fromhex("918626aa")
ORIGIN = "HTTPS://MAEHIA.EXAMPLE"
LONGEST_ORIGIN = "HTTPS://" + ".".join(["A" * 30, "B" * 30, "C" * 10])
PRESENT = PresentCode(
    campaign=1,
    bill=12_500,
    amount=6_250,
    copay=0,
    signed_at=1_761_710_400,
    r=bytes(range(32)),
    vs=bytes(range(32, 64)),
)
CHARGE = ChargeCode(merchant=12, bill=12_500, reference=b"\1\2\3\4\5\6\7\x08")
PAPER = PaperCode(pin_needed=True, seed=bytes(range(16)))
RECEIPT = ReceiptCode(
    campaign=1,
    pass_number=321,
    merchant=12,
    bill=12_500,
    amount=6_250,
    copay=0,
    signed_at=1_761_710_400,
    accepted_at=1_761_710_403,
    policy=bytes(32),
    r=bytes(range(32)),
    vs=bytes(range(32, 64)),
)
EVERY_KIND: tuple[Code, ...] = (PRESENT, CHARGE, PAPER, RECEIPT)


def reason_of(refused: pytest.ExceptionInfo[QrInvalid]) -> str:
    return str(refused.value.details["reason"])


@pytest.mark.parametrize("code", EVERY_KIND)
def test_a_code_reads_back_as_itself(code: Code) -> None:
    scanned = decode(encode(code, ORIGIN, TAG))
    assert (scanned.code, scanned.origin, scanned.tag) == (code, ORIGIN, TAG)


@pytest.mark.parametrize("code", EVERY_KIND)
def test_every_text_is_of_the_alphanumeric_set_and_short_even_behind_the_longest_origin(
    code: Code,
) -> None:
    assert len(LONGEST_ORIGIN) == ORIGIN_LENGTH_MAX
    text = encode(code, LONGEST_ORIGIN, TAG)
    assert len(text) <= TEXT_LENGTH_MAX
    assert re.fullmatch(r"[0-9A-Z $%*+\-./:]+", text)


@pytest.mark.parametrize(
    ("code", "field", "value"),
    [
        (PRESENT, "campaign", 2**32),
        (PRESENT, "campaign", -1),
        (PRESENT, "amount", 2**24),
        (PRESENT, "bill", 2**32),
        (PRESENT, "signed_at", 2**40),
        (PRESENT, "r", bytes(31)),
        (PRESENT, "vs", bytes(33)),
        (CHARGE, "reference", b""),
        (PAPER, "seed", bytes(17)),
        (RECEIPT, "policy", bytes(31)),
    ],
)
def test_a_figure_that_does_not_fit_is_refused_and_never_cut(
    code: Code, field: str, value: object
) -> None:
    with pytest.raises(QrInvalid) as refused:
        encode(dataclasses.replace(code, **{field: value}), ORIGIN, TAG)
    assert reason_of(refused) == "qr_field_out_of_range"
    assert refused.value.details["field"] == field


def test_a_tag_has_four_bytes() -> None:
    with pytest.raises(QrInvalid) as refused:
        encode(CHARGE, ORIGIN, TAG[:3])
    assert reason_of(refused) == "qr_field_out_of_range"


def test_a_code_of_another_city_is_told_apart_before_anything_is_sent() -> None:
    with pytest.raises(QrInvalid) as refused:
        scan_any(encode(PRESENT, ORIGIN, OTHER_TAG), TAG)
    assert reason_of(refused) == "qr_other_city"


def test_a_code_of_another_kind_than_the_step_needs_is_refused() -> None:
    text = encode(PRESENT, ORIGIN, TAG)
    assert scan(text, TAG, PresentCode) == PRESENT
    with pytest.raises(QrInvalid) as refused:
        scan(text, TAG, ChargeCode)
    assert reason_of(refused) == "qr_kind_unexpected"


@pytest.mark.parametrize("version", [0, *range(2, 16)])
def test_a_later_version_is_said_to_be_one(version: int) -> None:
    text = encode(CHARGE, ORIGIN, TAG)
    head, _, body = text.rpartition("/")
    # The version is the first four of the five bits of the first character.
    letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[version << 1]
    with pytest.raises(QrInvalid) as refused:
        decode(f"{head}/{letter}{body[1:]}")
    assert reason_of(refused) == "qr_version_unknown"
    assert refused.value.details["version"] == version


@pytest.mark.parametrize("code", EVERY_KIND)
def test_a_text_cut_anywhere_is_refused(code: Code) -> None:
    text = encode(code, ORIGIN, TAG)
    for length in range(len(text)):
        with pytest.raises(QrInvalid) as refused:
            decode(text[:length])
        assert reason_of(refused) in {"qr_not_ours", "qr_truncated", "qr_not_canonical"}


@pytest.mark.parametrize("code", EVERY_KIND)
def test_a_code_in_lower_case_is_named_as_altered_not_as_foreign(code: Code) -> None:
    with pytest.raises(QrInvalid) as refused:
        decode(encode(code, ORIGIN, TAG).lower())
    assert reason_of(refused) == "qr_not_canonical"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://maehia.example", "HTTPS://MAEHIA.EXAMPLE"),
        ("https://maehia.example/", "HTTPS://MAEHIA.EXAMPLE"),
        ("HTTPS://MaeHia.Example:443", "HTTPS://MAEHIA.EXAMPLE"),
        ("https://maehia.example:8443", "HTTPS://MAEHIA.EXAMPLE:8443"),
        ("http://127.0.0.1:8000", "HTTP://127.0.0.1:8000"),
        ("http://192.168.1.20", "HTTP://192.168.1.20"),
        ("http://localhost:80/", "HTTP://LOCALHOST"),
        ("https://xn--b3c0b.example", "HTTPS://XN--B3C0B.EXAMPLE"),
    ],
)
def test_a_site_has_one_origin(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert is_origin(origin)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "maehia.example",
        "ftp://maehia.example",
        "https://",
        "https://maehia.example/q",
        "https://maehia.example//",
        "https://maehia.example?x=1",
        "https://somebody@maehia.example",
        "https://maehia_example",
        "https://-maehia.example",
        "https://maehia.example:0",
        "https://maehia.example:65536",
        "https://maehia.example:08443",
        "https://แม่เหียะ.example",
        "https://maehıa.example",
        "http://maehia.example",
        "http://8.8.8.8",
        "http://172.32.0.1",
        "http://010.0.0.1",
        "http://0.0.0.0",
        "https://" + "a" * 60 + "." + "b" * 60,
    ],
)
def test_an_address_that_cannot_head_a_code_is_refused(url: str) -> None:
    with pytest.raises(QrInvalid) as refused:
        origin_of(url)
    assert reason_of(refused) == "qr_origin_invalid"
    with pytest.raises(QrInvalid):
        encode(CHARGE, url, TAG)


@pytest.mark.parametrize("fault", QrFault)
def test_every_cause_has_a_thai_and_an_english_sentence(fault: QrFault) -> None:
    thai, english = SAYINGS[fault]
    assert re.search(r"[ก-๙]", thai)
    assert english.isascii() and english.endswith(".")
    refused = invalid(fault, figure=1)
    assert refused.details["reason"] == fault.value
    assert refused.details["why"].lower() == english[:-1].lower()
    assert refused.details["figure"] == 1
