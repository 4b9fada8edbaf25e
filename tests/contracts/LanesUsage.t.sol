// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BangkokTime} from "../../contracts/libraries/BangkokTime.sol";
import {Lists} from "../../contracts/libraries/Lists.sol";
import {
    LANE_MASK,
    SPENT_TODAY_LARGEST,
    SPENT_TOTAL_LARGEST,
    STEP_LARGEST,
    UsageLane,
    laneOf,
    packUsage,
    usageSlotOf,
    withLane
} from "../../contracts/types/UsageLane.sol";
import {vm} from "./Vm.sol";

/// @notice Usage lanes: no amount that a rule lets through can outgrow its lane, and no lane
/// reaches its neighbour's.
contract LanesUsageTest {
    uint256 private constant STARTS = 1_761_670_800;

    // --------------------------------------------------------------------------------- packing

    function test_usage_comes_back_from_its_lane_as_it_went_in(
        uint256 step,
        uint256 today,
        uint256 total,
        uint8 edge
    ) public pure {
        step = oneOf(step, STEP_LARGEST, edge);
        today = oneOf(today, SPENT_TODAY_LARGEST, edge / 4);
        total = oneOf(total, SPENT_TOTAL_LARGEST, edge / 16);
        UsageLane lane = packUsage(step, today, total);
        vm.assertEq(lane.lastStep(), step);
        vm.assertEq(lane.spentToday(), today);
        vm.assertEq(lane.spentTotal(), total);
        vm.assertEq(UsageLane.unwrap(lane), step + today * 2 ** 21 + total * 2 ** 40);
        vm.assertLe(UsageLane.unwrap(lane), LANE_MASK);
    }

    function test_every_bit_of_a_usage_lane_belongs_to_one_field() public pure {
        for (uint256 bit = 0; bit < 64; ++bit) {
            UsageLane lane = UsageLane.wrap(uint256(1) << bit);
            vm.assertEq(
                UsageLane.unwrap(packUsage(lane.lastStep(), lane.spentToday(), lane.spentTotal())),
                uint256(1) << bit
            );
        }
    }

    function test_writing_one_lane_leaves_its_three_neighbours_alone(
        uint256 slot,
        uint32 pass,
        uint64 value,
        uint8 edge
    ) public pure {
        if (edge % 4 == 0) slot = type(uint256).max;
        if (edge % 4 == 1) value = type(uint64).max;
        if (edge % 4 == 2) (slot, value) = (type(uint256).max, 0);
        uint256 written = withLane(slot, pass, UsageLane.wrap(value));
        uint256 first = uint256(pass) - uint256(pass) % 4;
        for (uint256 other = first; other < first + 4; ++other) {
            vm.assertEq(usageSlotOf(other), usageSlotOf(pass));
            vm.assertEq(
                UsageLane.unwrap(laneOf(written, other)),
                other == pass ? value : UsageLane.unwrap(laneOf(slot, other))
            );
        }
    }

    function test_two_passes_never_share_a_lane(uint32 a, uint32 b) public pure {
        if (a == b) return;
        vm.assertTrue(usageSlotOf(a) != usageSlotOf(b) || a % 4 != b % 4);
    }

    function test_the_longest_campaign_ends_before_the_steps_do() public pure {
        uint256 last = BangkokTime.signedAt(STARTS, STEP_LARGEST);
        vm.assertTrue(last >= STARTS + 364 days);
    }

    // ------------------------------------------------------------------------------------- lists

    function test_the_bits_of_a_list_word_are_counted_as_one_would_by_hand(uint256 word)
        public
        pure
    {
        uint256 count;
        for (uint256 bit = 0; bit < 256; ++bit) {
            count += (word >> bit) & 1;
        }
        vm.assertEq(Lists.ones(word), count);
    }

    function test_full_half_full_and_empty_list_words_are_counted() public pure {
        vm.assertEq(Lists.ones(0), 0);
        vm.assertEq(Lists.ones(1), 1);
        vm.assertEq(Lists.ones(type(uint256).max), 256);
        vm.assertEq(Lists.ones(type(uint128).max), 128);
        vm.assertEq(Lists.ones(uint256(type(uint128).max) << 128), 128);
        vm.assertEq(Lists.ones(type(uint256).max - 1), 255);
    }

    // ------------------------------------------------------------------------------------- hands

    /// @dev Empty, one, full or `value` cut to fit.
    function oneOf(uint256 value, uint256 largest, uint8 edge) private pure returns (uint256) {
        if (edge % 4 == 0) return 0;
        if (edge % 4 == 1) return 1;
        if (edge % 4 == 2) return largest;
        return value % (largest + 1);
    }
}
