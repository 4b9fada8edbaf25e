"""A minute of everything going wrong at once, half on each database, and no promise is broken.
`make chaos` takes longer."""

import itertools
import os
from pathlib import Path

import pytest

from tests.chaos.__main__ import run
from tests.chaos.schedule import REORG_DEPTH_MAX, SHORTENS, Kind, schedule
from tests.chaos.siege import CONFIRMATIONS
from tests.databases import POSTGRESQL, SQLITE

SECONDS = int(os.environ.get("CHAOS_SECONDS", "30"))
SEEDS = {SQLITE: 6, POSTGRESQL: 4}


def test_a_seed_decides_everything_that_goes_wrong() -> None:
    assert schedule(5, 600) == schedule(5, 600) != schedule(6, 600)
    assert {act.kind for act in schedule(5, 600)} == set(Kind)
    for seed in range(50):
        acts = schedule(seed, 600)
        assert all(act.much <= REORG_DEPTH_MAX for act in acts if act.kind is Kind.REORG)
        shortening = [act.at_ms for act in acts if act.kind in SHORTENS]
        apart = (later - earlier for earlier, later in itertools.pairwise(shortening))
        assert min(apart) > 1_000 * REORG_DEPTH_MAX
    assert 2 * REORG_DEPTH_MAX < CONFIRMATIONS


@pytest.mark.timeout(400 + 2 * SECONDS)
@pytest.mark.parametrize("store", [SQLITE, POSTGRESQL])
def test_chaos_breaks_no_promise(tmp_path: Path, store: str) -> None:
    report = run(tmp_path, store, seconds=SECONDS, seed=SEEDS[store])
    assert report.complaints == []
    assert report.promised == report.judged.redemptions > 0
    assert report.starts > 0, "no server ever died: nothing was tried"
