"""The ordinary entry, judged in one pass over its bytes.

Nearly every entry of a chain is one that no rule refuses and that was recorded as it was signed.
`Brisk.takes` says so of an entry or says nothing: whatever it does not take is judged in full by
`ledger.domain.verdict.judge`, which has the last word. A test holds the two together.
"""

from dataclasses import dataclass, field
from typing import Final

from ledger.audit.signers import FIXED, MAXIMUM
from ledger.domain.campaign import BASIS_POINTS, Campaign, CampaignStatus
from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, STEP_SECONDS
from ledger.domain.merchants import MerchantStatus
from ledger.domain.passes import PassStatus
from ledger.domain.ranges import U19, U21, U24
from ledger.domain.redemption import UNNAMED
from ledger.domain.rules import CHAIN_EXPIRY_SECONDS, FUTURE_SECONDS
from ledger.domain.state import State

_UNREAD_BITS: Final = 0x600000
_MONDAY_HOURS: Final = 72

Record = tuple[int, int, int, int, int, int, int, int]
"""A record as `RECORD` unpacks it."""


@dataclass(slots=True, kw_only=True)
class Brisk:
    """One batch of an open campaign, not forced. `lanes` and `spent` are what its entries so far
    made of the pass's usage and of the budget, in satang; both move with every entry it takes."""

    state: State
    campaign: Campaign
    now: int
    batch: bytes
    merchants: tuple[int, ...]
    copays: list[tuple[str, int]]
    spent: int
    lanes: dict[int, int] = field(default_factory=dict)
    _shops: dict[int, int] = field(default_factory=dict)

    def takes(self, at: int, signer: bytes, record: Record) -> bool:
        """Whether the entry at byte `at`, signed by `signer`, is beyond doubt what `record` says
        and within every rule. False proves nothing. Amounts in satang."""
        high, low, index, bill, amount_high, amount_low, copay = FIXED.unpack_from(self.batch, at)
        head = high << 8 | low
        amount = amount_high << 8 | amount_low
        number = record[0]
        if head & _UNREAD_BITS or index >= len(self.merchants):
            return False
        merchant = self.merchants[index]
        due = (number, merchant, bill, amount_high, amount_low, copay, high, low)
        holder = self.state.numbers.get(number)
        if record != due or holder is None or bytes.fromhex(holder[2:]) != signer:
            return False
        if amount < 1 or amount + copay > bill:
            return False
        if head & UNNAMED and not self._within_maximum(at, bill, amount, copay):
            return False
        signed_at = self.campaign.terms.starts + ((head & U21) - 1) * STEP_SECONDS
        if not self._person_and_shop(number, merchant, signed_at):
            return False
        lane = self._usage_after(number, head & U21, signed_at, amount)
        if lane is None or not self._money(bill, amount):
            return False
        if copay and not (self.copays and self.copays[0] == (holder, copay)):
            return False
        if copay:
            self.copays.pop(0)
        self.lanes[number] = lane
        self.spent += amount
        return True

    def lane(self, number: int) -> int:
        """The usage lane of a pass before the next entry."""
        found = self.lanes.get(number)
        if found is None:
            return self.state.books[self.campaign.number].lanes.get(number, 0)
        return found

    def _within_maximum(self, at: int, bill: int, amount: int, copay: int) -> bool:
        most_bill, high, low, most_copay = MAXIMUM.unpack_from(self.batch, at + FIXED.size)
        return bool(bill <= most_bill and amount <= (high << 8 | low) and copay <= most_copay)

    def _person_and_shop(self, number: int, merchant: int, signed_at: int) -> bool:
        terms, pass_ = self.campaign.terms, self.state.passes[number]
        hour = ((signed_at + BANGKOK_OFFSET) // 3_600 + _MONDAY_HOURS) % 168
        district = self._shops.get(merchant)
        if district is None:
            district = self._shops[merchant] = self._district_of(merchant)
        return (
            pass_.status is PassStatus.ACTIVE
            and pass_.valid_from <= signed_at
            and (pass_.valid_until == 0 or signed_at < pass_.valid_until)
            and terms.starts <= signed_at < terms.ends
            and signed_at - FUTURE_SECONDS <= self.now <= signed_at + CHAIN_EXPIRY_SECONDS
            and terms.audience >> pass_.class_ & 1 == 1
            and terms.open_hours >> hour & 1 == 1
            and (terms.list_count == 0 or self.campaign.lists(number))
            and district >= 0
            and (not terms.same_district or district == pass_.district)
        )

    def _district_of(self, merchant: int) -> int:
        """The district of a shop that may take this campaign's coupons; -1 for another."""
        terms, shop = self.campaign.terms, self.state.merchants.get(merchant)
        if shop is None or shop.status is not MerchantStatus.ACTIVE:
            return -1
        fits = terms.categories >> shop.category & terms.districts >> shop.district & 1
        return shop.district if fits else -1

    def _usage_after(self, number: int, step: int, signed_at: int, amount: int) -> int | None:
        """The lane after this entry; None where the step, the day or the allowance forbids it."""
        terms, lane = self.campaign.terms, self.lane(number)
        last, total, today = lane & U21, (lane >> 40) + amount, 0
        if step <= last or total > terms.allowance or total > U24:
            return None
        if terms.first_use_by and last == 0 and signed_at > terms.first_use_by:
            return None
        if terms.per_day_max:
            today = amount
            last_at = terms.starts + (last - 1) * STEP_SECONDS
            if last and (last_at + BANGKOK_OFFSET) // DAY_SECONDS == (
                (signed_at + BANGKOK_OFFSET) // DAY_SECONDS
            ):
                today += lane >> 21 & U19
            if today > terms.per_day_max:
                return None
        return step | today << 21 | total << 40

    def _money(self, bill: int, amount: int) -> bool:
        terms = self.campaign.terms
        return (
            bill >= terms.bill_min
            and amount <= -(-bill * terms.share_basis_points // BASIS_POINTS)
            and (terms.per_use_max == 0 or amount <= terms.per_use_max)
            and self.spent + amount <= self.campaign.funded
        )


def ordinary(campaign: Campaign, *, forced: bool) -> bool:
    """Whether a batch may be judged briskly at all."""
    return campaign.status is CampaignStatus.OPEN and not forced
