"""Webhooks' pure part: signatures anybody can check, and addresses nothing is ever sent to."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.webhooks import (
    CHANCES,
    PAUSE_SECONDS_MAX,
    check_delivery,
    pause_seconds,
    read_secret,
    sign_delivery,
    spell_secret,
    why_not_sent_to,
)
from ledger.errors import InputInvalid, LedgerError, RequestExpired, SignatureInvalid

SECRET = bytes(range(32))
NAME = "evt_5v3k7q2mza4xw6yt5v3k7q2m"
NOW = 1_764_310_800
BODY = '{"type":"redemption.final","data":{"shop":"ข้าวซอย"}}'.encode()

NEVER = (
    "127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254", "169.254.170.2",
    "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "192.0.0.192", "224.0.0.1", "255.255.255.255", "240.0.0.1",
    "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "168.63.129.16", "192.88.99.1",
    "169.254.169.254.nip.io", "", "localhost", "0x7f000001", "2130706433", "127.1",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "8.8.8.8", "203.150.0.1", "2606:4700:4700::1111", "2404:6800:4003::1")


def given_headers(secret: bytes = SECRET, timestamp: int = NOW) -> dict[str, str]:
    return {
        "name": NAME,
        "timestamp": str(timestamp),
        "signatures": sign_delivery(secret, NAME, timestamp, BODY),
    }


def test_the_published_example_of_standard_webhooks_is_reproduced() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = sign_delivery(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signature_is_the_mac_of_id_time_and_body() -> None:
    mac = hmac.new(SECRET, f"{NAME}.{NOW}.".encode() + BODY, hashlib.sha256).digest()
    assert given_headers()["signatures"] == "v1," + base64.b64encode(mac).decode()
    check_delivery(SECRET, **given_headers(), body=BODY, now=NOW)


def test_of_several_signatures_one_is_enough_and_another_version_is_none() -> None:
    headers = given_headers()
    other = sign_delivery(b"\x07" * 32, NAME, NOW, BODY)
    for spelt in (f"{other} {headers['signatures']}", f"v1a,abc {headers['signatures']}"):
        check_delivery(SECRET, **headers | {"signatures": spelt}, body=BODY, now=NOW)
    for spelt in (other, "", "v1,", headers["signatures"].replace("v1,", "v2,"), "\ud800"):
        with pytest.raises(SignatureInvalid):
            check_delivery(SECRET, **headers | {"signatures": spelt}, body=BODY, now=NOW)


def test_no_bit_of_a_body_can_be_turned() -> None:
    for bit in range(len(BODY) * 8):
        turned = bytearray(BODY)
        turned[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SignatureInvalid):
            check_delivery(SECRET, **given_headers(), body=bytes(turned), now=NOW)


@pytest.mark.parametrize(("age", "taken"), [(0, True), (300, True), (-300, True), (301, False)])
def test_a_recording_is_refused_after_five_minutes(age: int, taken: bool) -> None:
    headers = given_headers(timestamp=NOW - age)
    if taken:
        check_delivery(SECRET, **headers, body=BODY, now=NOW)
        return
    with pytest.raises(RequestExpired):
        check_delivery(SECRET, **headers, body=BODY, now=NOW)


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "๑๒๓", "9" * 400, "1764310800.5"])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(SignatureInvalid):
        check_delivery(SECRET, **given_headers() | {"timestamp": timestamp}, body=BODY, now=NOW)


@given(st.text())
def test_any_text_is_a_secret_or_refused(text: str) -> None:
    try:
        assert spell_secret(read_secret(text)) == text
    except LedgerError as refused:
        assert isinstance(refused, InputInvalid)


def test_pauses_grow_to_an_hour_and_differ_by_chance() -> None:
    usual = [pause_seconds(failures, chance=500) for failures in range(1, 100)]
    assert usual[:4] == [5, 10, 20, 40]
    assert usual == sorted(usual)
    assert usual[-1] == PAUSE_SECONDS_MAX
    spread = {pause_seconds(20, chance=chance) for chance in range(CHANCES)}
    assert min(spread) == PAUSE_SECONDS_MAX * 8 // 10
    assert PAUSE_SECONDS_MAX < max(spread) <= PAUSE_SECONDS_MAX * 12 // 10
    assert len(spread) >= 400


@pytest.mark.parametrize("address", NEVER)
def test_f33_nothing_is_sent_to_an_address_inside(address: str) -> None:
    assert why_not_sent_to(address) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_reached(address: str) -> None:
    assert why_not_sent_to(address) is None


def test_a_devnet_reaches_its_own_machine_and_no_further() -> None:
    open_there = {address for address in NEVER if why_not_sent_to(address, loopback=True) is None}
    assert open_there == {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}
