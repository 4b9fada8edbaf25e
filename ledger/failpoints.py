"""Where a process can be told to die, so that a test can see what is left when it does.

`NAKHON_FAILPOINT=stored:2` kills the process with SIGKILL when it comes to the boundary `stored`
for the second time. Unset, a boundary is one comparison. It is refused on every chain but a devnet.
"""

import os
import signal
from typing import Final

from ledger.chain.signer import DEVNET_CHAIN_IDS
from ledger.errors import InputInvalid

BOUNDARIES: Final = (
    "received",
    "judged",
    "committed",
    "answered",
    "signed",
    "stored",
    "sent",
    "mined",
    "indexed",
    "final",
)
"""From the request to finality, in the order of one redemption."""

VARIABLE: Final = "NAKHON_FAILPOINT"


class _Armed:
    """The one boundary this process dies at, and how often it still passes there."""

    boundary: str | None = None
    passes: int = 0


def arm(said: str, *, chain_id: int) -> None:
    """Die at the boundary that `said` names as `name:count` (count 1 or more); "" disarms.

    Raises InputInvalid for anything else, and on a chain where somebody's money is.
    """
    _Armed.boundary = None
    if not said:
        return
    if chain_id not in DEVNET_CHAIN_IDS:
        raise InputInvalid(what=VARIABLE, why=f"chain {chain_id} is no devnet")
    name, _, count = said.partition(":")
    if name not in BOUNDARIES or not (count.isascii() and count.isdigit() and int(count) > 0):
        raise InputInvalid(what=VARIABLE, why=f"a boundary and a count, such as {BOUNDARIES[0]}:1")
    _Armed.boundary, _Armed.passes = name, int(count)


def reach(boundary: str) -> None:
    """Come to a boundary: nothing happens, or nothing ever happens again."""
    if _Armed.boundary != boundary:
        return
    _Armed.passes -= 1
    if _Armed.passes == 0:
        os.kill(os.getpid(), signal.SIGKILL)
