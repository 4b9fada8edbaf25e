"""The log leads from a customer's question to the block: request, redemption, transaction."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from ledger.log_lines import SAID_MAX, JsonLines, OnceAMinute, write_log
from tests.integration.till import Till


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream, logger = io.StringIO(), logging.getLogger("nakhon")
    level = logger.level
    handler = write_log(stream)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_ids_lead_from_the_request_to_the_redemption_and_its_transaction(
    till: Till, written: io.StringIO
) -> None:
    answer = await till.pay("somchai", 1, 2_000, 1_000)
    refused = await till.pay("nobody", 1, 2_000, 1_000)
    await till.turn()
    told = lines(written)
    (accepted,) = [line for line in told if line.get("redemption") == answer.json()["id"]]
    assert accepted["request"] == answer.headers["x-request-id"]
    assert accepted["level"] == "info" and accepted["time"].endswith("+00:00")
    (no,) = [line for line in told if line.get("request") == refused.headers["x-request-id"]]
    assert (no["text"], no["code"]) == ("refused", refused.json()["code"])
    (signed,) = [line for line in told if answer.json()["id"] in line.get("redemptions", ())]
    receipt = await till.gateway.receipt(signed["transaction"])
    assert receipt is not None and int(receipt["status"], 16) == 1


async def test_a_line_says_what_was_raised_and_names_nobody(
    till: Till, written: io.StringIO
) -> None:
    await till.pay("somchai", 1, 2_000, 1_000)
    try:
        raise RuntimeError("หยุด")
    except RuntimeError:
        logging.getLogger("nakhon.test").exception("a defect")
    (broken,) = [line for line in lines(written) if line["logger"] == "nakhon.test"]
    assert broken["level"] == "error" and "RuntimeError: หยุด" in broken["error"]
    holder = (await till.client.get("/v1/passes/1", headers=till.named("registrar"))).json()
    assert holder["holder"] not in written.getvalue()


def test_an_alarm_that_repeats_is_written_once_a_minute_and_says_how_often_it_was_not() -> None:
    stream, once = io.StringIO(), OnceAMinute()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(once)

    def say(level: int, text: str, at: float) -> None:
        record = logging.LogRecord("nakhon.test", level, "", 0, text, None, None)
        record.created = at
        handler.handle(record)

    for tick in range(300):
        say(logging.ERROR, "alarm: the fee is too high", 1_000 + tick / 5)
        say(logging.INFO, "accepted", 1_000 + tick / 5)
    say(logging.ERROR, "alarm: another", 1_001)
    say(logging.ERROR, "alarm: the fee is too high", 1_060)
    told = lines(stream)
    alarms = [(line["text"], line.get("repeated")) for line in told if line["level"] == "error"]
    assert alarms == [
        ("alarm: the fee is too high", None),
        ("alarm: another", None),
        ("alarm: the fee is too high", 299),
    ]
    assert len(told) == 3 + 300
    for number in range(SAID_MAX + 10):
        say(logging.ERROR, f"alarm: {number}", 2_000)
    assert len(once._said) <= SAID_MAX
