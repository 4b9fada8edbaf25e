"""Who may call what. Every route is public by this list, or passes one of these gates; a test walks
all of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Path, Request

from api.acts import note_officer, note_shop
from api.sessions import NowDep, RuntimeDep
from ledger.db import index_reads
from ledger.db.api_keys import Officer, officer_of
from ledger.db.index_reads import Holding
from ledger.db.session import snapshot
from ledger.domain.clock import TIME_MAX
from ledger.domain.merchants import Merchant
from ledger.domain.pairing import Device
from ledger.domain.ranges import U32
from ledger.domain.signatures import compact, recover
from ledger.domain.typed_data import request_digest
from ledger.errors import (
    RequestExpired,
    RoleMissing,
    SignatureInvalid,
    Unauthorised,
    UnknownDevice,
    UnknownMerchant,
)
from ledger.services.devices import device_signing
from ledger.services.orders import account
from ledger.services.passes import pass_of_holder
from ledger.services.runtime import Runtime

REQUEST_SECONDS_MAX: Final = 60

PUBLIC: Final = frozenset(
    {
        ("GET", "/"),
        ("GET", "/Q/{body}"),
        ("GET", "/q/{body}"),
        ("GET", "/wallet"),
        ("GET", "/shop"),
        ("GET", "/hall"),
        ("GET", "/city"),
        ("GET", "/assets/{version}/{path:path}"),
        ("GET", "/service-worker.js"),
        ("GET", "/manifest.webmanifest"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        # Totals of the city, for its monitor; a proxy may keep it inside.
        ("GET", "/metrics"),
        ("GET", "/v1/time"),
        ("GET", "/v1/deployment"),
        ("GET", "/v1/campaigns"),
        ("GET", "/v1/campaigns/{number}"),
        # Sums of what the chain tells everybody, and how often each rule refused.
        ("GET", "/v1/campaigns/{number}/figures"),
        ("GET", "/v1/city/days"),
        ("GET", "/v1/merchants"),
        ("GET", "/v1/merchants/{number}"),
        ("POST", "/v1/redemptions/quote"),
        # What the chain tells everybody of a redemption, and the sequencer's own promise.
        ("GET", "/v1/redemptions/{name}"),
        ("GET", "/v1/receipts/{name}"),
        ("GET", "/v1/receipts/{name}/path"),
        ("GET", "/v1/anchors"),
        ("GET", "/v1/anchors/{day}"),
        # What the chain tells everybody of a day: without it nobody could make its root again.
        ("GET", "/v1/anchors/{day}/leaves"),
        # The signature in the body is the authority; presenting needs a signed request besides.
        ("POST", "/v1/redemptions"),
        ("GET", "/openapi.json"),
    }
)


@dataclass(frozen=True, slots=True)
class Office:
    """A gate: a bearer key with one of these roles."""

    roles: tuple[str, ...]

    async def __call__(
        self,
        request: Request,
        runtime: RuntimeDep,
        authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Officer:
        """Who calls. What offices look at is written down (`api.acts`). Raises Unauthorised,
        KeyUnknown, RoleMissing."""
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Unauthorised()
        async with snapshot(runtime.engine) as session:
            officer = await officer_of(session, secret.strip())
        if officer.roles.isdisjoint(self.roles):
            raise RoleMissing(role=" | ".join(self.roles))
        await note_officer(request, runtime, officer)
        return officer


def office(*roles: str) -> Officer:
    """The parameter of an endpoint that only these roles may call."""
    gate: Officer = Depends(Office(roles))
    return gate


EVERY_OFFICE: Final = (
    "admin",
    "treasurer",
    "campaign_officer",
    "approver",
    "issuer",
    "registrar",
    "guardian",
)


HEARING_OFFICES: Final = ("admin", "treasurer")
"""Who may let a system of city hall hear what every shop takes and is paid."""

AMBASSADOR: Final = "ambassador"
"""No office of its own: an ambassador sees what it asked for, and no more."""


async def signed_by(request: Request, runtime: Runtime, *, now: int) -> str:
    """Whose signature the request carries.

    Raises Unauthorised without the three headers, SignatureInvalid for another's signature or one
    of another request, RequestExpired more than REQUEST_SECONDS_MAX from the till's time.
    """
    headers = request.headers
    address, signature = headers.get("nakhon-address"), headers.get("nakhon-signature")
    signed_at = _moment(headers.get("nakhon-signed-at"))
    if address is None or signature is None or signed_at is None:
        raise Unauthorised()
    digest = request_digest(
        runtime.deployment.domain_separator,
        method=request.method,
        path=_path_of(request),
        body=await request.body(),
        signed_at=signed_at,
    )
    try:
        r, vs = compact(bytes.fromhex(signature.removeprefix("0x")))
    except ValueError as error:
        raise SignatureInvalid(why="not hexadecimal") from error
    if recover(digest, r, vs) != account(address):
        raise SignatureInvalid(why="not this address's signature of this request")
    if abs(now - signed_at) > REQUEST_SECONDS_MAX:
        raise RequestExpired(signed_at=signed_at, now=now)
    return account(address)


def _moment(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 13:
        return None
    moment = int(text)
    return moment if moment <= TIME_MAX else None


def _path_of(request: Request) -> str:
    """The path with its query, byte for byte as it was sent."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    path = raw.partition(b"?")[0].decode("latin-1")
    query: bytes = request.scope.get("query_string", b"")
    return path + ("?" + query.decode("latin-1") if query else "")


