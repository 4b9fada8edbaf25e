"""What the till keeps of one judgement: the acceptance with its receipt, and the signed verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T", bound="Acceptance | KeptVerdict")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One redemption as the till accepts it, with the outbox row that will carry it.

    Amounts are satang, times Unix seconds. `maximum_…` are what the holder signed as the most,
    where no merchant was named. `r` and `vs` are the holder's signature, `receipt_…` the
    sequencer's over the Receipt typed data.
    """

    id: str
    campaign: int
    pass_number: int
    step: int
    merchant: int
    holder: str
    bill: int
    amount: int
    copay: int
    signed_at: int
    maximum_bill: int | None
    maximum_amount: int | None
    maximum_copay: int | None
    r: bytes
    vs: bytes
    policy_hash: str
    accepted_at: int
    receipt_r: bytes
    receipt_vs: bytes
    verdict: dict[str, Any]
    intent_id: str
    status: str = "accepted"
    reason: str | None = None
    voided: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVerdict:
    """A verdict with its canonical document and the sequencer's signature over it.

    `pass_number` 0: nobody's pass signed. `redemption_id` is None for a refusal.
    """

    id: str
    campaign: int
    pass_number: int
    merchant: int
    accepted: bool
    code: str
    policy_hash: str
    document: bytes
    r: bytes
    vs: bytes
    judged_at: int
    redemption_id: str | None = None


def row_of(kept: T) -> dict[str, Any]:
    """Return the fields by name, as a table's row has them."""
    return {name: getattr(kept, name) for name in kept.__slots__}
