// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICouponBook} from "../../contracts/interfaces/ICouponBook.sol";
import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus, Terms} from "../../contracts/types/CampaignTypes.sol";
import {Reason} from "../../contracts/types/Reason.sol";
import {Wiring} from "./City.sol";
import {SettlementCase} from "./SettlementCase.sol";
import {vm} from "./Vm.sol";

/// @notice A token that moves less than it says, or calls the book while it moves.
contract LyingToken is ERC20("Lying", "LIE") {
    ICouponBook private immutable book;
    uint256 public kept;
    bool public calls;

    constructor(ICouponBook book_, address to) {
        _mint(to, 1_000_000);
        book = book_;
    }

    function lie(uint256 kept_, bool calls_) external {
        (kept, calls) = (kept_, calls_);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0)) return super._update(from, to, value);
        super._update(from, to, value - kept);
        if (calls) book.settle(IERC20(address(this)), abi.encodePacked(uint192(1)));
    }
}

/// @notice What a void after payment makes a shop owe, how it is netted and how it is covered. The
/// shop took 1,000 and 600 of pass 5 and was paid for it.
contract CouponBookDebtsTest is SettlementCase {
    uint40 private constant NOW = uint40(NOON);

    uint32 private campaign;
    uint32 private batch;
    Spend private taken;

    function setUp() public override {
        super.setUp();
        campaign = open(ordinary());
        taken = spending(campaign, 5, NOON_STEP - 4, 1_000, 600);
        batch = redeem(taken);
        settled(line(campaign, SHOP, 1_000, 600), 1_600);
    }

    // --------------------------------------------------------------------- void after the payment

    function test_a_void_after_payment_gives_back_the_coupon_and_the_shop_owes() public {
        undo(taken, batch, 400, NOW);
        used(campaign, 5, taken.step, 600, 600);
        vm.assertEq(token.balanceOf(addressOf(5)), PURSE - 360);
        credited(campaign, SHOP, 600, 360);
        owes(campaign, SHOP, 1_600, 640);
        // The copay came out of the campaign, and so did what the shop has in its bank.
        spentOf(campaign, 600 + 640, 640);
        vm.assertEq(token.balanceOf(address(book)), BUDGET - 600 - 640);
    }

    function test_a_void_of_what_was_paid_in_part_owes_only_what_was_paid(uint16 part) public {
        part = uint16(within(part, 1, 1_000));
        Spend memory s = spending(campaign, 6, NOON_STEP - 4, 500, 0);
        uint32 second = redeem(s);
        // 500 are still to be paid: the first 500 of a void are taken from there.
        undo(taken, batch, part, NOW);
        uint256 back = part + (uint256(part) * 600 + 999) / 1_000;
        owes(campaign, SHOP, 1_600, back > 500 ? back - 500 : 0);
        undo(s, second, 500, NOW);
        owes(campaign, SHOP, 1_600, back);
    }

    function test_the_debt_is_netted_with_the_next_payment_and_the_budget_is_whole_again() public {
        undo(taken, batch, 1_000, NOW);
        spentOf(campaign, 1_600, 1_600);
        uint32 other = open(ordinary());
        redeem(spending(other, 5, NOON_STEP - 4, 2_000, 0));
        settled(bytes.concat(line(campaign, SHOP, -1_000, -600), line(other, SHOP, 2_000, 0)), 400);
        owes(campaign, SHOP, 0, 0);
        owes(other, SHOP, 2_000, 0);
        spentOf(campaign, 0, 0);
        vm.assertEq(token.balanceOf(address(book)), 2 * BUDGET - 2_000);
    }

    function test_the_debt_is_netted_within_its_campaign_by_a_line_of_the_rest() public {
        undo(taken, batch, 1_000, NOW);
        vm.warp(NOON + 15);
        redeem(spending(campaign, 5, NOON_STEP, 2_000, 0));
        // A redemption writes nothing more: the debt looks larger than it is, and so does `spent`.
        owes(campaign, SHOP, 1_600, 1_600);
        spentOf(campaign, 3_600, 1_600);
        settled(line(campaign, SHOP, 1_000, -600), 400);
        owes(campaign, SHOP, 2_000, 0);
        spentOf(campaign, 2_000, 0);
    }

    function test_a_line_of_nothing_brings_a_debt_up_to_date() public {
        undo(taken, batch, 1_000, NOW);
        vm.warp(NOON + 15);
        redeem(spending(campaign, 5, NOON_STEP, 1_600, 0));
        uint32 other = open(ordinary());
        redeem(spending(other, 5, NOON_STEP, 1, 0));
        settled(bytes.concat(line(campaign, SHOP, 0, 0), line(other, SHOP, 1, 0)), 1);
        owes(campaign, SHOP, 1_600, 0);
        spentOf(campaign, 1_600, 0);
    }

    function test_no_more_than_was_paid_is_ever_taken_from_a_shop(uint16 more) public {
        uint256 less = 1_601 + uint256(more);
        // It is the book itself that refuses, whoever is its settler.
        manager.grantRole(Wiring.SETTLER, address(this), 0);
        bytes memory lines = line(campaign, SHOP, -int64(uint64(less)), 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_PaidOutOfRange.selector,
                campaign,
                SHOP,
                int256(1_600) - int256(less),
                type(uint64).max
            )
        );
        book.settle(IERC20(token), lines);
    }

    function test_a_void_that_the_campaign_cannot_carry_waits_until_it_is_funded() public {
        uint32 poor = approved(ordinary());
        issue(poor);
        give(treasurer, poor, 1_000);
        Spend memory s = spending(poor, 5, NOON_STEP - 4, 1_000, 600);
        uint32 number = redeem(s);
        settled(line(poor, SHOP, 1_000, 600), 1_600);
        // The copay is with the shop's bank, and every satang of the budget is spent.
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidUnfunded.selector, poor, 600)
        );
        undo(s, number, 1_000, NOW);
        used(poor, 5, s.step, 1_000, 1_000);
        give(treasurer, poor, 599);
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidUnfunded.selector, poor, 1)
        );
        undo(s, number, 1_000, NOW);
        give(treasurer, poor, 1);
        undo(s, number, 1_000, NOW);
        owes(poor, SHOP, 1_600, 1_600);
        spentOf(poor, 1_600, 1_600);
        // Nothing is left to spend until the shop has paid it back.
        vm.warp(NOON + 15);
        refuse(spending(poor, 6, NOON_STEP, 1, 0), Reason.BUDGET_USED);
    }

    // ------------------------------------------------------------------------------------- cover

    function test_the_treasurer_covers_a_debt_with_tokens_of_its_own(uint16 part) public {
        undo(taken, batch, 1_000, NOW);
        uint64 amount = uint64(within(part, 1, 1_600));
        uint256 purse = token.balanceOf(treasurer);
        uint256 held = token.balanceOf(address(book));
        vm.expectEmit(address(book));
        emit ICouponBookEvents.DebtCovered(campaign, SHOP, treasurer, amount, NOW);
        cover(campaign, SHOP, amount);
        owes(campaign, SHOP, 1_600 - amount, 1_600 - amount);
        spentOf(campaign, 1_600 - amount, 1_600 - amount);
        vm.assertEq(token.balanceOf(treasurer), purse - amount);
        vm.assertEq(token.balanceOf(address(book)), held + amount);
    }

    function test_no_more_is_covered_than_is_owed_now(uint64 more) public {
        more = uint64(within(more, 1, type(uint64).max));
        exceeds(more, 0);
        undo(taken, batch, 1_000, NOW);
        more = uint64(within(more, 1_601, type(uint64).max));
        exceeds(more, 1_600);
        vm.warp(NOON + 15);
        redeem(spending(campaign, 5, NOON_STEP, 1_000, 0));
        exceeds(601, 600);
        cover(campaign, SHOP, 600);
        owes(campaign, SHOP, 1_000, 0);
        spentOf(campaign, 1_000, 0);
    }

    function test_covering_nothing_brings_a_debt_up_to_date() public {
        undo(taken, batch, 1_000, NOW);
        vm.warp(NOON + 15);
        redeem(spending(campaign, 5, NOON_STEP, 1_600, 0));
        owes(campaign, SHOP, 1_600, 1_600);
        cover(campaign, SHOP, 0);
        owes(campaign, SHOP, 1_600, 0);
        spentOf(campaign, 1_600, 0);
    }

    function test_a_debt_is_not_covered_with_tokens_that_are_not_there() public {
        undo(taken, batch, 1_000, NOW);
        vm.prank(treasurer);
        token.approve(address(book), 1_599);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(book), 1_599, 1_600
            )
        );
        cover(campaign, SHOP, 1_600);
        owes(campaign, SHOP, 1_600, 1_600);
    }

    function test_nothing_is_covered_under_an_unknown_campaign(uint32 other) public {
        vm.assume(other != campaign);
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, other)
        );
        cover(other, SHOP, 0);
    }

    // ------------------------------------------------------------------------------------- sweep

    function test_a_campaign_that_shops_owe_is_swept_once_they_are_netted_or_covered(bool covered)
        public
    {
        undo(taken, batch, 1_000, NOW);
        uint32 other = open(ordinary());
        redeem(spending(other, 5, NOON_STEP - 4, 2_000, 0));
        vm.warp(OVER + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_ShopsOwe.selector, campaign, 1_600)
        );
        book.sweep(campaign, 1);
        stands(campaign, CampaignStatus.Open);
        if (covered) {
            cover(campaign, SHOP, 1_600);
        } else {
            settled(
                bytes.concat(line(campaign, SHOP, -1_000, -600), line(other, SHOP, 2_000, 0)), 400
            );
        }
        uint256 purse = token.balanceOf(treasurer);
        book.sweep(campaign, 1);
        vm.assertEq(token.balanceOf(treasurer) - purse, BUDGET);
    }

    // -------------------------------------------------------------------------------- other tokens

    function test_a_campaign_of_another_token_is_not_paid_in_this_one() public {
        LyingToken lying = new LyingToken(book, treasurer);
        uint32 other = lyingCampaign(lying);
        bytes memory fault = abi.encodeWithSelector(
            ICouponBookErrors.CouponBook_TokenOther.selector, other, address(lying)
        );
        bytes[] memory all = pages(line(other, SHOP, 100, 0));
        uint32 round = approvedRound(all, 100);
        vm.expectRevert(fault);
        settlePage(round, all, 0);
    }

    function test_a_token_that_moves_less_than_it_says_cannot_pay_anything_back(uint8 kept) public {
        LyingToken lying = new LyingToken(book, treasurer);
        uint32 other = lyingCampaign(lying);
        manager.grantRole(Wiring.SETTLER, treasurer, 0);
        bytes memory lines = line(other, SHOP, 100, 0);
        vm.prank(treasurer);
        book.settle(IERC20(lying), lines);
        kept = uint8(within(kept, 1, 100));
        lying.lie(kept, false);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_TokenShort.selector, 100, 100 - kept
            )
        );
        vm.prank(treasurer);
        book.unsettle(IERC20(lying), lines);
        lying.lie(0, false);
        vm.prank(treasurer);
        book.unsettle(IERC20(lying), lines);
        owes(other, SHOP, 0, 0);
    }

    function test_a_token_that_calls_back_while_it_pays_finds_the_book_locked() public {
        LyingToken lying = new LyingToken(book, treasurer);
        uint32 other = lyingCampaign(lying);
        manager.grantRole(Wiring.SETTLER, treasurer, 0);
        manager.grantRole(Wiring.SETTLER, address(lying), 0);
        lying.lie(0, true);
        bytes memory lines = line(other, SHOP, 100, 0);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.prank(treasurer);
        book.settle(IERC20(lying), lines);
    }

    // ------------------------------------------------------------------------------------ hands

    function exceeds(uint64 amount, uint256 owed) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CoverExceeds.selector, amount, owed)
        );
        cover(campaign, SHOP, amount);
    }

    /// @dev A campaign in another token under which the shop took 100.
    function lyingCampaign(LyingToken lying) private returns (uint32 other) {
        Terms memory terms = ordinary();
        terms.token = address(lying);
        other = approved(terms);
        issue(other);
        vm.prank(treasurer);
        lying.approve(address(book), type(uint256).max);
        give(treasurer, other, 1_000);
        redeem(spending(other, 5, NOON_STEP - 4, 100, 0));
    }
}
