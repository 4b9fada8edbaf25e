// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using {lastStep, spentToday, spentTotal} for UsageLane global;

/// @notice What one pass has used of one campaign, in 64 bits, from the lowest: lastStep 21,
/// spentToday 19, spentTotal 24. `spentToday` is that of the Bangkok day of `lastStep`.
type UsageLane is uint256;

uint256 constant STEP_LARGEST = (1 << 21) - 1;
uint256 constant SPENT_TODAY_LARGEST = (1 << 19) - 1;
uint256 constant SPENT_TOTAL_LARGEST = (1 << 24) - 1;

uint256 constant LANE_MASK = (1 << 64) - 1;

function lastStep(UsageLane lane) pure returns (uint256) {
    return UsageLane.unwrap(lane) & STEP_LARGEST;
}

function spentToday(UsageLane lane) pure returns (uint256) {
    return (UsageLane.unwrap(lane) >> 21) & SPENT_TODAY_LARGEST;
}

function spentTotal(UsageLane lane) pure returns (uint256) {
    return (UsageLane.unwrap(lane) >> 40) & SPENT_TOTAL_LARGEST;
}

/// @dev Each argument must fit its field: `step` by the entry's 21 bits, `today` because the day
/// quota is at most SPENT_TODAY_LARGEST, `total` because the allowance has 24 bits.
function packUsage(uint256 step, uint256 today, uint256 total) pure returns (UsageLane) {
    return UsageLane.wrap(step | (today << 21) | (total << 40));
}

/// @notice The slot that holds a pass's lane: four passes share one.
function usageSlotOf(uint256 pass) pure returns (uint256) {
    return pass >> 2;
}

/// @notice The lane of a pass within its slot's value.
function laneOf(uint256 slot, uint256 pass) pure returns (UsageLane) {
    return UsageLane.wrap((slot >> ((pass & 3) << 6)) & LANE_MASK);
}

/// @notice The slot's value with the lane of a pass replaced; the other three are untouched.
function withLane(uint256 slot, uint256 pass, UsageLane lane) pure returns (uint256) {
    uint256 shift = (pass & 3) << 6;
    return (slot & ~(LANE_MASK << shift)) | (UsageLane.unwrap(lane) << shift);
}
