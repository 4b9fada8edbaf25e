"""A draft policy replayed on past redemptions: what it would have refused, given and cost.

Two runs go over the same past, each with books of its own. In the *strict* run everybody asks for
exactly what they were given then, and a rule refuses flatly. In the *offered* run the till offers
what the draft allows of the bill, as it would in life. A rule the past has no figures for is left
out of that judgement and counted: it is told as not judged, and never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from ledger.domain.campaign import Campaign, CampaignStatus, Terms
from ledger.domain.clock import DAY_SECONDS, STEP_MAX, STEP_SECONDS, bangkok_day, signed_at_of
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.past import Past, PastRedemption
from ledger.domain.policy import policy_terms
from ledger.domain.policy_document import Policy
from ledger.domain.reasons import Reason
from ledger.domain.till_terms import TillFacts, TillTerms
from ledger.domain.usage import Usage
from ledger.domain.verdict import Request, Venue, judge, offer, share_of
from ledger.domain.vocabulary import ALL_DISTRICTS, CATEGORIES, CLASSES
from ledger.errors import InputInvalid

WEEK_SECONDS: Final = 7 * DAY_SECONDS
WEEKS_MAX: Final = 1_040
ENDLESS: Final = 2**96
"""A budget no past can spend: where none was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is replayed. `budget` None: no budget is judged; `list_words` None: nor a list.

    `weeks` moves the past forward (or back) by whole weeks, so that days of the week and hours
    stay. None: not at all where the past touches the draft's window, else until it begins in it.
    """

    policy: Policy
    budget: int | None = None
    list_words: dict[int, int] | None = None
    weeks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One past redemption under the draft.

    `strict` refuses what was really asked (None: it would have been taken). `offered` is what the
    till would have offered of the bill; `less` is the rule that kept it below the city's share.
    """

    past: PastRedemption
    signed_at: int
    strict: Reason | None
    offered: int
    less: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Everything a report is made of. `unjudged` counts redemptions by rule."""

    draft: Draft
    past: Past
    weeks: int
    lines: tuple[Line, ...]
    left_out: int
    unjudged: dict[Reason, int]


@dataclass(slots=True)
class _Books:
    """What the draft would have on its books in one run."""

    spent: int = 0
    usages: dict[int, Usage] = field(default_factory=dict)
    shop_days: dict[tuple[int, int], int] = field(default_factory=dict)
    households: dict[int, int] = field(default_factory=dict)
    household_days: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """The draft's rules less those the past cannot be judged by."""

    terms: Terms
    till: TillTerms
    unjudged: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """Somebody with a bill at a shop, as the draft sees it."""

    past: PastRedemption
    rules: _Rules
    pass_: Pass
    merchant: Merchant
    signed_at: int


def replay(draft: Draft, past: Past) -> Replay:
    """Judge the whole past by the draft. The same draft and past give the same replay.

    Raises InputInvalid for a past without redemptions, or moved by more than WEEKS_MAX weeks;
    ListInvalid where the list is not the one the policy binds.
    """
    if not past.redemptions:
        raise InputInvalid(what="past", why="it holds no redemption")
    weeks = _weeks(draft, past)
    run = _Run(draft, weeks)
    standing = [each for each in past.redemptions if each.kept]
    lines = tuple(run.take(each) for each in standing)
    return Replay(
        draft=draft,
        past=past,
        weeks=weeks,
        lines=lines,
        left_out=len(past.redemptions) - len(standing),
        unjudged=dict(sorted(run.unjudged.items())),
    )


