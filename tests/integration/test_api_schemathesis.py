"""Generated requests against the description itself: whatever is sent, nothing of ours breaks."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from api.run import bind
from tests.integration.conftest import Town
from tests.integration.till import OFFICES, open_till

EXAMPLES = 12
SECONDS_MAX = 20


class Serving:
    """The application on a real port, in a thread of its own."""

    def __init__(self, town: Town, directory: Path) -> None:
        self.town = town
        self.directory = directory
        self.ready = threading.Event()
        self.stop: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.url = ""
        self.keys: dict[str, str] = {}
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
        listening = bind("127.0.0.1", 0)
        async with open_till(self.town.city, self.directory) as till:
            await till.sync()
            self.keys = till.keys
            config = uvicorn.Config(till.app, log_config=None, lifespan="off")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server._serve(sockets=[listening]))
            self.url = "http://{}:{}".format(*listening.getsockname()[:2])
            self.ready.set()
            await self.stop.wait()
            server.should_exit = True
            await serving

    def end(self) -> None:
        """Stop and wait."""
        assert self.loop is not None and self.stop is not None
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(SECONDS_MAX)


@pytest.fixture(scope="module")
def serving(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    served = Serving(town, tmp_path_factory.mktemp("schemathesis"))
    served.thread.start()
    assert served.ready.wait(SECONDS_MAX)
    yield served
    served.end()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_requests_never_break_the_service(serving: Serving, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{serving.url}/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 25
    for operation in operations:
        try:
            ask(serving, operation, mode)
        except Unsatisfiable:
            # There is nothing wrong that could be sent to it.
            assert mode is GenerationMode.NEGATIVE, operation.label


def ask(serving: Serving, operation: schemathesis.APIOperation, mode: GenerationMode) -> None:
    """Send generated requests to one operation and hold every answer against the description."""
    roles = operation.definition.raw.get("x-nakhon-roles", OFFICES[:1])

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case) -> None:
        headers = {"Authorization": f"Bearer {serving.keys[roles[0]]}"}
        response = case.call(base_url=serving.url, headers=headers)
        checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
        if response.status_code == 503:
            checks = checks[1:]
        case.validate_response(response, checks=checks)

    one()
