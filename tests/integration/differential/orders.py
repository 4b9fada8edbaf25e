"""What plain calls come to: one small rule for each function, by the interfaces' own words."""

from collections.abc import Callable
from typing import Any, Final

from ledger.domain import events
from ledger.domain.campaign import CampaignStatus, Terms, returned_shares
from ledger.domain.hashing import ZERO_ADDRESS, checksum_address
from ledger.domain.listing import list_count, list_hash
from tests.integration.differential.actions import Tell
from tests.integration.differential.model import Model
from tests.integration.differential.people import address
from tests.integration.differential.predictions import (
    Prediction,
    campaign_in,
    payment_error,
    transfer,
    unauthorised,
    withdrawal_error,
)

YEAR = 364 * 86_400
WORDS_MAX = 1 << 24
OPEN_TO_ALL = frozenset({("CouponBook", "fund"), ("CouponBook", "sweep"), ("CityToken", "approve")})

Answer = list[events.Event] | str


def of_tell(model: Model, action: Tell) -> Prediction:
    """The events of a call, or its error."""
    named = (action.contract, action.function)
    if named not in OPEN_TO_ALL and (error := unauthorised(model, action.sender, *named)):
        return Prediction(error=error)
    answer = RULES[named](model, action, *action.arguments)
    if isinstance(answer, str):
        return Prediction(error=answer)
    return Prediction(told=tuple(answer))


# The coupon book


def _draft(model: Model, action: Tell, terms: Terms) -> Answer:
    bounds = (
        (terms.policy_hash == bytes(32), "PolicyMissing"),
        (terms.token == ZERO_ADDRESS, "TokenUnknown"),
        (not 0 < terms.ends - terms.starts <= YEAR or terms.ends <= action.at, "WindowInvalid"),
        (
            terms.first_use_by != 0 and not terms.starts <= terms.first_use_by <= terms.ends,
            "FirstUseByInvalid",
        ),
        (not 1 <= terms.share_basis_points <= 10_000, "ShareInvalid"),
        (terms.allowance == 0, "AllowanceZero"),
        (terms.per_day_max >= 1 << 19, "DayQuotaTooLarge"),
        (
            not (terms.audience and terms.categories and terms.districts and terms.open_hours),
            "MaskEmpty",
        ),
        ((terms.list_hash == bytes(32)) != (terms.list_count == 0), "ListTermsInvalid"),
    )
    for broken, name in bounds:
        if broken:
            return f"CouponBook_{name}"
    number = len(model.state.campaigns) + 1
    officer = address(action.sender)
    return [
        events.CampaignDrafted(
            contract=model.book, campaign=number, officer=officer, terms=terms, at=action.at
        )
    ]


def _approve(model: Model, action: Tell, number: int) -> Answer:
    campaign, error = campaign_in(model, number, CampaignStatus.DRAFTED)
    if campaign is None:
        return error
    person = address(action.sender)
    if person == campaign.drafted_by:
        return "CouponBook_SamePerson"
    return [
        events.CampaignApproved(contract=model.book, campaign=number, approver=person, at=action.at)
    ]


def _issued(model: Model, action: Tell, number: int) -> events.CouponsIssued:
    return events.CouponsIssued(
        contract=model.book, campaign=number, issuer=address(action.sender), at=action.at
    )


def _issuable(model: Model, action: Tell, number: int, *, listed: bool) -> str:
    campaign, error = campaign_in(model, number, CampaignStatus.APPROVED)
    if campaign is None:
        return error
    if address(action.sender) in (campaign.drafted_by, campaign.approved_by):
        return "CouponBook_SamePerson"
    if campaign.terms.listed != listed:
        return "CouponBook_CampaignNotListed" if listed else "CouponBook_CampaignListed"
    return ""


def _issue(model: Model, action: Tell, number: int) -> Answer:
    error = _issuable(model, action, number, listed=False)
    return error or [_issued(model, action, number)]


