"""A city in one process: API, sequencer, indexer and webhooks side by side, started and stopped
together."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn

from api.app import create_app
from api.catching_up import CatchingUp
from api.metrics import Metrics
from api.process import settled_memory
from ledger import failpoints
from ledger.chain.clock import Clock, DevnetClock, SystemClock
from ledger.chain.deployment import Deployment, check_deployment
from ledger.chain.gateway import Gateway
from ledger.chain.signer import KeyfileSigner, Signer, refuse_development_key
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from ledger.errors import InputInvalid, PortBusy
from ledger.indexer.run import run_indexer
from ledger.indexer.sync import SyncReport
from ledger.sequencer.following import Followed, follow
from ledger.sequencer.loop import Sequencer
from ledger.sequencer.port import Limits, Port
from ledger.services.anchors import run_anchors
from ledger.services.rounds_on_chain import carry_rounds
from ledger.services.runtime import Runtime
from ledger.services.till_events import TillEvents
from ledger.services.webhook_work import run_webhooks
from ledger.settings import ClockKind, Settings

GRACE_SECONDS: Final = 10
KEEP_ALIVE_SECONDS: Final = 75
"""A till that pays every minute keeps its connection."""

BACKLOG: Final = 2_048
POLL_MS: Final = 200
QUIET_MS: Final = 1_000
"""How often the till looks after its records while no block comes: only the sequencer's own notes
can have changed."""

_log = logging.getLogger("nakhon.city")

Started = Callable[[Runtime, str], Awaitable[None]]


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, signers: Mapping[str, Signer] | None = None
) -> AsyncIterator[Runtime]:
    """A city's collaborators, checked: the database is migrated, the node serves the deployment.

    Without `signers`, every keyfile of `settings.keys` is opened. Raises DeploymentMismatch,
    WrongChain, DevelopmentKeyRefused and InputInvalid before anything is served.
    """
    deployment = Deployment.load(settings.deployment)
    failpoints.arm(settings.failpoint, chain_id=deployment.chain_id)
    engine = make_engine(settings.database_url)
    gateway = Gateway(settings.rpc_url)
    try:
        await check_deployment(gateway, deployment)
        held = await open_keyfiles(settings) if signers is None else signers
        for signer in held.values():
            refuse_development_key(signer.address, deployment.chain_id)
        await migrate(engine)
        yield Runtime(
            settings=settings,
            engine=engine,
            gateway=gateway,
            deployment=deployment,
            clock=_clock(settings, gateway),
            signers=held,
        )
    finally:
        await gateway.close()
        await engine.dispose()


def _clock(settings: Settings, gateway: Gateway) -> Clock:
    return DevnetClock(gateway) if settings.clock is ClockKind.CHAIN else SystemClock()


async def open_keyfiles(settings: Settings) -> dict[str, Signer]:
    """Every key of the keys' directory by the name of its file. Raises InputInvalid where there is
    no password file, or a keyfile does not open."""
    if settings.key_password_file is None:
        raise InputInvalid(what="NAKHON_KEY_PASSWORD_FILE", why="keyfiles need their password")
    try:
        password = await asyncio.to_thread(settings.key_password_file.read_text, "utf-8")
    except OSError as error:
        raise InputInvalid(what="NAKHON_KEY_PASSWORD_FILE", why=str(error)) from error
    paths = sorted(settings.keys.glob("*.json"))
    opened = [KeyfileSigner.open(path, password.rstrip("\r\n")) for path in paths]
    found = await asyncio.gather(*opened)
    return {path.stem: signer for path, signer in zip(paths, found, strict=True)}


def port_of(runtime: Runtime) -> Port:
    """What the sequencer needs of a city."""
    settings = runtime.settings
    return Port(
        gateway=runtime.gateway,
        engine=runtime.engine,
        deployment=runtime.deployment,
        sequencer=runtime.sequencer,
        signers=runtime.signers_by_address,
        limits=Limits(
            batch_entries_max=settings.batch_entries_max,
            batch_wait_seconds=settings.batch_wait_seconds,
            stuck_after_seconds=settings.stuck_after_seconds,
            fee_wei_max=settings.fee_wei_max,
            confirmations=settings.confirmations,
        ),
    )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises PortBusy when another program has the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends small answers at once (TCP_NODELAY) only then:
    # otherwise the body of each answer waits 40 ms for the other side to acknowledge its head.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(port=port, what="API") from error
        raise InputInvalid(what="NAKHON_HOST", why=f"cannot listen there: {error}") from error
    return listening


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals to whoever runs the city, and says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def run_city(
    settings: Settings,
    *,
    signers: Mapping[str, Signer] | None = None,
    stop: asyncio.Event | None = None,
    started: Started | None = None,
    sequencing: bool = True,
) -> None:
    """Serve one city until `stop` is set or a signal asks for the end.

    With `sequencing` False this process only takes redemptions; another one sequences them.

    `started` hears the runtime and the API's address once requests are answered and the till is
    open: the index has reached what was the chain's head at the start. Whichever part
    fails takes the others down in order, and its failure is raised: PortBusy and
    DeploymentMismatch before anything runs, ReorgTooDeep and UnknownEvent while it does.
    """
    stop = stop or asyncio.Event()
    listening = bind(settings.host, settings.port)
    with contextlib.closing(listening):
        async with open_runtime(settings, signers=signers) as runtime:
            with _signals(stop):
                await _run_parts(runtime, listening, stop, started, sequencing)


async def _run_parts(
    runtime: Runtime,
    listening: socket.socket,
    stop: asyncio.Event,
    started: Started | None,
    sequencing: bool,
) -> None:
    app = create_app(runtime)
    metrics: Metrics = app.state.metrics
    catching_up: CatchingUp = app.state.catching_up
    catching_up.begin()
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            server_header=False,
        )
    )
    parts: list[Coroutine[Any, Any, None]] = [
        _serve(server, listening, stop),
        run_follower(runtime, stop, metrics.heard_reorg, catching_up.heard_follow),
        catching_up.watch(runtime, stop),
        _end_streams(app.state.till_events, stop),
        run_webhooks(runtime, stop),
    ]
    if sequencing:
        parts.append(run_sequencer(runtime, stop))
    if started is not None:
        open_ = (server.ready, catching_up.caught_up)
        parts.append(_tell(open_, runtime, listening, stop, started))
    with settled_memory():
        results = await asyncio.gather(
            *(_ending(part, stop) for part in parts), return_exceptions=True
        )
    failures = [result for result in results if isinstance(result, BaseException)]
    for failure in failures[1:]:
        _log.error("another part failed too: %s", failure)
    if failures:
        raise failures[0]


async def _ending(part: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    try:
        await part
    except BaseException:
        stop.set()
        raise


async def _serve(server: _Server, listening: socket.socket, stop: asyncio.Event) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stop.set()
    await stopping
    await serving


async def _end_streams(events: TillEvents, stop: asyncio.Event) -> None:
    await stop.wait()
    events.close()


async def _tell(
    awaited: Sequence[asyncio.Event],
    runtime: Runtime,
    listening: socket.socket,
    stop: asyncio.Event,
    started: Started,
) -> None:
    ready, stopping = asyncio.create_task(_all(awaited)), asyncio.create_task(_all([stop]))
    await asyncio.wait({ready, stopping}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    stopping.cancel()
    if all(event.is_set() for event in awaited):
        host, port = listening.getsockname()[:2]
        await started(runtime, f"http://{host}:{port}")


async def _all(events: Sequence[asyncio.Event]) -> None:
    for event in events:
        await event.wait()


async def run_sequencer(runtime: Runtime, stop: asyncio.Event) -> None:
    """Say to the chain what the outbox holds, and order each day's anchor, until `stop` is set."""
    sequencer = Sequencer(port_of(runtime), SystemClock())
    await asyncio.gather(sequencer.run(stop), run_anchors(runtime, stop))


