"""Every on-chain rule says no once: at the till, and by the contract itself, in the same words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.people import Person
from deploy.demo.till import Register, Till, charge_body, expect
from ledger.chain.decoding import decode_log
from ledger.chain.encoding import encode_call
from ledger.domain.clock import step_of
from ledger.domain.events import RedemptionsRefused
from ledger.domain.reasons import Reason
from ledger.domain.redemption import (
    Entry,
    Maximum,
    SignedRedemption,
    pack_batch,
    unpack_refused,
)
from ledger.qr.codec import PresentCode, encode
from wallet_cli.failures import CommandFailure

FORCED_ONLY: Final = frozenset({Reason.FORCE_TOO_EARLY, Reason.FORCE_NEEDS_MERCHANT})

Simulate = Callable[[str, bytes, str], dict[str, Any]]
"""(sender, calldata, book) → what `eth_simulateV1` says of that one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A redemption that must be refused for `reason`. With `maximum`, the holder named no shop."""

    reason: Reason
    person: Person
    campaign: int
    merchant: int
    bill: int
    amount: int
    signed_at: int
    copay: int = 0
    maximum: Maximum | None = None
    at_till: bool = True
    on_chain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was answered: the two sentences, and by whom it was refused."""

    reason: Reason
    th: str
    en: str
    till: bool
    chain: bool


class Desk:
    """Tries attempts at the till and asks the contract, and checks that both say the same."""

    def __init__(self, till: Till, registers: dict[int, Register], simulate: Simulate) -> None:
        self._till = till
        self._registers = registers
        self._simulate = simulate

    def refuse(self, attempt: Attempt) -> Heard:
        """Let both judge `attempt`; raise StoryBroken unless both refuse it for its reason."""
        signed = self._sign(attempt)
        th, en = "", ""
        if attempt.at_till:
            th, en = self._at_till(attempt, signed)
        if attempt.on_chain:
            found = self._on_chain(attempt, signed)
            expect("the contract's reason", wanted=attempt.reason.code, found=found)
        return Heard(
            reason=attempt.reason, th=th, en=en, till=attempt.at_till, chain=attempt.on_chain
        )

    def _sign(self, attempt: Attempt) -> SignedRedemption:
        of = attempt.maximum or attempt
        return self._till.sign(
            attempt.person,
            SignedRedemption(
                campaign=attempt.campaign,
                merchant=0 if attempt.maximum else attempt.merchant,
                bill=of.bill,
                amount=of.amount,
                copay=of.copay,
                signed_at=attempt.signed_at,
            ),
        )

    def _at_till(self, attempt: Attempt, signed: SignedRedemption) -> tuple[str, str]:
        try:
            if attempt.maximum:
                self._present(attempt, signed)
            else:
                self._till.client.post("/v1/redemptions", charge_body(signed))
        except CommandFailure as refused:
            said = refused.explanation
            expect("the till's reason", wanted=attempt.reason.code, found=said.code)
            return said.th, said.en
        expect("the till refuses", wanted=attempt.reason.code, found="accepted")
        return "", ""

    def _present(self, attempt: Attempt, signed: SignedRedemption) -> None:
        city = self._till.client.city
        shown = PresentCode(
            campaign=signed.campaign, bill=signed.bill, amount=signed.amount, copay=signed.copay,
            signed_at=signed.signed_at, r=signed.r, vs=signed.vs,
        )  # fmt: skip
        self._registers[attempt.merchant].client.post(
            "/v1/redemptions",
            {
                "present": encode(shown, city.origin, city.tag),
                "merchant": attempt.merchant,
                "bill": str(attempt.bill),
            },
        )

    def _on_chain(self, attempt: Attempt, signed: SignedRedemption) -> str:
        entry = Entry(
            step=step_of(self._till.starts[attempt.campaign], attempt.signed_at),
            merchant=attempt.merchant,
            bill=attempt.bill,
            amount=attempt.amount,
            copay=attempt.copay,
            maximum=attempt.maximum,
            r=signed.r,
            vs=signed.vs,
        )
        city = self._till.client.city
        forced = attempt.reason in FORCED_ONLY
        call = "forceRedeem" if forced else "redeem"
        data = encode_call("CouponBook", call, attempt.campaign, pack_batch([entry]))
        sender = attempt.person.address if forced else city.sequencer
        answer = self._simulate(sender, data, city.book)
        return _reason_of(answer)


def _reason_of(answer: dict[str, Any]) -> str:
    """The code the contract gave: in its event, or (forced) in its revert."""
    if answer["status"] == "0x0":
        evidence = bytes.fromhex(answer["returnData"].removeprefix("0x"))
        return Reason(int.from_bytes(evidence[-32:], "big")).code
    for log in answer["logs"]:
        event = decode_log(log)
        if isinstance(event, RedemptionsRefused):
            return Reason(unpack_refused(event.records)[0].reason).code
    return "accepted"
