"""Webhooks reach nobody they should not: addresses, names that change, owners, limits, secrets."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.access import HEARING_OFFICES, HearerGate
from ledger.chain.signer import KeySigner
from ledger.db.session import reading, snapshot, transaction
from ledger.db.tables_webhooks import WebhookEndpoint, WebhookEvent
from ledger.errors import InputInvalid, WebhookKeyChanged
from ledger.services import webhook_work, webhooks
from ledger.services.webhook_courier import Courier, Outcome
from ledger.services.webhook_secrets import secret_of
from ledger.services.webhook_work import Webhooks
from tests.integration.test_api_access import routes
from tests.integration.till import OFFICES, Till, key_of
from tests.integration.webhook_city import Wall, turn, working
from tests.integration.webhook_consumer import open_consumer

SHOP = "ข้าวซอย"
PUBLIC_URL = "https://till.example/nakhon"
EVENT = WebhookEvent(owner=1, sequence=1, id="evt_a", type="redemption.final", at=0, data={})

REFUSED = (
    "", "till.example", "ftp://till.example/", "http://till.example/", "file:///etc/passwd",
    "https://", "https:///path", "https://till.example:22/", "https://till.example:8080/",
    "https://till.example:99999/", "https://user@till.example/", "https://a:b@till.example/",
    "https://@till.example/", "https://till.example/#part", "https://till.example/ a",
    "https://till.example/\n", "https://ร้าน.ไทย/", "https://till.example\\@evil.example/",
    "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/",
    "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/", "https://[fd00:ec2::254]/", "https://0/",
    "https://[::1", "https://127.1.1.1:99999/", "https://till.example/" + "a" * 500,
    "https://2130706433/", "javascript:alert(1)",
)  # fmt: skip
NOT_IN_A_CITY = (
    "http://127.0.0.1:8000/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/",
    "http://localhost/", "https://a.localhost/", "https://localhost./",
)  # fmt: skip


def of_city(till: Till) -> Any:
    """The same city on a chain that is no devnet."""
    deployment = replace(till.runtime.deployment, chain_id=7_777)
    return replace(till.runtime, deployment=deployment)


async def test_f33_an_address_that_leads_inside_or_hides_something_is_refused_in_two_languages(
    till: Till,
) -> None:
    for url in REFUSED:
        answer = await till.signed(key_of(SHOP), "POST", "/v1/webhooks", {"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid"), url
        assert answer.json()["detail_th"] and answer.json()["action_en"]
    listed = await till.signed(key_of(SHOP), "GET", "/v1/webhooks")
    assert listed.json()["items"] == []


async def test_f33_this_machine_is_an_address_on_a_devnet_alone(till: Till) -> None:
    city = of_city(till)
    for url in NOT_IN_A_CITY[:-2]:
        assert webhooks.check_url(till.runtime, url) == url
    for url in NOT_IN_A_CITY:
        with pytest.raises(InputInvalid):
            webhooks.check_url(city, url)
    assert webhooks.check_url(city, PUBLIC_URL) == PUBLIC_URL


def endpoint(url: str) -> WebhookEndpoint:
    return WebhookEndpoint(
        id="whk_a", owner=1, url=url, created_by="", created_at=0, signer="", sent_to=0
    )


class Names:
    """A resolver whose answer changes from one asking to the next."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0)


async def carry(url: str, names: Names, *, loopback: bool, trusting: ssl.SSLContext) -> Outcome:
    courier = Courier(endpoint(url), loopback=loopback, trusting=trusting, resolve=names)
    async with courier:
        return await courier.carry(EVENT, [b"\x01" * 32], now=1)


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["::1"], ["::ffff:192.168.0.1"],
        ["93.184.215.14", "10.0.0.1"], ["64:ff9b::a9fe:a9fe"], [],
    ],
)  # fmt: skip
async def test_f33_a_name_that_leads_inside_is_never_connected_to(found: list[str]) -> None:
    names = Names(found)
    outcome = await carry(PUBLIC_URL, names, loopback=False, trusting=ssl.create_default_context())
    assert outcome.answered is None
    assert outcome.why is not None and not outcome.why.startswith("no connection")
    assert names.asked == [("till.example", 443)]


@asynccontextmanager
async def https_server(folder: Path, name: str) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server whose certificate is of `name`; what it was asked."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    await asyncio.to_thread(
        subprocess.run,
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj",
         f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(certificate, key)
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(head)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=offered)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        await server.wait_closed()


