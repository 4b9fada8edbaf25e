"""What the index says at one block, read once for all who ask at that block.

A block's hash stands for the whole chain up to it, so nothing that is kept under one can be stale:
a request names the block that its own transaction sees, and another block begins with nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, till_reads
from ledger.domain.campaign import Campaign
from ledger.domain.merchants import Merchant
from ledger.domain.policy_document import Policy
from ledger.services.till_policies import policy_of

POLICIES_MAX = 512


@dataclass(slots=True)
class KnownFacts:
    """Campaigns and shops at `block`, the newest that was asked about, and policies by their hash.

    `block` None stands for an index without a first span: then nothing is kept.
    """

    chain_id: int
    block: str | None = None
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    merchants: dict[int, Merchant] = field(default_factory=dict)
    policies: dict[bytes, Policy] = field(default_factory=dict)

    async def campaign(
        self, session: AsyncSession, number: int, *, passes: Iterable[int], block: str | None
    ) -> Campaign | None:
        """A campaign as `index_reads.campaign_of` reads it, with the words of its list that hold
        `passes`; None where there is none."""
        self._begin(block)
        found = self.campaigns.get(number)
        if found is None:
            found = await index_reads.campaign_of(session, self.chain_id, number)
            if found is not None and await self._still_at(session, block):
                self.campaigns[number] = found
        if found is None or not found.terms.listed:
            return found
        words = await index_reads.listed_words(session, self.chain_id, number, of=passes)
        return replace(found, list_words=words)

    async def merchant(
        self, session: AsyncSession, number: int, *, block: str | None
    ) -> Merchant | None:
        """A shop; None where there is none."""
        return (await self.merchants_numbered(session, {number}, block=block)).get(number)

    async def merchants_numbered(
        self, session: AsyncSession, numbers: Collection[int], *, block: str | None
    ) -> dict[int, Merchant]:
        """Shops by their numbers; those nobody registered are left out."""
        self._begin(block)
        found = {n: self.merchants[n] for n in numbers if n in self.merchants}
        unknown = [n for n in numbers if n not in found]
        if unknown:
            read = await index_reads.merchants_of(session, self.chain_id, unknown)
            if read and await self._still_at(session, block):
                self.merchants.update(read)
            found.update(read)
        return found

    async def policy(self, session: AsyncSession, campaign: Campaign) -> Policy:
        """A campaign's policy: its hash is its name, so it never changes. Raises PolicyMissing."""
        named = campaign.terms.policy_hash
        kept = self.policies.get(named)
        if kept is not None:
            return kept
        if len(self.policies) >= POLICIES_MAX:
            self.policies.clear()
        found = await policy_of(session, campaign)
        self.policies[named] = found
        return found

    def _begin(self, block: str | None) -> None:
        if block is None or block != self.block:
            self.block = block
            self.campaigns.clear()
            self.merchants.clear()

    async def _still_at(self, session: AsyncSession, block: str | None) -> bool:
        """Whether what was read is of `block`: PostgreSQL's next statement may see a later one.

        Another request may meanwhile have begun another block, too.
        """
        if block is None:
            return False
        if session.get_bind().dialect.name != "sqlite":
            seen = await till_reads.indexed_hash(session, self.chain_id)
            if seen != block:
                return False
        return self.block == block
