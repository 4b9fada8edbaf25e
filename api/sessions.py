"""What a request works with: the city, the till's time, and one database transaction.

`scope="function"` ends a dependency before the reply is sent: the commit comes first, and an answer
that could not be committed is never given (DESIGN P3).
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.once import Once, open_once
from ledger.db.session import snapshot, transaction
from ledger.failpoints import reach
from ledger.services.runtime import Runtime


async def runtime_of(request: Request) -> Runtime:
    """The city this application serves. A coroutine, so that no thread is asked for it."""
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(runtime_of)]


async def till_time(runtime: RuntimeDep) -> int:
    """The till's present time, asked once a request."""
    return await runtime.clock.now()


NowDep = Annotated[int, Depends(till_time)]

OnceDep = Annotated[Once, Depends(open_once, scope="function")]


async def open_reading(runtime: RuntimeDep) -> AsyncIterator[AsyncSession]:
    """A session for reading: it waits for no writer."""
    async with snapshot(runtime.engine) as session:
        yield session


ReadingDep = Annotated[AsyncSession, Depends(open_reading, scope="function")]


async def open_writing(runtime: RuntimeDep, _once: OnceDep) -> AsyncIterator[AsyncSession]:
    """The request's one transaction, committed before the reply.

    It is opened inside the idempotency key's hold, so that the key is free only once the answer
    kept under it can be seen.
    """
    async with transaction(runtime.engine) as session:
        yield session
    reach("committed")


WritingDep = Annotated[AsyncSession, Depends(open_writing, scope="function")]
