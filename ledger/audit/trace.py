"""The story of one pass, merchant, campaign or redemption, as the chain tells it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ledger.audit.replay import Progress, chapters, silent
from ledger.audit.story_lines import Line, lines_of
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain.clock import step_of
from ledger.domain.hashing import address_bytes, checksum_address
from ledger.domain.projection import State, apply
from ledger.domain.redemption import redemption_id
from ledger.errors import InputInvalid

REDEMPTION_PREFIX: Final = "rdm_"


class Subject(StrEnum):
    """Whose story is told."""

    PASS = "pass"
    MERCHANT = "merchant"
    CAMPAIGN = "campaign"
    REDEMPTION = "redemption"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The subject of a story: a number, or the id of a redemption."""

    subject: Subject
    number: int = 0
    id: str = ""

    @staticmethod
    def parse(text: str) -> "About":
        """Read `pass 12`, `merchant 3`, `campaign 1` (or with a colon), or `rdm_…`."""
        if text.startswith(REDEMPTION_PREFIX):
            return About(subject=Subject.REDEMPTION, id=text.lower())
        kind, _, number = text.replace(":", " ").strip().partition(" ")
        if kind not in set(Subject) - {Subject.REDEMPTION} or not number.strip().isdecimal():
            raise InputInvalid(
                what="what to trace", why="pass N, merchant N, campaign N, or a redemption's id"
            )
        return About(subject=Subject(kind), number=int(number))


@dataclass(slots=True, kw_only=True)
class Trace:
    """A story, in the chain's order. No lines: the chain does not know the subject."""

    about: About
    lines: list[Line] = field(default_factory=list)
    state: State = field(default_factory=State)


async def trace(
    gateway: Gateway,
    deployment: Deployment,
    about: About,
    *,
    until: int | None = None,
    progress: Progress = silent,
) -> Trace:
    """Read the chain and keep what concerns the subject. Raises NodeLied as `verify` does."""
    story = Trace(about=about)
    async for chapter in chapters(gateway, deployment, until=until, progress=progress):
        for told in chapter.told:
            apply(story.state, told.event, told.block)
            for line in lines_of(told, story.state):
                if concerns(line, about, story.state, deployment.domain_separator):
                    story.lines.append(line)
        story.state.head = chapter.last
    return story


def concerns(line: Line, about: About, state: State, separator: bytes) -> bool:
    """Whether a line is part of the subject's story."""
    match about.subject:
        case Subject.PASS:
            return line.pass_number == about.number
        case Subject.MERCHANT:
            return line.merchant == about.number
        case Subject.CAMPAIGN:
            return line.campaign == about.number
        case Subject.REDEMPTION:
            return id_of(line, state, separator) == about.id


def id_of(line: Line, state: State, separator: bytes) -> str | None:
    """The id of the redemption that a line is about; None for lines about something else."""
    if line.pass_number is None or line.campaign is None or line.signed_at is None:
        return None
    starts = state.campaigns[line.campaign].terms.starts
    step = step_of(starts, line.signed_at)
    return redemption_id(separator, line.campaign, line.pass_number, step)


def pass_of_address(state: State, text: str) -> int:
    """The number of the pass that an address holds; 0 for none. InputInvalid for no address."""
    return state.holders.get(checksum_address(address_bytes(text)), 0)
