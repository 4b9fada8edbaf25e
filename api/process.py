"""The process of a serving city: its event loop, and its memory."""

import asyncio
import gc
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvloop

THRESHOLDS: Final = (5_000, 20, 20)
"""A request leaves some hundred objects, and its reference counts free nearly all of them."""


def run(serving: Coroutine[Any, Any, None]) -> None:
    """Serve until it ends, on the quickest loop there is."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving)


@contextmanager
def settled_memory() -> Iterator[None]:
    """Search for cyclic garbage among what requests leave, and not in all that was loaded before
    the first of them: that would hold up whoever is at the till a fifth of the time."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
