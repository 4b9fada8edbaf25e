"""A small city for the tests of the domain: one campaign, and hypothesis strategies around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from ledger.domain.campaign import Campaign, CampaignStatus, Terms
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.redemption import Entry, Maximum, RedeemedRecord
from ledger.domain.usage import Usage
from ledger.domain.verdict import Request, Venue

STARTS: Final = 1_761_692_400  # 2025-10-29T06:00:00+07:00, a Wednesday
NOON: Final = 1_761_714_000  # the same day, 12:00
ENDS: Final = STARTS + 60 * 86_400
TOKEN: Final = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
U21, U24, U32, U40 = 2**21 - 1, 2**24 - 1, 2**32 - 1, 2**40 - 1

TERMS: Final = Terms(
    policy_hash=b"\x07" * 32,
    token=TOKEN,
    starts=STARTS,
    ends=ENDS,
    first_use_by=0,
    share_basis_points=5_000,
    allowance=200_000,
    per_use_max=0,
    per_day_max=20_000,
    bill_min=0,
    audience=0b1001,
    categories=0b11,
    districts=2**64 - 1,
    open_hours=sum(((1 << 23) - (1 << 6)) << 24 * day for day in range(7)),
    same_district=False,
    list_hash=bytes(32),
    list_count=0,
)
CAMPAIGN: Final = Campaign(
    number=1, terms=TERMS, status=CampaignStatus.OPEN, funded=20_000_000, spent=0
)
PASS: Final = Pass(
    number=5, class_=0, district=3, valid_from=0, valid_until=0, status=PassStatus.ACTIVE
)
MERCHANT: Final = Merchant(
    number=9,
    payout="0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    category=0,
    district=3,
    status=MerchantStatus.ACTIVE,
)
REQUEST: Final = Request(bill=20_000, amount=10_000, signed_at=NOON, venue=Venue.TILL, merchant=9)


def terms(**changes: Any) -> Terms:
    """The terms of the city's campaign, changed."""
    return replace(TERMS, **changes)


def campaign(*, of: Terms = TERMS, **changes: Any) -> Campaign:
    """The city's campaign, changed."""
    return replace(CAMPAIGN, terms=of, **changes)


words32: Final = st.binary(min_size=32, max_size=32)
steps: Final = st.integers(1, U21)
bills: Final = st.integers(0, U32)
amounts: Final = st.integers(0, U24)

maxima: Final = st.builds(Maximum, bill=bills, amount=amounts, copay=bills)
entries: Final = st.builds(
    Entry,
    step=steps,
    merchant=st.integers(1, U32),
    bill=bills,
    amount=amounts,
    copay=bills,
    maximum=st.none() | maxima,
    r=words32,
    vs=words32,
)
records: Final = st.builds(
    RedeemedRecord,
    pass_number=st.integers(0, U32),
    merchant=st.integers(0, U32),
    bill=bills,
    amount=amounts,
    copay=bills,
    step=st.integers(0, U21),
    unnamed=st.booleans(),
)
usages: Final = st.builds(
    Usage,
    last_step=st.integers(0, U21),
    spent_today=st.integers(0, 2**19 - 1),
    spent_total=amounts,
)
passes: Final = st.builds(
    Pass,
    number=st.integers(0, U32),
    class_=st.integers(0, 31),
    district=st.integers(0, 63),
    valid_from=st.integers(0, U40),
    valid_until=st.integers(0, U40),
    status=st.sampled_from(PassStatus),
)
