"""A city's life on a real chain, told in few words, for tests that need a past."""

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.signer import KeySigner, Transaction, sign_transaction
from ledger.domain.campaign import Terms
from ledger.domain.clock import latest_step, signed_at_of
from ledger.domain.hashing import address_bytes, keccak
from ledger.domain.listing import list_count, list_hash, words_of
from ledger.domain.redemption import Entry, Maximum, RedeemedRecord, pack_batch, pack_records
from ledger.domain.signatures import sign
from ledger.domain.typed_data import redemption_digest, void_digest
from ledger.indexer.source import Source, source_of
from tests.conftest import City

RECEIPT_POLLS_MAX = 4_000
EVERY_HOUR = (1 << 168) - 1


def key_of(name: str) -> bytes:
    """The private key of somebody in the story."""
    return hashlib.sha256(name.encode()).digest()


@dataclass(slots=True)
class Story:
    """Tells the chain what happens and remembers who is who."""

    gateway: Gateway
    city: City
    residents: list[KeySigner] = field(default_factory=list)
    shops: list[KeySigner] = field(default_factory=list)

    @property
    def source(self) -> Source:
        return source_of(self.city.deployment)

    def address(self, contract: str) -> str:
        return self.city.deployment.contracts[contract].address

    async def send(self, signer: Any, contract: str, function: str, *arguments: Any) -> str:
        """Send one call and wait for its block; it must succeed. The transaction's hash."""
        data = encode_call(contract, function, *arguments)
        fees = await self.gateway.fees()
        signed = await sign_transaction(
            signer,
            Transaction(
                chain_id=self.city.deployment.chain_id,
                account_nonce=await self.gateway.transaction_count(signer.address, "pending"),
                priority_fee_wei=fees.priority_fee_wei,
                fee_wei_max=fees.fee_wei_max(),
                gas_limit=15_000_000,
                to=self.address(contract),
                data=data,
            ),
        )
        sent = await self.gateway.send_raw(signed.raw)
        assert sent == signed.hash
        for _ in range(RECEIPT_POLLS_MAX):
            receipt = await self.gateway.receipt(sent)
            if receipt is not None:
                assert int(receipt["status"], 16) == 1, (contract, function)
                return sent
            await asyncio.sleep(0.005)
        raise AssertionError((contract, function, "was not included"))

    async def tell(self, role: str, contract: str, function: str, *arguments: Any) -> str:
        return await self.send(self.city.signers[role], contract, function, *arguments)

    async def now(self) -> int:
        pending = await self.gateway.rpc("eth_getBlockByNumber", ["pending", False])
        return int(pending["timestamp"], 16)

    async def enrol(self, count: int, *, class_: int = 0, district: int = 1) -> None:
        new = [
            KeySigner(key_of(f"resident {n}"))
            for n in range(len(self.residents), len(self.residents) + count)
        ]
        holders = b"".join(address_bytes(signer.address) for signer in new)
        await self.tell("REGISTRAR", "CityPass", "enrol", class_, district, 0, 0, holders)
        self.residents += new

    async def register(self, count: int, *, category: int = 0, district: int = 1) -> None:
        for _ in range(count):
            shop = KeySigner(key_of(f"shop {len(self.shops)}"))
            await self.tell(
                "REGISTRAR", "MerchantRegistry", "register", shop.address, category, district
            )
            self.shops.append(shop)

    async def terms(self, **changes: Any) -> Terms:
        now = await self.now()
        plain = Terms(
            policy_hash=keccak(b"a lunch"),
            token=self.address("CityToken"),
            starts=now - 3_600,
            ends=now + 30 * 86_400,
            first_use_by=0,
            share_basis_points=5_000,
            allowance=200_000,
            per_use_max=0,
            per_day_max=20_000,
            bill_min=0,
            audience=1,
            categories=1,
            districts=2,
            open_hours=EVERY_HOUR,
            same_district=False,
            list_hash=bytes(32),
            list_count=0,
        )
        return replace(plain, **changes)

    async def campaign(self, number: int, *, funds: tuple[int, ...] = (500_000, 300_000)) -> Terms:
        """Draft, approve, fund and issue a campaign to everyone."""
        terms = await self.terms()
        await self.tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
        await self.tell("APPROVER", "CouponBook", "approve", number)
        await self.fund(number, *funds)
        await self.tell("ISSUER", "CouponBook", "issue", number)
        return terms

    async def listed_campaign(self, number: int, passes: list[int], fund: int = 100_000) -> Terms:
        """A campaign issued to a list, told in two parts when it has two words or more."""
        words = words_of(passes)
        terms = await self.terms(list_hash=list_hash(words), list_count=list_count(words))
        await self.tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
        await self.tell("APPROVER", "CouponBook", "approve", number)
        await self.fund(number, fund)
        for index, word in words.items():
            await self.tell("ISSUER", "CouponBook", "issueList", number, index, [word])
        return terms

    async def fund(self, campaign: int, *amounts: int) -> None:
        for name, amount in zip(("FUNDER_CITY", "FUNDER_PARTNER"), amounts, strict=False):
            funder = self.city.signers[name]
            ref = keccak(name.encode())
            await self.tell("TREASURER", "CityToken", "mint", funder.address, amount, ref)
            await self.send(funder, "CityToken", "approve", self.address("CouponBook"), amount)
            await self.send(funder, "CouponBook", "fund", campaign, amount)

    async def pocket_money(self, resident: int, amount: int) -> None:
        """City tokens for copays, and the book's leave to take them."""
        signer = self.residents[resident]
        await self.gateway.rpc("anvil_setBalance", [signer.address, hex(10**18)])
        await self.tell("TREASURER", "CityToken", "mint", signer.address, amount, bytes(32))
        await self.send(signer, "CityToken", "approve", self.address("CouponBook"), amount)

    def entry(
        self,
        campaign: int,
        terms: Terms,
        resident: int,
        step: int,
        *,
        merchant: int = 1,
        bill: int = 10_000,
        amount: int = 5_000,
        copay: int = 0,
        maximum: Maximum | None = None,
    ) -> Entry:
        """A redemption signed by a resident, counted from 0."""
        bare = Entry(
            step=step,
            merchant=merchant,
            bill=bill,
            amount=amount,
            copay=copay,
            maximum=maximum,
            r=bytes(32),
            vs=bytes(32),
        )
        message = bare.signed(campaign, signed_at_of(terms.starts, step))
        digest = redemption_digest(self.city.deployment.domain_separator, message)
        r, vs = sign(digest, self.residents[resident].private_key)
        return replace(bare, r=r, vs=vs)

    async def step(self, terms: Terms) -> int:
        return latest_step(terms.starts, await self.now())

    async def redeem(self, campaign: int, entries: list[Entry]) -> str:
        return await self.tell("SEQUENCER", "CouponBook", "redeem", campaign, pack_batch(entries))

    async def void(
        self,
        campaign: int,
        terms: Terms,
        batch: int,
        records: list[RedeemedRecord],
        index: int,
        amount: int,
        *,
        resident: int,
    ) -> str:
        """A void signed by the shop of the record and brought by it."""
        record, voided_at = records[index], await self.now()
        shop = self.shops[record.merchant - 1]
        digest = void_digest(
            self.city.deployment.domain_separator,
            campaign=campaign,
            pass_number=record.pass_number,
            merchant=record.merchant,
            amount=amount,
            signed_at=signed_at_of(terms.starts, record.step),
            voided_at=voided_at,
        )
        r, vs = sign(digest, shop.private_key)
        await self.gateway.rpc("anvil_setBalance", [shop.address, hex(10**18)])
        holder = self.residents[resident].address
        packed = pack_records(records)
        return await self.send(
            shop,
            "CouponBook",
            "void",
            *(campaign, batch, packed, index, holder, amount, voided_at, r, vs),
        )


