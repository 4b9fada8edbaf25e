"""`nakhon campaign remind` and `nakhon messages`: who is told of a deadline, and how it leaves."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.arguments import CampaignNumber
from wallet_cli.command import Takes, command, group
from wallet_cli.commands.campaign import app as campaigns
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

if TYPE_CHECKING:
    from ledger.services.messages import Message, Outcome
    from wallet_cli.client import CityClient

app = group(
    th="ข้อความถึงผู้ถือบัตร: ดูที่รอส่ง และส่งออกเป็นไฟล์ (เจ้าหน้าที่)",
    en="messages for holders of passes: see what waits, send it as files (officers)",
)

_OFFICER: Final = Takes.CITY | Takes.OFFICER | Takes.OUTPUT

_REMINDED: Final = (
    Column("campaign", "โครงการ", "Campaign"),
    Column("until", "กำหนดภายใน", "Deadlines until", Kind.TIME),
    Column("due", "บัตรที่ใกล้พ้นกำหนด", "Passes with a deadline"),
    Column("queued", "ข้อความใหม่", "New messages"),
)
_MESSAGES: Final = (
    Column("id", "ข้อความ", "Message"),
    Column("pass", "บัตรสมาชิก", "Pass"),
    Column("campaign", "โครงการ", "Campaign"),
    Column("template", "เรื่อง", "About"),
    Column("due", "กำหนด", "Deadline", Kind.TIME),
    Column("status", "สถานะ", "Status"),
    Column("th", "ไทย", "Thai"),
    Column("en", "อังกฤษ", "English"),
    Column("why", "เหตุที่ส่งไม่ได้", "Why it failed"),
)
_SENT: Final = (
    Column("sent", "ส่งแล้ว", "Sent"),
    Column("failed", "ส่งไม่ได้", "Failed"),
)


class Status(StrEnum):
    """Which messages to list."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@command(
    campaigns,
    "remind",
    th="เตรียมข้อความเตือนผู้ที่ยังไม่ใช้คูปองและใกล้พ้นกำหนด ไม่มีข้อความซ้ำสำหรับกำหนดเดียวกัน",
    en="Queue reminders for coupons whose deadline is near; never twice for one deadline.",
    example="nakhon campaign remind 1 --days 3",
    takes=_OFFICER,
)
def remind(
    desk: Desk,
    number: CampaignNumber,
    days: Annotated[
        int,
        typer.Option(
            "--days", min=1, max=60, help=both("กำหนดภายในกี่วัน", "deadlines within so many days")
        ),
    ] = 3,
) -> None:
    with desk.officer() as client:
        answer = client.post(f"/v1/campaigns/{number}/remind", {"days": days})
    desk.printer.record(_REMINDED, answer)


@command(
    app,
    "list",
    th="ดูข้อความที่รอส่ง ส่งแล้ว หรือส่งไม่ได้",
    en="List messages: queued, sent or failed.",
    example="nakhon messages list --status queued",
    takes=_OFFICER,
)
def list_(
    desk: Desk,
    status: Annotated[
        Status | None, typer.Option("--status", help=both("เฉพาะสถานะนี้", "only these"))
    ] = None,
) -> None:
    with desk.officer() as client:
        query = None if status is None else status.value
        desk.printer.rows(_MESSAGES, list(client.items("/v1/messages", status=query)))


@command(
    app,
    "send",
    th="ส่งข้อความที่รอออกเป็นไฟล์ NDJSON ในโฟลเดอร์ แล้วบันทึกว่าส่งแล้ว ข้อความเดิมใช้รหัสเดิมเสมอ",
    en="Write waiting messages into NDJSON files of a directory and mark them as sent; a message "
    "keeps its id if it ever leaves twice.",
    example="nakhon messages send --to outgoing",
    takes=_OFFICER,
)
def send(
    desk: Desk,
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help=both("โฟลเดอร์ปลายทาง", "the directory"))
    ],
) -> None:
    import asyncio

    from ledger.services.messages import FileAdapter, deliver

    with desk.officer() as client:
        done = asyncio.run(deliver(_CityOutbox(client), FileAdapter(to)))
    desk.printer.record(_SENT, {"sent": done.sent, "failed": done.failed})
    if done.failed:
        raise failure(
            ExitCode.MACHINE,
            "messages_unsent",
            th=f"ส่งไม่ได้ {done.failed} ข้อความ จะลองใหม่ในครั้งหน้า",
            en=f"{done.failed} messages could not be sent; the next run tries them again",
        )


class _CityOutbox:
    """The outbox of a city behind its API."""

    def __init__(self, client: "CityClient") -> None:
        self._client = client

    async def waiting(self, most: int) -> "Sequence[Message]":
        """Messages to be sent."""
        from ledger.services.messages import Message

        page = self._client.get("/v1/messages", status="waiting", limit=most)
        return [
            Message(
                id=each["id"],
                campaign=each["campaign"],
                pass_number=each["pass"],
                template=each["template"],
                due=each["due"],
                text_th=each["th"],
                text_en=each["en"],
            )
            for each in page["items"]
        ]

    async def mark(self, outcomes: "Sequence[Outcome]") -> None:
        """Tell the city what became of them."""
        told: list[dict[str, Any]] = [
            {"id": each.id, "sent": each.sent, "why": each.why[:200]} for each in outcomes
        ]
        self._client.post("/v1/messages/outcomes", {"outcomes": told})
