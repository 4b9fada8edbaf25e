"""Cashiers' devices: the owner pairs and withdraws them; a device sees its day and asks."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import DeviceDep, KeyDep, MerchantDep
from api.schemas import devices as schemas
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from ledger.db.devices import branches_of
from ledger.db.session import transaction
from ledger.db.tables_devices import VoidRequest
from ledger.domain.pairing import Device, spaced
from ledger.services import devices, void_requests
from ledger.services.devices import DeviceTerms

router = APIRouter(prefix="/v1", tags=["devices"])

Named = Annotated[str, Path(max_length=40)]


@router.post("/merchants/{number}/devices", status_code=201, response_model=schemas.PairingCode)
async def offer_device(
    body: schemas.OfferDevice,
    merchant: MerchantDep,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
) -> Response:
    """Make a pairing code for one device: the only time it is seen. Signed by the owner."""

    async def work() -> schemas.PairingCode:
        terms = DeviceTerms(
            branch=body.branch, cashier=body.cashier, bill_max=body.bill_max, day_max=body.day_max
        )
        device, code = await devices.offer_code(session, merchant.number, terms, now=now)
        return schemas.PairingCode(
            device=device.id,
            merchant=device.merchant,
            code=spaced(code),
            expires_at=device.expires_at,
        )

    return await once.answer(session, work, now=now, status=201)


@router.get("/merchants/{number}/devices")
async def list_devices(merchant: MerchantDep, session: ReadingDep, now: NowDep) -> schemas.Devices:
    """The shop's devices, with the names of its cashiers. Signed by the owner."""
    found = await devices.devices_of(session, merchant.number)
    return schemas.Devices(items=[_shown(device, now) for device in found])


@router.post("/merchants/{number}/devices/{name}/revoke", response_model=schemas.WithdrawnDevice)
async def revoke_device(
    name: Named, merchant: MerchantDep, session: WritingDep, once: OnceDep, now: NowDep
) -> Response:
    """Withdraw a device or a code: its very next request is refused. Signed by the owner."""

    async def work() -> schemas.WithdrawnDevice:
        device = await devices.revoke(session, merchant.number, name, now=now)
        return schemas.WithdrawnDevice(
            device=device.id,
            merchant=device.merchant,
            state=device.state(now).value,
            revoked_at=device.revoked_at,
        )

    return await once.answer(session, work, now=now)


@router.post("/devices/claim", status_code=201, response_model=schemas.ClaimedDevice)
async def claim_device(
    body: schemas.ClaimDevice, address: KeyDep, once: OnceDep, runtime: RuntimeDep, now: NowDep
) -> Response:
    """Become a device of a shop, with its code. Signed by the device's own new key.

    Twenty wrong codes lock every open code of the shop.
    """
    # A wrong code is counted in a transaction of its own: a refusal rolls its work back.
    async with transaction(runtime.engine) as session:
        await devices.count_if_wrong(session, body.merchant, body.code, now=now)
    async with transaction(runtime.engine) as session:

        async def work() -> schemas.ClaimedDevice:
            device = await devices.claim(
                session, runtime, body.merchant, body.code, address, now=now
            )
            return schemas.ClaimedDevice(
                device=device.id,
                merchant=device.merchant,
                branch=device.branch,
                address=address,
                bill_max=device.bill_max,
                day_max=device.day_max,
            )

        return await once.answer(session, work, now=now, status=201)


@router.get("/devices/me/takings")
async def read_branch_takings(
    device: DeviceDep, session: ReadingDep, now: NowDep
) -> schemas.BranchTakings:
    """What the devices of this one's branch took today. Signed by the device."""
    found = await devices.today(session, device, now=now)
    return schemas.BranchTakings(
        device=device.id,
        merchant=device.merchant,
        branch=device.branch,
        since=found.since,
        amount=sum(one.amount for one in found.sums),
        copay=sum(one.copay for one in found.sums),
        campaigns=[
            schemas.BranchCampaign(
                campaign=one.campaign, count=one.count, amount=one.amount, copay=one.copay
            )
            for one in found.sums
        ],
        device_taken=found.taken,
        device_left=found.left,
    )


@router.post("/devices/me/void-requests", status_code=201, response_model=schemas.VoidRequest)
async def ask_void(
    body: schemas.AskVoid,
    device: DeviceDep,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
) -> Response:
    """Ask the owner to undo a redemption of the shop. Signed by the device; undoes nothing."""

    async def work() -> schemas.VoidRequest:
        asked = await void_requests.ask(
            session,
            runtime,
            device,
            redemption=body.redemption,
            amount=body.amount,
            reason=body.reason,
            now=now,
        )
        return _asked(asked, device.branch)

    return await once.answer(session, work, now=now, status=201)


@router.get("/merchants/{number}/void-requests")
async def list_void_requests(merchant: MerchantDep, session: ReadingDep) -> schemas.VoidRequests:
    """What the shop's cashiers asked for. Signed by the owner, who grants one by voiding."""
    found = await void_requests.asked_of(session, merchant.number)
    branches = await branches_of(session, sorted({one.device_id for one in found}))
    return schemas.VoidRequests(items=[_asked(one, branches[one.device_id]) for one in found])


@router.post("/merchants/{number}/void-requests/{name}/decline", response_model=schemas.VoidRequest)
async def decline_void(
    name: Named, merchant: MerchantDep, session: WritingDep, once: OnceDep, now: NowDep
) -> Response:
    """Say no to a cashier's request. Signed by the owner."""

    async def work() -> schemas.VoidRequest:
        found = await void_requests.decline(session, merchant.number, name, now=now)
        return await _with_branch(session, found)

    return await once.answer(session, work, now=now)


async def _with_branch(session: AsyncSession, found: VoidRequest) -> schemas.VoidRequest:
    branches = await branches_of(session, [found.device_id])
    return _asked(found, branches[found.device_id])


def _shown(device: Device, now: int) -> schemas.Device:
    return schemas.Device(
        device=device.id,
        merchant=device.merchant,
        branch=device.branch,
        cashier=device.cashier,
        bill_max=device.bill_max,
        day_max=device.day_max,
        state=device.state(now).value,
        address=device.address,
        created_at=device.created_at,
        claimed_at=device.claimed_at,
        revoked_at=device.revoked_at,
    )


def _asked(found: VoidRequest, branch: str) -> schemas.VoidRequest:
    return schemas.VoidRequest.model_validate(
        {
            "request": found.id,
            "redemption": found.redemption_id,
            "device": found.device_id,
            "branch": branch,
            "amount": found.amount,
            "reason": found.reason,
            "state": found.status,
            "asked_at": found.asked_at,
            "answered_at": found.answered_at,
        }
    )