def _issue_list(model: Model, action: Tell, number: int, first: int, words: list[int]) -> Answer:
    if error := _issuable(model, action, number, listed=True):
        return error
    if first < model.next_words.get(number, 0) or first + len(words) > WORDS_MAX:
        return "CouponBook_ListOutOfOrder"
    campaign = model.state.campaigns[number]
    new = {index: word for index, word in enumerate(words, start=first) if word}
    whole = {**(campaign.list_words or {}), **new}
    count, terms = list_count(whole), campaign.terms
    complete = count == terms.list_count
    if count > terms.list_count or (complete and list_hash(whole) != terms.list_hash):
        return "CouponBook_ListMismatch"
    listed = events.CouponsListed(
        contract=model.book, campaign=number, first_word=first, words=tuple(words), at=action.at
    )
    return [listed, _issued(model, action, number)] if complete else [listed]


def _pause(model: Model, action: Tell, number: int) -> Answer:
    campaign, error = campaign_in(model, number, CampaignStatus.OPEN)
    if campaign is None:
        return error
    by = address(action.sender)
    return [events.CampaignPaused(contract=model.book, campaign=number, by=by, at=action.at)]


def _resume(model: Model, action: Tell, number: int) -> Answer:
    campaign, error = campaign_in(model, number, CampaignStatus.PAUSED)
    if campaign is None:
        return error
    by = address(action.sender)
    return [events.CampaignResumed(contract=model.book, campaign=number, by=by, at=action.at)]


def _fund(model: Model, action: Tell, number: int, amount: int) -> Answer:
    before_closing = [status for status in CampaignStatus if status is not CampaignStatus.CLOSED]
    campaign, error = campaign_in(model, number, *before_closing)
    if campaign is None:
        return error
    if amount == 0:
        return "CouponBook_AmountZero"
    funder = address(action.sender)
    if error := withdrawal_error(model, funder, amount):
        return error
    return [
        events.CampaignFunded(
            contract=model.book,
            campaign=number,
            funder=funder,
            contribution=len(model.state.books[number].contributions) + 1,
            amount=amount,
            at=action.at,
        ),
        transfer(model, funder, model.book, amount),
    ]


def _sweep(model: Model, action: Tell, number: int, count: int) -> Answer:
    campaign = model.campaign(number)
    if campaign is None:
        return "CouponBook_CampaignUnknown"
    if count == 0:
        return "CouponBook_AmountZero"
    if action.at <= campaign.sweepable_at:
        return "CouponBook_SweepTooEarly"
    book, told = model.state.books[number], list[events.Event]()
    first = book.returned_count
    if campaign.status is not CampaignStatus.CLOSED:
        told.append(
            events.CampaignClosed(
                contract=model.book, campaign=number, unspent=campaign.unspent, at=action.at
            )
        )
    elif first == len(book.contributions):
        return "CouponBook_NothingToSweep"
    shares = returned_shares(campaign.unspent, [given.amount for given in book.contributions])
    for given, share in list(zip(book.contributions, shares, strict=True))[first : first + count]:
        told.append(
            events.ContributionReturned(
                contract=model.book,
                campaign=number,
                funder=given.funder,
                contribution=given.number,
                amount=share,
                at=action.at,
            )
        )
        if share and (error := payment_error(model, model.book, given.funder, share)):
            return error
        if share:
            told.append(transfer(model, model.book, given.funder, share))
    return told


# The token


def _mint(model: Model, action: Tell, to: str, amount: int, ref: bytes) -> Answer:
    if amount == 0:
        return "CityToken_AmountZero"
    if model.stopped:
        return "EnforcedPause"
    return [
        transfer(model, ZERO_ADDRESS, to, amount),
        events.TokensFunded(contract=model.token, to=to, amount=amount, ref=ref, at=action.at),
    ]


def _allow(model: Model, action: Tell, spender: str, value: int) -> Answer:
    owner = address(action.sender)
    return [events.Approval(contract=model.token, owner=owner, spender=spender, value=value)]


def _stop(model: Model, action: Tell) -> Answer:
    if model.stopped:
        return "EnforcedPause"
    return [events.Paused(contract=model.token, account=address(action.sender))]


def _go_on(model: Model, action: Tell) -> Answer:
    if not model.stopped:
        return "ExpectedPause"
    return [events.Unpaused(contract=model.token, account=address(action.sender))]


def _city_account(model: Model, action: Tell, account: str, allowed: bool) -> Answer:
    return [
        events.CityAccountSet(contract=model.token, account=account, allowed=allowed, at=action.at)
    ]


