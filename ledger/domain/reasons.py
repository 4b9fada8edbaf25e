"""Why a redemption is refused: the contract's numbers, the codes everybody else reads."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Reason(IntEnum):
    """Why a redemption is refused. 1 … 27 are the contract's numbers, in its order of judging.

    103 … 111 are the till's alone, judged after all others.
    """

    SIGNATURE_INVALID = 1
    PASS_SUSPENDED = 2
    PASS_EXPIRED = 3
    ALREADY_SPENT = 4
    SIGNED_IN_FUTURE = 5
    PRESENTATION_EXPIRED = 6
    CAMPAIGN_PAUSED = 7
    ENDED = 8
    NOT_IN_AUDIENCE = 9
    NOT_ON_LIST = 10
    FIRST_USE_MISSED = 11
    OUTSIDE_HOURS = 12
    MERCHANT_UNKNOWN = 13
    MERCHANT_SUSPENDED = 14
    WRONG_CATEGORY = 15
    WRONG_DISTRICT = 16
    AMOUNT_INVALID = 17
    BILL_TOO_SMALL = 18
    MAXIMUM_EXCEEDED = 19
    SHARE_EXCEEDED = 20
    PER_USE_EXCEEDED = 21
    DAY_QUOTA_USED = 22
    ALLOWANCE_USED = 23
    BUDGET_USED = 24
    COPAY_UNPAID = 25
    FORCE_TOO_EARLY = 26
    FORCE_NEEDS_MERCHANT = 27
    NOT_STARTED = 100
    STEP_INVALID = 101
    CAMPAIGN_NOT_OPEN = 102
    INSTALMENT_NOT_RELEASED = 103
    HOUSEHOLD_QUOTA_USED = 104
    MERCHANT_CAP_REACHED = 105
    NOTICE_NOT_ACKNOWLEDGED = 106
    OTHER_COUPON_FIRST = 107
    PLACE_UNKNOWN = 108
    TOO_FAR = 109
    PAPER_PIN_NEEDED = 110
    TILL_FACT_MISSING = 111

    @property
    def code(self) -> str:
        """The word used everywhere but on the chain; public and never renamed."""
        return self.name.lower()

    @property
    def on_chain(self) -> bool:
        """Whether the contract itself can give this reason."""
        return self < Reason.NOT_STARTED

    @staticmethod
    def of_code(code: str) -> Reason:
        """Return the reason of a code. Raises KeyError for a word that is none."""
        return _BY_CODE[code]


_BY_CODE: Final = {reason.name.lower(): reason for reason in Reason}
