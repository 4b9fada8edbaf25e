// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Entry, SignedEntries} from "./SignedEntries.sol";
import {vm} from "./Vm.sol";

/// @notice Whatever bit of an entry is turned over, on its way or by the sequencer: nobody but its
/// holder ever pays, and nobody but a shop of the batch is paid.
contract CouponBookBitFlipsTest is SignedEntries {
    uint256 private constant HEADER = 17;
    uint256 private constant NAMED = 79;
    uint256 private constant PRESENTED = 90;

    function setUp() public override {
        super.setUp();
        open(generous());
    }

    function test_no_entry_that_names_its_shop_is_taken_with_any_one_bit_turned() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        e.copay = 50;
        bytes memory data = batch(e);
        bytes32 before = picture();
        for (uint256 bit = 8 * HEADER; bit < 8 * (HEADER + NAMED); ++bit) {
            send(flip(data, bit));
            vm.assertEq(picture(), before);
        }
        accepts(1, e);
    }

    /// @dev What the sequencer may choose below the maximum can be turned; what was signed cannot.
    function test_a_turned_bit_of_a_presentation_never_takes_more_than_its_maximum(uint256 bit)
        public
    {
        Entry memory e = presented(1, NOW_STEP, 100);
        (e.copay, e.billMax, e.amountMax, e.copayMax) = (50, 250, 101, 60);
        bit = within(bit, 0, 8 * PRESENTED - 1);
        send(flip(batch(e), 8 * HEADER + bit));
        (uint24 step,, uint24 total) = book.usageOf(1, 1);
        bool signed = bit < 24 || bit >= 8 * 15;
        if (signed) vm.assertEq(step, 0);
        if (step != 0) vm.assertEq(step, NOW_STEP);
        vm.assertLe(total, e.amountMax);
        vm.assertGe(token.balanceOf(addressOf(1)), PURSE - e.copayMax);
        othersAreAsBefore(1);
        sumsAgree(total);
    }

    /// @dev In a batch of several the others are taken as if nothing had been, or nobody is.
    function test_a_turned_bit_of_one_of_several_never_makes_another_pay(uint256 bit, bool unnamed)
        public
    {
        bytes memory data;
        for (uint32 pass = 1; pass <= 3; ++pass) {
            Entry memory e = unnamed ? presented(pass, NOW_STEP, 100) : entry(pass, NOW_STEP, 100);
            (e.copay, e.copayMax) = (50, 50);
            data = bytes.concat(data, pack(e));
        }
        uint256 size = unnamed ? PRESENTED : NAMED;
        bit = within(bit, 0, 8 * size - 1);
        bool sent = send(flip(batch(data), 8 * (HEADER + size) + bit));
        uint256 sum;
        for (uint32 pass = 1; pass <= 3; ++pass) {
            (,, uint24 total) = book.usageOf(1, pass);
            if (pass == 2 && !unnamed) vm.assertEq(total, 0);
            else if (pass == 2) vm.assertLe(total, 100);
            else if (sent) vm.assertEq(total, 100);
            else vm.assertEq(total, 0);
            vm.assertGe(token.balanceOf(addressOf(pass)), PURSE - 50);
            sum += total;
        }
        othersAreAsBefore(3);
        sumsAgree(sum);
    }

    function test_turned_bits_of_the_header_only_ever_lead_to_another_shop_or_to_none(uint256 bit)
        public
    {
        Entry memory atShop = entry(1, NOW_STEP, 100);
        Entry memory free = presented(2, NOW_STEP, 100);
        bytes memory data = batch(bytes.concat(pack(atShop), pack(free)));
        bit = within(bit, 0, 8 * HEADER - 1);
        bool sent = send(flip(data, bit));
        (,, uint24 first) = book.usageOf(1, 1);
        (,, uint24 second) = book.usageOf(1, 2);
        // Only the bits of shops 2 to 4 leave the first entry what it was.
        vm.assertEq(first, sent && bit >= 40 ? 100 : 0);
        vm.assertLe(second, 100);
        othersAreAsBefore(2);
        sumsAgree(uint256(first) + second);
    }

    // -------------------------------------------------------------------------------------- hands

    /// @return sent Whether it was a batch at all.
    function send(bytes memory data) private returns (bool sent) {
        vm.prank(sequencer);
        (sent,) = address(book).call(abi.encodeCall(book.redeem, (1, data)));
    }

    function flip(bytes memory data, uint256 bit) private pure returns (bytes memory other) {
        other = bytes.concat(data);
        other[bit / 8] ^= bytes1(uint8(2 ** (7 - bit % 8)));
    }

    function othersAreAsBefore(uint32 beyond) private view {
        for (uint32 pass = beyond + 1; pass <= HOLDERS; ++pass) {
            used(1, pass, 0, 0, 0);
            vm.assertEq(token.balanceOf(addressOf(pass)), PURSE);
        }
    }

    /// @dev What was spent is what the shops of the header have, and what the book has of copays.
    function sumsAgree(uint256 spent) private view {
        uint256 amounts;
        uint256 copays;
        for (uint32 shop = 1; shop <= SHOPS; ++shop) {
            (uint64 amount, uint64 copay,,) = book.credits(1, shop);
            (amounts, copays) = (amounts + amount, copays + copay);
        }
        vm.assertEq(amounts, spent);
        vm.assertEq(book.campaignOf(1).spent, spent);
        vm.assertEq(token.balanceOf(address(book)), BUDGET + copays);
    }
}
