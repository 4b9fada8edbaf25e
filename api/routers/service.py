"""The service about itself: its time, its chain, whether it can be relied on now."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from api.catching_up import CatchingUp
from api.metrics import CONTENT_TYPE, Metrics
from api.schemas.base import Bilingual
from api.schemas.service import Deployment, Health, Now, Readiness, Trouble
from api.sessions import NowDep, RuntimeDep
from ledger.services.vitals import GRAVE, TROUBLES, vitals_of

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
async def read_readiness(request: Request, runtime: RuntimeDep, response: Response) -> Readiness:
    """Whether a till may be run on this server now; 503 where not."""
    vitals = await vitals_of(runtime)
    stored, troubles = vitals.stored, vitals.troubles
    catching_up: CatchingUp = request.app.state.catching_up
    if not catching_up.caught_up.is_set() and "index_behind" not in troubles:
        troubles.append("index_behind")
    ready = not GRAVE.intersection(troubles)
    response.status_code = 200 if ready else 503
    return Readiness(
        status="ready" if ready else "not_ready",
        database=stored is not None,
        node=vitals.head is not None,
        indexed_block=None if stored is None else stored.indexed,
        head_block=vitals.head,
        behind=vitals.behind,
        queued=0 if stored is None else stored.waiting,
        troubles=[_trouble(code) for code in troubles],
    )


def _trouble(code: str) -> Trouble:
    said = TROUBLES[code]
    return Trouble(
        code=code, th=said.th, en=said.en, action_th=said.action_th, action_en=said.action_en
    )


@router.get("/metrics", response_class=PlainTextResponse)
async def read_metrics(request: Request) -> Response:
    """The city's totals for a monitor, in Prometheus' text format. Nobody is named in them."""
    metrics: Metrics = request.app.state.metrics
    return Response(await metrics.text(), media_type=CONTENT_TYPE)
