"""The rules of a redemption, one function each, and `RULES`: the order of judging.

A rule returns the figures of its refusal, or None. A rule that cannot be evaluated refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ledger.domain.campaign import BASIS_POINTS, Campaign, CampaignStatus
from ledger.domain.clock import DAY_SECONDS, STEP_SECONDS, hour_of_week, signed_at_of
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.ranges import U21
from ledger.domain.reasons import Reason
from ledger.domain.redemption import UNNAMED, Entry, Maximum
from ledger.domain.usage import Usage
from ledger.domain.vocabulary import CATEGORIES, CLASSES

FUTURE_SECONDS: Final = 60
CHAIN_EXPIRY_SECONDS: Final = 7 * DAY_SECONDS
UNNAMED_EXPIRY_SECONDS: Final = 90
NAMED_EXPIRY_SECONDS: Final = 900
FORCE_DELAY_SECONDS: Final = 900

Figures = dict[str, Any]


class Venue(StrEnum):
    """Where a redemption is judged: it sets how old the signature may be, and who may submit."""

    TILL = "till"
    CHAIN = "chain"
    FORCE = "force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A redemption to be judged: what is to be taken, and what was signed.

    `maximum` is None when the holder named the merchant. `copay_funds` is what the token would let
    the book take from the holder: a copay above it is unpaid. `head_valid` is False only for an
    entry of a batch whose head no wallet could mean.
    """

    bill: int
    amount: int
    signed_at: int
    venue: Venue
    merchant: int
    copay: int = 0
    maximum: Maximum | None = None
    copay_funds: int = 0
    head_valid: bool = True

    @staticmethod
    def of_entry(
        entry: Entry, head: int, starts: int, *, forced: bool, copay_funds: int
    ) -> Request:
        """Return the request an entry of a batch makes of the contract."""
        return Request(
            bill=entry.bill,
            amount=entry.amount,
            copay=entry.copay,
            signed_at=starts + ((head & U21) - 1) * STEP_SECONDS,
            venue=Venue.FORCE if forced else Venue.CHAIN,
            merchant=entry.merchant,
            maximum=entry.maximum,
            copay_funds=copay_funds,
            head_valid=head & U21 != 0 and not head & ~(UNNAMED | U21),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a rule may look at."""

    campaign: Campaign
    pass_: Pass
    merchant: Merchant | None
    usage: Usage
    request: Request
    now: int


def share_of(bill: int, share_basis_points: int) -> int:
    """Return the city's share of a bill; a part of a satang is rounded in the resident's favour."""
    return -(-bill * share_basis_points // BASIS_POINTS)


def _pass_suspended(case: Case) -> Figures | None:
    if case.pass_.status == PassStatus.SUSPENDED:
        return {"pass": case.pass_.number}
    return None


def _pass_expired(case: Case) -> Figures | None:
    since, until = case.pass_.valid_from, case.pass_.valid_until
    signed_at = case.request.signed_at
    if signed_at < since or (until != 0 and signed_at >= until):
        return {"valid_from": since, "valid_until": until, "signed_at": signed_at}
    return None


def _already_spent(case: Case) -> Figures | None:
    last, starts = case.usage.last_step, case.campaign.terms.starts
    signed_at = case.request.signed_at
    if last and signed_at <= (last_at := signed_at_of(starts, last)):
        return {"signed_at": signed_at, "last_signed_at": last_at}
    return None


def _signed_in_future(case: Case) -> Figures | None:
    ahead = case.request.signed_at - case.now
    if ahead > FUTURE_SECONDS:
        return {"signed_at": case.request.signed_at, "now": case.now, "seconds": ahead}
    return None


def expiry_seconds(venue: Venue, *, named: bool) -> int:
    """Return how long a signature lives: by the chain's bound, or the till's shorter one."""
    if venue is not Venue.TILL:
        return CHAIN_EXPIRY_SECONDS
    return NAMED_EXPIRY_SECONDS if named else UNNAMED_EXPIRY_SECONDS


def _presentation_expired(case: Case) -> Figures | None:
    request = case.request
    limit = expiry_seconds(request.venue, named=request.maximum is None)
    if case.now > request.signed_at + limit:
        return {"signed_at": request.signed_at, "now": case.now, "limit_seconds": limit}
    return None


def _force_too_early(case: Case) -> Figures | None:
    free_at = case.request.signed_at + FORCE_DELAY_SECONDS
    if case.request.venue is Venue.FORCE and case.now < free_at:
        return {"free_at": free_at, "now": case.now}
    return None


def _force_needs_merchant(case: Case) -> Figures | None:
    if case.request.venue is Venue.FORCE and case.request.maximum is not None:
        return {}
    return None


def _campaign_paused(case: Case) -> Figures | None:
    campaign, signed_at = case.campaign, case.request.signed_at
    if campaign.status is CampaignStatus.PAUSED and signed_at >= campaign.paused_at:
        return {"paused_at": campaign.paused_at, "signed_at": signed_at}
    return None


def _ended(case: Case) -> Figures | None:
    if case.request.signed_at >= case.campaign.terms.ends:
        return {"ends": case.campaign.terms.ends, "signed_at": case.request.signed_at}
    return None


def _not_in_audience(case: Case) -> Figures | None:
    audience = case.campaign.terms.audience
    if not audience >> case.pass_.class_ & 1:
        return {
            "class": CLASSES.word(case.pass_.class_).name,
            "audience": [word.name for word in CLASSES.chosen(audience)],
        }
    return None


def _not_on_list(case: Case) -> Figures | None:
    if not case.campaign.lists(case.pass_.number):
        return {"pass": case.pass_.number, "list_count": case.campaign.terms.list_count}
    return None


def _first_use_missed(case: Case) -> Figures | None:
    deadline = case.campaign.terms.first_use_by
    if deadline and case.usage.last_step == 0 and case.request.signed_at > deadline:
        return {"first_use_by": deadline, "signed_at": case.request.signed_at}
    return None


def _outside_hours(case: Case) -> Figures | None:
    signed_at, hours = case.request.signed_at, case.campaign.terms.open_hours
    if not hours >> hour_of_week(signed_at) & 1:
        return {"signed_at": signed_at, "opens_at": next_opening(hours, signed_at)}
    return None


def next_opening(open_hours: int, t: int) -> int:
    """Return the first full hour after `t` whose bit is set; 0 when no hour is ever open."""
    hour = t - t % 3_600
    for ahead in range(1, 169):
        if open_hours >> hour_of_week(hour + ahead * 3_600) & 1:
            return hour + ahead * 3_600
    return 0


def _merchant_unknown(case: Case) -> Figures | None:
    if case.merchant is None or case.merchant.status == MerchantStatus.NONE:
        return {"merchant": case.request.merchant}
    return None


def _merchant_suspended(case: Case) -> Figures | None:
    if case.merchant is None or case.merchant.status == MerchantStatus.ACTIVE:
        return None
    return {
        "merchant": case.merchant.number,
        "state": MerchantStatus(case.merchant.status).name.lower(),
    }


def _wrong_category(case: Case) -> Figures | None:
    categories = case.campaign.terms.categories
    if case.merchant is None or categories >> case.merchant.category & 1:
        return None
    return {
        "merchant": case.merchant.number,
        "category": CATEGORIES.word(case.merchant.category).name,
        "categories": [word.name for word in CATEGORIES.chosen(categories)],
    }


def _wrong_district(case: Case) -> Figures | None:
    terms = case.campaign.terms
    if case.merchant is None:
        return None
    shop, home = case.merchant.district, case.pass_.district
    if terms.districts >> shop & 1 and not (terms.same_district and shop != home):
        return None
    return {
        "merchant": case.merchant.number,
        "merchant_district": shop,
        "pass_district": home,
        "same_district": terms.same_district,
    }


def _amount_invalid(case: Case) -> Figures | None:
    request = case.request
    if request.amount < 1 or request.copay < 0 or request.amount + request.copay > request.bill:
        return {"bill": request.bill, "amount": request.amount, "copay": request.copay}
    return None


def _bill_too_small(case: Case) -> Figures | None:
    least = case.campaign.terms.bill_min
    if case.request.bill < least:
        return {"bill": case.request.bill, "bill_min": least}
    return None


def _maximum_exceeded(case: Case) -> Figures | None:
    request, most = case.request, case.request.maximum
    if most is None:
        return None
    if request.bill <= most.bill and request.amount <= most.amount and request.copay <= most.copay:
        return None
    return {
        "bill": request.bill,
        "amount": request.amount,
        "copay": request.copay,
        "bill_max": most.bill,
        "amount_max": most.amount,
        "copay_max": most.copay,
    }


def _share_exceeded(case: Case) -> Figures | None:
    share, request = case.campaign.terms.share_basis_points, case.request
    most = share_of(request.bill, share)
    if request.amount > most:
        return {
            "bill": request.bill,
            "amount": request.amount,
            "amount_max": most,
            "share_basis_points": share,
        }
    return None


def _per_use_exceeded(case: Case) -> Figures | None:
    most = case.campaign.terms.per_use_max
    if most and case.request.amount > most:
        return {"amount": case.request.amount, "per_use_max": most}
    return None


def _day_quota_used(case: Case) -> Figures | None:
    terms, request = case.campaign.terms, case.request
    if not terms.per_day_max:
        return None
    today = case.usage.spent_on_day_of(terms.starts, request.signed_at)
    if today + request.amount > terms.per_day_max:
        return {
            "amount": request.amount,
            "spent_today": today,
            "per_day_max": terms.per_day_max,
            "day_left": max(terms.per_day_max - today, 0),
        }
    return None


def _allowance_used(case: Case) -> Figures | None:
    allowance, spent = case.campaign.terms.allowance, case.usage.spent_total
    if spent + case.request.amount > allowance:
        return {
            "amount": case.request.amount,
            "spent_total": spent,
            "allowance": allowance,
            "allowance_left": max(allowance - spent, 0),
        }
    return None


def _budget_used(case: Case) -> Figures | None:
    campaign = case.campaign
    if campaign.spent + case.request.amount > campaign.funded:
        return {
            "amount": case.request.amount,
            "campaign": campaign.number,
            "budget_left": max(campaign.unspent, 0),
        }
    return None


def _copay_unpaid(case: Case) -> Figures | None:
    if case.request.copay > max(case.request.copay_funds, 0):
        return {"copay": case.request.copay, "copay_funds": case.request.copay_funds}
    return None


RULES: Final[tuple[tuple[Reason, Callable[[Case], Figures | None]], ...]] = (
    (Reason.PASS_SUSPENDED, _pass_suspended),
    (Reason.PASS_EXPIRED, _pass_expired),
    (Reason.ALREADY_SPENT, _already_spent),
    (Reason.SIGNED_IN_FUTURE, _signed_in_future),
    (Reason.PRESENTATION_EXPIRED, _presentation_expired),
    (Reason.FORCE_TOO_EARLY, _force_too_early),
    (Reason.FORCE_NEEDS_MERCHANT, _force_needs_merchant),
    (Reason.CAMPAIGN_PAUSED, _campaign_paused),
    (Reason.ENDED, _ended),
    (Reason.NOT_IN_AUDIENCE, _not_in_audience),
    (Reason.NOT_ON_LIST, _not_on_list),
    (Reason.FIRST_USE_MISSED, _first_use_missed),
    (Reason.OUTSIDE_HOURS, _outside_hours),
    (Reason.MERCHANT_UNKNOWN, _merchant_unknown),
    (Reason.MERCHANT_SUSPENDED, _merchant_suspended),
    (Reason.WRONG_CATEGORY, _wrong_category),
    (Reason.WRONG_DISTRICT, _wrong_district),
    (Reason.AMOUNT_INVALID, _amount_invalid),
    (Reason.BILL_TOO_SMALL, _bill_too_small),
    (Reason.MAXIMUM_EXCEEDED, _maximum_exceeded),
    (Reason.SHARE_EXCEEDED, _share_exceeded),
    (Reason.PER_USE_EXCEEDED, _per_use_exceeded),
    (Reason.DAY_QUOTA_USED, _day_quota_used),
    (Reason.ALLOWANCE_USED, _allowance_used),
    (Reason.BUDGET_USED, _budget_used),
    (Reason.COPAY_UNPAID, _copay_unpaid),
)
"""The order of judging after SIGNATURE_INVALID."""
