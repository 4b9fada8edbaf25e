"""The tour of the rules: what is tried at noon, at night, after the deadline and after the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from deploy.demo.city import City
from deploy.demo.day import DAY_MAX, LUNCHES
from deploy.demo.people import OLD_TOWN, Person, person_key
from deploy.demo.refusals import Attempt, Desk, Heard
from deploy.demo.telling import Telling
from deploy.demo.till import Till, expect
from deploy.demo.town_hall import Town, settle
from ledger.domain.reasons import Reason
from ledger.domain.redemption import Maximum
from ledger.domain.signatures import address_of

QUARTER_HOUR: Final = 900
STEP: Final = 15
UNTOUCHED: Final = LUNCHES + 10


def stranger(name: str) -> Person:
    """Somebody with a real key and no pass."""
    key = person_key(name, 0)
    return Person(name=name, private_key=key, address=address_of(key), village=1)


class Tour:
    """Each rule is broken once; till and contract must name it, and nothing may change."""

    def __init__(self, city: City, tell: Telling, town: Town, till: Till) -> None:
        self._city = city
        self._tell = tell
        self._town = town
        self._till = till
        self._desk = Desk(till, town.registers, city.simulate)
        self._heard: dict[Reason, Heard] = {}
        self.visitor = stranger("visitor")

    def prepare(self) -> None:
        """A visitor's pass for today only; one resident and one shop suspended."""
        registrar = self._city.office("registrar")
        until = self._city.now() + 4 * 3_600
        rows = f"address,class,district,valid_until\n{self.visitor.address},visitor,1,{until}"
        settle(registrar, registrar.post_raw("/v1/passes", rows.encode(), "text/csv"))

    def noon(self, lost: Person) -> None:
        """What can be broken at lunch time."""
        self._tell.chapter(
            "กติกา: ปฏิเสธอย่างมีเหตุผล ทั้งที่ร้านและบนเชน",
            "The rules: each refusal has its reason, at the till and on the chain",
        )
        town, half, free = self._town, self._town.half, self._town.free
        fresh = town.residents[UNTOUCHED]
        shop = next(iter(town.registers))
        listed = town.residents[9 + 5 * 20]
        near = town.in_village(listed.village)[0].number
        far = next(n for n, each in town.registers.items() if each.shop.district == OLD_TOWN)
        now = self._till.signed_at(half)

        def attempt(reason: Reason, **changed: Any) -> None:
            plain = Attempt(
                reason=reason, person=fresh, campaign=half, merchant=shop,
                bill=10_000, amount=5_000, signed_at=now,
            )  # fmt: skip
            self._try(replace(plain, **changed))

        def at_lunch(reason: Reason, **changed: Any) -> None:
            changed = {"person": listed, "campaign": free, "merchant": near} | changed
            attempt(reason, **({"bill": 6_000, "amount": 6_000} | changed))

        attempt(Reason.SIGNATURE_INVALID, person=lost)
        attempt(Reason.SIGNED_IN_FUTURE, signed_at=now + 40 * STEP)
        attempt(Reason.NOT_IN_AUDIENCE, person=self.visitor)
        at_lunch(Reason.NOT_ON_LIST, person=town.residents[UNTOUCHED + 1])
        attempt(Reason.MERCHANT_UNKNOWN, merchant=999)
        attempt(Reason.WRONG_CATEGORY, merchant=town.temple)
        at_lunch(Reason.WRONG_DISTRICT, merchant=far)
        attempt(Reason.AMOUNT_INVALID, amount=0)
        at_lunch(Reason.BILL_TOO_SMALL, bill=3_000, amount=3_000)
        attempt(
            Reason.MAXIMUM_EXCEEDED,
            maximum=Maximum(bill=8_000, amount=8_000, copay=0),
        )
        attempt(Reason.SHARE_EXCEEDED, amount=5_001)
        at_lunch(Reason.PER_USE_EXCEEDED, bill=7_000, amount=7_000)
        attempt(Reason.DAY_QUOTA_USED, bill=50_000, amount=DAY_MAX + 1)
        at_lunch(Reason.COPAY_UNPAID, bill=9_000, amount=5_000, copay=100, at_till=False)
        attempt(
            Reason.FORCE_NEEDS_MERCHANT,
            signed_at=now - 2 * QUARTER_HOUR,
            maximum=Maximum(bill=20_000, amount=8_000, copay=0),
            at_till=False,
        )
        attempt(Reason.FORCE_TOO_EARLY, at_till=False)
        self._used_up(fresh, shop)
        self._suspensions(attempt)

    def _used_up(self, person: Person, shop: int) -> None:
        """What is spent stays spent: the same signature again, the allowance, the budget."""
        town, till = self._town, self._till
        register = town.registers[shop]
        paid = till.scan_shop(person, register, town.half, 20_000)
        self._city.wait_final([paid["id"]])
        again = Attempt(
            reason=Reason.ALREADY_SPENT, person=person, campaign=town.half, merchant=shop,
            bill=20_000, amount=int(paid["amount"]), signed_at=int(paid["signed_at"]),
        )  # fmt: skip
        self._try(again)

        eater = town.residents[9 + 5 * 21]
        lunch = town.in_village(eater.village)[0]
        for bill in (6_000, 4_000):
            self._city.advance(2 * STEP)
            last = till.scan_shop(eater, lunch, town.free, bill)
        self._city.wait_final([last["id"]])
        self._city.advance(2 * STEP)
        third = Attempt(
            reason=Reason.ALLOWANCE_USED, person=eater, campaign=town.free, merchant=lunch.number,
            bill=4_000, amount=4_000, signed_at=till.signed_at(town.free),
        )  # fmt: skip
        self._try(third)
        self._city.advance(2 * STEP)
        self._empty_budget()

    def _empty_budget(self) -> None:
        """Nearly all of the small campaign's money is taken; what does not fit any more waits."""
        town, till = self._town, self._till
        left = int(till.client.get(f"/v1/campaigns/{town.free}")["money"]["left"])
        hungry = [town.residents[9 + 5 * index] for index in range(22, 22 + left // 6_000 + 1)]
        for person in hungry[:-1]:
            shop = town.in_village(person.village)[0]
            last = till.scan_shop(person, shop, town.free, 6_000)
        if hungry[:-1]:
            self._city.wait_final([last["id"]])
        person = hungry[-1]
        self._try(
            Attempt(
                reason=Reason.BUDGET_USED,
                person=person,
                campaign=town.free,
                merchant=town.in_village(person.village)[0].number,
                bill=6_000,
                amount=6_000,
                signed_at=till.signed_at(town.free),
            )
        )

    def _suspensions(self, attempt: Any) -> None:
        """A suspended pass, a suspended shop, a paused campaign; and all three are lifted again."""
        town, city = self._town, self._city
        registrar = city.office("registrar")
        pass_number, shop = UNTOUCHED + 3, list(town.registers)[-1]
        person = town.residents[pass_number - 1]
        reason = "เดโม: ตรวจสอบตามคำร้อง"
        for path, how, lifted, code, changed in (
            (
                f"passes/{pass_number}",
                "suspended",
                "active",
                Reason.PASS_SUSPENDED,
                {"person": person},
            ),
            (
                f"merchants/{shop}",
                "suspended",
                "active",
                Reason.MERCHANT_SUSPENDED,
                {"merchant": shop},
            ),
        ):
            body = {"status": how, "reason": reason}
            settle(registrar, registrar.post(f"/v1/{path}/status", body))
            city.wait_indexed()
            attempt(code, signed_at=self._till.signed_at(town.half), **changed)
            settle(registrar, registrar.post(f"/v1/{path}/status", body | {"status": lifted}))
        guardian, approver = city.office("guardian"), city.office("approver")
        settle(guardian, guardian.post(f"/v1/campaigns/{town.half}/pause"))
        city.wait_indexed()
        city.advance(2 * STEP)
        attempt(Reason.CAMPAIGN_PAUSED, signed_at=self._till.signed_at(town.half))
        settle(approver, approver.post(f"/v1/campaigns/{town.half}/resume"))
        city.wait_indexed()

    def night(self) -> None:
        """After 23:00 the shops' hours are over, and so is the visitor's pass."""
        town = self._town
        now = self._till.signed_at(town.half)
        fresh = town.residents[UNTOUCHED + 1]
        shop = next(iter(town.registers))
        for reason, person in ((Reason.OUTSIDE_HOURS, fresh), (Reason.PASS_EXPIRED, self.visitor)):
            self._try(
                Attempt(
                    reason=reason,
                    person=person,
                    campaign=town.half,
                    merchant=shop,
                    bill=10_000,
                    amount=5_000,
                    signed_at=now,
                )
            )

    def new_day(self) -> None:
        """Midnight has passed: who spent yesterday has the whole day's quota again."""
        person = self._town.residents[UNTOUCHED]
        coupons = self._city.wallet(person).get("/v1/me/coupons")["items"]
        half = next(each for each in coupons if each["campaign"] == self._town.half)
        expect("the new day's quota", wanted=DAY_MAX, found=int(half["left_now"]))
        self._tell.fact(
            "วันใหม่: ผู้ที่ใช้เมื่อวานได้สิทธิ์รายวันเต็มอีกครั้ง",
            "a new day: who spent yesterday has the whole day's quota again",
        )

    def deadline_missed(self, signed_at: int) -> None:
        """Past the day of the first use; and what was signed two weeks ago has expired."""
        town = self._town
        shop = next(iter(town.registers))
        for reason, when in (
            (Reason.FIRST_USE_MISSED, self._till.signed_at(town.half)),
            (Reason.PRESENTATION_EXPIRED, signed_at),
        ):
            self._try(
                Attempt(
                    reason=reason,
                    person=town.residents[UNTOUCHED + 5],
                    campaign=town.half,
                    merchant=shop,
                    bill=10_000,
                    amount=5_000,
                    signed_at=when,
                )
            )

    def ended(self) -> None:
        """After the last day; and by now every rule of the chain has spoken."""
        town = self._town
        self._try(
            Attempt(
                reason=Reason.ENDED,
                person=town.residents[0],
                campaign=town.half,
                merchant=next(iter(town.registers)),
                bill=10_000,
                amount=5_000,
                signed_at=self._till.signed_at(town.half),
            )
        )
        wanted = {reason for reason in Reason if reason.on_chain}
        expect("rules that spoke", wanted=sorted(wanted), found=sorted(self._heard))
        self._tell.fact(
            f"กติกาบนเชนทั้ง {len(wanted)} ข้อปฏิเสธครบ ตรงกันทั้งสองฝั่ง",
            f"all {len(wanted)} on-chain rules have refused once; till and chain agree",
        )

    def _try(self, attempt: Attempt) -> None:
        heard = self._desk.refuse(attempt)
        self._heard[heard.reason] = heard
        sides = " + ".join(
            name for name, asked in (("till", heard.till), ("chain", heard.chain)) if asked
        )
        self._tell.fact(f"[{heard.reason.code}] {heard.th}", f"({sides}) {heard.en}")
