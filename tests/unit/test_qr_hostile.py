"""Texts and pictures from people who wish us ill, or who scan the wrong thing."""

from __future__ import annotations

import contextlib
import dataclasses
import time

import pytest

from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import address_of, recover, sign
from ledger.domain.typed_data import deployment_tag, domain_separator, redemption_digest
from ledger.errors import QrInvalid, SignatureInvalid
from ledger.qr.codec import ChargeCode, PresentCode, decode, encode
from ledger.qr.emvco import decode_charge, encode_charge
from ledger.qr.image import png, read_png
from ledger.qr.scan import scan, scan_any
from tests.unit.test_qr_codec import CHARGE, ORIGIN, PRESENT, TAG

BOOK = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SEPARATOR = domain_separator(31337, BOOK)
HOLDER = bytes(31) + b"\x07"


def reason_of(text: str) -> str:
    with pytest.raises(QrInvalid) as refused:
        scan_any(text, TAG)
    return str(refused.value.details["reason"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\0",
        "\ufeff",
        "hello",
        "https://www.google.com/search?q=lunch",
        "HTTPS://LIN.EE/ABCDEFG",
        "https://line.me/R/ti/p/@nakhon",
        "BEGIN:VCARD\nVERSION:3.0\nN:ใจดี;สมชาย\nTEL:0812345678\nEND:VCARD",
        "WIFI:T:WPA;S=free;P=12345678;;",
        "ethereum:0x5FbDB2315678afecb367f032d93F642f64180aa3@1/transfer?uint256=1",
        "wc:7f6e504bfad60b485450578e05678ed3e8e8c4751d3c6160be17160d63ec90f9@2?relay-protocol=irn",
        "javascript:alert(1)",
        "<script>alert(1)</script>",
        "'; DROP TABLE redemptions; --",
        '=HYPERLINK("http://evil.example")',
        '{"campaign": 1}',
        "8850999220017",
        "../../etc/passwd",
        "HTTPS://MAEHIA.EXAMPLE/R/CEAAAAAA",
        "HTTPS://MAEHIA.EXAMPLE/Q",
        "HTTPS://MAEHIA.EXAMPLE/Q/A/B",
        "HTTPS://MAEHIA.EXAMPLE/Q/CE======",
        "HTTPS://EVIL.EXAMPLE@MAEHIA.EXAMPLE/Q/CE",
        "คูปองอาหารกลางวัน",
        "\U0001f35c" * 50,
        "\ud800",
    ],
)
def test_somebody_elses_text_is_not_ours(text: str) -> None:
    assert reason_of(text) == "qr_not_ours"


@pytest.mark.parametrize(
    "promptpay",
    [
        # A transfer to a telephone number, and a bill payment of 500 baht.
        "00020101021129370016A000000677010111011300668123456785802TH53037646304",
        (
            "00020101021230630016A00000067701011201150994000165501000209123456789"
            "53037645406500.005802TH6304"
        ),
    ],
)
def test_a_promptpay_code_is_not_ours_whatever_its_crc(promptpay: str) -> None:
    from ledger.qr.emvco import crc_ccitt_false

    right = promptpay + f"{crc_ccitt_false(promptpay.encode()):04X}"
    for text in (right, promptpay + "0000"):
        assert reason_of(text) in {"qr_not_ours", "qr_truncated"}


@pytest.mark.parametrize(
    "respell",
    [
        lambda text: "\ufeff" + text,
        lambda text: text + "\0",
        lambda text: text + "\r\n",
        lambda text: " " + text,
        lambda text: text.lower(),
        lambda text: text.title(),
    ],
)
def test_a_code_wrapped_in_bom_nul_or_blanks_is_named_as_altered(respell: object) -> None:
    assert callable(respell)
    text = encode(PRESENT, ORIGIN, TAG)
    assert decode(text).code == PRESENT
    assert reason_of(respell(text)) in {"qr_not_canonical", "qr_not_ours"}


