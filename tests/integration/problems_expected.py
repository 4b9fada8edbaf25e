"""What every test of hostile input asks of an answer, and of the database behind it."""

from typing import Any

from ledger.domain.redemption import SignedRedemption
from tests.integration.till import Till, key_of

ZERO = "0x" + "00" * 20


async def expect_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    for field in ("type", "title", "detail", "detail_th", "detail_en", "action_th", "action_en"):
        assert problem[field], field
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem


async def rows(till: Till, table: str) -> int:
    async with till.runtime.engine.connect() as connection:
        counted = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
        return int(counted.scalar_one())


async def charge(till: Till, **changes: Any) -> dict[str, Any]:
    message = SignedRedemption(
        campaign=1, merchant=1, bill=12_000, amount=6_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = till.charge_body(key_of("somchai"), message)
    return body | changes
