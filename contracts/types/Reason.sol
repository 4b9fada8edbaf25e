// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Why a redemption is refused. The order is the order of judging: the first that applies
/// names the refusal. docs/wire-format.md says exactly when each one does.
/// @dev Numbers and not an enum: the judge hands them on several times for each entry, and each time
/// the compiler would check an enum's range again.
library Reason {
    uint256 internal constant NONE = 0;
    uint256 internal constant SIGNATURE_INVALID = 1;
    uint256 internal constant PASS_SUSPENDED = 2;
    uint256 internal constant PASS_EXPIRED = 3;
    uint256 internal constant ALREADY_SPENT = 4;
    uint256 internal constant SIGNED_IN_FUTURE = 5;
    uint256 internal constant PRESENTATION_EXPIRED = 6;
    uint256 internal constant CAMPAIGN_PAUSED = 7;
    uint256 internal constant ENDED = 8;
    uint256 internal constant NOT_IN_AUDIENCE = 9;
    uint256 internal constant NOT_ON_LIST = 10;
    uint256 internal constant FIRST_USE_MISSED = 11;
    uint256 internal constant OUTSIDE_HOURS = 12;
    uint256 internal constant MERCHANT_UNKNOWN = 13;
    uint256 internal constant MERCHANT_SUSPENDED = 14;
    uint256 internal constant WRONG_CATEGORY = 15;
    uint256 internal constant WRONG_DISTRICT = 16;
    uint256 internal constant AMOUNT_INVALID = 17;
    uint256 internal constant BILL_TOO_SMALL = 18;
    uint256 internal constant MAXIMUM_EXCEEDED = 19;
    uint256 internal constant SHARE_EXCEEDED = 20;
    uint256 internal constant PER_USE_EXCEEDED = 21;
    uint256 internal constant DAY_QUOTA_USED = 22;
    uint256 internal constant ALLOWANCE_USED = 23;
    uint256 internal constant BUDGET_USED = 24;
    uint256 internal constant COPAY_UNPAID = 25;
    uint256 internal constant FORCE_TOO_EARLY = 26;
    uint256 internal constant FORCE_NEEDS_MERCHANT = 27;
}
