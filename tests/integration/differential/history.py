"""Random histories: the next thing that happens to a city, given all that happened before."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from ledger.domain.campaign import CampaignStatus
from tests.integration.differential import scenery
from tests.integration.differential.actions import Action, Plan, Slip, Tell, Void
from tests.integration.differential.batches import any_batch
from tests.integration.differential.borders import DAY, HOUR, WEEK, next_time
from tests.integration.differential.model import INFINITE, Model
from tests.integration.differential.people import (
    CITY,
    NOBODY,
    RESIDENTS,
    SHOPS,
    SPARES,
    STRANGERS,
    address,
    names,
)

RUNNING = (CampaignStatus.OPEN, CampaignStatus.PAUSED)

Maker = Callable[[int], Action]


class History:
    """Makes one action after the other. It reads the model and never changes it."""

    def __init__(self, rng: Random, model: Model, began: int, length: int) -> None:
        self.rng = rng
        self.model = model
        self.at = began
        self.left = length
        self.plans: list[Plan] = []
        self.waiting: deque[Tell] = deque(scenery.population(rng, began))
        self.coming = rng.choice((1, 1, 2))
        self.has_money = False
        self.late = rng.random() < 0.4

    def following(self) -> Action | None:
        """The next action; None at the end."""
        if self.waiting or self.prepares():
            self.at += self.rng.choice((1, 1, 2, 40))
            return replace(self.waiting.popleft(), at=self.at)
        self.left -= 1
        if self.left < 0:
            return None
        campaigns = list(self.model.state.campaigns.values())
        signed = [plan.signed.signed_at for plan in self.plans]
        if self.late and self.left == 8:
            ends = [campaign.sweepable_at for campaign in campaigns]
            soonest = min(ends) - self.rng.choice((0, 1, 900, DAY, WEEK))
            self.at = max(self.at + 1, soonest)
        else:
            self.at = next_time(self.rng, campaigns, signed, self.at)
        return self.any_maker()(self.at)

    def prepares(self) -> bool:
        """Queue the next part of the scenery, if there is one."""
        if not self.has_money:
            self.has_money = True
            self.waiting.extend(scenery.money(self.rng, self.model.book))
        elif self.coming:
            self.coming -= 1
            number = len(self.model.state.campaigns) + 1
            self.waiting.extend(scenery.campaign(self.rng, self.model, number, self.at))
        return bool(self.waiting)

    def any_maker(self) -> Maker:
        """What kind of thing happens."""
        campaigns = self.model.state.campaigns.values()
        paused = any(campaign.status is CampaignStatus.PAUSED for campaign in campaigns)
        makers: tuple[tuple[Maker, int], ...] = (
            (self.batch, 52),
            (self.void, 22),
            (self.stop_or_go, 25 if paused else 3),
            (self.pass_changed, 5),
            (self.rebound, 3),
            (self.merchant_changed, 4),
            (self.funded, 3),
            (self.pocket_money, 2),
            (self.token_stopped, 6 if self.model.stopped else 1),
            (self.city_account, 1),
            (self.wrong_person, 2),
            (self.misplaced, 2),
            (self.drafted, 1),
            (self.swept, 12 if self.late and self.left < 8 else 1),
        )
        kinds, weights = zip(*makers, strict=True)
        chosen: Maker = self.rng.choices(kinds, weights)[0]
        return chosen

    def number(self) -> int:
        """A campaign; seldom one that is not there."""
        last = len(self.model.state.campaigns)
        return last + 1 if self.rng.random() < 0.01 else self.rng.randint(1, last)

    # What happens

    def batch(self, at: int) -> Action:
        campaigns = self.model.state.campaigns
        running = [n for n, of in campaigns.items() if of.status in RUNNING and of.terms.ends > at]
        number = self.rng.choice(list(campaigns))
        if running and self.rng.random() < 0.85:
            number = self.rng.choice(running)
        batch = any_batch(self.rng, self.model, number, at, self.plans)
        return replace(batch, campaign=number + 7) if self.rng.random() < 0.005 else batch

    def void(self, at: int) -> Action:
        rng, state = self.rng, self.model.state
        number = rng.randint(1, len(state.campaigns))
        book = state.books[number]
        taken = [record for _, _, record in book.redemptions()]
        if not taken:
            return self.batch(at)
        record = rng.choice(taken[-8:]) if rng.random() < 0.7 else rng.choice(taken)
        done = book.voids.get((record.pass_number, record.step))
        left = record.amount - (done.amount if done else 0)
        last = done.voided_at if done else 0
        some = (left, max(left // 2, 1), max(left // 3, 1), 1, rng.randint(0, max(left, 1)))
        parts = (*some, *some, left + 1, 0)
        borders = (at + 60, at + 61, at - WEEK, at - WEEK - 1, last, last + 1)
        times = (at, at, at, at, at, at - 5, *borders)
        signer = names()[state.merchants[record.merchant].payout]
        holder = names().get(state.numbers[record.pass_number], NOBODY)
        slips = [Slip.NONE] * 30 + list(Slip)
        return Void(
            at=at,
            sender=rng.choice((signer, "stranger 0")),
            campaign=number,
            pass_number=record.pass_number,
            step=record.step,
            amount=rng.choice(parts),
            voided_at=rng.choice(times),
            signer=signer if rng.random() < 0.93 else rng.choice((*SHOPS, holder, "ADMIN")),
            holder=holder if rng.random() < 0.93 else rng.choice((*RESIDENTS, *STRANGERS)),
            slip=rng.choice(slips),
        )

    def stop_or_go(self, at: int) -> Action:
        number, rng = self.number(), self.rng
        campaign = self.model.campaign(number)
        paused = campaign is not None and campaign.status is CampaignStatus.PAUSED
        resume = paused if rng.random() < 0.9 else not paused
        role, function = ("APPROVER", "resume") if resume else ("GUARDIAN", "pause")
        return self.tell(at, role, "CouponBook", function, number)

    def holder(self) -> str:
        """Somebody who has a pass, mostly."""
        holders = [who for at, who in names().items() if at in self.model.state.holders]
        return self.rng.choice(holders) if self.rng.random() < 0.95 else "stranger 1"

    def pass_changed(self, at: int) -> Action:
        rng, holder = self.rng, address(self.holder())
        since = rng.choice((0, 0, 0, at, at - DAY))
        until = rng.choice((0, 0, 0, at + 1, at + DAY, at))
        before = self.model.state.pass_of(holder)
        class_, district = rng.choice(scenery.CLASSES), rng.choice(scenery.PLACES)
        if before and rng.random() < 0.6:
            class_, district = before.class_, before.district
        status = rng.choices((1, 2, 3, 0, 4), (65, 12, 6, 1, 1))[0]
        arguments = (holder, class_, district, since, until, status)
        return self.tell(at, "REGISTRAR", "CityPass", "change", *arguments)

    def rebound(self, at: int) -> Action:
        to = self.rng.choice((*SPARES, *SPARES, *RESIDENTS, *SHOPS[:1], NOBODY))
        to_whom, from_whom = address(to), address(self.holder())
        return self.tell(at, "REGISTRAR", "CityPass", "rebind", from_whom, to_whom)

    def merchant_changed(self, at: int) -> Action:
        rng, merchants = self.rng, self.model.state.merchants
        number = rng.choice((*merchants, *merchants, len(merchants) + 1))
        before = merchants.get(number)
        payout = rng.choice((*SHOPS, *RESIDENTS[:1]))
        to = before.payout if before and rng.random() < 0.6 else address(payout)
        place = (rng.choice(scenery.PLACES), rng.choice(scenery.PLACES))
        if before and rng.random() < 0.5:
            place = (before.category, before.district)
        status = rng.choices((1, 2, 3, 0, 4), (60, 15, 8, 1, 1))[0]
        return self.tell(at, "REGISTRAR", "MerchantRegistry", "change", number, to, *place, status)

    def funded(self, at: int) -> Action:
        rng, number = self.rng, self.number()
        campaign = self.model.campaign(number)
        usual = campaign.terms.allowance if campaign else 5
        amount = rng.choice((rng.randint(1, 3 * usual), 1, 0, 2**90))
        who = rng.choice(("FUNDER_CITY", "FUNDER_PARTNER", "FUNDER_CITY", RESIDENTS[0]))
        return self.tell(at, who, "CouponBook", "fund", number, amount)

    def pocket_money(self, at: int) -> Action:
        rng, who = self.rng, self.rng.choice(RESIDENTS)
        if rng.random() < 0.5:
            amount = rng.choice((1, 1_000, 3_000_000, 0))
            return self.tell(at, "TREASURER", "CityToken", "mint", address(who), amount, bytes(32))
        allowed = rng.choice((0, 1, 5_000, INFINITE))
        return self.tell(at, who, "CityToken", "approve", self.model.book, allowed)

    def token_stopped(self, at: int) -> Action:
        stopped = self.model.stopped if self.rng.random() < 0.95 else not self.model.stopped
        role, function = ("APPROVER", "unpause") if stopped else ("GUARDIAN", "pause")
        return self.tell(at, role, "CityToken", function)

    def city_account(self, at: int) -> Action:
        cities = self.model.state.tokens[self.model.token].city_accounts
        account = self.model.book if self.rng.random() < 0.7 else address(RESIDENTS[1])
        allowed = account not in cities
        return self.tell(at, "ADMIN", "CityToken", "setCityAccount", account, allowed)

    def wrong_person(self, at: int) -> Action:
        """A restricted function by whoever; the busybody holds the roles of three people."""
        who = self.rng.choice((*CITY, "BUSYBODY", "BUSYBODY", "stranger 0"))
        others = (self.misplaced, self.stop_or_go, self.pass_changed, self.drafted)
        return replace(self.rng.choice(others)(at), sender=who)

    def misplaced(self, at: int) -> Action:
        """A step of a campaign's life, whether or not it is its turn."""
        rng, number = self.rng, self.number()
        words = [rng.getrandbits(8) for _ in range(rng.randint(0, 2))]
        choices: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
            ("APPROVER", "approve", (number,)),
            ("ISSUER", "issue", (number,)),
            ("ISSUER", "issueList", (number, rng.choice((0, 1, 2**24 - 1, 2**24)), words)),
        )
        role, function, arguments = rng.choice(choices)
        return self.tell(at, role, "CouponBook", function, *arguments)

    def drafted(self, at: int) -> Action:
        """One more campaign, or one that cannot be."""
        possible = scenery.terms(self.rng, self.model, at, ())
        policy = scenery.impossible(self.rng, possible, at)
        return self.tell(at, "CAMPAIGN_OFFICER", "CouponBook", "draft", policy)

    def swept(self, at: int) -> Action:
        number, rng = self.number(), self.rng
        campaign = self.model.campaign(number)
        border = campaign.sweepable_at if campaign else at
        if self.late and at < border < at + 30 * DAY and rng.random() < 0.6:
            self.at = at = max(border + rng.choice((-1, 0, 1, HOUR)), at)
        count = rng.choice((1, 1, 2, 100, 2**256 - 1, 0))
        return self.tell(at, rng.choice(STRANGERS), "CouponBook", "sweep", number, count)

    def tell(self, at: int, sender: str, contract: str, function: str, *arguments: Any) -> Tell:
        return Tell(at=at, sender=sender, contract=contract, function=function, arguments=arguments)