# The registers


def _at(model: Model, contract: str) -> str:
    return model.city.deployment.contracts[contract].address


def _enrol(
    model: Model, action: Tell, class_: int, district: int, since: int, until: int, holders: bytes
) -> Answer:
    at, first = _at(model, "CityPass"), len(model.state.passes) + 1
    if until and until <= since:
        return "CityPass_ValidityEmpty"
    new = [checksum_address(holders[i : i + 20]) for i in range(0, len(holders), 20)]
    if any(holder in model.state.holders for holder in new) or len(set(new)) < len(new):
        return "CityPass_HolderHasPass"
    told: list[events.Event] = [
        events.Locked(contract=at, token_id=first + n) for n in range(len(new))
    ]
    told.append(
        events.PassesEnrolled(
            contract=at,
            first=first,
            class_=class_,
            district=district,
            valid_from=since,
            valid_until=until,
            holders=holders,
            at=action.at,
        )
    )
    return told


def _rebind(model: Model, action: Tell, from_: str, to: str) -> Answer:
    if to == ZERO_ADDRESS:
        return "CityPass_HolderZero"
    number = model.state.holders.get(from_)
    if number is None:
        return "CityPass_HolderUnknown"
    if to in model.state.holders:
        return "CityPass_HolderHasPass"
    at = _at(model, "CityPass")
    return [events.PassRebound(contract=at, number=number, from_=from_, to=to, at=action.at)]


def _change_pass(
    model: Model, action: Tell, holder: str, class_: int, district: int, since: int, until: int,
    status: int,
) -> Answer:  # fmt: skip
    number = model.state.holders.get(holder)
    if number is None:
        return "CityPass_HolderUnknown"
    if until and until <= since:
        return "CityPass_ValidityEmpty"
    if not 1 <= status <= 3:
        return "CityPass_StatusUnknown"
    return [
        events.PassChanged(
            contract=_at(model, "CityPass"),
            number=number,
            holder=holder,
            class_=class_,
            district=district,
            valid_from=since,
            valid_until=until,
            status=status,
            at=action.at,
        )
    ]


def _register(model: Model, action: Tell, payout: str, category: int, district: int) -> Answer:
    if payout in model.state.payouts:
        return "MerchantRegistry_PayoutTaken"
    return [
        events.MerchantRegistered(
            contract=_at(model, "MerchantRegistry"),
            number=len(model.state.merchants) + 1,
            payout=payout,
            category=category,
            district=district,
            at=action.at,
        )
    ]


def _change_merchant(
    model: Model, action: Tell, number: int, payout: str, category: int, district: int, status: int
) -> Answer:
    if number not in model.state.merchants:
        return "MerchantRegistry_MerchantUnknown"
    if not 1 <= status <= 3:
        return "MerchantRegistry_StatusUnknown"
    if model.state.payouts.get(payout, number) != number:
        return "MerchantRegistry_PayoutTaken"
    return [
        events.MerchantChanged(
            contract=_at(model, "MerchantRegistry"),
            number=number,
            payout=payout,
            category=category,
            district=district,
            status=status,
            at=action.at,
        )
    ]


Rule = Callable[..., Any]

RULES: Final[dict[tuple[str, str], Rule]] = {
    ("CouponBook", "draft"): _draft,
    ("CouponBook", "approve"): _approve,
    ("CouponBook", "issue"): _issue,
    ("CouponBook", "issueList"): _issue_list,
    ("CouponBook", "pause"): _pause,
    ("CouponBook", "resume"): _resume,
    ("CouponBook", "fund"): _fund,
    ("CouponBook", "sweep"): _sweep,
    ("CityToken", "mint"): _mint,
    ("CityToken", "approve"): _allow,
    ("CityToken", "pause"): _stop,
    ("CityToken", "unpause"): _go_on,
    ("CityToken", "setCityAccount"): _city_account,
    ("CityPass", "enrol"): _enrol,
    ("CityPass", "rebind"): _rebind,
    ("CityPass", "change"): _change_pass,
    ("MerchantRegistry", "register"): _register,
    ("MerchantRegistry", "change"): _change_merchant,
}
