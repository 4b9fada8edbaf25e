// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BangkokTime} from "../../contracts/libraries/BangkokTime.sol";
import {Lists} from "../../contracts/libraries/Lists.sol";
import {MerchantWord} from "../../contracts/libraries/MerchantWord.sol";
import {PassWord} from "../../contracts/libraries/PassWord.sol";
import {
    UsageLane,
    laneOf,
    packUsage,
    usageSlotOf,
    withLane
} from "../../contracts/types/UsageLane.sol";
import {vm} from "./Vm.sol";

/// @notice The packed words of `tests/vectors`, which pytest reads too.
contract LanesVectorsTest {
    string private json;

    // ------------------------------------------------------------------------------------ words

    function test_passes_pack_as_the_vectors_say() public {
        json = vm.readFile("tests/vectors/words.json");
        for (uint256 i = 0; i < number(".passes.count"); ++i) {
            string memory item = at(".passes", i);
            uint256 word = PassWord.pack(
                uint32(number(item, ".number")),
                uint8(number(item, ".class")),
                uint8(number(item, ".district")),
                uint40(number(item, ".valid_from")),
                uint40(number(item, ".valid_until")),
                uint8(number(item, ".status"))
            );
            vm.assertEq(word, number(item, ".word"), item);
        }
    }

    function test_merchants_pack_as_the_vectors_say() public {
        json = vm.readFile("tests/vectors/words.json");
        for (uint256 i = 0; i < number(".merchants.count"); ++i) {
            string memory item = at(".merchants", i);
            uint256 word = MerchantWord.pack(
                vm.parseJsonAddress(json, string.concat(item, ".payout")),
                uint8(number(item, ".category")),
                uint8(number(item, ".district")),
                uint8(number(item, ".status"))
            );
            vm.assertEq(word, number(item, ".word"), item);
        }
    }

    function test_lists_count_and_hash_as_the_vectors_say() public {
        json = vm.readFile("tests/vectors/words.json");
        for (uint256 i = 0; i < number(".lists.count"); ++i) {
            string memory item = at(".lists", i);
            uint256[] memory indexes = vm.parseJsonUintArray(json, string.concat(item, ".indexes"));
            uint256[] memory words = vm.parseJsonUintArray(json, string.concat(item, ".words"));
            bytes32 hash;
            uint256 count;
            for (uint256 w = 0; w < words.length; ++w) {
                hash = Lists.chain(hash, indexes[w], words[w]);
                count += Lists.ones(words[w]);
            }
            vm.assertEq(uint256(hash), number(item, ".hash"), item);
            vm.assertEq(count, number(item, ".count"), item);
        }
    }

    // ------------------------------------------------------------------------------------ usage

    function test_usage_packs_as_the_vectors_say() public {
        json = vm.readFile("tests/vectors/usage.json");
        for (uint256 i = 0; i < number(".lanes.count"); ++i) {
            string memory item = at(".lanes", i);
            vm.assertEq(UsageLane.unwrap(usage(item)), number(item, ".lane"), item);
        }
    }

    function test_lanes_lie_in_their_slots_as_the_vectors_say() public {
        json = vm.readFile("tests/vectors/usage.json");
        for (uint256 i = 0; i < number(".slots.count"); ++i) {
            string memory item = at(".slots", i);
            uint256 pass = number(item, ".pass");
            uint256 written = withLane(number(item, ".before"), pass, usage(item));
            vm.assertEq(usageSlotOf(pass), number(item, ".key"), item);
            vm.assertEq(written, number(item, ".after"), item);
            vm.assertEq(UsageLane.unwrap(laneOf(written, pass)), number(item, ".lane"), item);
        }
    }

    function test_days_and_hours_are_bangkoks_as_the_vectors_say() public {
        json = vm.readFile("tests/vectors/usage.json");
        for (uint256 i = 0; i < number(".calendar.count"); ++i) {
            string memory item = at(".calendar", i);
            uint256 time = number(item, ".time");
            vm.assertEq(BangkokTime.day(time), number(item, ".day"), item);
            vm.assertEq(BangkokTime.hourOfWeek(time), number(item, ".hour_of_week"), item);
        }
    }

    // ------------------------------------------------------------------------------------- hands

    function usage(string memory item) private view returns (UsageLane) {
        return packUsage(
            number(item, ".last_step"), number(item, ".spent_today"), number(item, ".spent_total")
        );
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