async def test_f33_the_connection_goes_to_the_judged_address_and_the_certificate_is_the_names(
    tmp_path: Path,
) -> None:
    async with https_server(tmp_path, "till.example") as (port, heard):
        trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        names = Names(["127.0.0.1"])
        url = f"https://till.example:{port}/nakhon?shop=1"
        outcome = await carry(url, names, loopback=True, trusting=trusting)
        assert outcome == Outcome(sequence=1, answered=200, why=None)
        assert names.asked == [("till.example", port)], (
            "a name is asked for once, then it is pinned"
        )
        head = heard[0].decode().lower()
        assert head.startswith("post /nakhon?shop=1 http/1.1\r\n")
        assert f"\r\nhost: till.example:{port}\r\n" in head

        url = f"https://other.example:{port}/"
        wrong = await carry(url, Names(["127.0.0.1"]), loopback=True, trusting=trusting)
        assert (wrong.answered, wrong.why) == (None, "no connection: ConnectError")
        unknown = await carry(
            f"https://till.example:{port}/", Names(["127.0.0.1"]), loopback=True,
            trusting=ssl.create_default_context(),
        )  # fmt: skip
        assert unknown.answered is None
        assert len(heard) == 1, "a stranger's certificate is told nothing"


async def test_f33_a_name_that_leads_elsewhere_at_its_second_asking_is_refused_then(
    tmp_path: Path,
) -> None:
    async with https_server(tmp_path, "till.example") as (port, heard):
        trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        courier = Courier(
            endpoint(f"https://till.example:{port}/"), loopback=True, trusting=trusting,
            resolve=names,
        )  # fmt: skip
        async with courier:
            first = await courier.carry(EVENT, [b"\x01" * 32], now=1)
            second = await courier.carry(EVENT, [b"\x01" * 32], now=2)
        assert first.delivered and not second.delivered
        assert second.why == "an address of the link, where clouds keep metadata"
        assert len(heard) == 1


# Who may do what


def hearing_routes(till: Till) -> list[tuple[str, str]]:
    found = [(method, path) for method, path, gate in routes(till) if isinstance(gate, HearerGate)]
    assert len(found) == 9
    return found


BODIES: dict[str, Any] = {
    "/v1/webhooks": {"url": PUBLIC_URL},
    "/v1/webhooks/{name}/replay": {"after": 0},
}


async def test_every_role_meets_every_webhook_endpoint(till: Till) -> None:
    for method, path in hearing_routes(till):
        body = BODIES.get(path) if method == "POST" else None
        for role in OFFICES:
            url = path.replace("{name}", "whk_none")
            sent: dict[str, Any] = {"headers": till.named(role)}
            if body is not None:
                sent["json"] = body
            answer = await till.client.request(method, url, **sent)
            allowed = role in HEARING_OFFICES
            assert (answer.status_code not in {401, 403}) == allowed, (method, path, role)
            if not allowed:
                assert answer.json()["code"] == "role_missing"
        stranger = await till.signed(key_of("somchai"), method, url, body)
        assert stranger.json()["code"] == "unknown_merchant", (method, path)
        nobody = await till.client.request(method, url)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthorised")


async def test_nobody_sees_or_moves_anothers_webhook(till: Till) -> None:
    await till.register("กาแฟดอย")
    mine = (await till.signed(key_of(SHOP), "POST", "/v1/webhooks", {"url": PUBLIC_URL})).json()
    citys = (await till.post("/v1/webhooks", {"url": PUBLIC_URL}, role="admin")).json()
    for method, path in hearing_routes(till):
        if "{name}" not in path:
            continue
        body = BODIES.get(path) if method == "POST" else None
        url = path.replace("{name}", mine["webhook"])
        other = await till.signed(key_of("กาแฟดอย"), method, url, body)
        assert (other.status_code, other.json()["code"]) == (404, "unknown_webhook"), path
        url = path.replace("{name}", citys["webhook"])
        shop = await till.signed(key_of(SHOP), method, url, body)
        assert (shop.status_code, shop.json()["code"]) == (404, "unknown_webhook"), path
    listed = (await till.signed(key_of(SHOP), "GET", "/v1/webhooks")).json()["items"]
    assert [each["webhook"] for each in listed] == [mine["webhook"]]
    removed = await till.signed(key_of(SHOP), "DELETE", f"/v1/webhooks/{mine['webhook']}")
    assert removed.json() == {"webhook": mine["webhook"]}
    assert (await till.signed(key_of(SHOP), "GET", "/v1/webhooks")).json()["items"] == []


