// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus} from "../../contracts/types/CampaignTypes.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

/// @notice What a void needs, and what it is refused for. The campaign has one redemption of pass 5:
/// 1,000 by the city and 600 by its holder.
contract CouponBookVoidTest is CouponBookCase {
    uint256 private constant ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint40 private constant NOW = uint40(NOON);

    uint32 private campaign;
    uint32 private batch;
    Spend private taken;

    function setUp() public override {
        super.setUp();
        campaign = open(ordinary());
        taken = spending(campaign, 5, NOON_STEP - 4, 1_000, 600);
        batch = redeem(taken);
    }

    function test_a_full_void_leaves_nothing_of_a_redemption_but_its_step() public {
        credited(campaign, SHOP, 1_000, 600);
        vm.assertEq(token.balanceOf(addressOf(5)), PURSE - 600);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.Voided(
            campaign, 5, SHOP, 1_000, 600, timeOf(taken.step), NOW, uint40(NOON)
        );
        undo(taken, batch, 1_000, NOW);

        used(campaign, 5, taken.step, 0, 0);
        credited(campaign, SHOP, 0, 0);
        vm.assertEq(book.campaignOf(campaign).spent, 0);
        vm.assertEq(token.balanceOf(addressOf(5)), PURSE);
        vm.assertEq(token.balanceOf(address(book)), BUDGET);
        voided(1_000, 600, NOW);
    }

    function test_parts_of_a_void_give_the_copay_back_in_proportion_rounded_up_in_all() public {
        undo(taken, batch, 1, NOW - 2);
        voided(1, 1, NOW - 2);
        undo(taken, batch, 333, NOW - 1);
        voided(334, 201, NOW - 1);
        used(campaign, 5, taken.step, 666, 666);
        credited(campaign, SHOP, 666, 399);
        vm.assertEq(token.balanceOf(addressOf(5)), PURSE - 399);
        undo(taken, batch, 666, NOW);
        voided(1_000, 600, NOW);
        vm.assertEq(token.balanceOf(addressOf(5)), PURSE);
    }

    function test_anyone_brings_in_a_signed_void(address anyone) public {
        (bytes32 r, bytes32 vs) = signVoid(taken, 1_000, NOW, "shop");
        bytes memory records = recordOf(taken);
        vm.prank(anyone);
        book.void(campaign, batch, records, 0, addressOf(5), 1_000, NOW, r, vs);
        used(campaign, 5, taken.step, 0, 0);
    }

    function test_what_was_voided_can_be_spent_again_at_a_later_step() public {
        vm.warp(NOON + 1 minutes);
        redeem(spending(campaign, 5, NOON_STEP, 19_000, 0));
        undo(taken, batch, 1_000, NOW);
        redeem(spending(campaign, 5, NOON_STEP + 1, 1_000, 0));
        used(campaign, 5, NOON_STEP + 1, 20_000, 20_000);
    }

    function test_the_day_quota_comes_back_on_the_same_day_and_not_on_another() public {
        uint24 tomorrow = NOON_STEP + STEPS_A_DAY;
        vm.warp(timeOf(tomorrow));
        Spend memory next = spending(campaign, 5, tomorrow, 300, 0);
        uint32 second = redeem(next);
        used(campaign, 5, tomorrow, 300, 1_300);

        undo(taken, batch, 1_000, NOW);
        used(campaign, 5, tomorrow, 300, 300);
        undo(next, second, 100, NOW);
        used(campaign, 5, tomorrow, 200, 200);
    }

    function test_a_redemption_that_named_no_merchant_is_voided_like_any_other() public {
        Spend memory s = spending(campaign, 6, NOON_STEP, 500, 100);
        Maximum memory most = Maximum(5_000, 900, 300);
        bytes memory given =
            bytes.concat(headerOf(RIVAL, SHOP), unnamedOf(s, most, 1, keyOf(holderOf(6))));
        (uint32 number, bytes memory records,) = bring(campaign, given);
        (bytes32 r, bytes32 vs) = signVoid(s, 500, NOW, "shop");
        book.void(campaign, number, records, 0, addressOf(6), 500, NOW, r, vs);
        used(campaign, 6, NOON_STEP, 0, 0);
        vm.assertEq(token.balanceOf(addressOf(6)), PURSE);
    }

    function test_the_copay_follows_the_pass_to_its_new_holder() public {
        address fresh = named("new phone");
        address lost = addressOf(5);
        vm.prank(registrar);
        passes.rebind(lost, fresh);
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_HolderMismatch.selector, 5, lost)
        );
        undo(taken, batch, 1_000, NOW);

        (bytes32 r, bytes32 vs) = signVoid(taken, 1_000, NOW, "shop");
        book.void(campaign, batch, recordOf(taken), 0, fresh, 1_000, NOW, r, vs);
        vm.assertEq(token.balanceOf(fresh), 600);
    }

    function test_a_merchant_that_moved_signs_with_its_new_payout_address_alone() public {
        vm.prank(registrar);
        merchants.change(SHOP, named("new till"), 0, 0, 1);
        refusedAs("shop", taken, ICouponBookErrors.CouponBook_VoidNotSigned.selector);
        (bytes32 r, bytes32 vs) = signVoid(taken, 1_000, NOW, "new till");
        book.void(campaign, batch, recordOf(taken), 0, addressOf(5), 1_000, NOW, r, vs);
    }

    function test_a_suspended_merchant_can_still_give_back() public {
        vm.prank(registrar);
        merchants.change(SHOP, named("shop"), 0, 0, 2);
        undo(taken, batch, 1_000, NOW);
        credited(campaign, SHOP, 0, 0);
    }

    function test_a_void_whose_copay_cannot_be_paid_does_nothing_until_it_can() public {
        vm.prank(guardian);
        token.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        undo(taken, batch, 1_000, NOW);
        used(campaign, 5, taken.step, 1_000, 1_000);
        vm.prank(approver);
        token.unpause();
        undo(taken, batch, 1_000, NOW);
    }

    // --------------------------------------------------------------------------- who, and how much

    function test_nobody_but_the_merchant_signs_a_void() public {
        string[5] memory others = ["rival", "holder 5", "sequencer", "officer", "nobody"];
        for (uint256 i = 0; i < others.length; ++i) {
            refusedAs(others[i], taken, ICouponBookErrors.CouponBook_VoidNotSigned.selector);
        }
    }

    function test_a_merchant_voids_no_redemption_of_another(uint24 amount) public {
        amount = uint24(within(amount, 1, 1_000));
        Spend memory claimed = taken;
        claimed.merchant = RIVAL;
        (bytes32 r, bytes32 vs) = signVoid(claimed, amount, NOW, "rival");
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidNotSigned.selector, SHOP)
        );
        book.void(campaign, batch, recordOf(taken), 0, addressOf(5), amount, NOW, r, vs);
    }

    function test_the_signature_covers_campaign_pass_step_amount_and_time(uint8 which) public {
        Spend memory s = taken;
        uint32 amount = 500;
        uint40 voidedAt = NOW;
        if (which % 5 == 0) s.campaign += 1;
        if (which % 5 == 1) s.pass += 1;
        if (which % 5 == 2) s.step += 1;
        if (which % 5 == 3) amount += 1;
        if (which % 5 == 4) voidedAt += 1;
        (bytes32 r, bytes32 vs) = signVoid(s, amount, voidedAt, "shop");
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidNotSigned.selector, SHOP)
        );
        book.void(campaign, batch, recordOf(taken), 0, addressOf(5), 500, NOW, r, vs);
    }

    function test_neither_a_twin_nor_a_signature_of_noise_is_taken(bytes32 noise) public {
        (bytes32 r, bytes32 vs) = signVoid(taken, 1_000, NOW, "shop");
        uint256 s = uint256(vs) & (2 ** 255 - 1);
        // The twin of a low s does not fit 255 bits with its own parity; what fits is refused too.
        bytes32 twin = bytes32(((ORDER - s) & (2 ** 255 - 1)) | (~uint256(vs) & 2 ** 255));
        bytes memory fault =
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidNotSigned.selector, SHOP);
        vm.expectRevert(fault);
        book.void(campaign, batch, recordOf(taken), 0, addressOf(5), 1_000, NOW, r, twin);
        vm.expectRevert(fault);
        book.void(campaign, batch, recordOf(taken), 0, addressOf(5), 1_000, NOW, noise, vs);
        vm.expectRevert(fault);
        book.void(campaign, batch, recordOf(taken), 0, addressOf(5), 1_000, NOW, 0, 0);
    }

    function test_the_copay_goes_to_nobody_but_the_holder(address other) public {
        vm.assume(other != addressOf(5));
        (bytes32 r, bytes32 vs) = signVoid(taken, 1_000, NOW, "shop");
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_HolderMismatch.selector, 5, other)
        );
        book.void(campaign, batch, recordOf(taken), 0, other, 1_000, NOW, r, vs);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_HolderMismatch.selector, 5, addressOf(4)
            )
        );
        book.void(campaign, batch, recordOf(taken), 0, addressOf(4), 1_000, NOW, r, vs);
    }

    function test_no_more_is_voided_than_is_left(uint32 more, uint16 part) public {
        more = uint32(within(more, 1_001, type(uint32).max));
        exceeds(more, 1_000);
        part = uint16(within(part, 1, 1_000));
        undo(taken, batch, part, NOW - 1);
        exceeds(1_001 - part, 1_000 - part);
    }

    function test_a_void_of_nothing_is_refused() public {
        vm.expectRevert(ICouponBookErrors.CouponBook_AmountZero.selector);
        undo(taken, batch, 0, NOW);
    }

    // ----------------------------------------------------------------------------- when, and once

    function test_a_replayed_void_is_refused(uint16 amount) public {
        amount = uint16(within(amount, 1, 500));
        undo(taken, batch, amount, NOW);
        late(amount, NOW, NOW + 1);
        late(amount, NOW - 1, NOW + 1);
        voided(amount, (600 * uint256(amount) + 999) / 1_000, NOW);
        undo(taken, batch, amount, NOW + 1);
    }

    function test_a_void_is_signed_within_the_last_seven_days_and_the_next_minute() public {
        vm.warp(NOON + 20 days);
        uint40 now_ = uint40(NOON + 20 days);
        late(1, now_ - 7 days - 1, now_ - 7 days);
        late(1, now_ + 61, now_ - 7 days);
        late(1, type(uint40).max, now_ - 7 days);
        undo(taken, batch, 1, now_ - 7 days);
        undo(taken, batch, 1, now_ + 60);
    }

    function test_nothing_is_voided_once_the_campaign_is_closed() public {
        vm.warp(ENDS + 7 days + 15 minutes + 1);
        undo(taken, batch, 1, ENDS + 7 days);
        book.sweep(campaign, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, CampaignStatus.Closed
            )
        );
        undo(taken, batch, 1, ENDS + 7 days + 1);
    }

    function test_nothing_is_voided_under_an_unknown_campaign_or_one_that_is_not_open() public {
        Spend memory s = taken;
        s.campaign = 9;
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, 9)
        );
        undo(s, batch, 1, NOW);
        s.campaign = draft(ordinary());
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector,
                s.campaign,
                CampaignStatus.Drafted
            )
        );
        undo(s, batch, 1, NOW);
    }

    // ----------------------------------------------------------------------------------- the proof

    function test_records_with_one_byte_altered_prove_nothing(uint8 at_, uint8 flip) public {
        bytes memory records = recordOf(taken);
        records[at_ % 22] ^= bytes1(flip == 0 ? 1 : flip);
        unproved(batch, records);
    }

    function test_records_cut_short_or_made_longer_prove_nothing() public {
        bytes memory records = recordOf(taken);
        unproved(batch, bytes.concat(records, hex"00"));
        unproved(batch, bytes.concat(records, records));
        unproved(batch, "");
        assembly ("memory-safe") {
            mstore(records, 21)
        }
        unproved(batch, records);
    }

    function test_records_prove_their_own_batch_alone(uint32 other) public {
        redeem(spending(campaign, 6, NOON_STEP, 10, 0));
        if (other == batch) other = batch + 1;
        unproved(other, recordOf(taken));
        unproved(batch + 1, recordOf(taken));
        unproved(0, "");
    }

    function test_a_redemption_of_another_campaign_is_not_proved_here() public {
        Spend memory s = taken;
        s.campaign = open(ordinary());
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_RecordsUnknown.selector, s.campaign, batch
            )
        );
        undo(s, batch, 1, NOW);
    }

    function test_an_index_beyond_the_records_is_refused(uint256 index) public {
        index = within(index, 1, type(uint256).max);
        (bytes32 r, bytes32 vs) = signVoid(taken, 1, NOW, "shop");
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_RecordUnknown.selector, index, 1)
        );
        book.void(campaign, batch, recordOf(taken), index, addressOf(5), 1, NOW, r, vs);
    }

    function test_an_index_of_another_redemption_of_the_batch_is_not_what_was_signed() public {
        Spend memory one = spending(campaign, 6, NOON_STEP, 100, 0);
        Spend memory two = spending(campaign, 7, NOON_STEP, 100, 0);
        (uint32 number, bytes memory records,) = bring(
            campaign,
            bytes.concat(
                headerOf(SHOP),
                entryOf(one, 0, keyOf(holderOf(6))),
                entryOf(two, 0, keyOf(holderOf(7)))
            )
        );
        (bytes32 r, bytes32 vs) = signVoid(two, 100, NOW, "shop");
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidNotSigned.selector, SHOP)
        );
        book.void(campaign, number, records, 0, addressOf(6), 100, NOW, r, vs);
        book.void(campaign, number, records, 1, addressOf(7), 100, NOW, r, vs);
        used(campaign, 6, NOON_STEP, 100, 100);
        used(campaign, 7, NOON_STEP, 0, 0);
    }

    // ------------------------------------------------------------------------------------ hands

    function voided(uint256 amount, uint256 copay, uint256 at_) private view {
        (uint24 isAmount, uint32 isCopay, uint40 isAt) = book.voidOf(campaign, 5, taken.step);
        vm.assertEq(isAmount, amount, "voided of the amount");
        vm.assertEq(isCopay, copay, "voided of the copay");
        vm.assertEq(isAt, at_, "voided at");
    }

    function refusedAs(string memory who, Spend memory s, bytes4 selector) private {
        (bytes32 r, bytes32 vs) = signVoid(s, 1_000, NOW, who);
        vm.expectRevert(abi.encodeWithSelector(selector, SHOP));
        book.void(campaign, batch, recordOf(s), 0, addressOf(5), 1_000, NOW, r, vs);
    }

    function exceeds(uint32 amount, uint256 left) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidExceeds.selector, amount, left)
        );
        undo(taken, batch, amount, NOW);
    }

    function late(uint32 amount, uint40 voidedAt, uint256 earliest) private {
        uint256 latest = block.timestamp + 60;
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_VoidOutOfTime.selector, voidedAt, earliest, latest
            )
        );
        undo(taken, batch, amount, voidedAt);
    }

    function unproved(uint32 number, bytes memory records) private {
        (bytes32 r, bytes32 vs) = signVoid(taken, 1, NOW, "shop");
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_RecordsUnknown.selector, campaign, number
            )
        );
        book.void(campaign, number, records, 0, addressOf(5), 1, NOW, r, vs);
    }
}
