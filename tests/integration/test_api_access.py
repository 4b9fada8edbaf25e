"""Nothing is public by accident: every route is on the list of public ones, or has a gate."""

from typing import Any

import pytest

from api.access import PUBLIC, Office
from api.openapi import routes_of
from ledger.chain.signer import KeySigner
from ledger.db.api_keys import ROLES, issue_key, officer_of, withdraw_key
from ledger.db.session import transaction
from ledger.domain.signatures import ORDER, sign
from ledger.domain.typed_data import request_digest
from ledger.errors import KeyUnknown
from tests.integration.till import Till, key_of


def routes(till: Till) -> list[tuple[str, str, object | None]]:
    """Every route of the application: method, path, gate."""
    return list(routes_of(till.app))


async def test_every_route_is_public_by_list_or_has_a_gate(till: Till) -> None:
    found = routes(till)
    assert len(found) > 30
    for method, path, gate in found:
        assert ((method, path) in PUBLIC) != (gate is not None), (method, path)
    assert {(method, path) for method, path, _ in found} >= PUBLIC


async def test_each_office_opens_its_own_endpoints_and_no_others(till: Till) -> None:
    for method, path, gate in routes(till):
        if not isinstance(gate, Office):
            continue
        url = path.replace("{number}", "1").replace("{name}", "int_none")
        for role in ROLES:
            headers = {"authorization": f"Bearer {till.keys[role]}"}
            answer = await till.client.request(method, url, headers=headers)
            allowed = role in gate.roles
            assert (answer.status_code not in {401, 403}) == allowed, (method, path, role)
            if not allowed:
                assert answer.json()["code"] == "role_missing"


async def test_gated_endpoints_refuse_whoever_shows_nothing(till: Till) -> None:
    for method, path, gate in routes(till):
        if gate is None:
            continue
        url = path.replace("{number}", "1").replace("{name}", "int_none")
        answer = await till.client.request(method, url)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised"), path


@pytest.mark.parametrize("shown", ["Bearer", "Bearer nk_wrong", "Basic abc", "bearer  ", "\u0e01"])
async def test_a_key_nobody_was_given_opens_nothing(till: Till, shown: str) -> None:
    headers = {"authorization": shown.encode()}
    answer = await till.client.get("/v1/passes/1", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.json()["code"] in {"unauthorised", "key_unknown"}


async def test_a_withdrawn_key_is_dead_at_once_and_only_hashes_are_kept(till: Till) -> None:
    async with transaction(till.runtime.engine) as session:
        secret = await issue_key(session, name="one day", roles=["registrar"], now=1)
    async with transaction(till.runtime.engine) as session:
        officer = await officer_of(session, secret)
        await withdraw_key(session, officer.key_id, now=2)
    async with transaction(till.runtime.engine) as session:
        with pytest.raises(KeyUnknown):
            await officer_of(session, secret)
    async with till.runtime.engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM api_keys")).all()
    assert secret not in repr(rows)


async def test_a_holder_sees_only_their_own(till: Till) -> None:
    mine = (await till.signed(key_of("malee"), "GET", "/v1/me/pass")).json()
    assert (mine["pass"], mine["holder"]) == (2, key_of("malee").address)
    stranger = await till.signed(key_of("nobody"), "GET", "/v1/me/pass")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "unknown_pass")
    path = "/v1/merchants/1/takings"
    other = await till.signed(key_of("malee"), "GET", path)
    assert (other.status_code, other.json()["code"]) == (401, "signature_invalid")


async def test_a_signed_request_is_good_for_its_own_path_query_body_and_minute(
    till: Till,
) -> None:
    key, path = key_of("malee"), "/v1/me/redemptions?limit=5"
    good = await till.signature(key, "GET", path, b"")
    assert (await till.client.get(path, headers=good)).status_code == 200
    for other in ("/v1/me/redemptions?limit=6", "/v1/me/redemptions", "/v1/me/coupons"):
        assert (await till.client.get(other, headers=good)).status_code == 401
    now = await till.now()
    for at, expected in ((now - 50, 200), (now - 70, 401), (now + 70, 401), (now + 50, 200)):
        headers = await till.signature(key, "GET", path, b"", at=at)
        answer = await till.client.get(path, headers=headers)
        assert answer.status_code == expected, at - now
        if expected == 401:
            assert answer.json()["code"] == "request_expired"


@pytest.mark.parametrize("name", ["nakhon-address", "nakhon-signed-at", "nakhon-signature"])
@pytest.mark.parametrize(
    "value",
    ["", "0x", "0x00", "zz", "๑๒๓", "1e9", "-5", "9" * 400, "0x" + "00" * 64, "0x" + "ff" * 65],
)
async def test_a_mangled_header_is_refused_and_never_breaks_anything(
    till: Till, name: str, value: str
) -> None:
    headers: dict[str, Any] = await till.signature(key_of("malee"), "GET", "/v1/me/pass", b"")
    headers[name] = value.encode()
    answer = await till.client.get("/v1/me/pass", headers=headers)
    assert answer.status_code in {401, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def high_twin(r: bytes, vs: bytes) -> bytes:
    """The same signature with s in the upper half, in 65 bytes."""
    packed = int.from_bytes(vs, "big")
    parity, s = packed >> 255, packed & (2**255 - 1)
    return r + (ORDER - s).to_bytes(32, "big") + bytes([27 + (1 - parity)])


async def test_the_malleable_twin_of_a_request_signature_is_refused(till: Till) -> None:
    key: KeySigner = key_of("malee")
    now = await till.now()
    digest = request_digest(
        till.separator, method="GET", path="/v1/me/pass", body=b"", signed_at=now
    )
    r, vs = sign(digest, key.private_key)
    headers = {
        "nakhon-address": key.address,
        "nakhon-signed-at": str(now),
        "nakhon-signature": "0x" + high_twin(r, vs).hex(),
    }
    answer = await till.client.get("/v1/me/pass", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")


async def test_a_shop_follows_its_own_void_and_nobody_elses_orders(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    asked = (await till.void("ข้าวซอย", taken, 6_000)).json()["intent"]["id"]
    own = await till.signed(key_of("ข้าวซอย"), "GET", f"/v1/intents/{asked}")
    assert own.json()["status"] == "queued"
    order = await till.post("/v1/campaigns/1/pause", role="guardian")
    path = f"/v1/intents/{order.json()['intent']['id']}"
    assert (await till.signed(key_of("ข้าวซอย"), "GET", path)).status_code == 404
