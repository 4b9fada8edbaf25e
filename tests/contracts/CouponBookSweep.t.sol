// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus, Terms} from "../../contracts/types/CampaignTypes.sol";
import {Wiring} from "./City.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

/// @notice What is left goes back to those who gave it, to the last satang, and no sooner than
/// nothing can come in any more.
contract CouponBookSweepTest is CouponBookCase {
    uint256 private constant FUNDERS = 6;
    uint40 private constant OVER = ENDS + 7 days + 15 minutes;

    // ----------------------------------------------------------------------------------- shares

    function test_the_shares_add_up_to_exactly_what_is_left(
        uint96[6] memory given,
        uint24 spent,
        bool large,
        uint8 page
    ) public {
        uint256 funded = bounded(given, large ? 2 ** 93 : 30_000);
        uint32 campaign = funding(given);
        spent = uint24(within(spent, 0, funded < 2 ** 24 ? funded : 2 ** 24 - 1));
        spend(campaign, spent, 7);
        uint256 left = funded - spent;

        vm.warp(OVER + 1);
        page = uint8(within(page, 1, FUNDERS));
        for (uint256 done = 0; done < FUNDERS; done += page) {
            book.sweep(campaign, page);
        }
        uint256 sum;
        uint256 returned;
        for (uint256 i = 0; i < FUNDERS; ++i) {
            uint256 share = left * (sum + given[i]) / funded - left * sum / funded;
            vm.assertEq(token.balanceOf(funderOf(i)), share, "a funder's share");
            // Never more than was given, and off the exact proportion by less than one satang.
            vm.assertLe(share, given[i], "more than was given");
            vm.assertLe(share * funded, left * given[i] + funded - 1, "a satang too much");
            vm.assertLe(left * given[i], share * funded + funded - 1, "a satang too little");
            sum += given[i];
            returned += share;
        }
        vm.assertEq(returned, left, "not all, or too much");
        vm.assertEq(token.balanceOf(address(book)), spent == 0 ? 0 : uint256(spent) + 7);
        vm.assertEq(book.campaignOf(campaign).returned, FUNDERS);
        nothingLeft(campaign);
    }

    function test_a_void_before_the_end_goes_back_to_the_funders_too() public {
        uint32 campaign = open(ordinary());
        Spend memory s = spending(campaign, 1, NOON_STEP, 1_000, 50);
        uint32 batch = redeem(s);
        vm.warp(OVER + 1);
        undo(s, batch, 400, OVER);
        uint256 before = token.balanceOf(treasurer);
        book.sweep(campaign, 1);
        vm.assertEq(token.balanceOf(treasurer) - before, BUDGET - 600);
        vm.assertEq(token.balanceOf(address(book)), 600 + 30);
        credited(campaign, SHOP, 600, 30);
    }

    function test_where_all_was_spent_every_funder_is_told_of_nothing() public {
        uint96[6] memory given = [uint96(100), 200, 300, 400, 500, 600];
        uint32 campaign = funding(given);
        spend(campaign, 2_100, 0);
        vm.warp(OVER + 1);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignClosed(campaign, 0, OVER + 1);
        for (uint32 i = 0; i < FUNDERS; ++i) {
            vm.expectEmit(address(book));
            emit ICouponBookEvents.ContributionReturned(campaign, funderOf(i), i + 1, 0, OVER + 1);
        }
        book.sweep(campaign, FUNDERS);
        vm.assertEq(token.balanceOf(address(book)), 2_100);
    }

    function test_the_money_of_other_campaigns_stays_where_it_is() public {
        uint32 first = open(ordinary());
        uint32 second = open(ordinary());
        vm.warp(OVER + 1);
        book.sweep(first, 1);
        vm.assertEq(token.balanceOf(address(book)), BUDGET);
        stands(second, CampaignStatus.Open);
        nothingLeft(first);
        book.sweep(second, 1);
        vm.assertEq(token.balanceOf(address(book)), 0);
    }

    // ------------------------------------------------------------------------------------ pages

    function test_contributions_are_returned_in_order_and_the_first_page_closes() public {
        uint96[6] memory given = [uint96(100), 200, 300, 400, 500, 600];
        uint32 campaign = funding(given);
        vm.warp(OVER + 1);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignClosed(campaign, 2_100, OVER + 1);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.ContributionReturned(campaign, funderOf(0), 1, 100, OVER + 1);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.ContributionReturned(campaign, funderOf(1), 2, 200, OVER + 1);
        book.sweep(campaign, 2);
        stands(campaign, CampaignStatus.Closed);
        vm.assertEq(book.campaignOf(campaign).returned, 2);
        vm.assertEq(token.balanceOf(funderOf(2)), 0);

        vm.recordLogs();
        book.sweep(campaign, type(uint256).max);
        // Four contributions, each told by the book and by the token; the closing is not repeated.
        vm.assertEq(vm.getRecordedLogs().length, 8);
        vm.assertEq(token.balanceOf(address(book)), 0);
        nothingLeft(campaign);
    }

    function test_nothing_comes_in_between_two_pages() public {
        uint96[6] memory given = [uint96(100), 200, 300, 400, 500, 600];
        uint32 campaign = funding(given);
        Spend memory s = spending(campaign, 1, NOON_STEP, 100, 0);
        uint32 batch = redeem(s);
        vm.warp(OVER + 1);
        book.sweep(campaign, 1);
        bytes memory fault = abi.encodeWithSelector(
            ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, CampaignStatus.Closed
        );
        vm.expectRevert(fault);
        give(treasurer, campaign, 1);
        vm.expectRevert(fault);
        undo(s, batch, 1, OVER);
        s.step += 1;
        bytes memory late = batchOf(s);
        vm.expectRevert(fault);
        book.forceRedeem(campaign, late);
        vm.expectRevert(fault);
        vm.prank(sequencer);
        book.redeem(campaign, late);
        vm.expectRevert(fault);
        pause(campaign);
    }

    function test_a_campaign_without_money_is_closed_once() public {
        uint32 campaign = draft(ordinary());
        vm.warp(OVER + 1);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignClosed(campaign, 0, OVER + 1);
        book.sweep(campaign, 1);
        nothingLeft(campaign);
    }

    function test_a_sweep_of_no_contributions_is_refused() public {
        uint32 campaign = open(ordinary());
        vm.warp(OVER + 1);
        vm.expectRevert(ICouponBookErrors.CouponBook_AmountZero.selector);
        book.sweep(campaign, 0);
        stands(campaign, CampaignStatus.Open);
    }

    // ------------------------------------------------------------------------------------- when

    function test_nobody_sweeps_before_the_last_redemption_could_come_in(uint40 early) public {
        uint32 campaign = open(ordinary());
        early = uint40(within(early, NOON, OVER));
        tooEarly(campaign, early);
        tooEarly(campaign, OVER);
        vm.warp(OVER + 1);
        book.sweep(campaign, 1);
        stands(campaign, CampaignStatus.Closed);
    }

    function test_the_last_step_of_a_campaign_is_taken_and_forced_before_the_sweep() public {
        uint32 campaign = open(ordinary());
        uint24 last = 30 * STEPS_A_DAY;
        vm.warp(timeOf(last) + 7 days);
        redeem(spending(campaign, 1, last, 100, 0));
        book.forceRedeem(campaign, batchOf(spending(campaign, 2, last, 100, 0)));
        tooEarly(campaign, timeOf(last) + 7 days);
        vm.warp(OVER + 1);
        book.sweep(campaign, 1);
        vm.assertEq(token.balanceOf(address(book)), 200);
    }

    function test_an_unknown_campaign_is_not_swept(uint32 campaign) public {
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, campaign)
        );
        book.sweep(campaign, 1);
    }

    // -------------------------------------------------------------------------------------- who

    function test_anyone_sweeps_and_gets_nothing_for_it(address anyone) public {
        vm.assume(anyone != treasurer && anyone != address(book));
        uint32 campaign = open(ordinary());
        vm.warp(OVER + 1);
        uint256 before = token.balanceOf(anyone);
        vm.prank(anyone);
        book.sweep(campaign, 1);
        vm.assertEq(token.balanceOf(anyone), before);
        vm.assertEq(token.balanceOf(treasurer), 2 ** 100);
    }

    function test_a_stolen_key_with_every_role_neither_opens_a_campaign_nor_empties_one() public {
        address thief = named("thief");
        for (uint64 role = 1; role < Wiring.COUNT; ++role) {
            manager.grantRole(role, thief, 0);
        }
        uint32 campaign = open(ordinary());
        Terms memory terms = ordinary();
        vm.prank(thief);
        uint32 rogue = book.draft(terms);
        bytes memory fault =
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_SamePerson.selector, rogue, thief);
        vm.expectRevert(fault);
        vm.prank(thief);
        book.approve(rogue);
        approve(rogue);
        vm.expectRevert(fault);
        vm.prank(thief);
        book.issue(rogue);

        vm.warp(OVER);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_SweepTooEarly.selector, campaign, OVER
            )
        );
        vm.prank(thief);
        book.sweep(campaign, 1);
        vm.warp(OVER + 1);
        vm.prank(thief);
        book.sweep(campaign, 1);
        vm.assertEq(token.balanceOf(thief), 0);
        vm.assertEq(token.balanceOf(treasurer), 2 ** 100);
    }

    // ------------------------------------------------------------------------------------ hands

    function bounded(uint96[6] memory given, uint256 largest)
        private
        pure
        returns (uint256 funded)
    {
        for (uint256 i = 0; i < FUNDERS; ++i) {
            given[i] = uint96(within(given[i], 1, largest));
            funded += given[i];
        }
    }

    /// @dev An open campaign that pays whole bills, with one contribution of each funder.
    function funding(uint96[6] memory given) private returns (uint32 campaign) {
        Terms memory terms = ordinary();
        terms.shareBasisPoints = 10_000;
        terms.allowance = type(uint24).max;
        terms.perDayMax = 0;
        campaign = approved(terms);
        issue(campaign);
        for (uint256 i = 0; i < FUNDERS; ++i) {
            address funder = funderOf(i);
            fund(funder, given[i]);
            allow(funder);
            give(funder, campaign, given[i]);
        }
    }

    function spend(uint32 campaign, uint24 amount, uint32 copay) private {
        if (amount != 0) redeem(spending(campaign, 1, NOON_STEP, amount, copay));
    }

    function tooEarly(uint32 campaign, uint40 time) private {
        vm.warp(time);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_SweepTooEarly.selector, campaign, OVER
            )
        );
        book.sweep(campaign, 1);
    }

    function nothingLeft(uint32 campaign) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_NothingToSweep.selector, campaign)
        );
        book.sweep(campaign, 1);
    }

    function funderOf(uint256 i) private pure returns (address) {
        return named(string.concat("funder ", vm.toString(i)));
    }
}