class HolderGate:
    """A gate: the request is signed by an address that holds a pass."""

    async def __call__(self, request: Request, runtime: RuntimeDep, now: NowDep) -> Holding:
        """The caller's pass. Raises as `signed_by`; UnknownPass for an address without one."""
        address = await signed_by(request, runtime, now=now)
        async with snapshot(runtime.engine) as session:
            return await pass_of_holder(session, runtime, address)


HolderDep = Annotated[Holding, Depends(HolderGate())]


class MerchantGate:
    """A gate: the request is signed by the payout address of the merchant in the path."""

    async def __call__(
        self,
        request: Request,
        runtime: RuntimeDep,
        now: NowDep,
        number: Annotated[int, Path(ge=1, le=U32)],
    ) -> Merchant:
        """The merchant. Raises as `signed_by`; SignatureInvalid for anybody else's request."""
        return await merchant_signing(request, runtime, number, now=now)


async def merchant_signing(
    request: Request, runtime: Runtime, number: int, *, now: int
) -> Merchant:
    """The merchant `number`, having signed this request. Raises as `signed_by`, UnknownMerchant,
    SignatureInvalid for anybody else's request."""
    address = await signed_by(request, runtime, now=now)
    async with snapshot(runtime.engine) as session:
        merchant = await index_reads.merchant_of(session, runtime.chain_id, number)
    if merchant is None:
        raise UnknownMerchant(merchant=number)
    if merchant.payout != address:
        raise SignatureInvalid(why=f"not the payout address of merchant {number}")
    return merchant


MerchantDep = Annotated[Merchant, Depends(MerchantGate())]


async def till_signing(
    request: Request, runtime: Runtime, number: int, *, now: int
) -> Device | None:
    """Who scans for the merchant `number`: one of its devices, or None where the owner signed.

    Raises as `merchant_signing`; DeviceRevoked from the moment the owner withdrew the device.
    """
    address = await signed_by(request, runtime, now=now)
    async with snapshot(runtime.engine) as session:
        merchant = await index_reads.merchant_of(session, runtime.chain_id, number)
        if merchant is None:
            raise UnknownMerchant(merchant=number)
        if merchant.payout == address:
            return None
        try:
            device = await device_signing(session, address)
        except UnknownDevice as stranger:
            why = f"neither the payout address of merchant {number} nor a device of it"
            raise SignatureInvalid(why=why) from stranger
    if device.merchant != number:
        raise SignatureInvalid(why=f"a device of another shop than merchant {number}")
    return device


class DeviceGate:
    """A gate: the request is signed by a cashier's device that its owner has not withdrawn."""

    async def __call__(self, request: Request, runtime: RuntimeDep, now: NowDep) -> Device:
        """The device, read anew for every request. Raises as `signed_by`; UnknownDevice,
        DeviceRevoked."""
        address = await signed_by(request, runtime, now=now)
        async with snapshot(runtime.engine) as session:
            device = await device_signing(session, address)
        note_shop(request, merchant=device.merchant, key=address)
        return device


