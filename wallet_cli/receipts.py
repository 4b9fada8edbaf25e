"""Is this receipt the city's own promise? Answered from its signature alone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import recover
from ledger.domain.typed_data import receipt_digest
from ledger.errors import SignatureInvalid
from ledger.qr.codec import PresentCode, ReceiptCode
from ledger.qr.scan import scan
from wallet_cli.client import City
from wallet_cli.desk import Desk
from wallet_cli.output import JsonObject
from wallet_cli.spending import untrue_receipt

if TYPE_CHECKING:
    from ledger.chain.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Whose signature counts: the deployment, and the keys that may order redemptions for it."""

    separator: bytes
    tag: bytes
    sequencers: frozenset[str]


def promise_of(desk: Desk) -> Promise:
    """From the deployment record named with `--deployment`, else from the city's server."""
    if desk.options.deployment is not None:
        from ledger.chain.deployment import Deployment

        return of_deployment(Deployment.load(desk.options.deployment))
    with desk.public() as client:
        return of_city(client.city)


def of_deployment(record: "Deployment") -> Promise:
    """What a deployment record says, with no server asked."""
    return Promise(
        separator=record.domain_separator,
        tag=record.tag,
        sequencers=frozenset(record.roles["SEQUENCER"]),
    )


def of_city(city: City) -> Promise:
    """What the server says of its deployment, which the client has recomputed."""
    return Promise(separator=city.separator, tag=city.tag, sequencers=frozenset({city.sequencer}))


def signed_by(code: ReceiptCode, promise: Promise) -> str:
    """The sequencer that signed a receipt. Raises CommandFailure (CHAIN) where none of them did."""
    digest = receipt_digest(
        promise.separator,
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
        signer = recover(digest, code.r, code.vs)
    except SignatureInvalid:
        raise untrue_receipt() from None
    if signer not in promise.sequencers:
        raise untrue_receipt()
    return signer


def check_receipt(city: City, receipt: JsonObject, expected: SignedRedemption) -> None:
    """Make sure a receipt promises what was signed and is the city's. CHAIN if it is not.

    Its QR is what a person keeps, so the QR is what is checked.
    """
    code = scan(str(receipt["qr"]), city.tag, ReceiptCode)
    promised = (
        code.campaign, code.merchant, code.bill, code.amount, code.copay, code.signed_at,
    )  # fmt: skip
    signed = (
        expected.campaign, expected.merchant, expected.bill, expected.amount, expected.copay,
        expected.signed_at,
    )  # fmt: skip
    if promised != signed:
        raise untrue_receipt()
    signed_by(code, of_city(city))


def check_taken(
    city: City, taken: JsonObject, presented: PresentCode, *, merchant: int, bill: int
) -> None:
    """Make sure the till's answer to a presented code is the city's signed promise to this shop."""
    code = scan(str(taken["receipt"]["qr"]), city.tag, ReceiptCode)
    promised = (code.campaign, code.signed_at, code.merchant, code.bill)
    if promised != (presented.campaign, presented.signed_at, merchant, bill):
        raise untrue_receipt()
    signed_by(code, of_city(city))
