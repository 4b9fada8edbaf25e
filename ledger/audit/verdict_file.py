"""Every verdict a till signed, a line each, as the flags and `nakhon audit verdict` read them."""

from collections.abc import AsyncGenerator

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.chain.deployment import Deployment
from ledger.db import verdicts
from ledger.db.session import snapshot
from ledger.domain.signatures import recover
from ledger.domain.verdict_document import digest_of


async def verdict_lines(
    engine: AsyncEngine, deployment: Deployment, campaign: int | None = None
) -> AsyncGenerator[bytes]:
    """The verdicts of a campaign or of all, oldest first, of one moment: a JSON object to a line.

    The signer of each is who signed it, recovered: whether that is the city's sequencer is for the
    reader to judge.
    """
    city = {"chain_id": deployment.chain_id, "book": deployment.address("CouponBook")}
    async with snapshot(engine) as session:
        async for kept in verdicts.kept_in_order(session, campaign):
            document = orjson.loads(kept.document)
            digest = digest_of(deployment.domain_separator, document)
            signed = {
                "document": document,
                "signature": "0x" + kept.r.hex() + kept.vs.hex(),
                "signer": recover(digest, kept.r, kept.vs),
            }
            yield orjson.dumps(signed | city) + b"\n"
