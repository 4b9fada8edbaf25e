// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICouponBook} from "../../contracts/interfaces/ICouponBook.sol";
import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {
    Campaign,
    CampaignStatus,
    Contribution,
    Terms
} from "../../contracts/types/CampaignTypes.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

/// @notice A token that keeps a part of every transfer to itself.
contract KeepingToken is ERC20("Keeping", "KEEP") {
    uint256 private immutable kept;

    constructor(address to, uint256 kept_) {
        _mint(to, 1_000_000);
        kept = kept_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) super._update(to, address(this), kept);
    }
}

/// @notice A token that funds the campaign once more while it is being funded.
contract ReenteringToken is ERC20("Reentering", "AGAIN") {
    ICouponBook private immutable book;

    constructor(ICouponBook book_, address to) {
        _mint(to, 1_000_000);
        book = book_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) book.fund(1, 1);
    }
}

contract CouponBookFundTest is CouponBookCase {
    function test_a_contribution_is_recorded_and_the_book_holds_it(uint96 amount) public {
        amount = uint96(within(amount, 1, type(uint96).max));
        uint32 campaign = draft(ordinary());
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignFunded(campaign, treasurer, 1, amount, uint40(NOON));
        give(treasurer, campaign, amount);

        vm.assertEq(token.balanceOf(address(book)), amount);
        vm.assertEq(token.balanceOf(treasurer), 2 ** 100 - amount);
        vm.assertEq(book.campaignOf(campaign).funded, amount);
        isContribution(campaign, 1, treasurer, amount);
    }

    function test_every_contribution_keeps_its_own_number_even_of_one_funder() public {
        uint32 campaign = draft(ordinary());
        give(treasurer, campaign, 5);
        give(addressOf(1), campaign, 7);
        give(treasurer, campaign, 11);

        Campaign memory is_ = book.campaignOf(campaign);
        vm.assertEq(is_.funded, 23);
        vm.assertEq(is_.contributions, 3);
        isContribution(campaign, 1, treasurer, 5);
        isContribution(campaign, 2, addressOf(1), 7);
        isContribution(campaign, 3, treasurer, 11);
    }

    function test_campaigns_keep_their_money_apart() public {
        uint32 first = draft(ordinary());
        uint32 second = draft(ordinary());
        give(treasurer, first, 5);
        give(treasurer, second, 7);
        vm.assertEq(book.campaignOf(first).funded, 5);
        vm.assertEq(book.campaignOf(second).funded, 7);
        vm.assertEq(book.campaignOf(second).contributions, 1);
    }

    function test_a_campaign_takes_money_until_it_is_closed() public {
        uint32 campaign = draft(ordinary());
        give(treasurer, campaign, 1);
        approve(campaign);
        give(treasurer, campaign, 1);
        issue(campaign);
        give(treasurer, campaign, 1);
        pause(campaign);
        give(treasurer, campaign, 1);
        vm.warp(ENDS + 7 days + 15 minutes + 1);
        give(treasurer, campaign, 1);
        vm.assertEq(book.campaignOf(campaign).funded, 5);

        book.sweep(campaign, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, CampaignStatus.Closed
            )
        );
        give(treasurer, campaign, 1);
    }

    function test_contributions_are_read_in_pages(uint32 first, uint32 count) public {
        uint32 campaign = draft(ordinary());
        for (uint96 i = 1; i <= 5; ++i) {
            give(treasurer, campaign, i);
        }
        if (count % 4 != 0) (first, count) = (first % 8, count % 8);
        Contribution[] memory page = book.contributions(campaign, first, count);
        uint256 expected = first == 0 || first > 5 ? 0 : 5 - first + 1;
        vm.assertEq(page.length, count < expected ? count : expected);
        for (uint256 i = 0; i < page.length; ++i) {
            vm.assertEq(page[i].amount, first + i);
        }
    }

    // ---------------------------------------------------------------------------------- refusals

    function test_a_contribution_of_nothing_is_refused() public {
        uint32 campaign = draft(ordinary());
        vm.expectRevert(ICouponBookErrors.CouponBook_AmountZero.selector);
        give(treasurer, campaign, 0);
    }

    function test_an_unknown_campaign_takes_no_money(uint32 campaign) public {
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, campaign)
        );
        give(treasurer, campaign, 1);
    }

    function test_money_that_the_funder_did_not_allow_is_not_taken() public {
        uint32 campaign = draft(ordinary());
        vm.prank(treasurer);
        token.approve(address(book), 99);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(book), 99, 100
            )
        );
        give(treasurer, campaign, 100);
        vm.assertEq(book.campaignOf(campaign).contributions, 0);
    }

    function test_money_that_the_funder_does_not_have_is_not_recorded() public {
        uint32 campaign = draft(ordinary());
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, addressOf(1), PURSE, PURSE + 1
            )
        );
        give(addressOf(1), campaign, uint96(PURSE) + 1);
        vm.assertEq(book.campaignOf(campaign).funded, 0);
    }

    function test_a_budget_never_wraps_round() public {
        uint32 campaign = draft(ordinary());
        give(treasurer, campaign, type(uint96).max);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        give(treasurer, campaign, 1);
    }

    function test_a_token_that_keeps_a_part_for_itself_cannot_fund(uint16 kept) public {
        kept = uint16(within(kept, 1, 1_000));
        uint32 campaign = draftWith(address(new KeepingToken(treasurer, kept)));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_TokenShort.selector, 1_000, 1_000 - kept
            )
        );
        give(treasurer, campaign, 1_000);
        vm.assertEq(book.campaignOf(campaign).funded, 0);
    }

    function test_a_token_that_calls_back_finds_the_book_locked() public {
        uint32 campaign = draftWith(address(new ReenteringToken(book, treasurer)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        give(treasurer, campaign, 1_000);
    }

    // ------------------------------------------------------------------------------------ hands

    function isContribution(uint32 campaign, uint32 number, address funder, uint96 amount)
        private
        view
    {
        Contribution[] memory page = book.contributions(campaign, number, 1);
        vm.assertEq(page.length, 1);
        vm.assertEq(page[0].funder, funder);
        vm.assertEq(page[0].amount, amount);
    }

    function draftWith(address other) private returns (uint32) {
        vm.prank(treasurer);
        ERC20(other).approve(address(book), type(uint256).max);
        Terms memory terms = ordinary();
        terms.token = other;
        return draft(terms);
    }
}
