"""Any value survives the codec, and any text is a code or is refused: nothing else can happen."""

from __future__ import annotations

import contextlib
from typing import Final

from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.errors import QrInvalid
from ledger.qr.codec import (
    TEXT_LENGTH_MAX,
    ChargeCode,
    Code,
    PaperCode,
    PresentCode,
    ReceiptCode,
    decode,
    decode_body,
    encode,
    encode_body,
)
from ledger.qr.emvco import crc_ccitt_false, decode_charge, encode_charge, shop_label
from ledger.qr.faults import QrFault
from ledger.qr.origin import is_origin, origin_of
from ledger.qr.scan import scan_any

BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

tags = st.binary(min_size=4, max_size=4)
words = st.binary(min_size=32, max_size=32)
u24 = st.integers(0, 2**24 - 1)
u32 = st.integers(0, 2**32 - 1)
u40 = st.integers(0, 2**40 - 1)
references = st.binary(min_size=8, max_size=8)
charges = st.builds(ChargeCode, merchant=u32, bill=u32, reference=references)
codes: st.SearchStrategy[Code] = st.one_of(
    st.builds(
        PresentCode,
        campaign=u32, bill=u32, amount=u24, copay=u32, signed_at=u40, r=words, vs=words,
    ),
    charges,
    st.builds(PaperCode, pin_needed=st.booleans(), seed=st.binary(min_size=16, max_size=16)),
    st.builds(
        ReceiptCode,
        campaign=u32, pass_number=u32, merchant=u32, bill=u32, amount=u24, copay=u32,
        signed_at=u40, accepted_at=u40, policy=words, r=words, vs=words,
    ),
)  # fmt: skip
labels = st.from_regex(r"[A-Z0-9]([A-Z0-9-]{0,15}[A-Z0-9])?", fullmatch=True)
origins = st.builds(
    lambda hosts, port: "HTTPS://" + ".".join(hosts) + (f":{port}" if port else ""),
    st.lists(labels, min_size=1, max_size=4),
    st.none() | st.integers(1, 65_535).filter(lambda port: port != 443),
)
names = st.from_regex(r"[!-~]([ -~]{0,23}[!-~])?", fullmatch=True)
cities = st.from_regex(r"[!-~]([ -~]{0,13}[!-~])?", fullmatch=True)


@given(codes, origins, tags)
def test_a_code_reads_back_as_itself(code: Code, origin: str, tag: bytes) -> None:
    assume(is_origin(origin))
    text = encode(code, origin, tag)
    scanned = decode(text)
    assert (scanned.code, scanned.origin, scanned.tag) == (code, origin, tag)
    assert len(text) <= TEXT_LENGTH_MAX
    assert set(text) <= set(ALPHANUMERIC)
    assert scan_any(text, tag) == code


@given(codes, tags, tags)
def test_a_code_is_for_one_deployment(code: Code, tag: bytes, other: bytes) -> None:
    assume(tag != other)
    with contextlib.suppress(QrInvalid):
        scan_any(encode(code, "HTTPS://MAEHIA.EXAMPLE", tag), other)
        raise AssertionError("another city's code was taken")


def _refused_or_canonical(text: str) -> None:
    try:
        scanned = decode(text)
    except QrInvalid as refused:
        assert refused.details["reason"] in set(QrFault)
        return
    assert encode(scanned.code, scanned.origin, scanned.tag) == text


@given(st.text())
def test_any_text_is_a_code_or_refused(text: str) -> None:
    _refused_or_canonical(text)


@given(st.text(alphabet=BASE32, max_size=260))
def test_any_body_is_a_code_or_refused(body: str) -> None:
    _refused_or_canonical(f"HTTPS://MAEHIA.EXAMPLE/Q/{body}")


@given(st.sampled_from([0x11, 0x12, 0x13, 0x14]), st.binary(max_size=160))
def test_any_bytes_of_a_known_kind_are_a_code_or_refused(kind: int, rest: bytes) -> None:
    import base64

    body = base64.b32encode(bytes([kind]) + rest).decode().rstrip("=")
    _refused_or_canonical(f"HTTPS://MAEHIA.EXAMPLE/Q/{body}")


@given(codes, tags, st.data())
def test_a_text_with_one_character_changed_is_refused_or_another_code(
    code: Code, tag: bytes, data: st.DataObject
) -> None:
    text = encode(code, "HTTPS://MAEHIA.EXAMPLE", tag)
    position = data.draw(st.integers(0, len(text) - 1))
    changed = data.draw(st.characters())
    assume(changed != text[position])
    slipped = text[:position] + changed + text[position + 1 :]
    _refused_or_canonical(slipped)
    with contextlib.suppress(QrInvalid):
        assert decode(slipped) != decode(text)


@given(codes, tags)
def test_a_body_has_one_spelling(code: Code, tag: bytes) -> None:
    body = encode_body(code, tag)
    assert decode_body(body) == (tag, code)
    # Of the characters that could end it, only one decodes.
    accepted = []
    for last in BASE32:
        with contextlib.suppress(QrInvalid):
            read = decode_body(body[:-1] + last)
            accepted.append(read)
    assert len(set(map(repr, accepted))) == len(accepted)


@given(charges, tags, names, cities)
def test_a_charge_in_tlv_reads_back_as_itself(
    code: ChargeCode, tag: bytes, shop: str, city: str
) -> None:
    text = encode_charge(code, tag, shop=shop, city=city)
    charge = decode_charge(text)
    assert (charge.code, charge.tag, charge.shop, charge.city) == (code, tag, shop, city)
    assert len(text) <= TEXT_LENGTH_MAX
    assert scan_any(text, tag) == code


@given(st.text())
def test_any_text_is_a_tlv_charge_or_refused(text: str) -> None:
    for candidate in (text, "000201" + text, _with_crc("000201" + text)):
        with contextlib.suppress(QrInvalid):
            charge = decode_charge(candidate)
            spelled = encode_charge(charge.code, charge.tag, shop=charge.shop, city=charge.city)
            assert spelled == candidate


@given(charges, tags, names, st.data())
def test_a_forger_who_can_compute_a_crc_still_cannot_respell_a_charge(
    code: ChargeCode, tag: bytes, shop: str, data: st.DataObject
) -> None:
    text = encode_charge(code, tag, shop=shop, city="MAE HIA")[:-8]
    position = data.draw(st.integers(0, len(text) - 1))
    changed = data.draw(st.sampled_from(ALPHANUMERIC))
    slipped = _with_crc(text[:position] + changed + text[position + 1 :])
    with contextlib.suppress(QrInvalid):
        charge = decode_charge(slipped)
        respelled = encode_charge(charge.code, charge.tag, shop=charge.shop, city=charge.city)
        assert respelled == slipped


@given(st.text(), u32)
def test_any_name_becomes_a_label_a_charge_can_carry(name: str, merchant: int) -> None:
    code = ChargeCode(merchant=merchant, bill=1, reference=bytes(8))
    label = shop_label(name, merchant)
    text = encode_charge(code, b"\1\2\3\4", shop=label, city="MAE HIA")
    assert decode_charge(text).shop == label


@given(st.text())
def test_any_url_has_one_origin_or_is_refused(url: str) -> None:
    for candidate in (url, "https://" + url):
        with contextlib.suppress(QrInvalid):
            origin = origin_of(candidate)
            assert is_origin(origin)
            assert origin_of(origin) == origin


def _with_crc(text: str) -> str:
    head = text + "6304"
    return head + f"{crc_ccitt_false(head.encode('utf-8', 'surrogatepass')):04X}"
