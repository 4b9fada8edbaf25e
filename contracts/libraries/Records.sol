// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EntryWord} from "../types/EntryWord.sol";
import {PackedBytes} from "./PackedBytes.sol";

/// @dev One redemption as a batch's records hold it.
struct RedeemedRecord {
    uint32 pass;
    uint32 merchant;
    uint32 amount;
    uint32 copay;
    uint32 step;
}

/// @notice The records of `Redeemed` and `RedemptionsRefused`.
library Records {
    using PackedBytes for bytes;

    uint256 internal constant REDEEMED_SIZE = 22;
    uint256 internal constant REFUSED_SIZE = 13;

    /// @notice pass (4) · merchant (4) · bill (4) · amount (3) · copay (4) · head (3)
    function redeemed(EntryWord entry, uint256 pass, uint256 merchant)
        internal
        pure
        returns (uint256)
    {
        return (pass << 144) | (merchant << 112) | (entry.figures() << 24) | entry.head();
    }

    /// @notice index in the batch (2) · reason (1) · pass (4) · head (3) · amount (3)
    function refused(EntryWord entry, uint256 index, uint256 reason, uint256 pass)
        internal
        pure
        returns (uint256)
    {
        return (index << 88) | (reason << 80) | (pass << 48) | (entry.head() << 24) | entry.amount();
    }

    /// @notice Reads redemption `index`, which must lie within `records`.
    function readRedeemed(bytes calldata records, uint256 index)
        internal
        pure
        returns (RedeemedRecord memory)
    {
        uint256 word = records.wordAt(index * REDEEMED_SIZE);
        return RedeemedRecord({
            pass: uint32(word >> 224),
            merchant: uint32(word >> 192),
            amount: uint24(word >> 136),
            copay: uint32(word >> 104),
            step: uint32((word >> 80) & 0x1fffff)
        });
    }
}
