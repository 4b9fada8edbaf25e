"""One line of a story, as a person reads it."""

from dataclasses import dataclass

from ledger.audit.findings import Words
from ledger.audit.replay import Told
from ledger.domain.clock import english_date, thai_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened, when, and to whom."""

    at: int
    block: int
    tx_hash: str
    th: str
    en: str
    campaign: int | None = None
    pass_number: int | None = None
    merchant: int | None = None
    signed_at: int | None = None
    round: int | None = None

    @property
    def date_th(self) -> str:
        """When, as people in Thailand write it."""
        return thai_date(self.at)

    @property
    def date_en(self) -> str:
        """When, in English, Bangkok time."""
        return english_date(self.at)


def line_of(told: Told, words: Words, **about: int | None) -> Line:
    """A line about an event; `about` are the numbers it concerns."""
    return Line(
        at=told.block.time,
        block=told.block.number,
        tx_hash=told.tx_hash,
        th=words.th,
        en=words.en,
        **about,
    )
