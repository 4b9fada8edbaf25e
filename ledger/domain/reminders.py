"""Reminders: which deadline a coupon is about to miss, and the few words that say so.

A Thai text message holds 70 UTF-16 units in UCS-2 and costs another message beyond; an English one
holds 160 letters. A text that would not fit with the campaign's name says its number instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.domain.amounts import brief_baht
from ledger.domain.campaign import Terms
from ledger.domain.clock import english_date, thai_date
from ledger.domain.hashing import keccak
from ledger.domain.ids import ENTROPY_BYTES, make_id
from ledger.domain.policy_document import Name
from ledger.domain.usage import Usage

THAI_UNITS_MAX: Final = 70
ENGLISH_LETTERS_MAX: Final = 160


class MessageStatus(StrEnum):
    """Where a message is. What failed is tried again; what was sent stays so."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


NEXT: Final[dict[MessageStatus, frozenset[MessageStatus]]] = {
    MessageStatus.QUEUED: frozenset({MessageStatus.SENT, MessageStatus.FAILED}),
    MessageStatus.FAILED: frozenset({MessageStatus.SENT, MessageStatus.FAILED}),
    MessageStatus.SENT: frozenset(),
}
assert NEXT.keys() == set(MessageStatus), "every status needs a row"


class Template(StrEnum):
    """What a message is about."""

    FIRST_USE = "first_use"
    ENDING = "ending"


TEXTS: Final[dict[Template, tuple[str, str]]] = {
    Template.FIRST_USE: (
        "คูปอง{name} ใช้ครั้งแรกภายใน {due_th}",
        "Coupon {name}: use it for the first time by {due_en}, or it is lost.",
    ),
    Template.ENDING: (
        "คูปอง{name} เหลือ {left} บ. ใช้ก่อน {due_th}",
        "Coupon {name}: {left} baht left, to be used before {due_en}.",
    ),
}
assert TEXTS.keys() == set(Template), "every template needs its words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One message for one pass. `due` is the deadline it is about; `left` what would be lost."""

    campaign: int
    pass_number: int
    template: Template
    due: int
    left: int

    @property
    def id(self) -> str:
        """The same for the same deadline of the same pass, whoever makes it and however often."""
        named = f"nakhon message 1 {self.campaign} {self.pass_number} {self.template} {self.due}"
        return make_id("msg", keccak(named.encode())[:ENTROPY_BYTES])


def reminder_due(
    campaign: int, terms: Terms, pass_number: int, usage: Usage, *, now: int, until: int
) -> Reminder | None:
    """Return the reminder a pass needs of a deadline after `now` and not after `until`, or None.

    A coupon never used is reminded of its first-use deadline; past that it is lost, and nothing is
    said. One with something left is reminded of the end.
    """
    left = terms.allowance - usage.spent_total
    first = terms.first_use_by
    if left <= 0 or (first and usage.last_step == 0 and now > first):
        return None
    if first and usage.last_step == 0 and first <= until:
        template, due = Template.FIRST_USE, first
    elif now < terms.ends <= until:
        template, due = Template.ENDING, terms.ends
    else:
        return None
    return Reminder(
        campaign=campaign, pass_number=pass_number, template=template, due=due, left=left
    )


def reminder_texts(reminder: Reminder, name: Name | None) -> tuple[str, str]:
    """Return the Thai and the English text, each within its one message."""
    th, en = TEXTS[reminder.template]
    figures = {
        "left": brief_baht(reminder.left),
        "due_th": thai_date(reminder.due),
        "due_en": english_date(reminder.due),
    }
    thai = th.format(name=" " + str(reminder.campaign), **figures)
    english = en.format(name=str(reminder.campaign), **figures)
    if name is not None:
        named = th.format(name=f"“{name.th}”", **figures)
        thai = named if thai_units(named) <= THAI_UNITS_MAX else thai
        named = en.format(name=name.en, **figures)
        fits = named.isascii() and named.isprintable() and len(named) <= ENGLISH_LETTERS_MAX
        english = named if fits else english
    return thai, english


def thai_units(text: str) -> int:
    """Return how many of a message's UCS-2 units a text takes."""
    return len(text.encode("utf-16-be")) // 2