def _weeks(draft: Draft, past: Past) -> int:
    first, last = past.redemptions[0].signed_at, past.redemptions[-1].signed_at
    policy = draft.policy
    weeks = draft.weeks
    if weeks is None:
        touches = first < policy.ends and last >= policy.starts
        weeks = 0 if touches else -((first - policy.starts) // WEEK_SECONDS)
    if abs(weeks) > WEEKS_MAX:
        raise InputInvalid(what="weeks", why=f"{weeks} weeks, at most {WEEKS_MAX} either way")
    return weeks


class _Run:
    """Both runs side by side, redemption after redemption."""

    def __init__(self, draft: Draft, weeks: int) -> None:
        words = draft.list_words
        self._draft = draft
        self._shift = weeks * WEEK_SECONDS
        self._words = words
        self._terms = (
            policy_terms(draft.policy, ZERO_ADDRESS, words)
            if draft.policy.issue is None or words is not None
            else policy_terms(replace(draft.policy, issue=None), ZERO_ADDRESS)
        )
        self._rules: dict[tuple[bool, ...], _Rules] = {}
        self._strict, self._offered = _Books(), _Books()
        self._seen: dict[int, int] = {}
        self.unjudged: dict[Reason, int] = {}

    def take(self, past: PastRedemption) -> Line:
        """Judge one redemption in both runs and enter what each would have given."""
        visit = self._visit(past)
        for reason in visit.rules.unjudged:
            self.unjudged[reason] = self.unjudged.get(reason, 0) + 1
        if past.copay:
            self.unjudged[Reason.COPAY_UNPAID] = self.unjudged.get(Reason.COPAY_UNPAID, 0) + 1
        strict = self._judge(self._strict, visit, past.kept)
        if strict is None:
            _enter(self._strict, visit, past.kept)
        offered = self._offer(visit)
        share = share_of(past.kept_bill, self._terms.share_basis_points)
        less = None if offered == share else self._less_by(visit, share, offered)
        if offered:
            _enter(self._offered, visit, offered)
        return Line(past=past, signed_at=visit.signed_at, strict=strict, offered=offered, less=less)

    def _visit(self, past: PastRedemption) -> _Visit:
        rules = self._rules_for(past)
        return _Visit(
            past=past,
            rules=rules,
            pass_=Pass(
                number=past.pass_number,
                class_=past.class_ or 0,
                district=past.district or 0,
                valid_from=_moved(past.valid_from, self._shift)
                if past.valid_until is not None
                else 0,
                valid_until=_moved(past.valid_until, self._shift),
                status=PassStatus.ACTIVE,
            ),
            merchant=Merchant(
                number=past.merchant,
                payout=ZERO_ADDRESS,
                category=past.category or 0,
                district=past.merchant_district or 0,
                status=MerchantStatus.ACTIVE,
            ),
            signed_at=self._moment(past),
        )

    def _moment(self, past: PastRedemption) -> int:
        """The past's time moved, on a step of the draft, after the pass's step before it."""
        starts, moved = self._terms.starts, past.signed_at + self._shift
        if moved < starts:
            return moved
        step = (moved - starts) // STEP_SECONDS + 1
        step = min(max(step, self._seen.get(past.pass_number, 0) + 1), STEP_MAX)
        self._seen[past.pass_number] = step
        return signed_at_of(starts, step)

    def _campaign(self, books: _Books, terms: Terms) -> Campaign:
        return Campaign(
            number=0,
            terms=terms,
            status=CampaignStatus.OPEN,
            funded=ENDLESS if self._draft.budget is None else self._draft.budget,
            spent=books.spent,
            list_words=self._words,
        )

    def _judge(self, books: _Books, visit: _Visit, amount: int) -> Reason | None:
        past = visit.past
        copay = min(past.copay, past.kept_bill - amount) if past.kept_bill > amount else 0
        request = Request(
            bill=past.kept_bill,
            amount=amount,
            copay=copay,
            signed_at=visit.signed_at,
            venue=Venue.TILL,
            merchant=past.merchant,
            copay_funds=copay,
        )
        return judge(
            self._campaign(books, visit.rules.terms),
            visit.pass_,
            visit.merchant,
            books.usages.get(past.pass_number, _UNUSED),
            request,
            visit.signed_at,
            till=visit.rules.till,
            facts=_facts(books, visit),
        ).reason

    def _less_by(self, visit: _Visit, share: int, offered: int) -> Reason | None:
        """The rule that keeps the offer below the share: of nothing, what refuses even a satang."""
        refused = None if offered else self._judge(self._offered, visit, 1)
        return refused or self._judge(self._offered, visit, max(share, 1))

    def _offer(self, visit: _Visit) -> int:
        books = self._offered
        return offer(
            self._campaign(books, visit.rules.terms),
            visit.pass_,
            books.usages.get(visit.past.pass_number, _UNUSED),
            visit.merchant,
            visit.past.kept_bill,
            visit.signed_at,
            till=visit.rules.till,
            facts=_facts(books, visit),
        )

    def _rules_for(self, past: PastRedemption) -> _Rules:
        missing = (
            past.class_ is None,
            past.district is None,
            None in (past.valid_from, past.valid_until),
            past.category is None,
            past.merchant_district is None,
            None in (past.distance_metres, past.position_age_seconds, past.accuracy_metres),
            past.household is None,
        )
        found = self._rules.get(missing)
        if found is None:
            found = self._rules[missing] = self._less(*missing)
        return found

    def _less(
        self, no_class: bool, no_district: bool, no_validity: bool, no_category: bool,
        no_merchant_district: bool, no_place: bool, no_household: bool,
    ) -> _Rules:  # fmt: skip
        terms, till = self._terms, self._draft.policy.till
        districts = no_merchant_district and terms.districts != ALL_DISTRICTS
        same = terms.same_district and (no_merchant_district or no_district)
        dropped: dict[Reason, bool] = {
            Reason.BUDGET_USED: self._draft.budget is None,
            Reason.NOT_ON_LIST: self._draft.policy.issue is not None and self._words is None,
            Reason.NOT_IN_AUDIENCE: no_class,
            Reason.PASS_EXPIRED: no_validity,
            Reason.WRONG_CATEGORY: no_category and terms.categories != CATEGORIES.all,
            Reason.WRONG_DISTRICT: districts or same,
            Reason.TOO_FAR: no_place and till.distance is not None,
            Reason.HOUSEHOLD_QUOTA_USED: no_household and till.household is not None,
            Reason.NOTICE_NOT_ACKNOWLEDGED: till.goods_notice is not None,
            Reason.OTHER_COUPON_FIRST: till.stacking is not None,
            Reason.PAPER_PIN_NEEDED: till.paper_pin_above != 0,
        }
        return _Rules(
            terms=replace(
                terms,
                audience=CLASSES.all if no_class else terms.audience,
                categories=CATEGORIES.all if no_category else terms.categories,
                districts=ALL_DISTRICTS if no_merchant_district else terms.districts,
                same_district=terms.same_district and not same,
            ),
            till=replace(
                till,
                distance=None if no_place else till.distance,
                household=None if no_household else till.household,
                goods_notice=None,
                stacking=None,
                paper_pin_above=0,
            ),
            unjudged=tuple(reason for reason, left_out in dropped.items() if left_out),
        )


_UNUSED: Final = Usage()


def _moved(moment: int | None, shift: int) -> int:
    """A limit of a pass's validity with the past; 0 (none, or unknown) stays."""
    return max(moment + shift, 1) if moment else 0


def _facts(books: _Books, visit: _Visit) -> TillFacts:
    past, day = visit.past, bangkok_day(visit.signed_at)
    household = past.household
    return TillFacts(
        distance_metres=past.distance_metres,
        position_age_seconds=past.position_age_seconds,
        accuracy_metres=past.accuracy_metres,
        household_spent=None if household is None else books.households.get(household, 0),
        household_spent_today=(
            None if household is None else books.household_days.get((household, day), 0)
        ),
        merchant_taken_today=books.shop_days.get((past.merchant, day), 0),
    )


def _enter(books: _Books, visit: _Visit, amount: int) -> None:
    """Write down what was given, as contract and till would."""
    past, terms, day = visit.past, visit.rules.terms, bangkok_day(visit.signed_at)
    usage = books.usages.get(past.pass_number, _UNUSED)
    step = (visit.signed_at - terms.starts) // STEP_SECONDS + 1
    books.usages[past.pass_number] = usage.after_spending(
        terms.starts, step, amount, daily=terms.per_day_max != 0
    )
    books.spent += amount
    shop = (past.merchant, day)
    books.shop_days[shop] = books.shop_days.get(shop, 0) + amount
    if past.household is not None:
        at_home = (past.household, day)
        books.households[past.household] = books.households.get(past.household, 0) + amount
        books.household_days[at_home] = books.household_days.get(at_home, 0) + amount
