"""A city whose pages a real browser opens: real chain, real API on a port, real Chromium."""

import asyncio
import secrets
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from api.run import bind
from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.signer import DevSigner
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import address_of
from ledger.qr.codec import ChargeCode, PaperCode, PresentCode, encode
from ledger.qr.paper import key_of as paper_key
from tests.conftest import FUNDERS, NOON, City
from tests.integration.till import LUNCH, Till, key_of, open_till

T = TypeVar("T")
SHOP = "<script>ร้านป้าน้ำผึ้ง</script> ก๋วยเตี๋ยวปู่"
PLACES = (
    ("Chang Phueak Pork Leg Rice", "18.7958195", "98.9855155"),
    ("Ochatee", "18.7796056", "98.9896893"),
    ("Khanom Chin Nam Ngiao", "18.7803688", "98.9930551"),
)
"""Real places of data/chiangmai_restaurants.csv."""
START_SECONDS_MAX = 100


class _Server(uvicorn.Server):
    """Uvicorn in a thread: no signals of its own, and it says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class WebTown:
    """One shop, one open campaign, and an event loop of its own that serves them; without a policy
    a city that has not begun, with neither."""

    def __init__(self, directory: Path, policy: dict[str, Any] | None = LUNCH) -> None:
        self.directory = directory
        self.policy = policy
        self.till: Till
        self.url = ""
        self.shop = 0
        self.placed = False
        self.branches = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the city do something, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS_MAX)

    def enrol(self, address: str) -> None:
        """What the registrar does with the code on a resident's screen."""
        body = {"passes": [{"address": address, "district": 1}]}
        self.do(self.till.order("registrar", "/v1/passes", body))

    def register(self, address: str, name: str = SHOP, **place: str) -> int:
        """Register a shop that is paid to an address."""
        body = {**place,
            "payout": address, "kind": "restaurant", "category": "restaurant", "district": 1,
            "name_th": name, "name_en": name,
        }  # fmt: skip
        result = self.do(self.till.order("registrar", "/v1/merchants", body))
        return int(result["merchant"])

    def pairing_code(self) -> str:
        """What the shop's owner reads to a cashier of a new branch, whose day begins at nothing."""
        self.branches += 1
        branch = f"Counter {self.branches}"
        body = {"branch": branch, "cashier": "น้องฝน", "bill_max": "100000", "day_max": "900000"}
        path = f"/v1/merchants/{self.shop}/devices"
        answer = self.do(self.till.signed(key_of(SHOP), "POST", path, body))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    def pay_charge(self, bill: int, reference: str) -> None:
        """A resident who is not watched pays half of a charge."""
        self.do(self._pay(self.shop, bill, reference))

    async def _pay(self, shop: int, bill: int, reference: str) -> str:
        till, name = self.till, f"passer-by {secrets.token_hex(8)}"
        await till.enrol(name)
        message = SignedRedemption(
            campaign=1, merchant=shop, bill=bill, amount=bill // 2, copay=0,
            signed_at=await till.step_now(1),
        )  # fmt: skip
        body = {**till.charge_body(key_of(name), message), "reference": reference}
        answer = await till.post("/v1/redemptions", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def place_shops(self) -> None:
        """Register some shops whose place is known, once."""
        if self.placed:
            return
        self.placed = True
        for name, latitude, longitude in PLACES:
            self.register(
                key_of(name).address, name, latitude=latitude, longitude=longitude
            )  # fmt: skip

    def cashier(self, shop: int, code: str) -> str:
        """A device whose page nobody watches, paired by its code; the name of its key."""
        name = f"cashier {code}"
        body = {"merchant": shop, "code": code}
        answer = self.do(self.till.signed(key_of(name), "POST", "/v1/devices/claim", body))
        assert answer.status_code == 201, answer.text
        return name

    def ask_void(self, cashier: str, redemption: str, reason: str) -> None:
        """A cashier asks the owner to undo a redemption."""
        body = {"redemption": redemption, "reason": reason}
        path = "/v1/devices/me/void-requests"
        answer = self.do(self.till.signed(key_of(cashier), "POST", path, body))
        assert answer.status_code == 201, answer.text

    def pay_shop(self, shop: int, bill: int, reference: str = "00" * 8) -> str:
        """A resident who is not watched pays half of a bill at a shop; the redemption's id."""
        return self.do(self._pay(shop, bill, reference))

    def paper(self, pin: str = "", *, enrolled: bool = True) -> str:
        """The text of a paper coupon's QR. One that is not enrolled is as one that has moved."""
        code = PaperCode(pin_needed=bool(pin), seed=secrets.token_bytes(16))
        if enrolled:
            self._enrol_paper(code, pin)
        return encode(code, self.till.runtime.settings.origin, self.till.runtime.deployment.tag)

    def _enrol_paper(self, code: PaperCode, pin: str) -> None:
        body = {
            "passes": [
                {
                    "address": address_of(paper_key(code, pin)),
                    "district": 1,
                    "medium": "paper_pin" if pin else "paper",
                }
            ]
        }
        self.do(self.till.order("registrar", "/v1/passes", body))

    def revoke_devices(self) -> None:
        """The owner of the first shop withdraws every device."""
        path = f"/v1/merchants/{self.shop}/devices"
        found = self.do(self.till.signed(key_of(SHOP), "GET", path)).json()["items"]
        for device in found:
            where = f"{path}/{device['device']}/revoke"
            answer = self.do(self.till.signed(key_of(SHOP), "POST", where))
            assert answer.status_code == 200, answer.text

    def settle(self) -> None:
        """Everything that waits goes to the chain and becomes final."""
        self.do(self.till.settle())

    def charge_text(self, bill: int, reference: bytes = bytes(8)) -> str:
        """The code of a charge of the shop."""
        code = ChargeCode(merchant=self.shop, bill=bill, reference=reference)
        deployment = self.till.runtime.deployment
        return encode(code, self.till.runtime.settings.origin, deployment.tag)

    def present_text(self) -> str:
        """A code as a resident's phone shows it; of nobody in particular."""
        code = PresentCode(
            campaign=1, bill=10_000, amount=5_000, copay=0, signed_at=NOON,
            r=b"\x01" * 32, vs=b"\x01" * 32,
        )  # fmt: skip
        deployment = self.till.runtime.deployment
        return encode(code, self.till.runtime.settings.origin, deployment.tag)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as failure:  # noqa: BLE001 # handed to the test that waits
            self._failure = failure
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        devnet = Devnet(DevnetOptions(genesis_time=NOON))
        await devnet.start()
        try:
            async with open_till(await self._found(devnet), self.directory) as till:
                self.till = till
                await till.sync()
                if self.policy is not None:
                    self.shop = await till.register(SHOP)
                    await till.open_campaign(self.policy)
                await till.settle()
                await self._answer(till)
        finally:
            await devnet.stop()

    async def _found(self, devnet: Devnet) -> City:
        names = [*ROLES, *FUNDERS]
        signers = {name: DevSigner.numbered(index) for index, name in enumerate(names)}
        accounts = tuple(signers[name].address for name in ("TREASURER", *FUNDERS))
        config = one_key_each(
            {role: signers[role].address for role in ROLES}, city_accounts=accounts
        )
        deployment = await deploy(devnet.rpc_url, signers["ADMIN"], config, self.directory)
        return City(rpc_url=devnet.rpc_url, deployment=deployment, signers=signers)

    async def _answer(self, till: Till) -> None:
        listening = bind("127.0.0.1", 0)
        config = uvicorn.Config(till.app, log_config=None, access_log=False, lifespan="off")
        server = _Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        await server.ready.wait()
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        till.app.state.till_events.close()
        server.should_exit = server.force_exit = True
        await serving
        listening.close()

    @contextmanager
    def open(self) -> Iterator["WebTown"]:
        """Serve while the tests run."""
        self._thread.start()
        self._ready.wait(START_SECONDS_MAX)
        if self._failure is not None:
            raise self._failure
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(START_SECONDS_MAX)