async def test_an_owner_has_so_many_addresses_and_each_once(till: Till) -> None:
    async def add(number: int) -> httpx.Response:
        body = {"url": f"{PUBLIC_URL}/{number}"}
        return await till.signed(key_of(SHOP), "POST", "/v1/webhooks", body)

    for number in range(webhooks.ENDPOINTS_MAX):
        assert (await add(number)).status_code == 201
    for number in (0, 99):
        answer = await add(number)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_an_event_that_its_receiver_never_takes_holds_up_none_and_is_given_up(
    till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_work, "ATTEMPTS_MAX", 3)
    monkeypatch.setattr(webhook_work, "BEGUN_MAX", 1)
    wall = Wall()
    with open_consumer(tmp_path / "heard.ndjson") as consumer:
        async with working(till, wall) as work:
            body = {"url": consumer.url("/odd")}
            made = (await till.signed(key_of(SHOP), "POST", "/v1/webhooks", body)).json()
            for who in ("somchai", "malee", "lek"):
                assert (await till.pay(who, 1, 8_000, 4_000)).status_code == 201
            for _ in range(12):
                await turn(work)
                wall.moved += 300
        path = f"/v1/webhooks/{made['webhook']}"
        rows = (await till.signed(key_of(SHOP), "GET", f"{path}/deliveries")).json()["items"]
        states = {row["sequence"]: (row["status"], row["attempts"]) for row in rows}
        assert states[2] == ("delivered", 1)
        assert states[1] == ("failed", 3), "its receiver took another one since"
        assert states[3][0] == "pending", "nothing was taken since: the receiver may be down"
        shown = (await till.signed(key_of(SHOP), "GET", path)).json()
        assert (shown["status"], shown["pending"]) == ("active", 1)


# Secrets


async def test_a_secret_is_told_once_and_stands_in_no_row(till: Till) -> None:
    body = {"url": PUBLIC_URL}
    headers = {"idempotency-key": "the-same-twice"}
    first = await till.signed(key_of(SHOP), "POST", "/v1/webhooks", body, **headers)
    again = await till.signed(key_of(SHOP), "POST", "/v1/webhooks", body, **headers)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    secret = first.json()["secret"]
    assert secret not in (await till.signed(key_of(SHOP), "GET", "/v1/webhooks")).text
    async with reading(till.runtime.engine) as connection:
        for table in ("webhook_endpoints", "idempotent_requests", "staff_acts"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
            assert rows or table == "staff_acts"
            assert secret not in repr(rows), table
            assert secret.removeprefix("whsec_")[:20] not in repr(rows), table


async def test_another_key_of_the_city_derives_no_secret_until_it_is_rotated(till: Till) -> None:
    made = (await till.signed(key_of(SHOP), "POST", "/v1/webhooks", {"url": PUBLIC_URL})).json()
    signers = {**till.runtime.signers, "webhooks": KeySigner(b"\x11" * 32)}
    changed = replace(till.runtime, signers=signers)
    async with snapshot(till.runtime.engine) as session:
        row = await webhooks.endpoint_of(session, 1, made["webhook"])
        before = await secret_of(till.runtime, row, generation=1)
        assert before == await secret_of(till.runtime, row, generation=1)
        assert before != await secret_of(till.runtime, row, generation=2)
        with pytest.raises(WebhookKeyChanged):
            await secret_of(changed, row, generation=1)
    async with transaction(till.runtime.engine) as session:
        row = await webhooks.rotate(session, changed, 1, made["webhook"])
        assert row.previous_until is None, "the secret before cannot be derived any more"
        assert await secret_of(changed, row, generation=2) != before


async def test_a_signer_that_signs_otherwise_each_time_derives_no_secret(till: Till) -> None:
    class Restless:
        address = key_of("restless").address
        count = 0

        async def sign_digest(self, digest: bytes) -> tuple[bytes, bytes]:
            self.count += 1
            return digest, self.count.to_bytes(32, "big")

    runtime = replace(till.runtime, signers={**till.runtime.signers, "webhooks": Restless()})
    async with transaction(till.runtime.engine) as session:
        with pytest.raises(WebhookKeyChanged):
            await webhooks.register(session, runtime, 1, PUBLIC_URL, by="test", now=0)


async def test_a_webhook_whose_key_is_gone_is_disabled_and_says_what_to_do(till: Till) -> None:
    made = (await till.signed(key_of(SHOP), "POST", "/v1/webhooks", {"url": PUBLIC_URL})).json()
    assert (await till.pay("somchai", 1, 8_000, 4_000)).status_code == 201
    signers = {**till.runtime.signers, "webhooks": KeySigner(b"\x11" * 32)}
    work = Webhooks(replace(till.runtime, signers=signers))
    await work.step()
    await work.settled()
    await work.retire()
    shown = await till.signed(key_of(SHOP), "GET", f"/v1/webhooks/{made['webhook']}")
    assert shown.json()["status"] == "disabled"
    assert "rotate the secret" in shown.json()["why"]
