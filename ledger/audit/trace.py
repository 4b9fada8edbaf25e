"""The story of a pass, a coupon, a shop, a campaign, a round or a redemption, by the chain."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ledger.audit.replay import Progress, chapters, silent
from ledger.audit.story_line import Line
from ledger.audit.story_lines import lines_of
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain.clock import step_of
from ledger.domain.hashing import address_bytes, checksum_address
from ledger.domain.projection import State, apply
from ledger.domain.redemption import redemption_id
from ledger.errors import InputInvalid, QrInvalid
from ledger.qr.codec import ReceiptCode, decode

REDEMPTION_PREFIX: Final = "rdm_"
_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_NUMBERED: Final = re.compile(r"(pass|merchant|campaign|round)[ :] *([0-9]{1,10})", re.ASCII)
_COUPON: Final = re.compile(r"coupon[ :] *([0-9]{1,10})[/ ]([0-9]{1,10})", re.ASCII)


class Subject(StrEnum):
    """Whose story is told."""

    PASS = "pass"
    MERCHANT = "merchant"
    CAMPAIGN = "campaign"
    ROUND = "round"
    COUPON = "coupon"
    TRANSACTION = "transaction"
    REDEMPTION = "redemption"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The subject of a story: a number, or an id. A coupon is that of pass `number` under
    `campaign`; a receipt is of what the pass signed at `signed_at`."""

    subject: Subject
    number: int = 0
    campaign: int = 0
    signed_at: int = 0
    id: str = ""

    @staticmethod
    def parse(text: str) -> "About":
        """Read `pass 12`, `merchant 3`, `campaign 1`, `round 2` (or with a colon), `coupon 1/12`
        (campaign, pass), a transaction's hash, `rdm_…`, or the text of a receipt's QR."""
        text = text.strip()
        if text.startswith(REDEMPTION_PREFIX):
            return About(subject=Subject.REDEMPTION, id=text.lower())
        if _HASH.fullmatch(text):
            return About(subject=Subject.TRANSACTION, id=text.lower())
        found = _NUMBERED.fullmatch(text)
        if found is not None:
            return About(subject=Subject(found[1]), number=int(found[2]))
        coupon = _COUPON.fullmatch(text)
        if coupon is not None:
            campaign, number = int(coupon[1]), int(coupon[2])
            return About(subject=Subject.COUPON, campaign=campaign, number=number)
        return _receipt(text)


def _receipt(text: str) -> About:
    try:
        code = decode(text).code
    except QrInvalid:
        code = None
    if not isinstance(code, ReceiptCode):
        raise InputInvalid(
            what="what to trace",
            why="pass N, merchant N, campaign N, round N, coupon CAMPAIGN/PASS, a transaction's "
            "hash, a redemption's id, or the text of a receipt's QR",
        )
    return About(
        subject=Subject.RECEIPT,
        campaign=code.campaign,
        number=code.pass_number,
        signed_at=code.signed_at,
    )


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
        case Subject.ROUND:
            return line.round == about.number
        case Subject.COUPON:
            return (line.campaign, line.pass_number) == (about.campaign, about.number)
        case Subject.RECEIPT:
            signed = (line.campaign, line.pass_number, line.signed_at)
            return signed == (about.campaign, about.number, about.signed_at)
        case Subject.TRANSACTION:
            return line.tx_hash == about.id
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
