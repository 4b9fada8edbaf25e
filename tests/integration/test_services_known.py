"""What the till keeps of the index in memory: never of another block than the one it judges at."""

from typing import Any

from sqlalchemy import event

from ledger.domain.clock import STEP_SECONDS
from tests.integration.till import Till

STATEMENTS_MAX = 14
"""Of a pass's first redemption on PostgreSQL; BEGIN and COMMIT are not among them."""


def code_of(answer: Any) -> str:
    return str(answer.json().get("code"))


async def test_a_shop_that_the_till_knows_as_active_is_refused_once_it_is_suspended(
    till: Till,
) -> None:
    taken = await till.pay("somchai", 1, 12_000, 6_000)
    assert taken.status_code == 201, taken.text
    assert till.runtime.known.merchants.keys() == {1}
    body = {"status": "suspended", "reason": "แลกคูปองเป็นเงินสด"}
    await till.order("registrar", "/v1/merchants/1/status", body)
    refused = await till.pay("malee", 1, 12_000, 6_000)
    assert refused.status_code == 422, refused.text
    assert "merchant" in code_of(refused)


async def test_a_campaign_that_the_till_knows_as_open_is_refused_once_it_is_paused(
    till: Till,
) -> None:
    assert (await till.pay("somchai", 1, 12_000, 6_000)).status_code == 201
    assert till.runtime.known.campaigns.keys() == {1}
    await till.order("guardian", "/v1/campaigns/1/pause")
    # What was signed before the pause is still taken: two steps later is after it.
    await till.sleep_until(await till.now() + 2 * STEP_SECONDS)
    await till.sync()
    refused = await till.pay("malee", 1, 12_000, 6_000)
    assert refused.status_code == 422, refused.text
    assert "campaign" in code_of(refused)


async def test_what_was_known_of_a_block_that_a_reorg_replaced_is_forgotten(till: Till) -> None:
    await till.mine()
    await till.sync()
    snapshot = await till.gateway.rpc("evm_snapshot")
    body = {"status": "suspended", "reason": "แลกคูปองเป็นเงินสด"}
    await till.order("registrar", "/v1/merchants/1/status", body)
    assert (await till.pay("somchai", 1, 12_000, 6_000)).status_code == 422
    await till.gateway.rpc("evm_revert", [snapshot])
    await till.mine(3)
    await till.sync()
    taken = await till.pay("malee", 1, 12_000, 6_000)
    assert taken.status_code == 201, taken.text


async def test_a_redemption_by_a_known_shop_takes_few_statements(till: Till) -> None:
    assert (await till.pay("somchai", 1, 12_000, 6_000)).status_code == 201
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    signed_at = await till.step_now(1)
    event.listen(till.runtime.engine.sync_engine, "before_cursor_execute", note)
    taken = await till.pay("malee", 1, 12_000, 6_000, signed_at=signed_at)
    assert taken.status_code == 201, taken.text
    event.remove(till.runtime.engine.sync_engine, "before_cursor_execute", note)
    asked = [line for line in statements if not line.startswith("BEGIN")]
    assert len(asked) <= STATEMENTS_MAX, "\n".join(asked)
