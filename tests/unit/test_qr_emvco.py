"""The EMVCo form of a charge."""

from __future__ import annotations

import dataclasses

import pytest

from ledger.errors import QrInvalid
from ledger.qr.codec import ChargeCode, PaperCode, encode_body
from ledger.qr.emvco import (
    crc_ccitt_false,
    decode_charge,
    encode_charge,
    is_emvco,
    shop_label,
)
from ledger.qr.scan import scan

TAG = bytes.fromhex("918626a9")
CHARGE = ChargeCode(merchant=12, bill=12_505, reference=b"\1\2\3\4\5\6\7\x08")
STAND = dataclasses.replace(CHARGE, bill=0)


def with_crc(text: str) -> str:
    """Give a text whose last four characters are missing its CRC, as a forger would."""
    return text + f"{crc_ccitt_false(text.encode()):04X}"


def tlv_of(code: ChargeCode = CHARGE) -> str:
    return encode_charge(code, TAG, shop="KHAO SOI", city="MAE HIA")


def reason_of(text: str) -> str:
    with pytest.raises(QrInvalid) as refused:
        decode_charge(text)
    return str(refused.value.details["reason"])


def test_the_crc_is_ccitt_false() -> None:
    assert crc_ccitt_false(b"123456789") == 0x29B1
    assert crc_ccitt_false(b"") == 0xFFFF


def test_the_crc_agrees_with_the_standards_own_example() -> None:
    # The sample code in EMV QRCPS Merchant-Presented Mode, annex A.
    sample = (
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802"
        "CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233"
        "030412340603***0708A60086670902ME91320016A0112233449988770708123456786304"
    )
    assert f"{crc_ccitt_false(sample.encode()):04X}" == "A13A"


def test_a_charge_has_its_fields_in_their_order() -> None:
    body = encode_body(CHARGE, TAG)
    fields = [
        "000201",
        "010212",
        f"26510009TH.NAKHON0134{body}",
        "52045812",
        "5303764",
        "5406125.05",
        "5802TH",
        "5908KHAO SOI",
        "6007MAE HIA",
        "622005160102030405060708",
        "6304",
    ]
    assert tlv_of() == with_crc("".join(fields))


def test_a_stand_is_static_and_has_no_amount() -> None:
    text = tlv_of(STAND)
    assert text.startswith("000201010211")
    assert "5303764" + "5802TH" in text
    assert decode_charge(text).code == STAND


def test_no_bank_app_can_take_a_charge_for_a_transfer() -> None:
    for identifier in ("A000000677010111", "A000000677010112", "A000000677010114"):
        assert identifier not in tlv_of()
    # PromptPay's templates are tags 29 and 30; ours is 26, under our own identifier.
    fields = decode_charge(tlv_of())
    assert fields.tag == TAG


def test_somebody_elses_merchant_code_is_not_ours() -> None:
    promptpay = with_crc(
        "00020101021229370016A000000677010111011300668123456785303764540520.005802TH6304"
    )
    assert is_emvco(promptpay)
    assert reason_of(promptpay) == "qr_not_ours"


def test_another_template_26_is_not_ours() -> None:
    text = with_crc("0002010102112613" + "0009TH.NAKHOM" + "6304")
    assert reason_of(text) == "qr_not_ours"


@pytest.mark.parametrize("position", range(12, len(tlv_of())))
def test_a_changed_character_is_refused(position: int) -> None:
    text = tlv_of()
    changed = "7" if text[position] != "7" else "8"
    reason_of(text[:position] + changed + text[position + 1 :])


def test_an_amount_that_differs_from_the_body_is_refused_even_with_a_right_crc() -> None:
    text = tlv_of()[:-4].replace("5406125.05", "5406025.05")
    assert reason_of(with_crc(text)) == "qr_not_canonical"


def test_a_reference_that_differs_from_the_body_is_refused_even_with_a_right_crc() -> None:
    text = tlv_of()[:-4].replace("0102030405060708", "0102030405060709")
    assert reason_of(with_crc(text)) == "qr_not_canonical"


def test_an_added_field_is_refused_even_with_a_right_crc() -> None:
    text = tlv_of()[:-8] + "6304"
    extra = text[:-4] + "6105501006304"
    assert reason_of(with_crc(extra)) == "qr_not_canonical"
    twice = text[:-4] + "5802TH6304"
    assert reason_of(with_crc(twice)) == "qr_not_canonical"


def test_a_wrong_crc_is_named() -> None:
    assert reason_of(tlv_of()[:-4] + "0000") == "qr_checksum_wrong"
    assert reason_of(tlv_of()[:-4] + tlv_of()[-4:].lower().replace("0", "o")) == "qr_checksum_wrong"


def test_a_body_of_another_kind_is_refused() -> None:
    body = encode_body(PaperCode(pin_needed=False, seed=bytes(16)), TAG)
    template = f"0009TH.NAKHON01{len(body)}{body}"
    text = with_crc(f"00020101021126{len(template)}{template}6304")
    assert reason_of(text) == "qr_kind_unexpected"


@pytest.mark.parametrize(
    "shop", ["", " ", " KHAO", "KHAO ", "K" * 26, "ข้าวซอย", "KHAO\tSOI", "KHAO\0", "ＫＨＡＯ"]
)
def test_a_name_the_form_cannot_carry_is_refused(shop: str) -> None:
    with pytest.raises(QrInvalid) as refused:
        encode_charge(CHARGE, TAG, shop=shop, city="MAE HIA")
    assert refused.value.details["field"] == "shop"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Khao Soi Mae Sai", "Khao Soi Mae Sai"),
        ("  Khao \t Soi\n", "Khao Soi"),
        ("ข้าวซอยแม่สาย", "MERCHANT 12"),
        ("ข้าวซอย Mae Sai", "Mae Sai"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("\u202eIOS OAHK\u202c", "IOS OAHK"),
        ("A" * 10_000, "A" * 25),
        ("A" * 24 + " B", "A" * 24),
        ("\0", "MERCHANT 12"),
        ("", "MERCHANT 12"),
    ],
)
def test_any_registered_name_becomes_a_label_that_reads_back(name: str, label: str) -> None:
    assert shop_label(name, 12) == label
    text = encode_charge(CHARGE, TAG, shop=shop_label(name, 12), city="MAE HIA")
    assert decode_charge(text).shop == label


def test_the_name_printed_on_a_forged_code_never_reaches_the_resident() -> None:
    forged = encode_charge(CHARGE, TAG, shop="CITY HALL", city="MAE HIA")
    code = scan(forged, TAG, ChargeCode)
    assert code == CHARGE
    assert not any("CITY" in str(value) for value in dataclasses.asdict(code).values())
