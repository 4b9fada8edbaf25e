// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The log of anchors
/// @notice For each Bangkok day one root over the redemptions and voids that blocks of that day hold,
/// so that anyone who has a receipt can prove that it is among them, or that it is not.
/// @dev docs/receipts.md fixes the leaves and the tree. Nothing here can be changed or taken back.
interface IAnchorLog {
    /// @notice A day's anchor. Amounts are satang.
    /// @param root The root over the day's leaves; 0 where there is none.
    /// @param staffHead The head of the chain of what the city's staff did, at the day's end.
    /// @param amount The city's share of the day's redemptions.
    /// @param copay The residents' share of them.
    /// @param leaves How many redemptions and voids there are.
    /// @param anchored Whether the day is anchored.
    struct Anchor {
        // slot 0
        bytes32 root;
        // slot 1
        bytes32 staffHead;
        // slot 2: 96 + 96 + 32 + 8 bits
        uint96 amount;
        uint96 copay;
        uint32 leaves;
        bool anchored;
    }

    /// @notice A day was anchored.
    /// @param day The Bangkok day, counted from 1970-01-01.
    /// @param root The root over its leaves.
    /// @param leaves How many there are.
    /// @param amount The city's share of its redemptions.
    /// @param copay The residents' share of them.
    /// @param staffHead The head of the chain of what the city's staff did.
    /// @param at The block's time.
    event DayAnchored(
        uint32 indexed day,
        bytes32 root,
        uint32 leaves,
        uint96 amount,
        uint96 copay,
        bytes32 staffHead,
        uint40 at
    );

    /// @notice The day is anchored already, or lies before one that is.
    error AnchorLog_DayOutOfOrder(uint32 day, uint32 lastDay);

    /// @notice The day is not over in Bangkok: `today` is the block's.
    error AnchorLog_DayNotOver(uint32 day, uint256 today);

    /// @notice A day has leaves and a root, or neither and no sums.
    error AnchorLog_RootInvalid(bytes32 root, uint32 leaves);

    /// @notice Anchors a day. Days come in order; one may be left out, and is then left out for good.
    /// Emits `DayAnchored`. Role: sequencer.
    /// @param day The Bangkok day, counted from 1970-01-01; over.
    /// @param root The root over its leaves; 0 where there is none.
    /// @param leaves How many there are.
    /// @param amount The city's share of its redemptions, satang.
    /// @param copay The residents' share of them, satang.
    /// @param staffHead The head of the chain of what the city's staff did.
    function anchor(
        uint32 day,
        bytes32 root,
        uint32 leaves,
        uint96 amount,
        uint96 copay,
        bytes32 staffHead
    ) external;

    /// @notice The last anchored day.
    /// @return The day; 0 before the first.
    function lastDay() external view returns (uint32);

    /// @notice A day's anchor.
    /// @param day The Bangkok day, counted from 1970-01-01.
    /// @return The anchor; all zero where there is none.
    function anchorOf(uint32 day) external view returns (Anchor memory);
}
