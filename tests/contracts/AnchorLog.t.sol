// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAnchorLog} from "../../contracts/interfaces/IAnchorLog.sol";
import {City, Wiring} from "./City.sol";
import {vm} from "./Vm.sol";

contract AnchorLogTest is City {
    /// @dev The Bangkok day on which the city is founded, at noon.
    uint32 private constant TODAY = uint32((NOON + 7 hours) / 1 days);
    uint256 private constant MIDNIGHT = NOON + 12 hours;

    IAnchorLog private anchors;

    function setUp() public override {
        super.setUp();
        anchors = IAnchorLog(vm.deployCode("AnchorLog.sol:AnchorLog", abi.encode(manager)));
        Wiring.wire(manager, address(anchors), "AnchorLog");
    }

    function test_an_anchor_is_told_and_kept(
        uint32 day,
        bytes32 root,
        uint32 leaves,
        uint96 amount,
        uint96 copay,
        bytes32 staffHead
    ) public {
        day = uint32(within(day, 1, TODAY - 1));
        leaves = uint32(within(leaves, 1, type(uint32).max));
        vm.assume(root != 0);
        vm.expectEmit(address(anchors));
        emit IAnchorLog.DayAnchored(day, root, leaves, amount, copay, staffHead, uint40(NOON));
        vm.prank(sequencer);
        anchors.anchor(day, root, leaves, amount, copay, staffHead);
        IAnchorLog.Anchor memory kept = anchors.anchorOf(day);
        vm.assertEq(kept.root, root);
        vm.assertEq(kept.leaves, leaves);
        vm.assertEq(kept.amount, amount);
        vm.assertEq(kept.copay, copay);
        vm.assertEq(kept.staffHead, staffHead);
        vm.assertTrue(kept.anchored);
        vm.assertEq(anchors.lastDay(), day);
        vm.assertFalse(anchors.anchorOf(day + 1).anchored);
    }

    function test_a_day_is_anchored_from_midnight_in_bangkok_on(uint32 later) public {
        later = uint32(within(later, TODAY, type(uint32).max));
        notOver(later, TODAY);
        vm.warp(MIDNIGHT - 1);
        notOver(TODAY, TODAY);
        vm.warp(MIDNIGHT);
        anchor(TODAY);
        notOver(TODAY + 1, TODAY + 1);
    }

    function test_a_day_is_anchored_once_and_none_before_it_any_more(uint32 first, uint32 next)
        public
    {
        first = uint32(within(first, 1, TODAY - 1));
        next = uint32(within(next, 0, first));
        anchor(first);
        vm.expectRevert(
            abi.encodeWithSelector(IAnchorLog.AnchorLog_DayOutOfOrder.selector, next, first)
        );
        anchor(next);
        if (first < TODAY - 1) anchor(TODAY - 1);
    }

    function test_a_day_without_leaves_has_no_root_and_no_sums() public {
        vm.prank(sequencer);
        anchors.anchor(TODAY - 2, 0, 0, 0, 0, "head");
        invalid("root", 0, 0, 0);
        invalid(0, 1, 0, 0);
        invalid(0, 0, 1, 0);
        invalid(0, 0, 0, 1);
    }

    function anchor(uint32 day) private {
        vm.prank(sequencer);
        anchors.anchor(day, "root", 1, 1, 0, "head");
    }

    function notOver(uint32 day, uint256 today) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAnchorLog.AnchorLog_DayNotOver.selector, day, today)
        );
        anchor(day);
    }

    function invalid(bytes32 root, uint32 leaves, uint96 amount, uint96 copay) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAnchorLog.AnchorLog_RootInvalid.selector, root, leaves)
        );
        vm.prank(sequencer);
        anchors.anchor(TODAY - 1, root, leaves, amount, copay, "head");
    }
}
