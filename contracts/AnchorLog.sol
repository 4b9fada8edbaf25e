// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IAnchorLog} from "./interfaces/IAnchorLog.sol";
import {BangkokTime} from "./libraries/BangkokTime.sol";

/// @title The log of anchors
contract AnchorLog is IAnchorLog, AccessManaged {
    /// @inheritdoc IAnchorLog
    /// @dev No day above it is anchored.
    uint32 public override lastDay;

    mapping(uint32 day => Anchor) private _anchors;

    /// @param authority The AccessManager that knows every role.
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IAnchorLog
    function anchor(
        uint32 day,
        bytes32 root,
        uint32 leaves,
        uint96 amount,
        uint96 copay,
        bytes32 staffHead
    ) external restricted {
        // Check: a day that is over, above the last one, with a root exactly where there are leaves.
        if (day <= lastDay) revert AnchorLog_DayOutOfOrder(day, lastDay);
        uint256 today = BangkokTime.day(block.timestamp);
        if (day >= today) revert AnchorLog_DayNotOver(day, today);
        bool empty = leaves == 0;
        if (empty != (root == 0) || (empty && (amount != 0 || copay != 0))) {
            revert AnchorLog_RootInvalid(root, leaves);
        }

        // Effect: for good.
        lastDay = day;
        _anchors[day] = Anchor({
            root: root,
            staffHead: staffHead,
            amount: amount,
            copay: copay,
            leaves: leaves,
            anchored: true
        });
        emit DayAnchored(day, root, leaves, amount, copay, staffHead, uint40(block.timestamp));
    }

    /// @inheritdoc IAnchorLog
    function anchorOf(uint32 day) external view returns (Anchor memory) {
        return _anchors[day];
    }
}
