"""The power goes out for the whole machine at a moment nobody chose: servers, node and database are
killed at once, come back as a service manager starts them, and go on without a hand (FAULTS 13, 20,
32)."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.chaos.mortal import open_mortal
from tests.chaos.schedule import Act, Kind
from tests.chaos.siege import Report, besiege
from tests.databases import POSTGRESQL, SQLITE, migrated, sqlite_url

CUTS = int(os.environ.get("FAULT_ROUNDS", "1"))
"""How often the power goes out; `make faults` takes twenty."""

SEEDS = {SQLITE: 11, POSTGRESQL: 12}
FIRST_MS = 7_000
EVERY_MS = 9_000
AFTER_MS = (300, 3_000)

pytestmark = pytest.mark.timeout(400 + 30 * CUTS)


def cuts(seed: int) -> list[Act]:
    """The power cuts of a run, each at a random moment of its own."""
    chance = random.Random(seed)
    return [
        Act(at_ms=FIRST_MS + EVERY_MS * number, kind=Kind.POWER, much=chance.randrange(*AFTER_MS))
        for number in range(CUTS)
    ]


@pytest.mark.parametrize("store", [SQLITE, POSTGRESQL])
def test_f32_power_lost_for_the_whole_machine_at_a_random_moment_needs_no_hand(
    tmp_path: Path, store: str
) -> None:
    report = lived_through(tmp_path, store)
    assert report.complaints == []
    assert report.promised == report.judged.redemptions > 0
    assert report.starts >= 2 * CUTS, "both servers died of each cut"


def lived_through(directory: Path, store: str) -> Report:
    """A city on a database of this kind, on whose machine the power goes out."""
    seed = SEEDS[store]
    if store == SQLITE:
        url = sqlite_url(directory / "power.sqlite3")
        return asyncio.run(besiege(directory, url, cuts(seed), seed=seed, say=print))
    with open_mortal() as mortal:
        url = mortal.cluster.url(asyncio.run(migrated(mortal.cluster, "power")))
        return asyncio.run(besiege(directory, url, cuts(seed), seed=seed, say=print, mortal=mortal))