DeviceDep = Annotated[Device, Depends(DeviceGate())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cashier:
    """Whoever stands at a shop's till: its owner, or one of its devices."""

    merchant: int
    address: str
    device: Device | None


class TillGate:
    """A gate: the request is signed by a shop's payout address or by a device of a shop."""

    async def __call__(self, request: Request, runtime: RuntimeDep, now: NowDep) -> Cashier:
        """Who asks. Raises as `signed_by`; DeviceRevoked, and UnknownMerchant for a stranger."""
        address = await signed_by(request, runtime, now=now)
        async with snapshot(runtime.engine) as session:
            merchant = await index_reads.merchant_paid_at(session, runtime.chain_id, address)
            if merchant is not None:
                return Cashier(merchant=merchant.number, address=address, device=None)
            try:
                device = await device_signing(session, address)
            except UnknownDevice as stranger:
                raise UnknownMerchant(payout=address) from stranger
        return Cashier(merchant=device.merchant, address=address, device=device)


TillDep = Annotated[Cashier, Depends(TillGate())]


class KeyGate:
    """A gate: the request is signed, by whatever key. What it may do hangs on something else."""

    async def __call__(self, request: Request, runtime: RuntimeDep, now: NowDep) -> str:
        """The address that signed. Raises as `signed_by`."""
        return await signed_by(request, runtime, now=now)


KeyDep = Annotated[str, Depends(KeyGate())]


class ShopGate:
    """A gate: the request is signed by the payout address of some merchant."""

    async def __call__(self, request: Request, runtime: RuntimeDep, now: NowDep) -> Merchant:
        """The merchant that calls. Raises as `signed_by`; UnknownMerchant for anybody else."""
        address = await signed_by(request, runtime, now=now)
        async with snapshot(runtime.engine) as session:
            merchant = await index_reads.merchant_paid_at(session, runtime.chain_id, address)
        if merchant is None:
            raise UnknownMerchant(payout=address)
        note_shop(request, merchant=merchant.number, key=address)
        return merchant


ShopDep = Annotated[Merchant, Depends(ShopGate())]


class IntentGate:
    """A gate: any office, an ambassador, or (signed) the shop that asked for the intent."""

    async def __call__(
        self,
        request: Request,
        runtime: RuntimeDep,
        now: NowDep,
        authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Officer | Merchant:
        """Who calls. Raises as `Office` with a bearer key, else as `ShopGate`."""
        if authorization is not None:
            return await Office((*EVERY_OFFICE, AMBASSADOR))(request, runtime, authorization)
        return await ShopGate()(request, runtime, now)


AskerDep = Annotated[Officer | Merchant, Depends(IntentGate())]


class HearerGate:
    """A gate: an admin or a treasurer, who hear the city's stream, or (signed) a shop, its own."""

    async def __call__(
        self,
        request: Request,
        runtime: RuntimeDep,
        now: NowDep,
        authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Officer | Merchant:
        """Who calls. Raises as `Office` with a bearer key, else as `ShopGate`."""
        if authorization is not None:
            return await Office(HEARING_OFFICES)(request, runtime, authorization)
        return await ShopGate()(request, runtime, now)


HearerDep = Annotated[Officer | Merchant, Depends(HearerGate())]


class PartyGate:
    """A gate: any office, or a signed request; what the signer may see hangs on whose it is."""

    async def __call__(
        self,
        request: Request,
        runtime: RuntimeDep,
        now: NowDep,
        authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Officer | str:
        """The officer, or the address that signed. Raises as `Office` and `signed_by`."""
        if authorization is not None:
            return await Office(EVERY_OFFICE)(request, runtime, authorization)
        return await signed_by(request, runtime, now=now)


PartyDep = Annotated[Officer | str, Depends(PartyGate())]


GATES: Final[tuple[type[Callable[..., Awaitable[object]]], ...]] = (
    Office,
    HolderGate,
    MerchantGate,
    ShopGate,
    IntentGate,
    DeviceGate,
    TillGate,
    KeyGate,
    PartyGate,
    HearerGate,
)
"""Every kind of gate there is."""
