"""`python -m tests.chaos --seconds 600 --seed 7`: besiege a city, print what happens, judge it."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.chaos.mortal import open_mortal
from tests.chaos.schedule import schedule
from tests.chaos.siege import Report, besiege
from tests.databases import POSTGRESQL, STORES, migrated, sqlite_url


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(directory: Path, store: str, *, seconds: int, seed: int) -> Report:
    """Print the schedule, then let it happen on a database of this kind."""
    acts = schedule(seed, seconds)
    say(f"seed {seed}, {seconds} s, {store}: {len(acts)} faults")
    for act in acts:
        say(str(act))
    say("it begins")
    if store != POSTGRESQL:
        url = sqlite_url(directory / "chaos.sqlite3")
        return asyncio.run(besiege(directory, url, acts, seed=seed, say=say))
    with open_mortal() as mortal:
        url = mortal.cluster.url(asyncio.run(migrated(mortal.cluster, "chaos")))
        return asyncio.run(besiege(directory, url, acts, seed=seed, say=say, mortal=mortal))


def main() -> int:
    """Exit 0 where every promise was kept, 1 where one was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--store", choices=STORES, default=POSTGRESQL)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nakhon-chaos-") as directory:
        report = run(Path(directory), chosen.store, seconds=chosen.seconds, seed=chosen.seed)
    say(
        f"{report.promised} accepted, {report.judged.redemptions} on the chain, "
        f"{report.judged.spent} satang, servers started again {report.starts} times"
    )
    for complaint in report.complaints:
        say(f"BROKEN: {complaint}")
    say("every promise was kept" if not report.complaints else f"seed {chosen.seed} broke it")
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
