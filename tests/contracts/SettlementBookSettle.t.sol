// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ISettlementBook} from "../../contracts/interfaces/ISettlementBook.sol";
import {SettlementLines} from "../../contracts/libraries/SettlementLines.sol";
import {RoundStatus} from "../../contracts/types/SettlementTypes.sol";
import {SettlementCase} from "./SettlementCase.sol";
import {vm} from "./Vm.sol";

/// @notice Two campaigns; the shop took 1,000 and 600 of the first and 500 of the second, the rival
/// 300 of the first.
contract SettlementBookSettleTest is SettlementCase {
    uint32 private one;
    uint32 private two;

    function setUp() public override {
        super.setUp();
        one = open(ordinary());
        two = open(ordinary());
        redeem(spending(one, 1, NOON_STEP, 1_000, 600));
        redeem(spending(two, 1, NOON_STEP, 500, 0));
        Spend memory s = spending(one, 2, NOON_STEP, 300, 0);
        s.merchant = RIVAL;
        redeem(s);
    }

    function everything() private view returns (bytes[] memory) {
        return pages(
            bytes.concat(line(one, SHOP, 1_000, 600), line(two, SHOP, 500, 0)),
            line(one, RIVAL, 300, 0)
        );
    }

    function test_a_settled_round_leaves_the_credits_and_the_supply_and_says_so() public {
        uint256 supply = token.totalSupply();
        bytes[] memory all = everything();
        uint32 round = approvedRound(all, 2_400);

        vm.expectEmit(address(settlement));
        emit ISettlementBook.LinesSettled(round, 1, all[0], uint40(NOON));
        settlePage(round, all, 0);
        owes(one, SHOP, 1_600, 0);
        owes(two, SHOP, 500, 0);
        owes(one, RIVAL, 0, 0);
        vm.assertEq(token.totalSupply(), supply - 2_100);
        roundStands(round, RoundStatus.Approved);
        vm.assertEq(settlement.pageDigest(round, 1), keccak256(all[0]));
        vm.assertEq(settlement.pageDigest(round, 2), bytes32(0));

        vm.expectEmit(address(settlement));
        emit ISettlementBook.LinesSettled(round, 2, all[1], uint40(NOON));
        vm.expectEmit(address(settlement));
        emit ISettlementBook.RoundSettled(round, 2_400, uint40(NOON));
        settlePage(round, all, 1);
        owes(one, RIVAL, 300, 0);
        vm.assertEq(token.totalSupply(), supply - 2_400);
        vm.assertEq(token.balanceOf(address(book)), 2 * BUDGET - 1_800);
        vm.assertEq(token.balanceOf(address(settlement)), 0);
        roundStands(round, RoundStatus.Settled);
        // What was spent stays spent, and the credits stay what was taken.
        spentOf(one, 1_300, 0);
        credited(one, SHOP, 1_000, 600);
    }

    function test_each_page_is_settled_once_and_in_its_order() public {
        bytes[] memory all = everything();
        uint32 round = approvedRound(all, 2_400);
        pageOther(round, all, 1, 1);
        settlePage(round, all, 0);
        pageOther(round, all, 0, 2);
        settlePage(round, all, 1);
        bytes memory fault = abi.encodeWithSelector(
            ISettlementBook.SettlementBook_WrongStatus.selector, round, RoundStatus.Settled
        );
        vm.expectRevert(fault);
        settlePage(round, all, 0);
        vm.expectRevert(fault);
        settlePage(round, all, 1);
    }

    function test_no_round_is_settled_before_its_approval() public {
        bytes[] memory all = everything();
        uint32 round = make(all, 2_400);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_WrongStatus.selector, round, RoundStatus.Made
            )
        );
        settlePage(round, all, 0);
    }

    function test_a_page_with_one_byte_altered_is_another_page(uint8 at_, uint8 flip) public {
        bytes[] memory all = everything();
        uint32 round = approvedRound(all, 2_400);
        bytes32 rest = proof(all, 1);
        all[0][at_ % 48] ^= bytes1(flip == 0 ? 1 : flip);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementBook.SettlementBook_PageOther.selector, round, 1)
        );
        vm.prank(treasurer);
        settlement.settle(round, all[0], rest);
    }

    function test_the_pages_come_to_an_end_where_it_was_approved() public {
        bytes[] memory all = everything();
        bytes32 hash = proof(all, 0);
        // One page was approved and there are two; then three and there are two.
        uint32 round = ended(hash, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_PagesMismatch.selector, round, 1, 1
            )
        );
        settlePage(round, all, 0);
        vm.prank(treasurer);
        settlement.withdraw(round);
        round = ended(hash, 3);
        settlePage(round, all, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_PagesMismatch.selector, round, 2, 3
            )
        );
        settlePage(round, all, 1);
    }

    function test_the_pages_come_to_exactly_the_total(uint96 total) public {
        total = uint96(within(total, 1, type(uint96).max));
        vm.assume(total != 2_400);
        bytes[] memory all = everything();
        uint32 round = approvedRound(all, total);
        if (total >= 2_100) settlePage(round, all, 0);
        uint256 page = total >= 2_100 ? 1 : 0;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_TotalMismatch.selector,
                round,
                page == 0 ? 2_100 : 2_400,
                total
            )
        );
        settlePage(round, all, page);
    }

    // ------------------------------------------------------------------------------ order of lines

    function test_merchants_ascend_through_the_round_and_campaigns_in_each() public {
        bytes memory a = line(one, SHOP, 1_000, 600);
        bytes memory b = line(two, SHOP, 500, 0);
        bytes memory c = line(one, RIVAL, 300, 0);
        outOfOrder(pages(bytes.concat(b, a)), 2_100, 0, 1);
        outOfOrder(pages(bytes.concat(a, a)), 3_200, 0, 1);
        outOfOrder(pages(bytes.concat(c, a)), 1_900, 0, 1);
        outOfOrder(pages(bytes.concat(a, c, b)), 2_400, 0, 2);
        outOfOrder(pages(bytes.concat(a, c), b), 2_400, 1, 0);
        // A merchant's lines do not stand on two pages.
        outOfOrder(pages(a, b), 2_100, 1, 0);
        outOfOrder(pages(line(one, 0, 1, 0)), 1, 0, 0);
    }

    function test_every_merchant_is_paid_more_than_nothing(int64 less) public {
        less = int64(int256(within(uint64(less), 1_600, 3_000)));
        bytes[] memory all = pages(
            bytes.concat(line(one, SHOP, 1_000, 600), line(two, SHOP, -less, 0)),
            line(one, RIVAL, 300, 0)
        );
        uint32 round = approvedRound(all, 300);
        vm.expectRevert(
            abi.encodeWithSelector(
                SettlementLines.SettlementLines_NothingToPay.selector,
                SHOP,
                int256(1_600) - int256(less)
            )
        );
        settlePage(round, all, 0);
    }

    function test_lines_that_are_none_or_cut_short_are_refused(uint8 size) public {
        size = size % 24;
        bytes memory lines = line(one, SHOP, 1_000, 600);
        assembly ("memory-safe") {
            mstore(lines, size)
        }
        bytes[] memory all = pages(lines);
        uint32 round = approvedRound(all, 1_600);
        vm.expectRevert(
            abi.encodeWithSelector(SettlementLines.SettlementLines_Malformed.selector, size)
        );
        settlePage(round, all, 0);
    }

    // --------------------------------------------------------------------------------- how much

    function test_nobody_is_ever_paid_more_than_its_credit(uint24 amount, uint24 copay) public {
        uint256 sum = uint256(amount) + copay;
        vm.assume(sum > 1_600);
        bytes[] memory all = pages(line(one, SHOP, int64(uint64(amount)), int64(uint64(copay))));
        uint32 round = approvedRound(all, uint96(sum));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_PaidOutOfRange.selector, one, SHOP, sum, 1_600
            )
        );
        settlePage(round, all, 0);
    }

    function test_a_credit_is_paid_in_parts_and_never_twice(uint16 part) public {
        uint64 first = uint64(within(part, 1, 1_599));
        settled(line(one, SHOP, int64(first), 0), first);
        bytes[] memory all = pages(line(one, SHOP, 1_000, 600));
        uint32 round = approvedRound(all, 1_600);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_PaidOutOfRange.selector,
                one,
                SHOP,
                1_600 + first,
                1_600
            )
        );
        settlePage(round, all, 0);
        vm.prank(treasurer);
        settlement.withdraw(round);
        settled(line(one, SHOP, int64(1_600 - first), 0), 1_600 - first);
        owes(one, SHOP, 1_600, 0);
    }

    function test_the_largest_legs_are_no_way_around_the_credit() public {
        uint96 most = uint96(uint64(type(int64).max));
        bytes[] memory all = pages(line(one, SHOP, type(int64).max, type(int64).max));
        uint32 round = approvedRound(all, 2 * most);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_PaidOutOfRange.selector, one, SHOP, 2 * most, 1_600
            )
        );
        settlePage(round, all, 0);
    }

    function test_shops_are_paid_after_the_end_and_after_the_sweep() public {
        vm.warp(OVER + 1);
        book.sweep(one, 1);
        bytes[] memory all = everything();
        uint32 round = approvedRound(all, 2_400);
        settlePage(round, all, 0);
        settlePage(round, all, 1);
        book.sweep(two, 1);
        vm.assertEq(token.balanceOf(address(book)), 0);
    }

    function test_while_the_token_is_paused_nothing_is_settled_and_afterwards_all() public {
        bytes[] memory all = pages(line(one, RIVAL, 300, 0));
        uint32 round = approvedRound(all, 300);
        vm.prank(guardian);
        token.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        settlePage(round, all, 0);
        vm.prank(approver);
        token.unpause();
        settlePage(round, all, 0);
    }

    function test_tokens_that_somebody_sent_to_the_settlement_book_pay_nobody() public {
        vm.prank(treasurer);
        token.transfer(address(settlement), 7);
        settled(line(one, RIVAL, 300, 0), 300);
        vm.assertEq(token.balanceOf(address(settlement)), 7);
    }

    // ------------------------------------------------------------------------------------ hands

    function ended(bytes32 hash, uint32 count) private returns (uint32 round) {
        vm.prank(treasurer);
        round = settlement.make(DAY, count, 10_000, hash, DOCUMENT);
        approveRound(round);
    }

    function pageOther(uint32 round, bytes[] memory all, uint256 index, uint32 page) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementBook.SettlementBook_PageOther.selector, round, page)
        );
        settlePage(round, all, index);
    }

    /// @dev The page at `page` is refused for its line at `index`, and the round is no more.
    function outOfOrder(bytes[] memory all, uint96 total, uint256 page, uint256 index) private {
        uint256 before = vm.snapshotState();
        uint32 round = approvedRound(all, total);
        if (page == 1) settlePage(round, all, 0);
        vm.expectRevert(
            abi.encodeWithSelector(SettlementLines.SettlementLines_OutOfOrder.selector, index)
        );
        settlePage(round, all, page);
        vm.revertToState(before);
    }
}
