// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICityToken} from "../../contracts/interfaces/ICityToken.sol";
import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ISettlementBook} from "../../contracts/interfaces/ISettlementBook.sol";
import {RoundStatus} from "../../contracts/types/SettlementTypes.sol";
import {SettlementCase} from "./SettlementCase.sol";
import {vm} from "./Vm.sol";

/// @notice A round has paid the shop 1,600 and the rival 300.
contract SettlementBookRecreditTest is SettlementCase {
    uint32 private one;
    uint32 private batch;
    Spend private taken;
    bytes private lines;
    uint32 private round;

    function setUp() public override {
        super.setUp();
        one = open(ordinary());
        taken = spending(one, 1, NOON_STEP, 1_000, 600);
        batch = redeem(taken);
        Spend memory s = spending(one, 2, NOON_STEP, 300, 0);
        s.merchant = RIVAL;
        redeem(s);
        lines = bytes.concat(line(one, SHOP, 1_000, 600), line(one, RIVAL, 300, 0));
        round = settled(lines, 1_900);
    }

    function test_a_returned_payment_is_there_again_and_due_again_and_the_others_are_not() public {
        uint256 supply = token.totalSupply();
        uint256 held = token.balanceOf(address(book));
        vm.expectEmit(address(settlement));
        emit ISettlementBook.PaymentReturned(round, 1, SHOP, 1_600, uint40(NOON));
        vm.expectEmit(address(token));
        emit ICityToken.TokensFunded(
            address(settlement), 1_600, bytes32(uint256(round)), uint40(NOON)
        );
        recredit(round, lines, SHOP);
        owes(one, SHOP, 0, 0);
        owes(one, RIVAL, 300, 0);
        vm.assertEq(token.totalSupply(), supply + 1_600);
        vm.assertEq(token.balanceOf(address(book)), held + 1_600);
        vm.assertEq(token.allowance(address(settlement), address(book)), 0);
        vm.assertTrue(settlement.isReturned(round, SHOP));
        vm.assertFalse(settlement.isReturned(round, RIVAL));

        settled(line(one, SHOP, 1_000, 600), 1_600);
        owes(one, SHOP, 1_600, 0);
        vm.assertEq(token.totalSupply(), supply);
    }

    function test_a_payment_comes_back_once() public {
        recredit(round, lines, SHOP);
        bytes memory again = abi.encodeWithSelector(
            ISettlementBook.SettlementBook_AlreadyReturned.selector, round, SHOP
        );
        vm.expectRevert(again);
        recredit(round, lines, SHOP);
        // Nor after it was paid anew, which is another round's payment.
        bytes memory anew = line(one, SHOP, 1_000, 600);
        uint32 next = settled(anew, 1_600);
        vm.expectRevert(again);
        recredit(round, lines, SHOP);
        recredit(next, anew, SHOP);
        owes(one, SHOP, 0, 0);
    }

    function test_a_merchant_that_is_not_on_the_page_has_nothing_to_come_back(uint32 other) public {
        vm.assume(other != SHOP && other != RIVAL);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_MerchantUnknown.selector, round, 1, other
            )
        );
        recredit(round, lines, other);
    }

    function test_the_page_is_brought_as_it_was_settled(uint8 at_, uint8 flip, uint32 page) public {
        bytes memory altered = lines;
        altered[at_ % 48] ^= bytes1(flip == 0 ? 1 : flip);
        pageOther(1, altered);
        pageOther(1, bytes.concat(lines, lines));
        pageOther(1, "");
        if (page != 1) pageOther(page, lines);
    }

    function test_nothing_comes_back_of_a_round_that_is_not_settled() public {
        bytes[] memory all = pages(line(one, SHOP, 1, 0), line(one, RIVAL, 1, 0));
        redeem(spending(one, 3, NOON_STEP, 1, 0));
        uint32 next = approvedRound(all, 2);
        settlePage(next, all, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_WrongStatus.selector, next, RoundStatus.Approved
            )
        );
        recredit(next, all[0], SHOP);
    }

    function test_a_payment_voided_since_comes_back_and_nothing_is_owed_any_more() public {
        undo(taken, batch, 1_000, uint40(NOON));
        owes(one, SHOP, 1_600, 1_600);
        spentOf(one, 300 + 1_600, 1_600);
        recredit(round, lines, SHOP);
        owes(one, SHOP, 0, 0);
        spentOf(one, 300, 0);
        vm.assertEq(token.balanceOf(address(book)), BUDGET - 300);
    }

    function test_what_a_later_round_has_netted_comes_back_by_a_new_file_and_not_here() public {
        undo(taken, batch, 1_000, uint40(NOON));
        uint32 two = open(ordinary());
        redeem(spending(two, 1, NOON_STEP, 2_000, 0));
        settled(bytes.concat(line(one, SHOP, -1_000, -600), line(two, SHOP, 2_000, 0)), 400);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_PaidOutOfRange.selector,
                one,
                SHOP,
                -1_600,
                type(uint64).max
            )
        );
        recredit(round, lines, SHOP);
        vm.assertFalse(settlement.isReturned(round, SHOP));
        vm.prank(treasurer);
        settlement.recordFile(round, "anew", 1, 1_600);
    }

    /// @dev A round nets a debt in one campaign and pays it from another. The debtor's campaign is
    /// closed and its money gone; then the bank returns the payment.
    function test_a_debt_never_comes_back_to_a_campaign_that_gave_its_money_away() public {
        undo(taken, batch, 1_000, uint40(NOON));
        uint32 two = open(ordinary());
        redeem(spending(two, 1, NOON_STEP, 2_000, 0));
        bytes memory netted = bytes.concat(line(one, SHOP, -1_000, -600), line(two, SHOP, 2_000, 0));
        uint32 next = settled(netted, 400);
        vm.warp(OVER + 1);
        book.sweep(one, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_VoidUnfunded.selector, one, 1_600)
        );
        recredit(next, netted, SHOP);
        // Nothing is missing: what the second campaign holds is its own.
        book.sweep(two, 1);
        vm.assertEq(token.balanceOf(address(book)), 0);
    }

    function test_a_debt_that_was_netted_comes_back_with_the_payment_while_it_can_be_carried()
        public
    {
        undo(taken, batch, 1_000, uint40(NOON));
        uint32 two = open(ordinary());
        redeem(spending(two, 1, NOON_STEP, 2_000, 0));
        bytes memory netted = bytes.concat(line(one, SHOP, -1_000, -600), line(two, SHOP, 2_000, 0));
        uint32 next = settled(netted, 400);
        owes(one, SHOP, 0, 0);
        uint256 held = token.balanceOf(address(book));
        recredit(next, netted, SHOP);
        owes(one, SHOP, 1_600, 1_600);
        owes(two, SHOP, 0, 0);
        vm.assertEq(token.balanceOf(address(book)), held + 400);
    }

    function pageOther(uint32 page, bytes memory brought) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementBook.SettlementBook_PageOther.selector, round, page)
        );
        vm.prank(treasurer);
        settlement.recredit(round, page, brought, SHOP);
    }
}

