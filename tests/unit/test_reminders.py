"""Reminders: whom a deadline threatens, words that fit one message, and files that come whole."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ledger.domain.policy import policy_terms
from ledger.domain.policy_document import Name
from ledger.domain.reminders import (
    ENGLISH_LETTERS_MAX,
    THAI_UNITS_MAX,
    Reminder,
    Template,
    reminder_due,
    reminder_texts,
    thai_units,
)
from ledger.domain.usage import Usage
from ledger.services.messages import BATCH, FileAdapter, Message, Outcome, deliver
from tests.unit.cli_teller import answering, ended
from tests.unit.replayed import DAY, STARTS, policy
from wallet_cli.exit_codes import ExitCode

TERMS = policy_terms(policy(first_use_by="2025-11-10T23:00:00+07:00"), "0x" + "11" * 20)
FIRST, ENDS = TERMS.first_use_by, TERMS.ends
LONGEST_DATE = 4_078_659_540
"""31 March 2099, 23:59: the last year a policy may name, and a month of five letters."""


def due(usage: Usage, now: int, days: int = 3) -> Template | None:
    found = reminder_due(1, TERMS, 7, usage, now=now, until=now + days * DAY)
    return None if found is None else found.template


def test_an_unused_coupon_is_reminded_of_its_first_use_until_that_is_too_late() -> None:
    assert due(Usage(), FIRST - 3 * DAY - 1) is None
    assert due(Usage(), FIRST - 3 * DAY) is Template.FIRST_USE
    assert due(Usage(), FIRST) is Template.FIRST_USE
    assert due(Usage(), FIRST + 1) is None
    assert due(Usage(), ENDS - DAY) is None


def test_a_coupon_with_something_left_is_reminded_of_the_end() -> None:
    used = Usage(last_step=1, spent_total=TERMS.allowance - 1)
    assert due(used, FIRST - DAY) is None
    assert due(used, ENDS - 3 * DAY - 1) is None
    assert due(used, ENDS - 3 * DAY) is Template.ENDING
    assert due(used, ENDS) is None
    assert due(replace(used, spent_total=TERMS.allowance), ENDS - DAY) is None


def test_without_a_first_use_deadline_the_unused_are_reminded_of_the_end() -> None:
    plain = replace(TERMS, first_use_by=0)
    found = reminder_due(1, plain, 7, Usage(), now=ENDS - 1, until=ENDS + DAY)
    assert found is not None
    assert (found.template, found.due, found.left) == (Template.ENDING, ENDS, TERMS.allowance)


@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize("left", [1, 100, 16_777_215])
@pytest.mark.parametrize("at", [STARTS, LONGEST_DATE])
@pytest.mark.parametrize("letters", [0, 1, 12, 30, 120])
def test_every_text_fits_one_message_with_its_longest_figures(
    template: Template, left: int, at: int, letters: int
) -> None:
    reminder = Reminder(
        campaign=2**32 - 1, pass_number=2**32 - 1, template=template, due=at, left=left
    )
    name = Name(th="ฏ" * letters, en="W" * letters) if letters else None
    th, en = reminder_texts(reminder, name)
    assert thai_units(th) <= THAI_UNITS_MAX, th
    assert len(en) <= ENGLISH_LETTERS_MAX and en.isascii(), en
    assert str(reminder.campaign) in th or (name and name.th in th)


def test_a_short_name_is_said_and_a_long_one_gives_way_to_the_number() -> None:
    reminder = Reminder(campaign=7, pass_number=1, template=Template.ENDING, due=ENDS, left=5_050)
    th, en = reminder_texts(reminder, Name(th="ข้าวเที่ยง", en="Lunch"))
    assert th == "คูปอง“ข้าวเที่ยง” เหลือ 50.50 บ. ใช้ก่อน 31 ธ.ค. 2568 23:00 น."
    assert en == "Coupon Lunch: 50.50 baht left, to be used before 31 Dec 2025 23:00."
    th, en = reminder_texts(reminder, Name(th="ก" * 50, en="Café"))
    assert th.startswith("คูปอง 7 ") and en.startswith("Coupon 7:")


def test_a_letter_beyond_the_basic_plane_counts_as_two() -> None:
    assert thai_units("ก😀") == 3


def test_a_message_has_one_id_for_its_pass_and_deadline() -> None:
    reminder = Reminder(campaign=1, pass_number=2, template=Template.ENDING, due=3, left=4)
    assert reminder.id == replace(reminder, left=9).id
    others = [replace(reminder, **{name: 9}) for name in ("campaign", "pass_number", "due")]
    others.append(replace(reminder, template=Template.FIRST_USE))
    assert len({each.id for each in (reminder, *others)}) == 5


# The doors


def message(number: int) -> Message:
    return Message(
        id=f"msg_{number:024d}", campaign=1, pass_number=number, template="ending", due=ENDS,
        text_th="คูปอง", text_en="Coupon",
    )  # fmt: skip


@dataclass
class Waiting:
    """An outbox in memory; `dies` before it can be told anything."""

    messages: list[Message]
    dies: bool = False
    marked: list[Outcome] = field(default_factory=list)

    async def waiting(self, most: int) -> Sequence[Message]:
        sent = {each.id for each in self.marked if each.sent}
        return [each for each in self.messages if each.id not in sent][:most]

    async def mark(self, outcomes: Sequence[Outcome]) -> None:
        if self.dies:
            raise ConnectionError
        self.marked += outcomes


async def test_a_crash_before_the_mark_sends_the_same_ids_in_the_same_file(tmp_path: Path) -> None:
    outbox = Waiting([message(number) for number in range(3)], dies=True)
    with pytest.raises(ConnectionError):
        await deliver(outbox, FileAdapter(tmp_path))
    (first,) = tmp_path.iterdir()
    before = first.read_bytes()
    outbox.dies = False
    done = await deliver(outbox, FileAdapter(tmp_path))
    assert (done.sent, done.failed) == (3, 0)
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
    assert first.read_bytes() == before
    assert [json.loads(line)["id"] for line in before.splitlines()] == [
        each.id for each in outbox.messages
    ]


async def test_many_messages_leave_in_batches_each_once(tmp_path: Path) -> None:
    outbox = Waiting([message(number) for number in range(2 * BATCH + 1)])
    done = await deliver(outbox, FileAdapter(tmp_path))
    assert done.sent == 2 * BATCH + 1
    lines = [path.read_text().splitlines() for path in tmp_path.iterdir()]
    ids = [json.loads(line)["id"] for line in itertools.chain(*lines)]
    assert len(ids) == len(set(ids)) == 2 * BATCH + 1


async def test_a_directory_that_cannot_be_written_fails_each_message_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outbox = Waiting([message(1)])
    done = await deliver(outbox, FileAdapter(tmp_path / "file"))
    assert (done.sent, done.failed) == (0, 1)
    assert outbox.marked[0].why


# The commands


def told(number: int) -> dict[str, object]:
    return {
        "id": f"msg_{number:024d}", "campaign": 1, "pass": number, "template": "ending",
        "due": ENDS, "th": "คูปอง", "en": "Coupon", "status": "queued", "attempts": 0,
    }  # fmt: skip


def answer(value: object) -> tuple[int, bytes]:
    return 200, json.dumps(value).encode()


def test_an_officer_queues_lists_and_sends(tmp_path: Path) -> None:
    with answering() as teller:
        officer = {"NAKHON_API_URL": teller.url, "NAKHON_KEY": "nk_x"}
        reminded = {"campaign": 1, "due": 5, "queued": 4, "until": ENDS}
        teller.answers["/v1/campaigns/1/remind"] = answer(reminded)
        code, out, _ = ended(["campaign", "remind", "1", "--days", "2", "-o", "json"], **officer)
        assert (code, json.loads(out)) == (ExitCode.OK, reminded)
        assert json.loads(teller.asked[-1][3]) == {"days": 2}

        page = {"items": [told(1), told(2)], "next": None}
        teller.answers["/v1/messages?status=queued&limit=200"] = answer(page)
        code, out, _ = ended(["messages", "list", "--status", "queued", "-o", "ndjson"], **officer)
        assert [json.loads(line)["pass"] for line in out.splitlines()] == [1, 2]

        teller.answers["/v1/messages?status=waiting&limit=200"] = answer(page)
        teller.answers["/v1/messages/outcomes"] = answer({"marked": 2})
        code, out, _ = ended(
            ["messages", "send", "--to", str(tmp_path / "out"), "-o", "json"], **officer
        )
        assert (code, json.loads(out)) == (ExitCode.OK, {"sent": 2, "failed": 0})
        marks = [body for _, path, _, body in teller.asked if path == "/v1/messages/outcomes"]
        assert [each["sent"] for each in json.loads(marks[0])["outcomes"]] == [True, True]
        (file,) = (tmp_path / "out").iterdir()
        assert len(file.read_text().splitlines()) == 2

        (tmp_path / "file").write_text("")
        code, _, err = ended(["messages", "send", "--to", str(tmp_path / "file")], **officer)
        assert code is ExitCode.MACHINE and "messages_unsent" in err
