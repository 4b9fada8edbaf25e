"""Orders an officer gives: sent, followed to the chain, and shown with what came of them."""

from typing import TYPE_CHECKING, Final

from wallet_cli.desk import Desk
from wallet_cli.output import Column, JsonObject, Kind

if TYPE_CHECKING:
    from wallet_cli.client import CityClient

COLUMNS: Final = (
    Column("id", "คำสั่ง", "Order"),
    Column("kind", "ชนิด", "Kind"),
    Column("status", "สถานะ", "Status"),
    Column("result", "ผล", "Result"),
    Column("tx_hash", "ธุรกรรม", "Transaction"),
    Column("created_at", "เมื่อ", "At", Kind.TIME),
)


def follow(desk: Desk, client: "CityClient", answer: JsonObject) -> None:
    """Wait for every intent of an answer and print them. A failed one ends the command.

    What was still on its way when the time was up is printed with its present status.
    """
    intents = list(answer.get("intents") or [answer["intent"]])
    with desk.progress("รอเชน", "Waiting for the chain", len(intents)) as advance:
        for position, intent in enumerate(intents):
            intents[position] = client.settled(intent, desk.options.wait_seconds)
            advance(position + 1)
    if len(intents) == 1:
        desk.printer.record(COLUMNS, intents[0])
    else:
        desk.printer.rows(COLUMNS, intents)
    if any(intent["status"] in {"queued", "sent"} for intent in intents):
        desk.printer.note(
            "รับคำสั่งแล้ว ยังไม่ขึ้นเชน", "the order is kept; the chain does not have it yet"
        )
