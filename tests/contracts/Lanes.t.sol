// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerchantWord} from "../../contracts/libraries/MerchantWord.sol";
import {PassWord} from "../../contracts/libraries/PassWord.sol";
import {vm} from "./Vm.sol";

/// @notice No value of a lane reaches its neighbour. Each lane is tried at its edges and in
/// between, with every other lane empty, full and arbitrary.
contract LanesTest {
    struct PassLanes {
        uint32 number;
        uint8 class;
        uint8 district;
        uint40 validFrom;
        uint40 validUntil;
        uint8 status;
    }

    struct MerchantLanes {
        address payout;
        uint8 category;
        uint8 district;
        uint8 status;
    }

    // ------------------------------------------------------------------------------------- pass

    function test_a_pass_comes_back_from_its_word_as_it_went_in(PassLanes memory p) public pure {
        same(unpackPass(packPass(p)), p);
    }

    function test_a_pass_word_equals_the_plain_sum_of_its_lanes(PassLanes memory p) public pure {
        uint256 sum = uint256(p.number) + uint256(p.class) * 2 ** 32 + uint256(p.district) * 2 ** 40
            + uint256(p.validFrom) * 2 ** 48 + uint256(p.validUntil) * 2 ** 88 + uint256(p.status)
            * 2 ** 128;
        vm.assertEq(packPass(p), sum);
    }

    function test_one_lane_of_a_pass_at_its_edges_leaves_the_others_alone(
        PassLanes memory p,
        uint8 lane,
        uint8 edge
    ) public pure {
        uint256 value = edgeOf(edge);
        lane = lane % 6;
        if (lane == 0) p.number = uint32(value);
        if (lane == 1) p.class = uint8(value);
        if (lane == 2) p.district = uint8(value);
        if (lane == 3) p.validFrom = uint40(value);
        if (lane == 4) p.validUntil = uint40(value);
        if (lane == 5) p.status = uint8(value);
        same(unpackPass(packPass(p)), p);
    }

    function test_every_bit_of_a_pass_word_belongs_to_one_lane(uint8 bit) public pure {
        bit = bit % 136;
        uint256 word = uint256(1) << bit;
        vm.assertEq(packPass(unpackPass(word)), word);
    }

    function test_bits_above_the_lanes_of_a_pass_are_never_read(uint256 word) public pure {
        vm.assertEq(packPass(unpackPass(word)), word & (2 ** 136 - 1));
    }

    function test_consecutive_numbers_differ_by_one_in_the_word(PassLanes memory p, uint32 more)
        public
        pure
    {
        more = uint32(uint256(more) % (uint256(type(uint32).max - p.number) + 1));
        uint256 word = packPass(p) + more;
        p.number += more;
        vm.assertEq(word, packPass(p));
    }

    // --------------------------------------------------------------------------------- merchant

    function test_a_merchant_comes_back_from_its_word_as_it_went_in(MerchantLanes memory m)
        public
        pure
    {
        same(unpackMerchant(packMerchant(m)), m);
    }

    function test_a_merchant_word_equals_the_plain_sum_of_its_lanes(MerchantLanes memory m)
        public
        pure
    {
        uint256 sum = uint256(uint160(m.payout)) + uint256(m.category) * 2 ** 160
            + uint256(m.district) * 2 ** 168 + uint256(m.status) * 2 ** 176;
        vm.assertEq(packMerchant(m), sum);
    }

    function test_one_lane_of_a_merchant_at_its_edges_leaves_the_others_alone(
        MerchantLanes memory m,
        uint8 lane,
        uint8 edge
    ) public pure {
        uint256 value = edgeOf(edge);
        lane = lane % 4;
        if (lane == 0) m.payout = address(uint160(value));
        if (lane == 1) m.category = uint8(value);
        if (lane == 2) m.district = uint8(value);
        if (lane == 3) m.status = uint8(value);
        same(unpackMerchant(packMerchant(m)), m);
    }

    function test_every_bit_of_a_merchant_word_belongs_to_one_lane(uint8 bit) public pure {
        bit = bit % 184;
        uint256 word = uint256(1) << bit;
        vm.assertEq(packMerchant(unpackMerchant(word)), word);
    }

    function test_bits_above_the_lanes_of_a_merchant_are_never_read(uint256 word) public pure {
        vm.assertEq(packMerchant(unpackMerchant(word)), word & (2 ** 184 - 1));
    }

    // ------------------------------------------------------------------------------------ hands

    /// @dev Cut to a lane's width these are its edges: empty, one, full, full less one, highest
    /// bit.
    function edgeOf(uint8 edge) private pure returns (uint256) {
        edge = edge % 5;
        if (edge == 0) return 0;
        if (edge == 1) return 1;
        if (edge == 2) return type(uint256).max;
        if (edge == 3) return type(uint256).max - 1;
        return uint256(1) << 7 | uint256(1) << 31 | uint256(1) << 39 | uint256(1) << 159;
    }

    function packPass(PassLanes memory p) private pure returns (uint256) {
        return PassWord.pack(p.number, p.class, p.district, p.validFrom, p.validUntil, p.status);
    }

    function unpackPass(uint256 word) private pure returns (PassLanes memory) {
        return PassLanes({
            number: PassWord.number(word),
            class: PassWord.class(word),
            district: PassWord.district(word),
            validFrom: PassWord.validFrom(word),
            validUntil: PassWord.validUntil(word),
            status: PassWord.status(word)
        });
    }

    function packMerchant(MerchantLanes memory m) private pure returns (uint256) {
        return MerchantWord.pack(m.payout, m.category, m.district, m.status);
    }

    function unpackMerchant(uint256 word) private pure returns (MerchantLanes memory) {
        return MerchantLanes({
            payout: MerchantWord.payout(word),
            category: MerchantWord.category(word),
            district: MerchantWord.district(word),
            status: MerchantWord.status(word)
        });
    }

    function same(PassLanes memory a, PassLanes memory b) private pure {
        vm.assertEq(abi.encode(a), abi.encode(b));
    }

    function same(MerchantLanes memory a, MerchantLanes memory b) private pure {
        vm.assertEq(abi.encode(a), abi.encode(b));
    }
}
