"""An approved round goes to the chain: made, approved, settled page by page, files, returns.

What is to be said is read off what the index lacks, so that it goes on wherever it was cut off.
Each step has one order at a time; one that the contract refused is given again after a while.
"""

import logging
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_settlement, intents, round_orders, rounds
from ledger.db.ids import new_id
from ledger.db.index_settlement import ChainRound
from ledger.db.round_orders import APPROVE, FILE, MAKE, RECREDIT, SETTLE, WITHDRAW, Said
from ledger.db.session import snapshot, transaction
from ledger.db.tables_settlement import PaymentRound
from ledger.db.tables_till import Intent
from ledger.db.unsettled import final_height
from ledger.domain.settled_lines import END, lines_of, page_hashes, pages_of
from ledger.domain.settlement import Round
from ledger.domain.state import RoundStatus
from ledger.errors import Conflict, LedgerError, WrongState
from ledger.services.orders import Order, place_orders
from ledger.services.runtime import Runtime

AGAIN_AFTER_SECONDS: Final = 60
"""A step that the contract refused is tried again, since what was in its way may be gone."""

BOOK: Final = "SettlementBook"
_log = logging.getLogger("nakhon.city")

Step = tuple[str, str, Order]
"""Which step of a round, which part of it, and the order that says it."""


async def carry_rounds(runtime: Runtime, *, now: int, wall: int) -> None:
    """Order the next steps of what is not on the chain yet, in a transaction of its own. What stops
    it is an alarm in the log and no failure: it is tried again with the next block.

    `now` is the till's time, `wall` the sequencer's, by which it keeps when an order failed.
    """
    try:
        async with snapshot(runtime.engine) as session:
            if not await _anything_to_say(session, runtime):
                return
        async with transaction(runtime.engine) as session:
            await advance(session, runtime, now=now, wall=wall)
    except IntegrityError:
        _log.info("another process orders the same steps")
    except LedgerError as failure:
        _log.error("alarm: rounds of payments cannot go to the chain: %s", failure)


async def _anything_to_say(session: AsyncSession, runtime: Runtime) -> bool:
    """Asked after every block: it must disturb no writer where there is nothing to do."""
    chain_id = runtime.chain_id
    final = await final_height(session, chain_id, runtime.settings.confirmations)
    return bool(
        await round_orders.rounds_in_flight(session, chain_id)
        or await round_orders.returns_to_say(session, chain_id)
        or await round_orders.files_refused(session)
        or await round_orders.cut_short(session, chain_id, final=final)
    )


async def advance(session: AsyncSession, runtime: Runtime, *, now: int, wall: int) -> None:
    """As `carry_rounds`, in the caller's transaction; failures are raised."""
    chain_id = runtime.chain_id
    await _say_files_again(session, now=now, wall=wall)
    final = await final_height(session, chain_id, runtime.settings.confirmations)
    for number, merchant in await round_orders.cut_short(session, chain_id, final=final):
        await rounds.let_go(session, number, merchant)
    returns = await round_orders.returns_to_say(session, chain_id)
    for number, merchant in returns:
        await _recredit(session, runtime, number, merchant, now=now, wall=wall)
    if returns:
        # The credits must be whole again before the next round pays out of them.
        return
    for number in await round_orders.rounds_in_flight(session, chain_id):
        row = await round_orders.hold_approved(session, number)
        if row is None:
            continue
        found = await index_settlement.chain_round(session, chain_id, row.hash)
        if found is not None and found.status is RoundStatus.WITHDRAWN:
            await round_orders.withdraw_approved(session, number, now=now)
            await rounds.let_go(session, number)
            continue
        steps = list(_next_steps(row, await rounds.load_round(session, row), found))
        # One round at a time: the contract makes the next one when this is settled.
        await _order(session, runtime, row, steps, now=now, wall=wall)
        return


def _next_steps(row: PaymentRound, made: Round, found: ChainRound | None) -> Iterator[Step]:
    pages = pages_of(lines_of(made))
    hashes = page_hashes(pages)
    document = bytes.fromhex(row.hash[2:])
    if found is None:
        terms = [made.day, len(pages), made.total, hashes[0], document]
        yield MAKE, "", _order_of(row, MAKE, "treasurer", "make", terms)
    elif found.status is RoundStatus.MADE:
        _same_round(row, made, found, pages=len(pages), lines_hash=hashes[0])
        yield APPROVE, "", _order_of(row, APPROVE, "approver", "approve", [found.number, document])
    else:
        for page in range(found.pages_settled, len(pages)):
            terms = [found.number, pages[page], hashes[page + 1]]
            yield SETTLE, str(page + 1), _order_of(row, SETTLE, "treasurer", "settle", terms)
        assert hashes[-1] == END


def _same_round(
    row: PaymentRound, made: Round, found: ChainRound, *, pages: int, lines_hash: bytes
) -> None:
    """The document's hash is a name that anybody can write: before the approver's key speaks, the
    round on the chain must be the one that was approved. Raises Conflict."""
    ours = (made.day, pages, made.total, "0x" + lines_hash.hex())
    if (found.day, found.pages, found.total, found.lines_hash) != ours:
        why = f"round {found.number} on the chain has its name and other lines: withdraw it"
        raise Conflict(
            what=f"round {row.number}",
            why=why,
            why_th=f"รอบที่ {found.number} บนเชนใช้ชื่อนี้แต่รายการไม่ตรง ให้ยกเลิกรอบ",
        )


def _order_of(
    row: PaymentRound, step: str, signer: str, function: str, arguments: list[Any], **about: Any
) -> Order:
    return Order(
        kind=f"round_{step}",
        signer=signer,
        contract=BOOK,
        function=function,
        arguments=arguments,
        about={"round": row.number, **about},
    )


