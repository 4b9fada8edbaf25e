"""The log of the staff in words: who, on what, and what was asked for, for any address there is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.staff_log import TARGET_LENGTH_MAX
from ledger.domain.staff_sentences import on_what, sought, who

SHOP = "0x" + "5a" * 20


@pytest.mark.parametrize(
    ("act", "target", "thai", "english"),
    [
        ("pause_campaign", "/v1/campaigns/2/pause", "โครงการ 2", "campaign 2"),
        ("read_pass", "/v1/passes/17", "บัตรที่ 17", "pass 17"),
        ("change_merchant", "/v1/merchants/3/status", "ร้านที่ 3", "shop 3"),
        ("any_statement", "/v1/statements/3?form=csv", "ร้านที่ 3", "shop 3"),
        ("payout_file", "/v1/rounds/4/file?layout=bank", "รอบจ่ายที่ 4", "round 4"),
        ("read_verdict", "/v1/verdicts/vrd_a", "คำวินิจฉัย vrd_a", "verdict vrd_a"),
        ("rotate_webhook", "/v1/webhooks/whk_a/rotate", "ปลายทาง whk_a", "webhook whk_a"),
        ("void_redemption", "/v1/redemptions/rdm_a/void", "รายการ rdm_a", "redemption rdm_a"),
        ("make_round", "/v1/rounds", "", ""),
        ("register_shops", "/v1/merchants/table", "", ""),
        (
            "issue_key",
            "คุณแดง: issuer treasurer",
            "คุณแดง: ผู้ให้สิทธิ์, เหรัญญิก",
            "คุณแดง: issuer, treasurer",
        ),
        ("withdraw_key", "key_a", "กุญแจ key_a", "key key_a"),
    ],
)
def test_what_was_acted_on_is_said(act: str, target: str, thai: str, english: str) -> None:
    assert on_what(act, target) == (thai, english)


def test_what_was_asked_for_is_decoded() -> None:
    assert sought("/v1/passes?holder=0xa&holder=0xb") == ("กุญแจ 0xa, 0xb", "key 0xa, 0xb")
    assert sought("/v1/messages?status=failed&limit=50&cursor=Wzdd") == (
        "สถานะ ส่งไม่ได้ · ครั้งละไม่เกิน 50 · หน้าต่อจากก่อนหน้า",
        "status failed · at most 50 · a later page",
    )
    assert sought("/v1/passes?name=%E0%B8%AA%E0%B8%A1+%3Cb%3E") == ("name สม <b>", "name สม <b>")
    assert sought("/v1/passes/1") == ("", "")
    long = "/v1/passes?" + "holder=0xabcdef&" * TARGET_LENGTH_MAX
    assert sought(long[:TARGET_LENGTH_MAX])[0].endswith("…")


def test_who_acted_is_said() -> None:
    assert who("void_redemption", "merchant 3", SHOP) == ("ร้านที่ 3", "shop 3")
    # An officer may be called as they like.
    assert who("pause_campaign", "merchant 3", "key_a") == ("merchant 3", "merchant 3")
    assert who("pause_campaign", "คุณแดง", "key_a") == ("คุณแดง", "คุณแดง")
    assert who("issue_key", "operator", "key_a")[0] == "ผู้ดูแลเครื่อง"


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_target_has_words(act: str, target: str) -> None:
    for words in (on_what(act, target), on_what("issue_key", target), sought("?" + target)):
        assert len(words) == 2 and bool(words[0]) == bool(words[1])
    thai, _english = on_what("read_pass", target)
    assert not re.search("/v1", thai)
