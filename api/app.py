"""Wiring: one city becomes one application. Nothing is read, opened or bound at import."""

import logging
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.assets import load_assets
from api.catching_up import CatchingUp, ClosedWhileCatchingUp
from api.gate import Gate
from api.metrics import Counting, Metrics
from api.openapi import describe
from api.problems import (
    on_database_error,
    on_defect,
    on_http_error,
    on_invalid,
    on_ledger_error,
)
from api.routers import (
    anchors,
    assisted,
    campaigns,
    devices,
    events,
    faces,
    funders,
    hall,
    intents,
    live,
    me,
    merchants,
    messages,
    pages,
    passes,
    public,
    redemptions,
    replays,
    rounds,
    rules,
    service,
    staff,
    statements,
    stubs,
    tills,
    webhooks,
)
from ledger.db.failures import FAILURES
from ledger.db.key_holds import KeyHolds
from ledger.errors import LedgerError
from ledger.services.runtime import Runtime
from ledger.services.till_events import TillEvents
from ledger.services.together import Together

VERSION: Final = "0.1.0"
_log = logging.getLogger("nakhon.api")
TABLES: Final = frozenset(
    {
        "/v1/households",
        "/v1/lists",
        "/v1/passes",
        "/v1/passes/preview",
        "/v1/merchants/preview",
        "/v1/merchants/table",
        "/v1/rounds/answers",
    }
)
"""Addresses that take a table, and therefore a larger body."""

ROUTERS: Final = (
    redemptions, service, campaigns, replays, messages, passes, merchants, devices, rules, rounds,
    statements, me, assisted, intents, pages, faces, tills, stubs, staff,
    hall, live, public, events, anchors, funders, webhooks,
)  # fmt: skip
"""The till's is the first: a request is compared with one address after the other."""


class Application(FastAPI):
    """FastAPI, described by `api.openapi`."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def create_app(runtime: Runtime) -> FastAPI:
    """The HTTP API of one city."""
    app = Application(
        title="Nakhon",
        version=VERSION,
        summary="The city's coupons: rules a till can apply, a ledger anybody can audit.",
        description="Amounts are strings of whole satang. Times are Unix seconds, UTC. Every "
        "refusal is a problem document (RFC 9457) with a stable `code` and a sentence in Thai and "
        "in English.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    app.state.runtime = runtime
    if not load_assets().complete:
        _log.warning("the web pages answer 503: make setup-demo brings what they need from npm")
    app.state.holds = KeyHolds(runtime.engine)
    app.state.together = Together(runtime)
    app.state.metrics = Metrics(runtime)
    app.state.till_events = TillEvents(runtime.engine)
    app.state.catching_up = CatchingUp()
    for module in ROUTERS:
        app.include_router(module.router)
    app.add_exception_handler(LedgerError, on_ledger_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    for failure in FAILURES:
        app.add_exception_handler(failure, on_database_error)
    app.add_exception_handler(Exception, on_defect)
    app.add_middleware(ClosedWhileCatchingUp, catching_up=app.state.catching_up)
    app.add_middleware(
        Gate,
        body_bytes_max=runtime.settings.body_bytes_max,
        table_bytes_max=runtime.settings.csv_bytes_max,
        tables=TABLES,
    )
    app.add_middleware(Counting, metrics=app.state.metrics)
    return app
