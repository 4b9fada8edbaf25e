// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Days and hours in Asia/Bangkok (UTC+7, no daylight saving), and a campaign's steps.
/// @dev Times have 40 bits and steps 21, so nothing here comes near 2^256.
library BangkokTime {
    uint256 internal constant OFFSET = 7 hours;
    uint256 internal constant STEP = 15;

    /// @notice The day of a time; consecutive days have consecutive numbers.
    function day(uint256 time) internal pure returns (uint256) {
        unchecked {
            return (time + OFFSET) / 1 days;
        }
    }

    /// @notice The hour of the week, 0 to 167; Monday 00:00 is 0.
    /// @dev The epoch's first day was a Thursday: 72 hours into a week.
    function hourOfWeek(uint256 time) internal pure returns (uint256) {
        unchecked {
            return ((time + OFFSET) / 1 hours + 72) % 168;
        }
    }

    /// @notice When step `step` of a campaign is. `step` must not be 0, which means never.
    function signedAt(uint256 starts, uint256 step) internal pure returns (uint256) {
        unchecked {
            return starts + (step - 1) * STEP;
        }
    }

    /// @notice Whether two steps of a campaign are on the same day; of no meaning if one of them is 0.
    function sameDay(uint256 starts, uint256 step, uint256 other) internal pure returns (bool) {
        return day(signedAt(starts, step)) == day(signedAt(starts, other));
    }
}
