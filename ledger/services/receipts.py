"""One redemption as it can be shown: by the till, by the chain, or by both; and its receipt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import beyond_chain, index_reads, index_redemptions, redemptions
from ledger.db.index_redemptions import Included, Position
from ledger.db.tables_till import RedemptionRecord
from ledger.domain.acceptance import Acceptance
from ledger.domain.clock import signed_at_of
from ledger.domain.redemption import RedemptionStatus, redemption_id
from ledger.errors import UnknownRedemption
from ledger.qr.codec import ReceiptCode, encode
from ledger.services.runtime import Runtime

WAITING_SHOWN_MAX = 200

Kept = RedemptionRecord | Acceptance
"""What the till accepted: read back, or about to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The sequencer's promise: its signature over the Receipt typed data, and all of it as a QR."""

    accepted_at: int
    r: bytes
    vs: bytes
    qr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One redemption. `accepted_at` and `receipt` are None where it never passed this till;
    `included` is None where the index does not hold it."""

    id: str
    status: RedemptionStatus
    campaign: int
    pass_number: int
    merchant: int
    bill: int
    amount: int
    copay: int
    voided: int
    step: int
    signed_at: int
    unnamed: bool
    policy_hash: str
    accepted_at: int | None = None
    reason: str | None = None
    receipt: Receipt | None = None
    included: Included | None = None
    verdict_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One page of redemptions, newest first, and where the next page begins."""

    items: tuple[Redemption, ...]
    next: Position | None


def of_record(runtime: Runtime, record: Kept, included: Included | None = None) -> Redemption:
    """A redemption the till accepted."""
    return Redemption(
        id=record.id,
        status=RedemptionStatus(record.status),
        campaign=record.campaign,
        pass_number=record.pass_number,
        merchant=record.merchant,
        bill=record.bill,
        amount=record.amount,
        copay=record.copay,
        voided=record.voided,
        step=record.step,
        signed_at=record.signed_at,
        unnamed=record.maximum_bill is not None,
        policy_hash=record.policy_hash,
        accepted_at=record.accepted_at,
        reason=record.reason,
        receipt=receipt_of(runtime, record),
        included=included,
        verdict_id=record.verdict.get("id"),
    )


def receipt_of(runtime: Runtime, record: Kept) -> Receipt:
    """The receipt of an accepted redemption, as it was signed then."""
    code = ReceiptCode(
        campaign=record.campaign,
        pass_number=record.pass_number,
        merchant=record.merchant,
        bill=record.bill,
        amount=record.amount,
        copay=record.copay,
        signed_at=record.signed_at,
        accepted_at=record.accepted_at,
        policy=bytes.fromhex(record.policy_hash[2:]),
        r=record.receipt_r,
        vs=record.receipt_vs,
    )
    return Receipt(
        accepted_at=record.accepted_at,
        r=record.receipt_r,
        vs=record.receipt_vs,
        qr=encode(code, runtime.settings.origin, runtime.deployment.tag),
    )


async def redemption_of(session: AsyncSession, runtime: Runtime, name: str) -> Redemption | None:
    """One redemption by its id: what the till accepted, or what only the chain knows."""
    record = await redemptions.find(session, name)
    if record is not None:
        included = await index_redemptions.find(
            session, runtime.chain_id, record.campaign, record.pass_number, record.step
        )
        if included is not None and record.status == RedemptionStatus.FAILED:
            included = None
        return of_record(runtime, record, included)
    forced = await index_redemptions.find_unknown_to_till(session, runtime.chain_id)
    for one in forced:
        if _id_of(runtime, one) == name:
            return (await _shown(session, runtime, [one]))[0]
    return None


async def redemption(session: AsyncSession, runtime: Runtime, name: str) -> Redemption:
    """One redemption by its id. Raises UnknownRedemption."""
    found = await redemption_of(session, runtime, name)
    if found is None:
        raise UnknownRedemption(redemption=name)
    return found


async def history(
    session: AsyncSession,
    runtime: Runtime,
    *,
    merchant: int | None = None,
    pass_number: int | None = None,
    before: Position | None = None,
    most: int,
) -> History:
    """Redemptions of one merchant or one pass, newest first.

    The first page begins with what the chain does not hold: what waits, and what failed.
    """
    page = await index_redemptions.page(
        session,
        runtime.chain_id,
        merchant=merchant,
        pass_number=pass_number,
        before=before,
        most=most + 1,
    )
    items: list[Redemption] = []
    if before is None:
        outside = await beyond_chain.outside_chain(
            session,
            runtime.chain_id,
            merchant=merchant,
            pass_number=pass_number,
            most=WAITING_SHOWN_MAX,
        )
        items += [of_record(runtime, record) for record in outside]
    items += await _shown(session, runtime, page[:most])
    return History(items=tuple(items), next=page[most - 1].position if len(page) > most else None)


async def _shown(
    session: AsyncSession, runtime: Runtime, page: Sequence[Included]
) -> list[Redemption]:
    names = {one.position: _id_of(runtime, one) for one in page}
    records = await redemptions.find_many(session, list(names.values()))
    starts, policies = await _campaigns(session, runtime, {one.campaign for one in page})
    keys = {
        one.position: (
            one.campaign,
            one.record.pass_number,
            signed_at_of(starts[one.campaign], one.record.step),
        )
        for one in page
    }
    voided = await index_redemptions.voided_of(session, runtime.chain_id, keys.values())
    shown = []
    for one in page:
        record = records.get(names[one.position])
        if record is not None and record.status != RedemptionStatus.FAILED:
            shown.append(of_record(runtime, record, one))
            continue
        undone = voided.get(keys[one.position], 0)
        shown.append(
            Redemption(
                id=names[one.position],
                status=RedemptionStatus.VOIDED
                if undone == one.record.amount
                else RedemptionStatus.INCLUDED,
                campaign=one.campaign,
                pass_number=one.record.pass_number,
                merchant=one.record.merchant,
                bill=one.record.bill,
                amount=one.record.amount,
                copay=one.record.copay,
                voided=undone,
                step=one.record.step,
                signed_at=keys[one.position][2],
                unnamed=one.record.unnamed,
                policy_hash=policies[one.campaign],
                included=one,
            )
        )
    return shown


async def _campaigns(
    session: AsyncSession, runtime: Runtime, numbers: Iterable[int]
) -> tuple[dict[int, int], dict[int, str]]:
    starts: dict[int, int] = {}
    policies: dict[int, str] = {}
    for number in sorted(numbers):
        campaign = await index_reads.campaign_of(session, runtime.chain_id, number)
        assert campaign is not None, "a redemption of a campaign that was never drafted"
        starts[number] = campaign.terms.starts
        policies[number] = "0x" + campaign.terms.policy_hash.hex()
    return starts, policies


def _id_of(runtime: Runtime, one: Included) -> str:
    return redemption_id(
        runtime.deployment.domain_separator,
        one.campaign,
        one.record.pass_number,
        one.record.step,
    )