async def _order(
    session: AsyncSession,
    runtime: Runtime,
    row: PaymentRound,
    steps: list[Step],
    *,
    now: int,
    wall: int,
) -> None:
    """Place the orders of steps that nobody says yet."""
    said = await round_orders.said_of(session, row.number)
    if (WITHDRAW, "") in said and not said[WITHDRAW, ""].failed:
        # Given up: only what a cut left settled still has files and returns.
        steps = [step for step in steps if step[0] in (FILE, RECREDIT)]
    for step, part, order in steps:
        if not _to_say(said.get((step, part)), wall):
            continue
        by = row.made_by if step == MAKE else row.decided_by or row.made_by
        (intent,) = await place_orders(session, runtime, [order], requested_by=by, now=now)
        await round_orders.keep_order(session, row.number, step, part, intent.id)


def _to_say(said: Said | None, wall: int) -> bool:
    if said is None:
        return True
    return said.failed and said.intent.updated_at + AGAIN_AFTER_SECONDS <= wall


async def _recredit(
    session: AsyncSession, runtime: Runtime, number: int, merchant: int, *, now: int, wall: int
) -> None:
    row = await rounds.find_round(session, number)
    assert row is not None, "a payment belongs to a round"
    found = await index_settlement.chain_round(session, runtime.chain_id, row.hash)
    if found is None:
        return
    page = await index_settlement.page_with(session, runtime.chain_id, found.number, merchant)
    if page is None:
        return
    terms = [found.number, page[0], page[1], merchant]
    order = _order_of(row, RECREDIT, "treasurer", "recredit", terms, merchant=merchant)
    steps = [(RECREDIT, str(merchant), order)]
    await _order(session, runtime, row, steps, now=now, wall=wall)


async def record_file(
    session: AsyncSession,
    runtime: Runtime,
    row: PaymentRound,
    *,
    digest: str,
    payments: int,
    total: int,
    now: int,
) -> None:
    """Order a file's SHA-256 to be recorded on the chain, once for the same bytes."""
    found = await index_settlement.chain_round(session, runtime.chain_id, row.hash)
    assert found is not None, "a file is of a settled round"
    if digest in found.files:
        return
    terms = [found.number, bytes.fromhex(digest[2:]), payments, total]
    order = _order_of(row, FILE, "treasurer", "recordFile", terms, file=digest)
    await _order(session, runtime, row, [(FILE, digest, order)], now=now, wall=0)


async def _say_files_again(session: AsyncSession, *, now: int, wall: int) -> None:
    for number, digest in await round_orders.files_refused(session):
        said = (await round_orders.said_of(session, number))[FILE, digest]
        if not _to_say(said, wall):
            continue
        again = Intent(
            **said.intent.model_dump(include={"kind", "signer", "payload", "requested_by"}),
            id=new_id("int"),
            position=await intents.next_position(session, now),
            created_at=now,
            updated_at=now,
        )
        await intents.enqueue(session, again)
        await round_orders.keep_order(session, number, FILE, digest, again.id)


async def give_up(
    session: AsyncSession, runtime: Runtime, row: PaymentRound, *, requested_by: str, now: int
) -> None:
    """Order an approved round to be withdrawn on the chain, or cut short where a page is settled.

    Raises WrongState for one that is settled, or on its way.
    """
    found = await index_settlement.chain_round(session, runtime.chain_id, row.hash)
    said = await round_orders.said_of(session, row.number)
    if found is None:
        make = said.get((MAKE, ""))
        if make is not None and not make.failed:
            raise WrongState(what=f"round {row.number}", state="on its way", needs="on the chain")
        await round_orders.withdraw_approved(session, row.number, now=now)
        await rounds.let_go(session, row.number)
        return
    if found.status not in (RoundStatus.MADE, RoundStatus.APPROVED):
        raise WrongState(what=f"round {row.number}", state=found.status.value, needs="approved")
    if _under_way(said):
        raise WrongState(what=f"round {row.number}", state="on its way", needs="waiting")
    function = "cut" if found.pages_settled else "withdraw"
    order = _order_of(row, WITHDRAW, "treasurer", function, [found.number])
    (intent,) = await place_orders(session, runtime, [order], requested_by=requested_by, now=now)
    await round_orders.keep_order(session, row.number, WITHDRAW, "", intent.id)


def _under_way(said: dict[tuple[str, str], Said]) -> bool:
    return any(
        each.intent.status in (intents.QUEUED, intents.SENT)
        for (step, _), each in said.items()
        if step != FILE
    )


async def chain_state(
    session: AsyncSession, runtime: Runtime, row: PaymentRound
) -> tuple[str, ChainRound | None, Intent | None]:
    """Where a round is on its way over the chain, what the index has of it, and the order that the
    contract refused, if any.

    `none` (not approved, or nobody is paid), `ordered`, `made`, `approved`, `settled`, `final`,
    `withdrawn`, or `refused`.
    """
    if row.status == rounds.MADE or row.total == 0:
        return "none", None, None
    found = await index_settlement.chain_round(session, runtime.chain_id, row.hash)
    said = await round_orders.said_of(session, row.number)
    refused = next((each.intent for each in said.values() if each.failed), None)
    if found is not None and found.status is RoundStatus.SETTLED:
        final = await final_height(session, runtime.chain_id, runtime.settings.confirmations)
        assert found.settled_block is not None
        return ("final" if found.settled_block <= final else "settled"), found, refused
    if found is not None and found.status is RoundStatus.WITHDRAWN:
        return found.status.value, found, None
    if refused is not None:
        return "refused", found, refused
    if found is None:
        return ("ordered" if row.status == rounds.APPROVED else "none"), None, None
    return found.status.value, found, None
