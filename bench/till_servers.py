"""The servers that the till's benchmark compares, each a process that says its address.

`python -m bench.till_servers nakhon|plain|naive|nothing`, with the settings of the environment.
"""

import asyncio
import os
import sys
import threading
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Header
from pydantic import BaseModel
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)

from api.process import run, settled_memory
from api.run import bind, run_city
from deploy.city import ROLES
from ledger.chain.artifacts import load_artifact
from ledger.chain.deployment import Deployment
from ledger.chain.signer import DevSigner
from ledger.db.session import make_engine, writing
from ledger.domain.clock import step_of
from ledger.domain.redemption import Entry, pack_batch
from ledger.services.runtime import Runtime
from ledger.settings import Settings, read_settings

_METADATA: Final = MetaData()
VOUCHERS: Final = Table(
    "bench_vouchers",
    _METADATA,
    Column("id", String(80), primary_key=True),
    Column("tx_hash", String(66)),
    *(
        Column(name, BigInteger)
        for name in ("campaign", "merchant", "bill", "amount", "copay", "signed_at")
    ),
)


class Voucher(BaseModel):
    """A redemption as a voucher service takes it: the same body."""

    campaign: int
    merchant: int
    bill: int
    amount: int
    copay: int
    signed_at: int
    signature: str


def say(url: str) -> None:
    """Tell the benchmark that this server answers."""
    sys.stdout.write(url + "\n")
    sys.stdout.flush()


async def serve_nakhon(settings: Settings) -> None:
    """The city's own server, whole; another process would sequence."""

    async def started(_runtime: Runtime, url: str) -> None:
        say(url)

    signers = {name.lower(): DevSigner.numbered(index) for index, name in enumerate(ROLES)}
    sequencing = os.environ.get("BENCH_SEQUENCING") == "1"
    await run_city(settings, signers=signers, started=started, sequencing=sequencing)


def plain(settings: Settings) -> FastAPI:
    """A voucher service: one row in one transaction, durable before it is answered."""
    app, engine = FastAPI(), make_engine(settings.database_url)

    @app.post("/v1/redemptions", status_code=201)
    async def take(body: Voucher, idempotency_key: str = Header()) -> dict[str, Any]:
        async with writing(engine) as connection:
            row = {"id": idempotency_key} | body.model_dump(exclude={"signature"})
            await connection.execute(insert(VOUCHERS).values(row))
        return row | {"status": "accepted"}

    return app


def naive(settings: Settings) -> FastAPI:
    """A transaction for each redemption, waited for, in FastAPI's threads with web3.py."""
    from web3 import HTTPProvider, Web3

    deployment = Deployment.load(settings.deployment)
    address = deployment.address("CouponBook")
    w3 = Web3(HTTPProvider(settings.rpc_url))
    book = w3.eth.contract(address=address, abi=load_artifact("CouponBook").abi)  # type: ignore[call-overload]
    account = w3.eth.account.from_key(DevSigner.numbered(_sender()).private_key)
    engine, app = create_engine(settings.database_url.replace("+aiosqlite", "")), FastAPI()
    turn, nonces = threading.Lock(), [int(w3.eth.get_transaction_count(account.address))]
    starts = int(os.environ["BENCH_STARTS"])

    @app.post("/v1/redemptions", status_code=201)
    def take(body: Voucher, idempotency_key: str = Header()) -> dict[str, Any]:
        call = book.functions.redeem(body.campaign, pack_batch([_entry(body, starts)]))
        with turn:
            options: Any = {"from": account.address, "nonce": nonces[0], "gas": 500_000}
            signed = account.sign_transaction(call.build_transaction(options))
            tx_hash = w3.eth.send_raw_transaction(signed.raw_transaction)
            nonces[0] += 1
        w3.eth.wait_for_transaction_receipt(tx_hash)
        row = {"id": idempotency_key} | body.model_dump(exclude={"signature"})
        with engine.begin() as connection:
            connection.execute(insert(VOUCHERS).values(row | {"tx_hash": tx_hash.to_0x_hex()}))
        return row | {"status": "included"}

    return app


def _sender() -> int:
    return list(ROLES).index("SEQUENCER") if os.environ["BENCH_NUMBER"] == "0" else len(ROLES)


def _entry(body: Voucher, starts: int) -> Entry:
    signature = bytes.fromhex(body.signature[2:])
    return Entry(
        step=step_of(starts, body.signed_at),
        merchant=body.merchant,
        bill=body.bill,
        amount=body.amount,
        copay=body.copay,
        r=signature[:32],
        vs=signature[32:],
    )


async def serve(app: FastAPI) -> None:
    """As the city's server is run."""
    listening = bind("127.0.0.1", 0)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    asyncio.get_running_loop().call_later(0.3, say, _url(listening.getsockname()))
    with settled_memory():
        await server.serve(sockets=[listening])


def _url(address: tuple[str, int]) -> str:
    return f"http://{address[0]}:{address[1]}"


class Nothing(asyncio.Protocol):
    """Answers each request at once and does nothing: what is left is the generator."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        del data
        self._transport.write(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}")


async def serve_nothing() -> None:
    """Nothing, served."""
    server = await asyncio.get_running_loop().create_server(Nothing, "127.0.0.1", 0)
    say(_url(server.sockets[0].getsockname()))
    await server.serve_forever()


async def prepare(url: str) -> None:
    """Make the table of the two that are compared with."""

    def make(connection: Connection) -> None:
        _METADATA.create_all(connection)

    engine = make_engine(url)
    async with writing(engine) as connection:
        await connection.run_sync(make)
        await connection.execute(select(VOUCHERS).limit(1))
    await engine.dispose()


def main() -> None:
    """Serve one of them until killed."""
    kind, settings = sys.argv[1], read_settings()
    if kind == "nakhon":
        run(serve_nakhon(settings))
    elif kind == "nothing":
        asyncio.run(serve_nothing())
    else:
        run(serve(plain(settings) if kind == "plain" else naive(settings)))


if __name__ == "__main__":
    main()
