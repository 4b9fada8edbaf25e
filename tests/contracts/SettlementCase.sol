// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISettlementBook} from "../../contracts/interfaces/ISettlementBook.sol";
import {RoundStatus} from "../../contracts/types/SettlementTypes.sol";
import {Wiring} from "./City.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

/// @title A city that pays its shops
/// @notice The settlement book has the roles that deployment gives it. A round's document is always
/// the same.
abstract contract SettlementCase is CouponBookCase {
    bytes32 internal constant DOCUMENT = "document";
    uint32 internal constant DAY = uint32((NOON + 7 hours) / 1 days) - 1;
    uint40 internal constant OVER = ENDS + 7 days + 15 minutes;

    ISettlementBook internal settlement;

    function setUp() public virtual override {
        super.setUp();
        settlement = ISettlementBook(
            vm.deployCode("SettlementBook.sol:SettlementBook", abi.encode(manager, token, book))
        );
        Wiring.wire(manager, address(settlement), "SettlementBook");
        manager.grantRole(Wiring.TREASURER, address(settlement), 0);
        manager.grantRole(Wiring.SETTLER, address(settlement), 0);
        token.setCityAccount(address(settlement), true);
    }

    // ------------------------------------------------------------------------------------- lines

    function line(uint32 campaign, uint32 merchant, int64 amount, int64 copay)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(campaign, merchant, amount, copay);
    }

    function pages(bytes memory first) internal pure returns (bytes[] memory all) {
        all = new bytes[](1);
        all[0] = first;
    }

    function pages(bytes memory first, bytes memory second)
        internal
        pure
        returns (bytes[] memory all)
    {
        all = new bytes[](2);
        (all[0], all[1]) = (first, second);
    }

    /// @notice What proves the pages from the one at `index` on.
    function proof(bytes[] memory all, uint256 index) internal pure returns (bytes32 hash) {
        for (uint256 i = all.length; i > index; --i) {
            hash = keccak256(abi.encode(keccak256(all[i - 1]), hash));
        }
    }

    // ------------------------------------------------------------------------------------ rounds

    function make(bytes[] memory all, uint96 total) internal returns (uint32) {
        bytes32 hash = proof(all, 0);
        vm.prank(treasurer);
        return settlement.make(DAY, uint32(all.length), total, hash, DOCUMENT);
    }

    function approveRound(uint32 round) internal {
        vm.prank(approver);
        settlement.approve(round, DOCUMENT);
    }

    function approvedRound(bytes[] memory all, uint96 total) internal returns (uint32 round) {
        round = make(all, total);
        approveRound(round);
    }

    function settlePage(uint32 round, bytes[] memory all, uint256 index) internal {
        bytes32 rest = proof(all, index + 1);
        vm.prank(treasurer);
        settlement.settle(round, all[index], rest);
    }

    /// @notice A round of one page, from the making to the burning.
    function settled(bytes memory lines, uint96 total) internal returns (uint32 round) {
        bytes[] memory all = pages(lines);
        round = approvedRound(all, total);
        settlePage(round, all, 0);
    }

    function recredit(uint32 round, bytes memory lines, uint32 merchant) internal {
        vm.prank(treasurer);
        settlement.recredit(round, 1, lines, merchant);
    }

    function cover(uint32 campaign, uint32 merchant, uint64 amount) internal {
        vm.prank(treasurer);
        book.cover(campaign, merchant, amount);
    }

    // ---------------------------------------------------------------------------------- asserts

    function roundStands(uint32 round, RoundStatus status) internal view {
        vm.assertEq(uint256(settlement.roundOf(round).status), uint256(status), "round");
    }

    function owes(uint32 campaign, uint32 merchant, uint256 paid, uint256 owed) internal view {
        (,, uint64 isPaid, uint64 isOwed) = book.credits(campaign, merchant);
        vm.assertEq(isPaid, paid, "paid");
        vm.assertEq(isOwed, owed, "owed");
    }

    function spentOf(uint32 campaign, uint256 spent, uint256 owed) internal view {
        vm.assertEq(book.campaignOf(campaign).spent, spent, "spent");
        vm.assertEq(book.campaignOf(campaign).owed, owed, "owed to the campaign");
    }
}
