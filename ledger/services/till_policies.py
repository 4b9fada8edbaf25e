"""The policy a campaign is judged by at the till: by its hash, and only if it is the very one."""

from functools import lru_cache
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import policies
from ledger.domain.campaign import Campaign
from ledger.domain.policy import parse_policy
from ledger.domain.policy_document import Policy
from ledger.errors import PolicyMissing

PARSED_MAX: Final = 512


@lru_cache(maxsize=PARSED_MAX)
def parsed(canonical: bytes) -> Policy:
    """A policy that was kept, read once for all who ask."""
    return parse_policy(canonical)


async def known_policy(session: AsyncSession, policy_hash: bytes) -> Policy | None:
    """The policy with this hash, where its document was brought here."""
    stored = await policies.find_policy(session, "0x" + policy_hash.hex())
    return None if stored is None else parsed(stored.canonical)


async def policy_of(session: AsyncSession, campaign: Campaign) -> Policy:
    """The policy of a campaign. Raises PolicyMissing where nobody has brought its document: what
    the till cannot judge it does not accept."""
    found = await known_policy(session, campaign.terms.policy_hash)
    if found is None or found.hash != campaign.terms.policy_hash:
        named = "0x" + campaign.terms.policy_hash.hex()
        raise PolicyMissing(campaign=campaign.number, policy=named)
    return found
