// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {Entry, SignedEntries} from "./SignedEntries.sol";
import {vm} from "./Vm.sol";

/// @notice What anyone may bring in when the sequencer does not: from 15 minutes to 7 days after
/// signing, with its merchant named, and all of a batch or nothing of it.
contract CouponBookForceTest is SignedEntries {
    function setUp() public override {
        super.setUp();
        open(generous());
    }

    // ----------------------------------------------------------------------------------- its ages

    function test_anyone_may_force_from_fifteen_minutes_after_signing_on() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        moveTo(timeOf(NOW_STEP) + 899);
        refuses(batch(e), 0, 26);
        moveTo(timeOf(NOW_STEP) + 900);
        forces(batch(e), record(1, e));
        used(1, 1, NOW_STEP, 100, 100);
        credited(1, SHOP, 100, 0);
    }

    function test_anyone_may_force_up_to_seven_days_after_signing_and_no_longer() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        moveTo(timeOf(NOW_STEP) + 7 days + 1);
        refuses(batch(e), 0, 6);
        moveTo(timeOf(NOW_STEP) + 7 days);
        forces(batch(e), record(1, e));
    }

    function test_an_age_between_is_never_too_early_or_too_late(uint256 age, address caller)
        public
    {
        age = within(age, 900, 7 days);
        Entry memory e = entry(1, NOW_STEP, 100);
        moveTo(timeOf(NOW_STEP) + age);
        vm.prank(caller);
        book.forceRedeem(1, batch(e));
        used(1, 1, NOW_STEP, 100, 100);
    }

    function test_the_future_cannot_be_forced() public {
        refuses(batch(entry(1, NOW_STEP + 5, 100)), 0, 5);
        refuses(batch(entry(1, NOW_STEP + 4, 100)), 0, 26);
    }

    // -------------------------------------------------------------------------------- its merchant

    function test_a_presentation_without_a_merchant_is_nobodys_to_force() public {
        Entry memory e = presented(1, NOW_STEP, 100);
        refuses(batch(e), 0, 26);
        moveTo(timeOf(NOW_STEP) + 900);
        refuses(batch(e), 0, 27);
        pause(1);
        refuses(batch(e), 0, 27);
        moveTo(timeOf(NOW_STEP) + 8 days);
        refuses(batch(e), 0, 6);
    }

    /// @dev The holder's signature names merchant 0. Without its maximum it is not one of a shop.
    function test_a_presentation_cannot_be_passed_off_as_one_that_names_its_merchant() public {
        Entry memory e = presented(1, NOW_STEP, 100);
        (bytes32 r, bytes32 vs) = vm.signCompact(e.key, messageOf(e));
        e.unnamed = false;
        moveTo(timeOf(NOW_STEP) + 900);
        refuses(batch(pack(e, r, vs)), 0, 1);
        // Where the header has no such place, or names merchant 0, it is a shop that does not exist.
        e.place = 9;
        refuses(batch(pack(e, r, vs)), 0, 13);
        e.place = 0;
        refuses(abi.encodePacked(uint8(1), uint32(0), pack(e, r, vs)), 0, 13);
    }

    // --------------------------------------------------------------------------- all of it or none

    function test_one_refused_entry_undoes_the_whole_batch_and_is_named(uint8 which) public {
        which = uint8(within(which, 0, 3));
        bytes memory data;
        bytes memory records;
        for (uint32 i = 0; i < 4; ++i) {
            Entry memory e = entry(i + 1, NOW_STEP, 100);
            e.copay = 10;
            records = bytes.concat(records, record(i + 1, e));
            data = bytes.concat(data, pack(e));
        }
        moveTo(timeOf(NOW_STEP) + 900);
        setPass(which + 1, 0, 0, 2);
        refuses(batch(data), which, 2);
        setPass(which + 1, 0, 0, 1);
        forces(batch(data), records);
        vm.assertEq(token.balanceOf(address(book)), BUDGET + 40);
    }

    function test_the_copay_of_a_forced_redemption_is_collected_or_it_is_refused() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        e.copay = 70;
        moveTo(timeOf(NOW_STEP) + 900);
        vm.prank(addressOf(1));
        token.approve(address(book), 69);
        refuses(batch(e), 0, 25);
        allow(addressOf(1));
        forces(batch(e), record(1, e));
        credited(1, SHOP, 100, 70);
        vm.assertEq(token.balanceOf(addressOf(1)), PURSE - 70);
    }

    function test_what_is_no_batch_cannot_be_forced() public {
        bytes memory data = batch(entry(1, NOW_STEP - 60, 100));
        malformed("");
        malformed(shops());
        malformed(bytes.concat(data, hex"00"));
    }

    function test_a_pause_does_not_keep_what_was_signed_before_it_from_being_forced() public {
        Entry memory before = entry(1, NOW_STEP - 1, 100);
        Entry memory during = entry(2, NOW_STEP, 100);
        pause(1);
        moveTo(timeOf(NOW_STEP) + 900);
        forces(batch(before), record(1, before));
        refuses(batch(during), 0, 7);
    }

    // ------------------------------------------------------------------------------ both ways at once

    function test_what_was_forced_is_not_taken_again_by_the_sequencer() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        Entry memory other = entry(2, NOW_STEP, 100);
        moveTo(timeOf(NOW_STEP) + 900);
        forces(batch(e), record(1, e));
        brings(batch(bytes.concat(pack(e), pack(other))), record(2, other), refusal(0, 4, 1, e));
        used(1, 1, NOW_STEP, 100, 100);
        credited(1, SHOP, 200, 0);
    }

    function test_what_the_sequencer_took_is_not_forced_again() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        accepts(1, e);
        refuses(batch(e), 0, 4);
        moveTo(timeOf(NOW_STEP) + 900);
        refuses(batch(e), 0, 4);
        refuses(batch(bytes.concat(pack(entry(2, NOW_STEP, 100)), pack(e))), 1, 4);
        used(1, 1, NOW_STEP, 100, 100);
        credited(1, SHOP, 100, 0);
    }

    /// @dev The sequencer may leave a redemption lying, and no one can make it lie by being quick.
    function test_a_later_redemption_that_went_ahead_is_why_an_earlier_one_cannot_be_forced()
        public
    {
        Entry memory early = entry(1, NOW_STEP - 1, 100);
        accepts(1, entry(1, NOW_STEP, 100));
        moveTo(timeOf(NOW_STEP) + 900);
        refuses(batch(early), 0, 4);
    }

    // -------------------------------------------------------------------------------------- hands

    function forces(bytes memory data, bytes memory records) private {
        vm.recordLogs();
        vm.prank(anyone);
        book.forceRedeem(1, data);
        (, bytes memory taken, bytes memory refused) = told(vm.getRecordedLogs());
        vm.assertEq(taken, records);
        vm.assertEq(refused, "");
    }

    function refuses(bytes memory data, uint256 index, uint256 reason) private {
        bytes32 before = picture();
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_RedemptionRefused.selector, index, reason
            )
        );
        vm.prank(anyone);
        book.forceRedeem(1, data);
        vm.assertEq(picture(), before);
    }

    function malformed(bytes memory data) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_BatchMalformed.selector, data.length, 300
            )
        );
        book.forceRedeem(1, data);
    }
}
