// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus} from "../../contracts/types/CampaignTypes.sol";
import {Reason} from "../../contracts/types/Reason.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

contract CouponBookPauseTest is CouponBookCase {
    uint32 private campaign;

    function setUp() public override {
        super.setUp();
        campaign = open(ordinary());
    }

    function test_the_guardian_pauses_and_the_approver_resumes() public {
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignPaused(campaign, guardian, uint40(NOON));
        pause(campaign);
        stands(campaign, CampaignStatus.Paused);
        vm.assertEq(book.campaignOf(campaign).pausedAt, NOON);

        vm.warp(NOON + 90);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignResumed(campaign, approver, uint40(NOON + 90));
        resume();
        stands(campaign, CampaignStatus.Open);
        vm.assertEq(book.campaignOf(campaign).pausedAt, 0);
    }

    function test_what_was_signed_before_the_pause_is_still_taken(uint24 earlier) public {
        earlier = uint24(within(earlier, 1, NOON_STEP - 1));
        pause(campaign);
        vm.warp(NOON + 1 hours);
        redeem(spending(campaign, 1, NOON_STEP - earlier, 100, 0));
        used(campaign, 1, NOON_STEP - earlier, 100, 100);
    }

    function test_what_was_signed_before_the_pause_can_still_be_forced_in() public {
        pause(campaign);
        vm.warp(NOON + 6 days);
        bytes memory batch = batchOf(spending(campaign, 1, NOON_STEP - 1, 100, 0));
        vm.prank(named("anyone"));
        book.forceRedeem(campaign, batch);
        used(campaign, 1, NOON_STEP - 1, 100, 100);
    }

    function test_what_is_signed_from_the_pause_on_is_refused(uint24 later) public {
        later = uint24(within(later, 0, STEPS_A_DAY));
        pause(campaign);
        vm.warp(timeOf(NOON_STEP + later));
        refuse(spending(campaign, 1, NOON_STEP + later, 100, 0), Reason.CAMPAIGN_PAUSED);
        used(campaign, 1, 0, 0, 0);
    }

    function test_what_is_signed_during_a_pause_cannot_be_forced_in() public {
        pause(campaign);
        vm.warp(NOON + 1 hours);
        bytes memory batch = batchOf(spending(campaign, 1, NOON_STEP, 100, 0));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_RedemptionRefused.selector, 0, Reason.CAMPAIGN_PAUSED
            )
        );
        book.forceRedeem(campaign, batch);
    }

    function test_a_batch_across_the_pause_is_parted_at_it() public {
        pause(campaign);
        vm.warp(NOON + 1 minutes);
        Spend memory before = spending(campaign, 1, NOON_STEP - 1, 100, 0);
        Spend memory after_ = spending(campaign, 2, NOON_STEP, 100, 0);
        (, bytes memory redeemed, bytes memory refused) = bring(
            campaign,
            bytes.concat(
                headerOf(SHOP),
                entryOf(before, 0, keyOf(holderOf(1))),
                entryOf(after_, 0, keyOf(holderOf(2)))
            )
        );
        vm.assertEq(redeemed, recordOf(before));
        vm.assertEq(refused, refusalOf(after_, 1, Reason.CAMPAIGN_PAUSED, 2));
    }

    function test_after_the_pause_everything_is_taken_again() public {
        pause(campaign);
        vm.warp(NOON + 1 hours);
        resume();
        redeem(spending(campaign, 1, NOON_STEP + 4, 100, 0));
        redeem(spending(campaign, 1, NOON_STEP + 240, 100, 0));
    }

    function test_a_second_pause_counts_from_its_own_beginning() public {
        pause(campaign);
        resume();
        vm.warp(NOON + 30);
        pause(campaign);
        redeem(spending(campaign, 1, NOON_STEP + 1, 100, 0));
        refuse(spending(campaign, 1, NOON_STEP + 2, 100, 0), Reason.CAMPAIGN_PAUSED);
    }

    function test_pausing_one_campaign_leaves_the_others_open() public {
        uint32 other = open(ordinary());
        pause(campaign);
        redeem(spending(other, 1, NOON_STEP, 100, 0));
    }

    function test_money_is_given_and_given_back_while_a_campaign_is_paused() public {
        Spend memory s = spending(campaign, 1, NOON_STEP - 1, 100, 30);
        uint32 batch = redeem(s);
        pause(campaign);
        give(treasurer, campaign, 5);
        undo(s, batch, 100, uint40(NOON));
        vm.assertEq(book.campaignOf(campaign).spent, 0);
        vm.assertEq(token.balanceOf(addressOf(1)), PURSE);
    }

    function test_a_paused_campaign_is_closed_like_any_other() public {
        pause(campaign);
        vm.warp(ENDS + 7 days + 15 minutes + 1);
        book.sweep(campaign, 1);
        stands(campaign, CampaignStatus.Closed);
        vm.assertEq(book.campaignOf(campaign).pausedAt, 0);
        vm.assertEq(token.balanceOf(address(book)), 0);
    }

    // -------------------------------------------------------------------------------------- when

    function test_only_an_open_campaign_is_paused() public {
        uint32 other = draft(ordinary());
        notPaused(other, CampaignStatus.Drafted);
        approve(other);
        notPaused(other, CampaignStatus.Approved);
        issue(other);
        pause(other);
        notPaused(other, CampaignStatus.Paused);
    }

    function test_only_a_paused_campaign_is_resumed() public {
        notResumed(CampaignStatus.Open);
        pause(campaign);
        resume();
        notResumed(CampaignStatus.Open);
        vm.warp(ENDS + 7 days + 15 minutes + 1);
        book.sweep(campaign, 1);
        notResumed(CampaignStatus.Closed);
        notPaused(campaign, CampaignStatus.Closed);
    }

    function test_an_unknown_campaign_is_neither_paused_nor_resumed(uint32 unknown) public {
        if (unknown == campaign) unknown = 0;
        bytes memory fault =
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, unknown);
        vm.expectRevert(fault);
        pause(unknown);
        vm.expectRevert(fault);
        vm.prank(approver);
        book.resume(unknown);
    }

    // --------------------------------------------------------------------------------------- who

    function test_nobody_but_the_guardian_pauses(address caller) public {
        vm.assume(caller != guardian);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        book.pause(campaign);
    }

    function test_nobody_but_an_approver_resumes_not_even_the_guardian(address caller) public {
        vm.assume(caller != approver);
        pause(campaign);
        unauthorised(guardian);
        unauthorised(caller);
    }

    // ------------------------------------------------------------------------------------ hands

    function resume() private {
        vm.prank(approver);
        book.resume(campaign);
    }

    function unauthorised(address caller) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        book.resume(campaign);
    }

    function notPaused(uint32 which, CampaignStatus status) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_WrongStatus.selector, which, status)
        );
        pause(which);
    }

    function notResumed(CampaignStatus status) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, status
            )
        );
        resume();
    }
}
