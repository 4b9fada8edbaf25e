"""Gas of the coupon book beside that of its baselines: `python -m bench.gas`.

Every figure is the `gasUsed` of real transactions on Anvil (Osaka rules, 16,777,216 gas cap),
divided by the redemptions, coupons or passes in them. PASSES (default 10,000) is the size of the
city; `PASSES=100000` is the large run. JSON=file also writes the rows as a JSON object.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

from bench.compiled import Compiled, compile_all
from bench.gas_baselines import purpose_bound_money, voucher_1155
from bench.gas_chain import GAS_MAX, Chain
from bench.gas_city import NOON, City
from bench.gas_settle import settle_page
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.gateway import Gateway, Limits

PASSES_DEFAULT: Final = 10_000
EVERYONE, LISTED, HALF_LISTED, PAID = 1, 2, 3, 4
BATCH: Final = 100
NEIGHBOURS: Final = 300
FIRST_STEP: Final = 100
COPAY: Final = 1_000
MILLION: Final = 1_000_000

# The most that each figure may be.
LIMITS: Final[dict[str, int]] = {
    "redeem_reuse_n100": 17_000,
    "redeem_first_n100": 34_000,
    "redeem_neighbours_n300": 12_000,
    "issue_list_per_coupon": 150,
    "settle_per_line": 10_000,
}
LISTED_MORE_MAX: Final = 2_200

ROWS: Final[tuple[tuple[str, str], ...]] = (
    ("redeem_reuse_n100", "redeem, 100 random holders, second use onward"),
    ("redeem_first_n100", "redeem, 100 random holders, first use"),
    ("redeem_opening_n100", "the same in a campaign's first batch, merchants' first too"),
    ("redeem_list_reuse_n100", "the same under a listed campaign, second use onward"),
    ("redeem_neighbours_n300", "redeem, 300 consecutive passes, second use onward"),
    ("redeem_reuse_n1", "redeem, one transaction each"),
    ("redeem_copay_n100", "redeem with a copay moved in tokens, second use onward"),
    ("issue_list_per_coupon", "issue to a list of every pass, per coupon"),
    ("issue_half_list_per_coupon", "issue to a random half of the city, per coupon"),
    ("issue_everyone", "issue to everyone, in all"),
    ("enrol_per_pass", "enrol a pass"),
    ("settle_per_line", "pay a shop, 200 lines to a page, burning included"),
    ("oz1155_mint", "ERC-1155: mint, 100 looped"),
    ("oz1155_mint_n1", "ERC-1155: mint, one transaction each"),
    ("oz1155_permit_burn", "ERC-1155: burn by permit, one transaction each"),
    ("oz1155_permit_burn_n100", "ERC-1155: burn by permit, 100 looped"),
    ("erc7291_issue", "ERC-7291 style: wrap for a holder"),
    ("erc7291_redeem", "ERC-7291 style: redeem at a merchant"),
)


async def measure(gateway: Gateway, contracts: dict[str, Compiled], passes: int) -> dict[str, int]:
    """Every row of the table, on a fresh chain."""
    chain = await Chain.open(gateway)
    city = City(chain=chain, contracts=contracts)
    await city.found()
    await city.enrol(passes)
    figures = {"enrol_per_pass": city.enrol_gas // passes}
    figures |= await _everyone(city)
    figures |= await _listed(city)
    figures |= await settle_page(city, PAID)
    figures |= await voucher_1155(chain, contracts)
    figures |= await purpose_bound_money(chain, contracts)
    return figures


async def _everyone(city: City) -> dict[str, int]:
    terms = await city.terms()
    issued = await city.open(EVERYONE, terms)
    holders = city.sample(BATCH)
    neighbours = list(range(city.passes // 2, city.passes // 2 + NEIGHBOURS))

    async def redeem(who: list[int], step: int) -> int:
        return await city.redeem(EVERYONE, city.batch(EVERYONE, terms, who, step)) // len(who)

    figures = {"issue_everyone": issued.gas}
    # The first batch of all pays for the merchants' first credits too; a pass's first use does not.
    others = [holder for holder in city.sample(2 * BATCH) if holder not in set(holders)]
    figures["redeem_opening_n100"] = await redeem(others[:BATCH], FIRST_STEP)
    figures["redeem_first_n100"] = await redeem(holders, FIRST_STEP)
    figures["redeem_reuse_n100"] = await redeem(holders, FIRST_STEP + 1)
    figures["redeem_reuse_n1"] = await redeem(holders[:1], FIRST_STEP + 2)
    await city.allow_copay(holders, COPAY)
    batch = city.batch(EVERYONE, terms, holders, FIRST_STEP + 3, copay=COPAY)
    figures["redeem_copay_n100"] = await city.redeem(EVERYONE, batch) // BATCH
    await redeem(neighbours, FIRST_STEP + 4)
    figures["redeem_neighbours_n300"] = await redeem(neighbours, FIRST_STEP + 5)
    return figures


async def _listed(city: City) -> dict[str, int]:
    terms = await city.terms()
    everyone = list(range(1, city.passes + 1))
    gas = await city.open_listed(LISTED, terms, everyone)
    half = city.sample(city.passes // 2)
    half_gas = await city.open_listed(HALF_LISTED, terms, half)
    holders = city.sample(BATCH)
    for step in (FIRST_STEP, FIRST_STEP + 1):
        used = await city.redeem(LISTED, city.batch(LISTED, terms, holders, step))
    return {
        "issue_list_per_coupon": gas // len(everyone),
        "issue_half_list_per_coupon": half_gas // len(half),
        "redeem_list_reuse_n100": used // BATCH,
    }


def failures(figures: dict[str, int]) -> list[str]:
    """One line for each figure above its limit."""
    lines = [
        f"{key} is {figures[key]:,}, above {limit:,}"
        for key, limit in LIMITS.items()
        if figures[key] > limit
    ]
    more = figures["redeem_list_reuse_n100"] - figures["redeem_reuse_n100"]
    if more > LISTED_MORE_MAX:
        lines.append(f"a listed campaign costs {more:,} more, above {LISTED_MORE_MAX:,}")
    return lines


def table(figures: dict[str, int], passes: int) -> str:
    """The rows beside their limits, and what they come to for a million holders."""
    lines = [f"Gas, in a city of {passes:,} passes", f"{'':<60}{'gas':>10}{'limit':>10}"]
    for key, text in ROWS:
        limit = f"{LIMITS[key]:,}" if key in LIMITS else ""
        lines.append(f"{text:<60}{figures[key]:>10,}{limit:>10}")
    return "\n".join([*lines, "", *_million(figures)])


def _million(figures: dict[str, int]) -> list[str]:
    words = -(-(MILLION + 1) // 256)
    full = figures["issue_list_per_coupon"] * MILLION
    per_transaction = min(300, GAS_MAX // figures["redeem_first_n100"])
    return [
        "A city of 1,000,000 holders:",
        f"  enrol everybody      {figures['enrol_per_pass'] * MILLION:>18,} gas, once",
        f"  issue to everyone    {figures['issue_everyone']:>18,} gas, whatever the size",
        f"  issue to a list      {full:>18,} gas for all of them, in {words:,} words",
        f"  one redemption each  {figures['redeem_reuse_n100'] * MILLION:>18,} gas",
        f"  one transaction      {per_transaction:>18,} redemptions, all of them first uses",
    ]


async def run(passes: int) -> dict[str, int]:
    """Compile, start a chain, measure."""
    contracts = await asyncio.to_thread(compile_all)
    limits = Limits(seconds_max=120, retry_pauses_ms=())
    async with (
        Devnet(DevnetOptions(genesis_time=NOON)) as devnet,
        Gateway(devnet.rpc_url, limits=limits) as gateway,
    ):
        return await measure(gateway, contracts, passes)


def main() -> int:
    """Print the table; 1 if a figure is above its limit."""
    passes = int(os.environ.get("PASSES", PASSES_DEFAULT))
    figures = asyncio.run(run(passes))
    print(table(figures, passes))
    if path := os.environ.get("JSON"):
        Path(path).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for line in failures(figures):
        print(line, file=sys.stderr)
    return 1 if failures(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