@pytest.mark.parametrize(
    "digits",
    [
        str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"),
        str.maketrans("0123456789", "０１２３４５６７８９"),
        {ord(c): ord(c) + 0xFEE0 for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
        {ord("A"): "А"},
        {ord("K"): "\u212a"},
        {ord("I"): "ı"},
    ],
)
def test_digits_and_letters_of_other_scripts_are_refused(digits: dict[int, str]) -> None:
    for text in (
        encode(dataclasses.replace(PRESENT, bill=27_271), ORIGIN, TAG),
        encode_charge(CHARGE, TAG, shop="KHAO SOI AI", city="MAE HIA"),
    ):
        changed = text.translate(digits)
        assert changed != text
        assert reason_of(changed) in {"qr_not_ours", "qr_truncated"}


@pytest.mark.parametrize(
    "text",
    [
        "A" * 10_000,
        "HTTPS://" + "A" * 10_000 + "/Q/",
        "000201" * 2_000,
        "๑" * 10_000,
        "\0" * 10_000,
    ],
)
def test_ten_thousand_characters_are_refused_at_once(text: str) -> None:
    began = time.perf_counter()
    assert reason_of(text) == "qr_too_long"
    assert time.perf_counter() - began < 0.1


def test_no_text_within_the_limit_takes_long() -> None:
    worst = [
        "HTTPS://" + "A." * 145,
        "HTTPS://" + "A-" * 145 + "/Q/A",
        "000201" + "0000" * 73,
        "000201" + "26992699" * 36,
    ]
    began = time.perf_counter()
    for text in worst:
        reason_of(text)
    assert time.perf_counter() - began < 0.1


def test_an_error_never_repeats_the_hostile_text_at_length() -> None:
    for text in ("<script>" * 30, "A" * 10_000, "HTTPS://" + "<" * 280):
        with pytest.raises(QrInvalid) as refused:
            scan_any(text, TAG)
        assert len(str(refused.value)) < 500
        assert "<script>" not in str(refused.value)


def _present(signed_at: int) -> PresentCode:
    figures = {"campaign": 1, "bill": 12_500, "amount": 6_250, "copay": 0, "signed_at": signed_at}
    digest = redemption_digest(SEPARATOR, SignedRedemption(merchant=0, **figures))
    r, vs = sign(digest, HOLDER)
    return PresentCode(**figures, r=r, vs=vs)


def _holder(code: PresentCode) -> str:
    message = SignedRedemption(
        campaign=code.campaign,
        merchant=0,
        bill=code.bill,
        amount=code.amount,
        copay=code.copay,
        signed_at=code.signed_at,
    )
    return recover(redemption_digest(SEPARATOR, message), code.r, code.vs)


def test_a_filmed_code_carries_the_second_it_was_signed_and_the_next_one_differs() -> None:
    """F7: a picture of a screen is the same text, so its age and its step come with it."""
    tag = deployment_tag(SEPARATOR)
    first, second = _present(1_761_710_400), _present(1_761_710_415)
    filmed = read_png(png(encode(first, ORIGIN, tag)))
    again = scan(filmed, tag, PresentCode)
    assert again == first and again.signed_at == 1_761_710_400
    assert _holder(again) == address_of(HOLDER)
    assert encode(second, ORIGIN, tag) != filmed


@pytest.mark.parametrize("field", ["campaign", "bill", "amount", "copay", "signed_at"])
def test_a_filmed_code_made_younger_or_larger_is_no_longer_the_holders(field: str) -> None:
    """F7: whoever changes a figure or the time of a filmed code loses the signature."""
    tag = deployment_tag(SEPARATOR)
    code = _present(1_761_710_400)
    forged = dataclasses.replace(code, **{field: getattr(code, field) + 15})
    reread = scan(encode(forged, ORIGIN, tag), tag, PresentCode)
    with contextlib.suppress(SignatureInvalid):
        assert _holder(reread) != address_of(HOLDER)


def test_a_present_code_never_carries_a_merchant_so_it_can_never_be_forced() -> None:
    """F7: what is shown to any shop stays the till's to expire."""
    assert "merchant" not in {field.name for field in dataclasses.fields(PresentCode)}


def test_a_code_pasted_over_a_shops_own_names_the_other_shop() -> None:
    """F9: a forged stand reads as the number it pays, so the screen shows that shop's own name."""
    honest = ChargeCode(merchant=12, bill=0, reference=bytes(8))
    pasted = dataclasses.replace(honest, merchant=13)
    for text in (
        encode(pasted, ORIGIN, TAG),
        encode_charge(pasted, TAG, shop="SHOP TWELVE", city="MAE HIA"),
    ):
        assert scan(text, TAG, ChargeCode).merchant == 13


def test_a_shops_name_on_paper_is_a_claim_and_no_part_of_the_charge() -> None:
    """F9: two printed names, one charge."""
    texts = [
        encode_charge(CHARGE, TAG, shop=shop, city="MAE HIA") for shop in ("SHOP TWELVE", "FAKE")
    ]
    charges = [decode_charge(text) for text in texts]
    assert charges[0].code == charges[1].code == CHARGE
    assert scan(texts[0], TAG, ChargeCode) == scan(texts[1], TAG, ChargeCode)


def test_a_forged_stand_of_another_deployment_is_refused() -> None:
    """F9: the tag binds a stand to one contract on one chain."""
    elsewhere = deployment_tag(domain_separator(1, BOOK))
    for text in (
        encode(CHARGE, ORIGIN, elsewhere),
        encode_charge(CHARGE, elsewhere, shop="SHOP TWELVE", city="MAE HIA"),
    ):
        assert reason_of(text) == "qr_other_city"
