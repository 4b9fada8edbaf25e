"""`python -m tests.integration.differential --cases 100000 --seed 7`: as long as one likes."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.gateway import Gateway
from ledger.chain.signer import DevSigner
from tests.conftest import FUNDERS, NOON, City
from tests.integration.differential.stage import Stage
from tests.integration.differential.telling import Tally, tell

REPORT_SECONDS = 5


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """A devnet of its own with a city on it, as tests/conftest.py makes them."""
    with tempfile.TemporaryDirectory() as directory:
        async with Devnet(DevnetOptions(genesis_time=NOON)) as devnet:
            signers = {
                name: DevSigner.numbered(index) for index, name in enumerate([*ROLES, *FUNDERS])
            }
            accounts = tuple(signers[name].address for name in ("TREASURER", *FUNDERS))
            keys = {role: signers[role].address for role in ROLES}
            config = one_key_each(keys, city_accounts=accounts)
            deployment = await deploy(devnet.rpc_url, signers["ADMIN"], config, Path(directory))
            city = City(rpc_url=devnet.rpc_url, deployment=deployment, signers=signers)
            async with Gateway(devnet.rpc_url) as gateway:
                stage = Stage(gateway=gateway, city=city)
                await stage.prepare()
                yield stage


def said(tally: Tally) -> str:
    """One line of progress."""
    taken = tally.verdicts["accepted"]
    return (
        f"{tally.cases:,} judged ({taken:,} accepted), {tally.stories:,} stories, "
        f"{tally.actions:,} actions, {tally.voids:,} voids, {tally.views:,} views"
    )


async def run(cases: int, seed: int, first: int) -> int:
    """Stories until so many entries were judged; 1 when one ends in a disagreement."""
    tally, story, began = Tally(), first, time.monotonic()
    spoken = began
    async with open_stage() as stage:
        while tally.cases < cases:
            failure = await tell(stage, seed, story, tally)
            if failure is not None:
                sys.stdout.write(f"{failure}\n\nDISAGREEMENT after {said(tally)}, seed {seed}\n")
                return 1
            story += 1
            if time.monotonic() - spoken > REPORT_SECONDS:
                spoken = time.monotonic()
                sys.stdout.write(f"{spoken - began:6.0f} s  {said(tally)}\n")
                sys.stdout.flush()
    for name, count in (tally.verdicts + tally.errors).most_common():
        sys.stdout.write(f"{count:10,} {name}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"seed {seed}: no disagreement in {said(tally)}, {seconds:.0f} s\n")
    return 0


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.differential")
    parser.add_argument("--cases", type=int, default=20_000, help="judged entries")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--story", type=int, default=0, help="the story to begin with")
    chosen = parser.parse_args()
    return asyncio.run(run(chosen.cases, chosen.seed, chosen.story))


if __name__ == "__main__":
    sys.exit(main())
