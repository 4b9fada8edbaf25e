// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlementBook} from "../../contracts/interfaces/ISettlementBook.sol";
import {Round, RoundStatus} from "../../contracts/types/SettlementTypes.sol";
import {SettlementCase} from "./SettlementCase.sol";
import {vm} from "./Vm.sol";

contract SettlementBookMakeTest is SettlementCase {
    function test_a_round_is_numbered_from_one_and_says_all_of_itself(uint32 day, uint96 total)
        public
    {
        total = uint96(within(total, 1, type(uint96).max));
        vm.expectEmit(address(settlement));
        emit ISettlementBook.RoundMade(1, treasurer, day, 3, total, "lines", DOCUMENT, uint40(NOON));
        vm.prank(treasurer);
        vm.assertEq(settlement.make(day, 3, total, "lines", DOCUMENT), 1);

        Round memory round = settlement.roundOf(1);
        vm.assertEq(round.documentHash, DOCUMENT);
        vm.assertEq(round.next, "lines");
        vm.assertEq(round.maker, treasurer);
        vm.assertEq(round.day, day);
        vm.assertEq(round.pages, 3);
        vm.assertEq(round.settledPages, 0);
        vm.assertEq(round.total, total);
        vm.assertEq(round.settled, 0);
        vm.assertEq(round.approver, address(0));
        roundStands(1, RoundStatus.Made);
        vm.assertEq(settlement.lastRound(), 1);
    }

    function test_a_round_without_pages_total_lines_or_document_is_refused(uint8 which) public {
        uint32 count = which % 4 == 0 ? 0 : 1;
        uint96 total = which % 4 == 1 ? 0 : 1;
        bytes32 hash = which % 4 == 2 ? bytes32(0) : bytes32("lines");
        bytes32 document = which % 4 == 3 ? bytes32(0) : DOCUMENT;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_RoundEmpty.selector, count, total, hash, document
            )
        );
        vm.prank(treasurer);
        settlement.make(DAY, count, total, hash, document);
    }

    function test_there_is_one_unfinished_round_at_a_time() public {
        bytes[] memory all = pages(line(1, SHOP, 1, 0));
        uint32 round = make(all, 1);
        stillOpen(all, round);
        approveRound(round);
        stillOpen(all, round);
        vm.prank(treasurer);
        settlement.withdraw(round);
        vm.assertEq(make(all, 1), 2);
    }

    function stillOpen(bytes[] memory all, uint32 round) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementBook.SettlementBook_RoundOpen.selector, round)
        );
        make(all, 1);
    }
}

contract SettlementBookApproveTest is SettlementCase {
    uint32 private round;

    function setUp() public override {
        super.setUp();
        round = make(pages(line(1, SHOP, 1, 0)), 1);
    }

    function test_a_second_person_approves_the_document_seen() public {
        vm.expectEmit(address(settlement));
        emit ISettlementBook.RoundApproved(round, approver, uint40(NOON));
        approveRound(round);
        roundStands(round, RoundStatus.Approved);
        vm.assertEq(settlement.roundOf(round).approver, approver);
    }

    function test_the_maker_never_approves_whatever_roles_it_holds() public {
        manager.grantRole(3, treasurer, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_SamePerson.selector, round, treasurer
            )
        );
        vm.prank(treasurer);
        settlement.approve(round, DOCUMENT);
    }

    function test_another_document_is_refused(bytes32 other) public {
        vm.assume(other != DOCUMENT);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_DocumentOther.selector, round, other
            )
        );
        vm.prank(approver);
        settlement.approve(round, other);
    }

    function test_a_round_is_approved_once_and_an_unknown_one_never(uint32 other) public {
        vm.assume(other != round);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementBook.SettlementBook_RoundUnknown.selector, other)
        );
        approveRound(other);
        approveRound(round);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_WrongStatus.selector, round, RoundStatus.Approved
            )
        );
        approveRound(round);
    }
}

contract SettlementBookWithdrawTest is SettlementCase {
    function test_a_round_of_which_nothing_is_settled_is_withdrawn(bool isApproved) public {
        uint32 round = make(pages(line(1, SHOP, 1, 0)), 1);
        if (isApproved) approveRound(round);
        vm.expectEmit(address(settlement));
        emit ISettlementBook.RoundWithdrawn(round, treasurer, uint40(NOON));
        withdraw(round);
        roundStands(round, RoundStatus.Withdrawn);
    }

    function test_nothing_more_happens_to_a_withdrawn_round() public {
        bytes[] memory all = pages(line(1, SHOP, 1, 0));
        uint32 round = make(all, 1);
        withdraw(round);
        bytes memory fault = abi.encodeWithSelector(
            ISettlementBook.SettlementBook_WrongStatus.selector, round, RoundStatus.Withdrawn
        );
        vm.expectRevert(fault);
        approveRound(round);
        vm.expectRevert(fault);
        settlePage(round, all, 0);
        vm.expectRevert(fault);
        withdraw(round);
        vm.expectRevert(fault);
        recredit(round, all[0], SHOP);
        vm.expectRevert(fault);
        vm.prank(treasurer);
        settlement.cut(round);
    }

    function test_a_round_of_which_a_page_is_settled_is_cut_and_not_withdrawn() public {
        uint32 campaign = open(ordinary());
        redeem(spending(campaign, 1, NOON_STEP, 100, 0));
        bytes[] memory all = pages(line(campaign, SHOP, 100, 0), line(campaign, RIVAL, 50, 0));
        uint32 round = approvedRound(all, 150);
        bytes memory none =
            abi.encodeWithSelector(ISettlementBook.SettlementBook_PagesSettled.selector, round, 0);
        vm.expectRevert(none);
        vm.prank(treasurer);
        settlement.cut(round);
        settlePage(round, all, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlementBook.SettlementBook_PagesSettled.selector, round, 1)
        );
        withdraw(round);

        // The second page pays a shop that took nothing: it can never be settled.
        vm.expectRevert();
        settlePage(round, all, 1);
        vm.expectEmit(address(settlement));
        emit ISettlementBook.RoundSettled(round, 100, uint40(NOON));
        vm.prank(treasurer);
        settlement.cut(round);
        Round memory record = settlement.roundOf(round);
        vm.assertEq(record.total, 100);
        vm.assertEq(record.settled, 100);
        vm.assertEq(record.pages, 1);
        roundStands(round, RoundStatus.Settled);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementBook.SettlementBook_WrongStatus.selector, round, RoundStatus.Settled
            )
        );
        settlePage(round, all, 1);
        // What was paid can still come back, and the next round can be made.
        recredit(round, all[0], SHOP);
        vm.assertEq(make(pages(line(campaign, SHOP, 100, 0)), 100), round + 1);
    }

    function withdraw(uint32 round) private {
        vm.prank(treasurer);
        settlement.withdraw(round);
    }
}