contract SettlementBookRecordFileTest is SettlementCase {
    uint32 private round;

    function setUp() public override {
        super.setUp();
        uint32 campaign = open(ordinary());
        redeem(spending(campaign, 1, NOON_STEP, 1_000, 0));
        round = settled(line(campaign, SHOP, 1_000, 0), 1_000);
    }

    function test_any_number_of_files_is_recorded_each_with_its_sum(uint96 total, uint32 payments)
        public
    {
        total = uint96(within(total, 1, 1_000));
        payments = uint32(within(payments, 1, type(uint32).max));
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(settlement));
            emit ISettlementBook.FileRecorded(round, "file", payments, total, uint40(NOON));
            vm.prank(treasurer);
            settlement.recordFile(round, "file", payments, total);
        }
    }

    function test_a_file_of_nothing_or_of_more_than_the_round_is_refused(uint96 total) public {
        total = uint96(within(total, 1_001, type(uint96).max));
        invalid("file", 1, total);
        invalid("file", 1, 0);
        invalid("file", 0, 1);
        invalid(0, 1, 1);
    }

    function test_a_file_before_the_round_is_settled_is_refused() public {
        uint32 next = make(pages(line(1, SHOP, 1, 0)), 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_WrongStatus.selector, next, RoundStatus.Made
            )
        );
        vm.prank(treasurer);
        settlement.recordFile(next, "file", 1, 1);
    }

    function invalid(bytes32 hash, uint32 payments, uint96 total) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_FileInvalid.selector, hash, payments, total
            )
        );
        vm.prank(treasurer);
        settlement.recordFile(round, hash, payments, total);
    }
}