async def lunch(story: Story) -> tuple[Terms, list[RedeemedRecord]]:
    """A small city at lunch: ten residents, two shops, one campaign, six redemptions in two batches
    (one refused), and a part of one undone. The last batch's records are returned."""
    await story.enrol(10)
    await story.register(2)
    terms = await story.campaign(1)
    await story.pocket_money(1, 4_000)
    step = await story.step(terms) - 4
    entry = story.entry
    await story.redeem(1, [entry(1, terms, n, step, merchant=1 + n % 2) for n in range(3)])
    unnamed = Maximum(bill=20_000, amount=9_000, copay=0)
    second = [
        entry(1, terms, 0, step + 1, bill=30_000, amount=15_000),
        entry(1, terms, 1, step + 2, copay=2_001),
        entry(1, terms, 2, step + 2, maximum=unnamed),
        entry(1, terms, 3, step + 2, amount=9_999),
    ]
    await story.redeem(1, second)
    records = [
        RedeemedRecord(
            pass_number=number + 1,
            merchant=taken.merchant,
            bill=taken.bill,
            amount=taken.amount,
            copay=taken.copay,
            step=taken.step,
            unnamed=taken.maximum is not None,
        )
        for number, taken in enumerate(second[:3])
    ]
    await story.void(1, terms, 2, records, 1, 2_000, resident=1)
    return terms, records
