"""One frozen dataclass per contract event; field names are the ABI's in snake case.

Addresses are checksummed strings, `bytesN` bytes, amounts satang, times Unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.access_events import (
    AuthorityUpdated,
    OperationCanceled,
    OperationExecuted,
    OperationScheduled,
    RoleAdminChanged,
    RoleGrantDelayChanged,
    RoleGranted,
    RoleGuardianChanged,
    RoleLabel,
    RoleRevoked,
    TargetAdminDelayUpdated,
    TargetClosed,
    TargetFunctionRoleUpdated,
)
from ledger.domain.campaign import Terms
from ledger.domain.event import Event
from ledger.domain.settlement_events import (
    DayAnchored,
    DebtCovered,
    FileRecorded,
    LinesSettled,
    PaymentReturned,
    RoundApproved,
    RoundMade,
    RoundSettled,
    RoundWithdrawn,
)
from ledger.domain.token_events import (
    Approval,
    AuthorizationCanceled,
    AuthorizationUsed,
    CityAccountSet,
    Eip712DomainChanged,
    Paused,
    TokensFunded,
    TokensSettled,
    Transfer,
    Unpaused,
)

__all__ = [
    "EVENTS",
    "Approval",
    "AuthorityUpdated",
    "AuthorizationCanceled",
    "AuthorizationUsed",
    "CampaignApproved",
    "CampaignClosed",
    "CampaignDrafted",
    "CampaignFunded",
    "CampaignPaused",
    "CampaignResumed",
    "CityAccountSet",
    "ContributionReturned",
    "CouponsIssued",
    "CouponsListed",
    "DayAnchored",
    "DebtCovered",
    "Eip712DomainChanged",
    "Event",
    "FileRecorded",
    "LinesSettled",
    "Locked",
    "MerchantChanged",
    "MerchantRegistered",
    "OperationCanceled",
    "OperationExecuted",
    "OperationScheduled",
    "PassChanged",
    "PassRebound",
    "PassesEnrolled",
    "Paused",
    "PaymentReturned",
    "Redeemed",
    "RedemptionsRefused",
    "RoleAdminChanged",
    "RoleGrantDelayChanged",
    "RoleGranted",
    "RoleGuardianChanged",
    "RoleLabel",
    "RoleRevoked",
    "RoundApproved",
    "RoundMade",
    "RoundSettled",
    "RoundWithdrawn",
    "TargetAdminDelayUpdated",
    "TargetClosed",
    "TargetFunctionRoleUpdated",
    "TokensFunded",
    "TokensSettled",
    "Transfer",
    "Unpaused",
    "Voided",
]


# ── CityPass ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class PassesEnrolled(Event):
    """New passes, numbered densely from `first`, one per 20 bytes of `holders`."""

    first: int
    class_: int
    district: int
    valid_from: int
    valid_until: int
    holders: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked(Event):
    """ERC-5192: a pass cannot be transferred, from its first moment."""

    token_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRebound(Event):
    """A pass got a new holder: a lost phone, or paper moved to a phone."""

    number: int
    from_: str
    to: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassChanged(Event):
    """The registrar changed a pass."""

    number: int
    holder: str
    class_: int
    district: int
    valid_from: int
    valid_until: int
    status: int
    at: int


# ── MerchantRegistry ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantRegistered(Event):
    """A new merchant, active from now."""

    number: int
    payout: str
    category: int
    district: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantChanged(Event):
    """The registrar changed a merchant."""

    number: int
    payout: str
    category: int
    district: int
    status: int
    at: int


# ── CouponBook ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDrafted(Event):
    """An officer wrote a campaign's terms."""

    campaign: int
    officer: str
    terms: Terms
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignApproved(Event):
    """A second person approved the terms."""

    campaign: int
    approver: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponsListed(Event):
    """Words of the list from index `first_word` on, zeros included."""

    campaign: int
    first_word: int
    words: tuple[int, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponsIssued(Event):
    """A third person issued the coupons: the campaign is open."""

    campaign: int
    issuer: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFunded(Event):
    """A contribution to a campaign's escrow."""

    campaign: int
    funder: str
    contribution: int
    amount: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed(Event):
    """The redemptions one batch brought, packed (`redemption.unpack_records`)."""

    campaign: int
    batch: int
    records: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionsRefused(Event):
    """The entries one batch was refused, packed (`redemption.unpack_refused`)."""

    campaign: int
    records: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided(Event):
    """A redemption was undone, wholly or in part."""

    campaign: int
    pass_: int
    merchant: int
    amount: int
    copay: int
    signed_at: int
    voided_at: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPaused(Event):
    """What is signed from now on is refused."""

    campaign: int
    by: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResumed(Event):
    """The campaign takes redemptions again."""

    campaign: int
    by: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignClosed(Event):
    """The sweep began; what is unspent is fixed."""

    campaign: int
    unspent: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionReturned(Event):
    """A funder got its share of what was unspent."""

    campaign: int
    funder: str
    contribution: int
    amount: int
    at: int


EVENTS: Final[tuple[type[Event], ...]] = (
    Transfer,
    Approval,
    AuthorizationUsed,
    AuthorizationCanceled,
    TokensFunded,
    TokensSettled,
    CityAccountSet,
    Paused,
    Unpaused,
    Eip712DomainChanged,
    PassesEnrolled,
    Locked,
    PassRebound,
    PassChanged,
    MerchantRegistered,
    MerchantChanged,
    CampaignDrafted,
    CampaignApproved,
    CouponsListed,
    CouponsIssued,
    CampaignFunded,
    Redeemed,
    RedemptionsRefused,
    Voided,
    CampaignPaused,
    CampaignResumed,
    CampaignClosed,
    ContributionReturned,
    DebtCovered,
    RoundMade,
    RoundApproved,
    RoundWithdrawn,
    LinesSettled,
    RoundSettled,
    FileRecorded,
    PaymentReturned,
    DayAnchored,
    AuthorityUpdated,
    RoleGranted,
    RoleRevoked,
    RoleLabel,
    RoleAdminChanged,
    RoleGuardianChanged,
    RoleGrantDelayChanged,
    TargetClosed,
    TargetFunctionRoleUpdated,
    TargetAdminDelayUpdated,
    OperationScheduled,
    OperationExecuted,
    OperationCanceled,
)
"""Every event our contracts can emit."""
