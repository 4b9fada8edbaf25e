"""A city of many passes and ten merchants, and batches of redemptions signed by its holders."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bench.compiled import Compiled
from bench.gas_chain import Chain, Sent
from ledger.domain.campaign import Terms
from ledger.domain.clock import step_of
from ledger.domain.hashing import keccak
from ledger.domain.listing import list_hash, words_of
from ledger.domain.redemption import Entry, SignedRedemption, pack_batch
from ledger.domain.signatures import address_of, sign
from ledger.domain.typed_data import domain_separator, redemption_digest

MERCHANTS: Final = 10
DISTRICT: Final = 7
CATEGORY: Final = 0
ENROL_AT_ONCE: Final = 500
LIST_WORDS_AT_ONCE: Final = 600
DAY: Final = 86_400
BILL: Final = 12_000
AMOUNT: Final = 6_000
SEED: Final = 2568
NOON: Final = 1_761_714_000  # 29 October 2025, 12:00 in Bangkok: inside the hours below
OPEN_HOURS: Final = sum(1 << 24 * day + hour for day in range(7) for hour in range(6, 23))

# Who may call what, by the account that plays each part.
OFFICER, APPROVER, ISSUER, REGISTRAR, SEQUENCER, FUNDER, SETTLER = 1, 2, 3, 4, 5, 6, 7
ROLES: Final[dict[int, dict[str, tuple[str, ...]]]] = {
    OFFICER: {"CouponBook": ("draft",)},
    APPROVER: {"CouponBook": ("approve",), "SettlementBook": ("approve",)},
    ISSUER: {"CouponBook": ("issue", "issueList")},
    REGISTRAR: {"CityPass": ("enrol",), "MerchantRegistry": ("register",)},
    SEQUENCER: {"CouponBook": ("redeem",)},
    FUNDER: {"CityToken": ("mint", "burn"), "SettlementBook": ("make", "settle")},
    SETTLER: {"CouponBook": ("settle",)},
}


def key_of(holder: int) -> bytes:
    """The private key of a holder, the same in every run."""
    return keccak(b"nakhon bench holder" + holder.to_bytes(4, "big"))


@dataclass(slots=True, kw_only=True)
class City:
    """Contracts deployed and wired; `enrol_gas` is what all passes together cost."""

    chain: Chain
    contracts: dict[str, Compiled]
    addresses: dict[str, str] = field(default_factory=dict)
    passes: int = 0
    merchants: int = 0
    enrol_gas: int = 0
    separator: bytes = b""

    # Founding

    async def found(self) -> None:
        """Deploy, wire, register the merchants."""
        admin = self.chain.accounts[0]
        manager = await self._create("AccessManager", admin)
        passes = await self._create("CityPass", manager)
        merchants = await self._create("MerchantRegistry", manager)
        token = await self._create("CityToken", manager, "City baht", "CB", 2, False, merchants)
        book = await self._create("CouponBook", manager, passes, merchants)
        settlement = await self._create("SettlementBook", manager, token, book)
        for account, targets in ROLES.items():
            await self.call(0, "AccessManager", "grantRole", account, self.account(account), 0)
            for target, names in targets.items():
                selectors = [self.contracts[target].selector(name) for name in names]
                await self.call(
                    0, "AccessManager", "setTargetFunctionRole",
                    self.addresses[target], selectors, account,
                )  # fmt: skip
        for role in (FUNDER, SETTLER):
            await self.call(0, "AccessManager", "grantRole", role, settlement, 0)
        for paying in (self.account(FUNDER), book, settlement):
            await self.call(0, "CityToken", "setCityAccount", paying, True)
        chain_id = await self.chain.gateway.chain_id()
        self.separator = domain_separator(chain_id, book)
        for _ in range(MERCHANTS):
            await self.register()

    async def register(self) -> int:
        """Register one more merchant; its number."""
        payout = address_of(keccak(b"nakhon bench merchant" + self.merchants.to_bytes(2, "big")))
        await self.call(REGISTRAR, "MerchantRegistry", "register", payout, CATEGORY, DISTRICT)
        self.merchants += 1
        return self.merchants

    async def _create(self, name: str, *arguments: Any) -> str:
        self.addresses[name] = await self.chain.create(self.contracts[name], *arguments)
        return self.addresses[name]

    def account(self, index: int) -> str:
        """The address of a numbered account."""
        return self.chain.accounts[index]

    async def call(self, sender: int, contract: str, function: str, *arguments: Any) -> Sent:
        """A transaction of a numbered account to one of the city's contracts."""
        data = self.contracts[contract].call(function, *arguments)
        return await self.chain.send(self.account(sender), self.addresses[contract], data)

    async def enrol(self, count: int) -> None:
        """Give passes to `count` more holders; holder `n` has pass `n`, from 1."""
        last = self.passes + count
        while self.passes < last:
            first, end = self.passes + 1, min(self.passes + ENROL_AT_ONCE, last)
            holders = b"".join(
                bytes.fromhex(address_of(key_of(holder))[2:]) for holder in range(first, end + 1)
            )
            sent = await self.call(REGISTRAR, "CityPass", "enrol", 0, DISTRICT, 0, 0, holders)
            self.enrol_gas += sent.gas
            self.passes = end

    # Campaigns

    async def terms(self) -> Terms:
        """A campaign with every rule of the chain on, running since yesterday, for everyone."""
        starts = await self.chain.time() - DAY
        return Terms(
            policy_hash=keccak(b"bench"), token=self.addresses["CityToken"],
            starts=starts, ends=starts + 60 * DAY, first_use_by=starts + 30 * DAY,
            share_basis_points=5_000, allowance=240_000, per_use_max=20_000, per_day_max=500_000,
            bill_min=1_000, audience=0b11, categories=1 << CATEGORY, districts=1 << DISTRICT,
            open_hours=OPEN_HOURS, same_district=True, list_hash=bytes(32), list_count=0,
        )  # fmt: skip

    async def open(self, campaign: int, terms: Terms) -> Sent:
        """Draft, approve, fund and issue a campaign for everyone; what issuing cost."""
        await self._prepare(campaign, terms)
        return await self.call(ISSUER, "CouponBook", "issue", campaign)

    async def open_listed(self, campaign: int, terms: Terms, numbers: list[int]) -> int:
        """The same for a list of passes; the gas that writing the list took."""
        words = words_of(numbers)
        listed = replace(terms, list_hash=list_hash(words), list_count=len(numbers))
        await self._prepare(campaign, listed)
        dense = [words.get(index, 0) for index in range(max(words) + 1)]
        gas = 0
        for first in range(0, len(dense), LIST_WORDS_AT_ONCE):
            page = dense[first : first + LIST_WORDS_AT_ONCE]
            sent = await self.call(ISSUER, "CouponBook", "issueList", campaign, first, page)
            gas += sent.gas
        return gas

    async def _prepare(self, campaign: int, terms: Terms) -> None:
        await self.call(OFFICER, "CouponBook", "draft", terms)
        await self.call(APPROVER, "CouponBook", "approve", campaign)
        budget = 10**9
        await self.call(FUNDER, "CityToken", "mint", self.account(FUNDER), budget, bytes(32))
        await self.call(FUNDER, "CityToken", "approve", self.addresses["CouponBook"], budget)
        await self.call(FUNDER, "CouponBook", "fund", campaign, budget)

    # Redemptions

    def sample(self, count: int) -> list[int]:
        """`count` random holders, in the order of a batch."""
        return sorted(random.Random(SEED).sample(range(1, self.passes + 1), count))

    def batch(
        self,
        campaign: int,
        terms: Terms,
        holders: list[int],
        step: int,
        *,
        copay: int = 0,
        at: Mapping[int, int] | None = None,
    ) -> bytes:
        """A batch in which each holder spends once at `step`: at its merchant of `at`, else at one
        of the ten first."""
        where = at or {one: random.Random(one).randrange(MERCHANTS) + 1 for one in holders}
        entries = [
            self._entry(campaign, terms, holder, step, merchant=where[holder], copay=copay)
            for holder in holders
        ]
        return pack_batch(entries)

    def _entry(
        self, campaign: int, terms: Terms, holder: int, step: int, *, merchant: int, copay: int
    ) -> Entry:
        signed_at = terms.starts + (step - 1) * 15
        assert step_of(terms.starts, signed_at) == step, "the step is the campaign's"
        message = SignedRedemption(
            campaign=campaign, merchant=merchant, bill=BILL, amount=AMOUNT, copay=copay,
            signed_at=signed_at,
        )  # fmt: skip
        r, vs = sign(redemption_digest(self.separator, message), key_of(holder))
        return Entry(
            step=step, merchant=merchant, bill=BILL, amount=AMOUNT, copay=copay, r=r, vs=vs
        )

    async def redeem(self, campaign: int, batch: bytes) -> int:
        """Send a batch; all of its entries must be taken. The gas it took."""
        before = await self.taken(campaign)
        sent = await self.call(SEQUENCER, "CouponBook", "redeem", campaign, batch)
        after = await self.taken(campaign)
        entries = (len(batch) - 1 - 4 * batch[0]) // 79
        assert after - before == entries * AMOUNT, "an entry was refused"
        return sent.gas

    async def allow_copay(self, holders: list[int], copay: int) -> None:
        """Give each holder tokens for one copay and let the book take them."""
        for holder in holders:
            address = address_of(key_of(holder))
            await self.call(FUNDER, "CityToken", "mint", address, copay, bytes(32))
            await self.chain.gateway.rpc("anvil_impersonateAccount", [address])
            await self.chain.gateway.rpc("anvil_setBalance", [address, hex(10**18)])
            approve = self.contracts["CityToken"].call(
                "approve", self.addresses["CouponBook"], 2**256 - 1
            )
            await self.chain.send(address, self.addresses["CityToken"], approve)

    async def taken(self, campaign: int) -> int:
        """What the merchants have been credited with."""
        total = 0
        for number in range(1, self.merchants + 1):
            data = self.contracts["CouponBook"].call("credits", campaign, number)
            raw = await self.chain.gateway.call(self.addresses["CouponBook"], data)
            total += int.from_bytes(raw[:32], "big")
        return total
