"""How the city is doing, and what to do where it is not: one list for readiness, metrics, doctor.

Every code here has its paragraph in docs/runbook.md; a test compares the two.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ledger.chain.clock import SystemClock
from ledger.db.session import snapshot
from ledger.db.vitals import StoredVitals, newest_revision, stored_vitals
from ledger.domain.sentences import Sentence
from ledger.errors import ChainFailure
from ledger.sequencer.batching import GAS_MAX
from ledger.services.runtime import Runtime
from ledger.settings import ClockKind

NODE_SECONDS_MAX: Final = 5
"""Whoever asks how the city is must be told that the node hangs, not hang with it."""

BLOCKS_BEHIND_MAX: Final = 30
OUTBOX_SECONDS_MAX: Final = 120
SKEW_SECONDS_MAX: Final = 30
WEBHOOK_SECONDS_MAX: Final = 600
"""How long an event may wait for an address that answers; one that does not is its owner's."""

FULL_BATCHES_MIN: Final = 100
"""The sequencer's balance should pay for this many of the largest batches at today's fee."""


def _say(th: str, en: str, action_th: str, action_en: str) -> Sentence:
    return Sentence(th=th, en=en, action_th=action_th, action_en=action_en)


TROUBLES: Final[dict[str, Sentence]] = {
    "database_unreachable": _say(
        "ฐานข้อมูลไม่ตอบ",
        "The database does not answer.",
        "เปิดฐานข้อมูลหรือแก้ NAKHON_DATABASE_URL ระบบจะต่อเองเมื่อกลับมา",
        "Start it or correct NAKHON_DATABASE_URL; everything goes on by itself once it is back.",
    ),
    "migrations_missing": _say(
        "ตารางในฐานข้อมูลไม่ใช่รุ่นของโปรแกรมนี้",
        "The database's tables are not of this version.",
        "เปิดเมืองด้วยโปรแกรมรุ่นล่าสุดรุ่นเดียวทุกเครื่อง ตารางจะปรับเองตอนเริ่ม",
        "Start every process with the same, newest version: tables are brought up at the start.",
    ),
    "node_unreachable": _say(
        "โหนดของเชนไม่ตอบ",
        "The chain's node does not answer.",
        "เปิดโหนดหรือเปลี่ยน NAKHON_RPC_URL รายการที่รับแล้วยังอยู่ครบและจะส่งต่อเอง",
        "Start it or change NAKHON_RPC_URL; what was accepted is kept and goes out by itself.",
    ),
    "chain_not_ours": _say(
        "โหนดนี้ไม่ใช่เชนหรือสัญญาของเมือง",
        "The node serves another chain, or other contracts than the city's record.",
        "แก้ NAKHON_RPC_URL หรือ NAKHON_DEPLOYMENT ก่อนเปิดเมือง",
        "Correct NAKHON_RPC_URL or NAKHON_DEPLOYMENT before the city is started.",
    ),
    "keys_wrong": _say(
        "เปิดกุญแจผู้จัดลำดับไม่ได้ หรือกุญแจนั้นไม่มีบทบาทบนเชน",
        "The sequencer's keyfile does not open, or its key has no such role on the chain.",
        "ตรวจ NAKHON_KEYS และ NAKHON_KEY_PASSWORD_FILE กับบทบาทในไฟล์บันทึกสัญญา",
        "Check NAKHON_KEYS and NAKHON_KEY_PASSWORD_FILE, and the roles of the deployment record.",
    ),
    "index_behind": _say(
        "ดัชนีตามเชนไม่ทันหรือยังไม่เริ่ม",
        "The index is far behind the chain, or has not begun.",
        "ดูบันทึกของตัวอ่านดัชนี ถ้าหยุดเพราะเชนย้อนลึก ให้สั่ง python -m ledger.indexer rebuild",
        "Read the indexer's log; after a reorg too deep run python -m ledger.indexer rebuild.",
    ),
    "index_drifted": _say(
        "ดัชนีไม่ตรงกับเชน ระบบหยุดแจกคูปองและเปิดโครงการไว้ก่อน",
        "The index is not what the chain says: nothing is issued and no campaign is opened.",
        "หยุดเมือง สั่ง python -m ledger.indexer rebuild แล้วดูด้วย nakhon audit diff ว่าใครแก้อะไร",
        "Stop the city, run python -m ledger.indexer rebuild, and see with nakhon audit diff.",
    ),
    "outbox_old": _say(
        "มีรายการรอขึ้นเชนนานเกินไป",
        "Something has waited too long for the chain.",
        "ตรวจว่าผู้จัดลำดับทำงาน มีเงินค่าธรรมเนียม และค่าธรรมเนียมไม่เกินเพดาน",
        "See that a sequencer leads, can pay, and that fees are below NAKHON_FEE_WEI_MAX.",
    ),
    "sequencer_poor": _say(
        "กุญแจผู้จัดลำดับเหลือเงินค่าธรรมเนียมน้อย",
        "The sequencer's key has little left to pay fees with.",
        "โอนเงินค่าธรรมเนียมเข้าที่อยู่ของผู้จัดลำดับ",
        "Send funds for fees to the sequencer's address.",
    ),
    "sequencer_missing": _say(
        "ไม่มีผู้จัดลำดับที่ทำงานอยู่",
        "No process leads as the sequencer.",
        "เปิดเมืองอย่างน้อยหนึ่งเครื่อง เครื่องสำรองรับช่วงเองภายใน 5 วินาที",
        "Start a city's process; a standby takes over by itself within 5 seconds.",
    ),
    "indexer_missing": _say(
        "ไม่มีตัวอ่านดัชนีที่ทำงานอยู่",
        "No process leads as the indexer.",
        "เปิดเมืองอย่างน้อยหนึ่งเครื่อง หรือ python -m ledger.indexer",
        "Start a city's process, or python -m ledger.indexer.",
    ),
    "webhooks_behind": _say(
        "ระบบที่รอรับแจ้งเหตุการณ์ไม่ได้รับทั้งที่ปลายทางตอบอยู่",
        "Addresses that answer are not told what happened.",
        "เปิดเมืองอย่างน้อยหนึ่งเครื่อง ส่วนที่ค้างจะส่งเองตามลำดับ ไม่มีรายการหาย",
        "Start a city's process; what waits is then delivered by itself, and nothing is lost.",
    ),
    "clock_wrong": _say(
        "นาฬิกาของเครื่องกับฐานข้อมูลหรือเชนต่างกันมาก",
        "The clocks of this machine, the database and the chain differ.",
        "ตั้งเวลาเครื่องด้วย NTP แล้วตรวจอีกครั้ง",
        "Set the clocks by NTP, then check again.",
    ),
}
GRAVE: Final = frozenset(
    {"database_unreachable", "node_unreachable", "chain_not_ours", "index_behind"}
)
"""With one of these a till is not ready. The others are said and let it go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """One moment of the city; None where what would tell did not answer. `skew` is the machine's
    clock against the database's and, of a chain with the world's time, against its head. A node of
    a `foreign` chain tells nothing else."""

    stored: StoredVitals | None
    head: int | None
    balance_wei: int | None
    fee_wei: int | None
    skew: int | None
    age: int | None
    webhook_age: int | None = None
    webhook_held_up: int | None = None
    foreign: bool = False

    @property
    def behind(self) -> int | None:
        """How many blocks are not indexed."""
        indexed = None if self.stored is None else self.stored.indexed
        return None if indexed is None or self.head is None else max(self.head - indexed, 0)

    @property
    def troubles(self) -> list[str]:
        """What is wrong, by its code; nothing, where all is well."""
        found = [*self._database_troubles(), *self._chain_troubles()]
        if self.skew is not None and self.skew > SKEW_SECONDS_MAX:
            found.append("clock_wrong")
        return found

    def _database_troubles(self) -> list[str]:
        stored = self.stored
        if stored is None:
            return ["database_unreachable"]
        old = self.age is not None and self.age > OUTBOX_SECONDS_MAX
        found = ["migrations_missing"] if stored.revision != newest_revision() else []
        found += ["index_drifted"] if stored.drifted else []
        found += ["outbox_old"] if old else []
        found += [f"{kind}_missing" for kind in ("sequencer", "indexer") if self._idle(kind)]
        heard = stored.webhooks is not None and stored.webhooks.hearing > 0
        untold = heard and self._idle("webhooks")
        held_up = self.webhook_held_up is not None and self.webhook_held_up > WEBHOOK_SECONDS_MAX
        return found + (["webhooks_behind"] if untold or held_up else [])

    def _idle(self, kind: str) -> bool:
        return self.stored is not None and kind not in self.stored.leaders

    def _chain_troubles(self) -> list[str]:
        if self.foreign:
            return ["chain_not_ours"]
        if self.head is None:
            return ["node_unreachable"]
        found = []
        if self.stored is not None and (self.behind is None or self.behind > BLOCKS_BEHIND_MAX):
            found.append("index_behind")
        if self.balance_wei is not None and self.fee_wei is not None:
            poor = self.balance_wei < FULL_BATCHES_MIN * GAS_MAX * self.fee_wei
            found += ["sequencer_poor"] if poor else []
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """What the node said of its head and of the sequencer; nothing, where it kept silent."""

    head: int | None = None
    head_time: int | None = None
    balance_wei: int | None = None
    fee_wei: int | None = None
    foreign: bool = False

    @property
    def silent(self) -> bool:
        return self.head is None and not self.foreign


async def vitals_of(runtime: Runtime, *, sequencer: str | None = None) -> Vitals:
    """Ask the database and the node. Neither's silence is an error here: it is the answer, and is
    not waited for longer than NODE_SECONDS_MAX."""
    stored = await _stored(runtime)
    machine = await SystemClock().now()
    node = await _node(runtime, sequencer or runtime.sequencer.address)
    deaf = node.silent and runtime.settings.clock is ClockKind.CHAIN
    now = None if deaf else await _till_now(runtime)
    waiting = None if stored is None else stored.webhooks
    return Vitals(
        stored=stored,
        head=node.head,
        balance_wei=node.balance_wei,
        fee_wei=node.fee_wei,
        skew=_skew(runtime, stored, node.head_time, now=machine),
        age=None if stored is None else _age(now, stored.oldest),
        webhook_age=None if waiting is None else _age(now, waiting.oldest),
        webhook_held_up=None if waiting is None else _age(now, waiting.held_up),
        foreign=node.foreign,
    )


async def _node(runtime: Runtime, address: str) -> _Node:
    try:
        async with asyncio.timeout(NODE_SECONDS_MAX):
            if not await _is_ours(runtime):
                return _Node(foreign=True)
            block = await runtime.gateway.block("latest")
            if block is None:
                return _Node()
            return _Node(
                head=block.number,
                head_time=block.time,
                balance_wei=await runtime.gateway.balance(address),
                fee_wei=(await runtime.gateway.fees()).fee_wei_max(),
            )
    except (ChainFailure, TimeoutError):
        return _Node()


async def _is_ours(runtime: Runtime) -> bool:
    """Whether the node serves the chain, and the fork, that the city was deployed on."""
    deployment = runtime.deployment
    if await runtime.gateway.chain_id() != deployment.chain_id:
        return False
    block = await runtime.gateway.block(deployment.block)
    return block is not None and block.hash == deployment.block_hash


async def _stored(runtime: Runtime) -> StoredVitals | None:
    try:
        async with snapshot(runtime.engine) as session:
            return await stored_vitals(session, runtime.chain_id)
    except (SQLAlchemyError, OSError):
        return None


async def _till_now(runtime: Runtime) -> int | None:
    try:
        async with asyncio.timeout(NODE_SECONDS_MAX):
            return await runtime.clock.now()
    except (ChainFailure, TimeoutError):
        return None


def _age(now: int | None, since: int | None) -> int | None:
    """How long something has waited: 0 where nothing waits, None where no clock answers."""
    if since is None:
        return 0
    return None if now is None else max(now - since, 0)


def _skew(
    runtime: Runtime, stored: StoredVitals | None, head_time: int | None, *, now: int
) -> int | None:
    skews = [abs(now - stored.time)] if stored is not None else []
    if head_time is not None and runtime.settings.clock is ClockKind.SYSTEM:
        # A chain that rests has an old head: only a head from the future says something.
        skews.append(max(head_time - now, 0))
    return max(skews, default=None)
