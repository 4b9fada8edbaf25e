"""Is a receipt the city's own word, and was it kept? Judged from the chain alone.

The same questions in the same order, and the same answers, as `api/web/static/verify_receipt.js`;
docs/receipts.md tells what each answer proves. Here the whole chain is read and held to itself, so
a node that leaves out a log is caught (NodeLied) before it can make an omission look like one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from ledger.audit.findings import Words
from ledger.audit.replay import Progress, chapters, silent
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain import events
from ledger.domain.anchors import REDEMPTION, DayTree, Leaf, leaves_of
from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, bangkok_day
from ledger.domain.hashing import checksum_address
from ledger.domain.merkle import root_from
from ledger.domain.settlement_events import DayAnchored
from ledger.domain.signatures import recover_raw
from ledger.domain.typed_data import receipt_digest
from ledger.errors import InputInvalid, LedgerError, SignatureInvalid
from ledger.qr.codec import ReceiptCode, decode

PROMISED_SECONDS: Final = 7 * DAY_SECONDS + 900
"""From signing on: the seven days in which anybody may bring it to the chain, and 15 minutes."""

CLOCK_SECONDS: Final = 60
SEQUENCER_ROLE: Final = 6
_FIELDS: Final = (
    "campaign", "pass", "merchant", "bill", "amount", "copay", "signed_at", "accepted_at",
)  # fmt: skip
_FIGURES: Final = ("merchant", "bill", "amount", "copay")


SENTENCES: Final[dict[str, Words]] = {
    "proven": Words(
        th="ใบรับนี้เป็นของเมืองจริง และอยู่ในบัญชีที่ประทับไว้ของวันที่ {date}",
        en="The receipt is the city’s own, and it stands in the anchored books of {date}.",
    ),
    "altered": Words(
        th="ใบรับนี้ถูกแก้ไข หรือไม่ใช่ของเมืองนี้: {part}",
        en="The receipt was altered, or is not this city’s: {part}.",
    ),
    "contradicted": Words(
        th="เมืองนำรายการนี้ขึ้นเชนด้วย {part} ที่ต่างจากใบรับซึ่งเมืองลงลายเซ็นไว้",
        en="The city brought this to the chain with another {part} than it signed for.",
    ),
    "omitted": Words(
        th="ตกหล่น: เมืองลงลายเซ็นรับแล้วแต่ไม่นำขึ้นเชน และหมดเวลาแล้ว "
        "ใบรับนี้เป็นหลักฐานว่าเมืองสัญญากับร้าน {merchant} ไว้ {owed} สตางค์",
        en="Omission: the city signed for this and did not bring it to the chain, and its time is "
        "over. The receipt proves that the city promised merchant {merchant} {owed} satang.",
    ),
    "anchor_missing": Words(
        th="บัญชีของวันที่ {date} ไม่เคยถูกประทับ ทั้งที่ประทับวันหลังจากนั้นแล้ว",
        en="The books of {date} were never anchored, and those of a later day were.",
    ),
    "anchor_differs": Words(
        th="สิ่งที่โหนดเล่าของวันที่ {date} ไม่ตรงกับที่ประทับไว้: โหนดปิดบัง หรือที่ประทับไว้เป็นเท็จ",
        en="What the node tells of {date} is not what was anchored: the node hides something, or "
        "the anchor is false.",
    ),
    "not_anchored": Words(
        th="รายการอยู่บนเชนแล้ว แต่บัญชีของวันที่ {date} ยังไม่ถูกประทับ",
        en="It is on the chain; the books of {date} are not anchored yet.",
    ),
    "not_yet": Words(
        th="ยังไม่อยู่บนเชน และยังไม่หมดเวลา ตรวจอีกครั้งหลัง {until}",
        en="It is not on the chain yet and its time is not over: ask again after {until}.",
    ),
}
"""Thai and English for every verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptVerdict:
    """What became of a receipt. `part` names what was altered, contradicted, or why it is late;
    `figures` fill the sentences."""

    code: str
    part: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def th(self) -> str:
        """The verdict in Thai."""
        return SENTENCES[self.code].th.format(part=self.part, **self.figures)

    @property
    def en(self) -> str:
        """The verdict in English."""
        return SENTENCES[self.code].en.format(part=self.part, **self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFile:
    """What a file holds: the signed receipt, the city's tag where a QR told it, what the JSON
    around it says besides, and the path where there is one."""

    code: ReceiptCode
    tag: bytes | None
    told: Mapping[str, Any]
    path: Mapping[str, Any] | None

    def written(self) -> dict[str, str]:
        """The receipt's fields as the JSON of the API spells them."""
        values = {name: str(self.figure(name)) for name in _FIELDS}
        signature = "0x" + self.code.r.hex() + self.code.vs.hex()
        return values | {"policy": "0x" + self.code.policy.hex(), "signature": signature}

    def figure(self, name: str) -> int:
        """A field by its name in JSON."""
        return int(getattr(self.code, "pass_number" if name == "pass" else name))

    @property
    def leaf(self) -> Leaf:
        """The leaf the receipt promises."""
        code = self.code
        return Leaf(
            kind=REDEMPTION,
            campaign=code.campaign,
            pass_number=code.pass_number,
            merchant=code.merchant,
            bill=code.bill,
            amount=code.amount,
            copay=code.copay,
            signed_at=code.signed_at,
        )


def read_receipt_file(text: str) -> ReceiptFile:
    """Read a QR's text, or the JSON of `/v1/receipts/…` or `/v1/receipts/…/path`.

    Raises InputInvalid (or QrInvalid) for a text that is no receipt at all.
    """
    if not text.strip().startswith("{"):
        code, tag = _of_qr(text.strip())
        return ReceiptFile(code=code, tag=tag, told={}, path=None)
    try:
        document = orjson.loads(text)
        told = document.get("receipt", document)
        code, found = _of_qr(told["qr"]) if "qr" in told else (_of_fields(told), None)
        return ReceiptFile(code=code, tag=found, told=told, path=document.get("path"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputInvalid(what="receipt", why="neither its JSON nor the text of its QR") from error


def _of_qr(text: str) -> tuple[ReceiptCode, bytes]:
    scanned = decode(text)
    if not isinstance(scanned.code, ReceiptCode):
        raise InputInvalid(what="receipt", why="the QR is no receipt")
    return scanned.code, scanned.tag


def _of_fields(told: Mapping[str, Any]) -> ReceiptCode:
    signature = bytes.fromhex(told["signature"].removeprefix("0x"))
    values = {name: int(told[name]) for name in _FIELDS}
    values["pass_number"] = values.pop("pass")
    return ReceiptCode(
        policy=bytes.fromhex(told["policy"].removeprefix("0x")),
        r=signature[:32],
        vs=signature[32:],
        **values,
    )


@dataclass(slots=True, kw_only=True)
class ReceiptFacts:
    """What the chain says about the days a receipt can stand in."""

    days: range
    now: int = 0
    starts: dict[int, int] = field(default_factory=dict)
    trees: dict[int, DayTree] = field(default_factory=dict)
    anchored: dict[int, DayAnchored] = field(default_factory=dict)
    roles: list[tuple[int, str, bool]] = field(default_factory=list)

    def take(self, event: events.Event, time: int) -> None:
        """Take in one event of a block of this time."""
        match event:
            case events.CampaignDrafted():
                self.starts[event.campaign] = event.terms.starts
            case DayAnchored():
                self.anchored[event.day] = event
            case events.RoleGranted(role_id=role) if role == SEQUENCER_ROLE:
                self.roles.append((event.since, event.account, True))
            case events.RoleRevoked(role_id=role) if role == SEQUENCER_ROLE:
                self.roles.append((time, event.account, False))
            case events.Redeemed() | events.Voided() if bangkok_day(event.at) in self.days:
                day = bangkok_day(event.at)
                tree = self.trees.setdefault(day, DayTree(day=day))
                tree.leaves.extend(leaves_of(event, self.starts))
            case _:
                pass

    def sequencer_at(self, account: str, when: int) -> bool:
        """Whether an account might order redemptions at a time."""
        turns = [
            granted
            for since, held, granted in self.roles
            if held == account and since <= when + CLOCK_SECONDS
        ]
        return bool(turns) and turns[-1]


async def check_receipt(
    gateway: Gateway,
    deployment: Deployment,
    file: ReceiptFile,
    *,
    progress: Progress = silent,
) -> ReceiptVerdict:
    """Judge a receipt against the whole chain. Raises NodeLied where the chain contradicts itself,
    WrongChain where it is another one."""
    signed_at = file.code.signed_at
    days = range(
        bangkok_day(signed_at - CLOCK_SECONDS), bangkok_day(signed_at + PROMISED_SECONDS) + 1
    )
    facts = ReceiptFacts(days=days)
    async for chapter in chapters(gateway, deployment, progress=progress):
        for told in chapter.told:
            facts.take(told.event, told.block.time)
        facts.now = chapter.last.time
    return judge(file, facts, separator=deployment.domain_separator, tag=deployment.tag)


def judge(
    file: ReceiptFile, facts: ReceiptFacts, *, separator: bytes, tag: bytes
) -> ReceiptVerdict:
    """Return the verdict of a receipt, given what the chain says."""
    if file.tag is not None and file.tag != tag:
        return _altered("city")
    for name, value in file.written().items():
        if name in file.told and str(file.told[name]).lower() != value:
            return _altered(name)
    signer = _signer(file.code, separator)
    if signer is None or not facts.sequencer_at(signer, file.code.accepted_at):
        return _altered("signature")
    if "signer" in file.told and str(file.told["signer"]).lower() != signer.lower():
        return _altered("signer")
    if file.path is not None:
        return _by_path(file, file.path, facts)
    return _searched(file, facts)


def _altered(part: str) -> ReceiptVerdict:
    return ReceiptVerdict(code="altered", part=part)


def _signer(code: ReceiptCode, separator: bytes) -> str | None:
    digest = receipt_digest(
        separator,
        campaign=code.campaign,
        pass_number=code.pass_number,
        merchant=code.merchant,
        bill=code.bill,
        amount=code.amount,
        copay=code.copay,
        signed_at=code.signed_at,
        accepted_at=code.accepted_at,
        policy=code.policy,
    )
    try:
        return checksum_address(recover_raw(digest, code.r, code.vs))
    except SignatureInvalid:
        return None


def _of_day(code: str, day: int, part: str | None = None) -> ReceiptVerdict:
    return ReceiptVerdict(code=code, part=part, figures={"day": day, "date": _date(day)})


def _unanchored(day: int, facts: ReceiptFacts) -> ReceiptVerdict:
    later = any(other > day for other in facts.anchored)
    return _of_day("anchor_missing" if later else "not_anchored", day)


def _by_path(file: ReceiptFile, path: Mapping[str, Any], facts: ReceiptFacts) -> ReceiptVerdict:
    leaf = file.leaf.hash
    day, position, count, siblings = _read_path(path)
    if path.get("leaf", "0x" + leaf.hex()) != "0x" + leaf.hex():
        return _altered("leaf")
    try:
        root = root_from(leaf, position, count, siblings)
    except LedgerError:
        return _altered("path")
    if path.get("root", "0x" + root.hex()) != "0x" + root.hex():
        return _altered("path")
    held = facts.anchored.get(day)
    if held is None:
        later = any(other > day for other in facts.anchored)
        return _altered("day") if later else _unanchored(day, facts)
    if held.leaves != count or held.root != root:
        return _altered("root")
    return _of_day("proven", day)


def _read_path(path: Mapping[str, Any]) -> tuple[int, int, int, Sequence[bytes]]:
    try:
        siblings = [bytes.fromhex(each.removeprefix("0x")) for each in path["siblings"]]
        return int(path["day"]), int(path["position"]), int(path["count"]), siblings
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputInvalid(what="path", why="day, position, count and siblings") from error


def _searched(file: ReceiptFile, facts: ReceiptFacts) -> ReceiptVerdict:
    """Look for the redemption on every day it can stand on, each held to its anchor."""
    code, overtaken = file.code, False
    until = code.signed_at + PROMISED_SECONDS
    for day in facts.days:
        if day > bangkok_day(facts.now):
            break
        tree, held = facts.trees.get(day, DayTree(day=day)), facts.anchored.get(day)
        if held is not None and (held.leaves, held.root) != (len(tree.leaves), tree.anchor().root):
            return _of_day("anchor_differs", day)
        of_pass = [
            leaf
            for leaf in tree.leaves
            if (leaf.kind, leaf.campaign, leaf.pass_number)
            == (REDEMPTION, code.campaign, code.pass_number)
        ]
        found = next((leaf for leaf in of_pass if leaf.signed_at == code.signed_at), None)
        if found is not None:
            other = next((n for n in _FIGURES if getattr(found, n) != file.figure(n)), None)
            if other is not None:
                return _of_day("contradicted", day, other)
            return _unanchored(day, facts) if held is None else _of_day("proven", day)
        overtaken = overtaken or any(leaf.signed_at > code.signed_at for leaf in of_pass)
    if not overtaken and facts.now <= until:
        return ReceiptVerdict(code="not_yet", figures={"until": _moment(until)})
    return ReceiptVerdict(
        code="omitted",
        part="overtaken" if overtaken else "expired",
        figures={"merchant": code.merchant, "owed": code.amount + code.copay},
    )


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_SECONDS, UTC).date().isoformat()


def _moment(time: int) -> str:
    """Bangkok time, to the minute."""
    return datetime.fromtimestamp(time + BANGKOK_OFFSET, UTC).strftime("%Y-%m-%d %H:%M")
