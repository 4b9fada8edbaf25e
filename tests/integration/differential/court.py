"""A batch before the domain's judge: entry by entry, each seeing what the earlier ones took."""

from dataclasses import dataclass, field, replace

from ledger.domain.campaign import Campaign
from ledger.domain.reasons import Reason
from ledger.domain.redemption import UNNAMED, Entry, RedeemedRecord, RefusedRecord
from ledger.domain.signatures import recover
from ledger.domain.typed_data import redemption_digest
from ledger.domain.usage import Usage
from ledger.domain.verdict import Request, judge
from ledger.errors import SignatureInvalid
from tests.integration.differential.model import INFINITE, Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What became of an entry: taken (`reason` None) or refused."""

    reason: Reason | None
    pass_number: int
    holder: str
    entry: Entry
    head: int

    def redeemed(self) -> RedeemedRecord:
        """Its record when it was taken."""
        return RedeemedRecord(
            pass_number=self.pass_number,
            merchant=self.entry.merchant,
            bill=self.entry.bill,
            amount=self.entry.amount,
            copay=self.entry.copay,
            step=self.entry.step,
            unnamed=bool(self.head & UNNAMED),
        )

    def refused(self, index: int) -> RefusedRecord:
        """Its record when it was refused."""
        assert self.reason is not None, "only a refusal has a reason"
        return RefusedRecord(
            index=index,
            reason=self.reason,
            pass_number=self.pass_number,
            head=self.head,
            amount=self.entry.amount,
        )


@dataclass(slots=True)
class Court:
    """One batch of one campaign at one time. What it takes is kept here and changes no model."""

    model: Model
    campaign: Campaign
    now: int
    forced: bool
    usages: dict[int, Usage] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)

    def usage(self, pass_number: int) -> Usage:
        """What a pass has used, with what this batch took."""
        found = self.usages.get(pass_number)
        return found or self.model.state.usage_of(self.campaign.number, pass_number)

    def copay_funds(self, holder: str) -> int:
        """What the token would let the book take from a holder now."""
        model = self.model
        if model.stopped or not model.path_open(holder, model.book):
            return 0
        paid = self.paid.get(holder, 0)
        allowed = model.allowances.get(holder, 0)
        left = allowed if allowed == INFINITE else allowed - paid
        return min(model.balance(holder) - paid, left)

    def hear(self, entry: Entry, head: int) -> Judgment:
        """Judge one entry; if it is taken, the next one sees it."""
        starts, state = self.campaign.terms.starts, self.model.state
        request = Request.of_entry(entry, head, starts, forced=self.forced, copay_funds=0)
        holder = self._signer(entry, request) if request.head_valid else ""
        pass_ = state.pass_of(holder)
        number = pass_.number if pass_ else 0
        request = replace(request, copay_funds=self.copay_funds(holder))
        merchant = state.merchants.get(entry.merchant)
        usage = self.usage(number)
        verdict = judge(self.campaign, pass_, merchant, usage, request, self.now)
        if verdict.accepted:
            self._take(number, holder, entry)
        return Judgment(
            reason=verdict.reason, pass_number=number, holder=holder, entry=entry, head=head
        )

    def _signer(self, entry: Entry, request: Request) -> str:
        message = entry.signed(self.campaign.number, request.signed_at)
        try:
            return recover(redemption_digest(self.model.separator, message), entry.r, entry.vs)
        except SignatureInvalid:
            return ""

    def _take(self, number: int, holder: str, entry: Entry) -> None:
        terms = self.campaign.terms
        self.usages[number] = self.usage(number).after_spending(
            terms.starts, entry.step, entry.amount, daily=terms.per_day_max != 0
        )
        self.campaign = replace(self.campaign, spent=self.campaign.spent + entry.amount)
        self.paid[holder] = self.paid.get(holder, 0) + entry.copay
