"""The service about itself: its time, its chain, whether it can be relied on now."""

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from api.schemas.base import Bilingual
from api.schemas.service import Deployment, Health, Now, Readiness
from api.sessions import NowDep, RuntimeDep
from ledger.db import index_reads, intents
from ledger.db.session import snapshot
from ledger.errors import ChainFailure
from ledger.services.runtime import Runtime

BLOCKS_BEHIND_MAX = 30

router = APIRouter(tags=["service"])


@router.get("/v1/time")
async def read_time(now: NowDep) -> Now:
    """The till's time. Wallets sign by it."""
    return Now(now=now)


@router.get("/v1/deployment")
async def read_deployment(runtime: RuntimeDep) -> Deployment:
    """The contracts, and everything else a wallet must know before it signs."""
    deployment, settings = runtime.deployment, runtime.settings
    return Deployment(
        chain_id=deployment.chain_id,
        contracts={name: held.address for name, held in deployment.contracts.items()},
        domain_separator="0x" + deployment.domain_separator.hex(),
        tag=deployment.tag.hex(),
        origin=settings.origin,
        sequencer=runtime.sequencer.address,
        city=Bilingual(th=settings.city_th, en=settings.city_en),
        block=deployment.block,
    )


@router.get("/healthz")
async def read_health() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready"}})
async def read_readiness(runtime: RuntimeDep, response: Response) -> Readiness:
    """Whether a till may be run on this server now; 503 where not."""
    database, indexed, queued = await _database(runtime)
    head = await _head(runtime)
    behind = None if indexed is None or head is None else max(head - indexed, 0)
    ready = database and behind is not None and behind <= BLOCKS_BEHIND_MAX
    response.status_code = 200 if ready else 503
    return Readiness(
        status="ready" if ready else "not_ready",
        database=database,
        node=head is not None,
        indexed_block=indexed,
        head_block=head,
        behind=behind,
        queued=queued,
    )


async def _database(runtime: Runtime) -> tuple[bool, int | None, int]:
    try:
        async with snapshot(runtime.engine) as session:
            indexed = await index_reads.indexed_block(session, runtime.chain_id)
            return True, indexed, await intents.count_waiting(session)
    except SQLAlchemyError:
        return False, None, 0


async def _head(runtime: Runtime) -> int | None:
    try:
        head = await runtime.gateway.block("latest")
    except ChainFailure:
        return None
    return None if head is None else head.number
