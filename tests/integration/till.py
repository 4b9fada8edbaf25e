"""A whole city server for tests: API in-process, real database, real chain, one step at a time."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.run import port_of
from ledger.chain.clock import DevnetClock, SystemClock
from ledger.chain.gateway import Gateway
from ledger.chain.signer import KeySigner
from ledger.db.api_keys import issue_key
from ledger.db.migrate import migrate
from ledger.db.session import make_engine, transaction
from ledger.domain.clock import latest_step, signed_at_of
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import sign
from ledger.domain.typed_data import redemption_digest, request_digest, void_digest
from ledger.indexer.source import source_of
from ledger.indexer.sync import sync_once
from ledger.qr.codec import PresentCode, encode
from ledger.sequencer.following import Followed, follow
from ledger.sequencer.loop import Sequencer
from ledger.services.rounds_on_chain import carry_rounds
from ledger.services.runtime import Runtime
from ledger.settings import Settings
from tests.conftest import City

CONFIRMATIONS = 2
DATABASE = "till.sqlite3"
OFFICES = (
    "admin",
    "treasurer",
    "campaign_officer",
    "approver",
    "issuer",
    "registrar",
    "guardian",
    "ambassador",
    "auditor",
)

LUNCH: dict[str, Any] = {
    "version": 1,
    "name": {"th": "ข้าวกลางวัน", "en": "Lunch"},
    "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-12-31T23:00:00+07:00"},
    "hours": {"every_day": ["06:00", "23:00"]},
    "share_basis_points": 5000,
    "allowance": "200000",
    "per_day_max": "20000",
    "audience": ["resident"],
    "categories": ["restaurant"],
    "districts": "any",
    "same_district": False,
    "issue": "everyone",
}


def key_of(name: str) -> KeySigner:
    """The key of somebody, always the same."""
    return KeySigner(hashlib.sha256(name.encode()).digest())


@dataclass(slots=True)
class Till:
    """The server and everybody who talks to it."""

    runtime: Runtime
    app: FastAPI
    client: httpx.AsyncClient
    sequencer: Sequencer
    keys: dict[str, str]
    followed: Followed = field(default_factory=Followed)
    asked: int = 0
    mining: bool = True
    voided_last: int = 0
    wall: int = 0

    @property
    def gateway(self) -> Gateway:
        return self.runtime.gateway

    @property
    def separator(self) -> bytes:
        return self.runtime.deployment.domain_separator

    # Time and blocks

    async def now(self) -> int:
        return await self.runtime.clock.now()

    async def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            await self.gateway.rpc("evm_mine")

    async def automine(self, on: bool) -> None:
        self.mining = on
        await self.gateway.rpc("evm_setAutomine", [on])

    async def quiet(self) -> None:
        """Wait until the node has mined what it was sent: it answers before it does."""
        for _ in range(1_000):
            pool = await self.gateway.rpc("txpool_status")
            if not self.mining or int(pool["pending"], 16) == 0:
                return
            await asyncio.sleep(0.01)

    async def sleep_until(self, moment: int) -> None:
        await self.gateway.rpc("evm_setNextBlockTimestamp", [moment])
        await self.mine()

    async def sync(self) -> None:
        report = await sync_once(
            self.gateway,
            self.runtime.engine,
            source_of(self.runtime.deployment),
            confirmations=CONFIRMATIONS,
        )
        if report.orphaned:
            self.followed.whole = True
        await follow(
            self.runtime.engine,
            self.runtime.chain_id,
            confirmations=CONFIRMATIONS,
            followed=self.followed,
            now=0,
        )
        await carry_rounds(self.runtime, now=await self.now(), wall=self.wall)

    async def turn(self) -> None:
        """Everything that waits goes to the chain, and what comes back is taken over."""
        for _ in range(2):
            await self.sequencer.step()
            await self.quiet()
            await self.sync()

    async def settle(self) -> None:
        """As `turn`, until all of it is final."""
        await self.turn()
        await self.mine(CONFIRMATIONS + 1)
        await self.turn()

    # Requests

    async def post(
        self, path: str, body: Any = None, *, role: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = {"content-type": "application/json"} | self.named(role) | headers
        content = b"" if body is None else json.dumps(body).encode()
        return await self.client.post(path, content=content, headers=sent)

    def named(self, role: str | None) -> dict[str, str]:
        self.asked += 1
        bearer = {} if role is None else {"authorization": f"Bearer {self.keys[role]}"}
        return bearer | {"idempotency-key": f"test-{secrets.token_hex(8)}-{self.asked}"}

    async def order(self, role: str, path: str, body: Any = None) -> dict[str, Any]:
        """An officer's order, carried out: what came of it."""
        answer = await self.post(path, body, role=role)
        assert answer.status_code == 202, answer.text
        for _ in range(len(answer.json()["intents"])):
            await self.turn()
        done = await self.intent(answer.json()["intent"]["id"])
        assert done["status"] in {"included", "final"}, done
        return done["result"] or {}

    async def intent(self, name: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/intents/{name}", headers=self.named("admin"))
        return dict(answer.json())

    async def signed(
        self, key: KeySigner, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """A request signed by a holder or a shop."""
        content = b"" if body is None else json.dumps(body).encode()
        sent = self.named(None) | await self.signature(key, method, path, content) | headers
        if body is not None:
            sent["content-type"] = "application/json"
        return await self.client.request(method, path, content=content, headers=sent)

    async def signature(
        self, key: KeySigner, method: str, path: str, content: bytes, *, at: int | None = None
    ) -> dict[str, str]:
        signed_at = await self.now() if at is None else at
        digest = request_digest(
            self.separator, method=method, path=path, body=content, signed_at=signed_at
        )
        r, vs = sign(digest, key.private_key)
        return {
            "nakhon-address": key.address,
            "nakhon-signed-at": str(signed_at),
            "nakhon-signature": "0x" + (r + vs).hex(),
        }

    # A town

    async def enrol(self, *names: str, district: int = 1) -> None:
        rows = [{"address": key_of(n).address, "district": district} for n in names]
        await self.order("registrar", "/v1/passes", {"passes": rows})

    async def register(self, name: str, *, category: str = "restaurant", district: int = 1) -> int:
        result = await self.order(
            "registrar",
            "/v1/merchants",
            {
                "payout": key_of(name).address,
                "kind": category,
                "category": category,
                "district": district,
                "name_th": name,
                "name_en": name,
            },
        )
        return int(result["merchant"])

    async def open_campaign(self, policy: dict[str, Any], *, funds: int = 1_000_000) -> int:
        drafted = await self.order("campaign_officer", "/v1/campaigns", {"policy": policy})
        number = int(drafted["campaign"])
        await self.order("approver", f"/v1/campaigns/{number}/approve")
        if funds:
            to = self.runtime.signers["treasurer"].address
            await self.order("treasurer", "/v1/tokens/mint", {"to": to, "amount": str(funds)})
            body = {"amount": str(funds), "funder": "treasurer"}
            await self.order("treasurer", f"/v1/campaigns/{number}/fund", body)
        await self.order("issuer", f"/v1/campaigns/{number}/issue")
        return number

    # At the till

    async def step_now(self, campaign: int) -> int:
        found = (await self.client.get(f"/v1/campaigns/{campaign}")).json()
        starts = found["terms"]["starts"]
        return signed_at_of(starts, latest_step(starts, await self.now()))

    def sign_redemption(self, key: KeySigner, message: SignedRedemption) -> SignedRedemption:
        r, vs = sign(redemption_digest(self.separator, message), key.private_key)
        return replace(message, r=r, vs=vs)

    def charge_body(self, key: KeySigner, message: SignedRedemption) -> dict[str, Any]:
        signed = self.sign_redemption(key, message)
        return {
            "campaign": signed.campaign,
            "merchant": signed.merchant,
            "bill": str(signed.bill),
            "amount": str(signed.amount),
            "copay": str(signed.copay),
            "signed_at": signed.signed_at,
            "signature": "0x" + (signed.r + signed.vs).hex(),
        }

    async def pay(
        self,
        who: str,
        merchant: int,
        bill: int,
        amount: int,
        *,
        campaign: int = 1,
        signed_at: int | None = None,
        copay: int = 0,
    ) -> httpx.Response:
        """The resident scans the shop and signs these figures."""
        message = SignedRedemption(
            campaign=campaign,
            merchant=merchant,
            bill=bill,
            amount=amount,
            copay=copay,
            signed_at=await self.step_now(campaign) if signed_at is None else signed_at,
        )
        return await self.post("/v1/redemptions", self.charge_body(key_of(who), message))

    def present_text(self, who: str, message: SignedRedemption) -> str:
        signed = self.sign_redemption(key_of(who), message)
        code = PresentCode(
            campaign=signed.campaign,
            bill=signed.bill,
            amount=signed.amount,
            copay=signed.copay,
            signed_at=signed.signed_at,
            r=signed.r,
            vs=signed.vs,
        )
        return encode(code, self.runtime.settings.origin, self.runtime.deployment.tag)

    async def void(
        self, shop: str, redemption: dict[str, Any], amount: int, *, at: int | None = None
    ) -> httpx.Response:
        voided_at = max(await self.now(), self.voided_last + 1) if at is None else at
        self.voided_last = voided_at
        digest = void_digest(
            self.separator,
            campaign=redemption["campaign"],
            pass_number=redemption["pass"],
            merchant=redemption["merchant"],
            amount=amount,
            signed_at=redemption["signed_at"],
            voided_at=voided_at,
        )
        r, vs = sign(digest, key_of(shop).private_key)
        body = {
            "amount": str(amount),
            "voided_at": voided_at,
            "signature": "0x" + (r + vs).hex(),
        }
        path = f"/v1/redemptions/{redemption['id']}/void"
        return await self.signed(key_of(shop), "POST", path, body)

    async def redemption(self, name: str) -> dict[str, Any]:
        return dict((await self.client.get(f"/v1/redemptions/{name}")).json())


async def _issue_keys(engine: AsyncEngine) -> dict[str, str]:
    async with transaction(engine) as session:
        return {role: await issue_key(session, name=role, roles=[role], now=0) for role in OFFICES}


@asynccontextmanager
async def open_till(
    city: City,
    directory: Path,
    *,
    keys: dict[str, str] | None = None,
    database_url: str | None = None,
    **settings: Any,
) -> AsyncIterator[Till]:
    """A server on the city of the test. Without `keys` its database is new, else a ready one."""
    chosen = replace(
        Settings(),
        home=directory,
        database_url=database_url or f"sqlite+aiosqlite:///{directory / DATABASE}",
        rpc_url=city.rpc_url,
        confirmations=CONFIRMATIONS,
        **settings,
    )
    engine = make_engine(chosen.database_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        if keys is None:
            await migrate(engine)
            keys = await _issue_keys(engine)
        gateway = await stack.enter_async_context(Gateway(city.rpc_url))
        runtime = Runtime(
            settings=chosen,
            engine=engine,
            gateway=gateway,
            deployment=city.deployment,
            clock=DevnetClock(gateway),
            signers={name.lower(): signer for name, signer in city.signers.items()},
        )
        app = create_app(runtime)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://till")
        await stack.enter_async_context(client)
        yield Till(runtime, app, client, Sequencer(port_of(runtime), SystemClock()), keys)
