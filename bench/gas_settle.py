"""What it costs to pay shops: one page of a round, divided by its lines."""

from typing import Final

from bench.gas_city import AMOUNT, APPROVER, FUNDER, City
from ledger.domain.hashing import keccak
from ledger.domain.settled_lines import SettledLine, pack_lines, page_hashes

LINES: Final = 200
BATCH: Final = 100
DAY: Final = 20_000
DOCUMENT: Final = keccak(b"bench round")


async def settle_page(city: City, campaign: int) -> dict[str, int]:
    """Let LINES new shops take one redemption each under a campaign of its own; pay them all."""
    shops = [await city.register() for _ in range(LINES)]
    terms = await city.terms()
    await city.open(campaign, terms)
    holders = city.sample(LINES)
    for first in range(0, LINES, BATCH):
        who = holders[first : first + BATCH]
        at = dict(zip(who, shops[first : first + BATCH], strict=True))
        await city.redeem(campaign, city.batch(campaign, terms, who, 100, at=at))
    page = pack_lines(
        [SettledLine(campaign=campaign, merchant=shop, amount=AMOUNT, copay=0) for shop in shops]
    )
    lines_hash = page_hashes([page])[0]
    total = LINES * AMOUNT
    await city.call(FUNDER, "SettlementBook", "make", DAY, 1, total, lines_hash, DOCUMENT)
    await city.call(APPROVER, "SettlementBook", "approve", 1, DOCUMENT)
    paid = await city.call(FUNDER, "SettlementBook", "settle", 1, page, bytes(32))
    return {"settle_per_line": paid.gas // LINES}
