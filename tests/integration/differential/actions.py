"""What can happen in a history, as plain data: told once, it can be told again without a part."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ledger.domain.hashing import keccak
from ledger.domain.redemption import UNNAMED, Maximum, SignedRedemption
from ledger.domain.signatures import HALF_ORDER, ORDER, sign
from ledger.domain.typed_data import redemption_digest
from tests.integration.differential.people import key_of

LOW_HALF = (1 << 255) - 1


class Twist(StrEnum):
    """What was done to a signature after it was made."""

    NONE = "none"
    TWIN = "high s, parity flipped"
    PARITY = "parity flipped"
    ZERO_R = "r of zero"
    ZERO_S = "s of zero"
    ZERO = "zero"
    GARBAGE = "garbage"
    HALF_ORDER = "s just above half the order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One entry of a batch: the bytes that will stand in it, and what its signer really signed."""

    signer: str
    head: int
    merchant_index: int
    bill: int
    amount: int
    copay: int
    maximum: Maximum | None
    signed: SignedRedemption
    twist: Twist = Twist.NONE

    def packed(self, separator: bytes) -> bytes:
        """The entry by the wire format, written out here once more and not by the ledger."""
        of = self.maximum
        written = [(self.head, 3), (self.merchant_index, 1), (self.bill, 4), (self.amount, 3)]
        written += [(self.copay, 4)]
        if of is not None:
            written += [(of.bill, 4), (of.amount, 3), (of.copay, 4)]
        assert (of is not None) == bool(self.head & UNNAMED), "the head says whether there is one"
        fields = b"".join(value.to_bytes(size, "big") for value, size in written)
        return fields + self.signature(separator)

    def signature(self, separator: bytes) -> bytes:
        """r and vs, twisted."""
        r, vs = sign(redemption_digest(separator, self.signed), key_of(self.signer))
        return twisted(r, vs, self.twist)


def twisted(r: bytes, vs: bytes, twist: Twist) -> bytes:
    """A signature and what was done to it: 64 bytes."""
    parity, s = vs[0] & 0x80, int.from_bytes(vs, "big") & LOW_HALF
    match twist:
        case Twist.NONE:
            return r + vs
        case Twist.TWIN:
            high = (ORDER - s) & LOW_HALF
            return r + ((parity ^ 0x80) << 248 | high).to_bytes(32, "big")
        case Twist.PARITY:
            return r + bytes([vs[0] ^ 0x80]) + vs[1:]
        case Twist.ZERO_R:
            return bytes(32) + vs
        case Twist.ZERO_S:
            return r + bytes([parity]) + bytes(31)
        case Twist.ZERO:
            return bytes(64)
        case Twist.GARBAGE:
            return keccak(r) + keccak(vs)
        case Twist.HALF_ORDER:
            return r + (parity << 248 | HALF_ORDER + 1).to_bytes(32, "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """A plain call of a contract by somebody at a time."""

    at: int
    sender: str
    contract: str
    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem:
    """A batch, by the sequencer or forced; `tail` is appended to its bytes, `cut` taken off."""

    at: int
    sender: str
    campaign: int
    header: tuple[int, ...]
    plans: tuple[Plan, ...]
    forced: bool = False
    tail: bytes = b""
    cut: int = 0

    def packed(self, separator: bytes) -> bytes:
        """The batch as it is sent."""
        numbers = b"".join(number.to_bytes(4, "big") for number in self.header)
        entries = b"".join(plan.packed(separator) for plan in self.plans)
        whole = bytes([len(self.header)]) + numbers + entries + self.tail
        return whole[: len(whole) - self.cut]


class Slip(StrEnum):
    """What a void names wrongly."""

    NONE = "none"
    INDEX = "an index beyond the batch"
    BATCH = "another batch"
    RECORDS = "records with a byte changed"
    EMPTY = "no records"
    MESSAGE = "a signature over another amount"
    TWIN = "the twin of the signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A void of the redemption of a pass at a step, wherever it lies."""

    at: int
    sender: str
    campaign: int
    pass_number: int
    step: int
    amount: int
    voided_at: int
    signer: str
    holder: str
    slip: Slip = Slip.NONE


Action = Tell | Redeem | Void