async def run_follower(
    runtime: Runtime,
    stop: asyncio.Event,
    on_reorg: Callable[[int], None] | None = None,
    on_follow: Callable[[], None] | None = None,
) -> None:
    """Keep the index at the node's head, and the till with the index, until `stop` is set.

    `on_reorg` hears how many blocks each reorg replaced, `on_follow` each time that the till has
    taken over what the index says.
    """
    followed, clock = Followed(), SystemClock()
    confirmations = runtime.settings.confirmations
    looked_ns = 0

    def begin() -> None:
        followed.since, followed.whole = 0, True

    async def after_sync(report: SyncReport) -> None:
        nonlocal looked_ns
        if report.orphaned:
            followed.whole = True
            if on_reorg is not None:
                on_reorg(len(report.orphaned))
        quiet_ns = time.monotonic_ns() - looked_ns
        if not report.blocks and not followed.whole and quiet_ns < QUIET_MS * 1_000_000:
            return
        looked_ns = time.monotonic_ns()
        wall = await clock.now()
        agreed = await follow(
            runtime.engine,
            runtime.chain_id,
            confirmations=confirmations,
            followed=followed,
            now=wall,
        )
        if agreed and on_follow is not None:
            on_follow()
        await carry_rounds(runtime, now=await runtime.clock.now(), wall=wall)

    await run_indexer(
        runtime.gateway,
        runtime.engine,
        runtime.deployment,
        stop=stop,
        confirmations=confirmations,
        poll_ms=POLL_MS,
        after_sync=after_sync,
        on_lead=begin,
    )


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Ctrl-C and a polite kill set `stop`; the second one ends the process as usual."""
    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)

    def end() -> None:
        stop.set()
        for number in caught:
            loop.remove_signal_handler(number)

    for number in caught:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
