// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RedeemedRecord} from "../../contracts/libraries/Records.sol";
import {Rules, Verdicts} from "../../contracts/libraries/Verdicts.sol";
import {Voids} from "../../contracts/libraries/Voids.sol";
import {CampaignRecord} from "../../contracts/types/CampaignRecord.sol";
import {EntryWord} from "../../contracts/types/EntryWord.sol";
import {UsageLane, packUsage, withLane} from "../../contracts/types/UsageLane.sol";
import {vm} from "./Vm.sol";

/// @notice What redemptions and voids do to usage lanes, by the vectors that pytest reads too.
contract CouponBookVectorsTest {
    uint256 private constant PASS = 5;
    uint256 private constant NEIGHBOURS = type(uint256).max;

    /// @dev A day after the vectors' campaign starts.
    uint40 private constant VOIDED_AT = 1_761_692_400 + 1 days;

    string private json;
    CampaignRecord private campaign;

    function setUp() public {
        vm.warp(VOIDED_AT);
        json = vm.readFile("tests/vectors/usage.json");
    }

    function test_a_redemption_moves_a_lane_as_the_vectors_say() public view {
        for (uint256 i = 0; i < number(".spending.count"); ++i) {
            string memory item = at(".spending", i);
            Rules memory rules;
            rules.starts = number(item, ".starts");
            if (daily(item)) rules.daily = type(uint256).max;
            uint256 step = number(item, ".step");
            EntryWord entry = EntryWord.wrap((step << 232) | (number(item, ".amount") << 168));
            UsageLane before = UsageLane.wrap(number(item, ".before"));
            (uint256 today, uint256 total) = Verdicts.sums(rules, entry, before);
            UsageLane after_ = packUsage(step, today, total);
            vm.assertEq(UsageLane.unwrap(after_), number(item, ".after"), item);
        }
    }

    function test_a_void_moves_a_lane_as_the_vectors_say() public {
        for (uint256 i = 0; i < number(".voiding.count"); ++i) {
            string memory item = at(".voiding", i);
            uint32 amount = uint32(number(item, ".amount"));
            uint32 step = uint32(number(item, ".step"));
            campaign.starts = uint40(number(item, ".starts"));
            campaign.perDayMax = daily(item) ? 20_000 : 0;
            UsageLane before = UsageLane.wrap(number(item, ".before"));
            campaign.usage[PASS / 4] = withLane(NEIGHBOURS, PASS, before);
            (campaign.spent, campaign.credits[1].amount) = (amount, amount);
            delete campaign.voids[PASS][step];

            Voids.undo(
                campaign, 1, RedeemedRecord(uint32(PASS), 1, amount, 0, step), amount, VOIDED_AT
            );

            UsageLane after_ = UsageLane.wrap(number(item, ".after"));
            vm.assertEq(campaign.usage[PASS / 4], withLane(NEIGHBOURS, PASS, after_), item);
            vm.assertEq(campaign.spent, 0, item);
            vm.assertEq(campaign.credits[1].amount, 0, item);
        }
    }

    // -------------------------------------------------------------------------------------- hands

    function daily(string memory item) private view returns (bool) {
        return vm.parseJsonBool(json, string.concat(item, ".daily"));
    }

    function at(string memory list, uint256 index) private pure returns (string memory) {
        return string.concat(list, ".items[", vm.toString(index), "]");
    }

    function number(string memory path) private view returns (uint256) {
        return vm.parseJsonUint(json, path);
    }

    function number(string memory item, string memory field) private view returns (uint256) {
        return vm.parseJsonUint(json, string.concat(item, field));
    }
}
