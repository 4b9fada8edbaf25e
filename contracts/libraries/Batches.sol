// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBookErrors} from "../interfaces/ICouponBookErrors.sol";
import {EntryWord} from "../types/EntryWord.sol";
import {Reason} from "../types/Reason.sol";
import {PackedBytes} from "./PackedBytes.sol";

/// @notice The layout of packed batches.
library Batches {
    using PackedBytes for bytes;
    using PackedBytes for uint256[];

    uint256 internal constant ENTRIES_MAX = 300;
    uint256 internal constant MERCHANT_SIZE = 4;
    uint256 internal constant ENTRY_SIZE = 79;
    uint256 internal constant MAXIMUM_SIZE = 11;
    uint256 private constant SIGNATURE_SIZE = 64;
    uint256 private constant REASON_SHIFT = 184;
    uint256 private constant NUMBER_SHIFT = 224;
    uint256 private constant NO_MERCHANT = Reason.MERCHANT_UNKNOWN << REASON_SHIFT;

    /// @notice The header: the numbers of the merchants that the entries point at.
    function merchantsOf(bytes calldata batch) internal pure returns (uint32[] memory numbers) {
        if (batch.length == 0) refuse(batch);
        uint256 count = uint8(batch[0]);
        if (1 + MERCHANT_SIZE * count > batch.length) refuse(batch);
        numbers = new uint32[](count);
        for (uint256 i; i < count; ++i) {
            numbers[i] = uint32(batch.wordAt(1 + MERCHANT_SIZE * i) >> 224);
        }
    }

    /// @notice What a batch needs of a merchant: its word, whose lanes end at bit 184, from there the
    /// reason why nothing can be taken there, and its number in the highest 32 bits.
    function describe(uint256 word, uint256 reason, uint256 number)
        internal
        pure
        returns (uint256)
    {
        return word | (reason << REASON_SHIFT) | (number << NUMBER_SHIFT);
    }

    /// @notice The number in what `describe` gives.
    function numberOf(uint256 merchant) internal pure returns (uint256) {
        return merchant >> NUMBER_SHIFT;
    }

    /// @notice The reason in what `describe` gives.
    function reasonOf(uint256 merchant) internal pure returns (uint256) {
        return (merchant >> REASON_SHIFT) & 0xff;
    }

    /// @notice The merchant at `index` of the header; beyond its end an unknown one without a number.
    function merchantAt(uint256[] memory merchants, uint256 index) internal pure returns (uint256) {
        return index < merchants.length ? merchants.get(index) : NO_MERCHANT;
    }

    /// @notice Where the first entry begins.
    function firstOf(uint256 merchantCount) internal pure returns (uint256) {
        return 1 + MERCHANT_SIZE * merchantCount;
    }

    /// @notice No batch of this length has more entries than this.
    function entriesMost(bytes calldata batch) internal pure returns (uint256) {
        return batch.length / ENTRY_SIZE;
    }

    /// @notice Where an entry ends.
    function endOf(EntryWord entry, uint256 start) internal pure returns (uint256) {
        unchecked {
            return start + ENTRY_SIZE + MAXIMUM_SIZE * (entry.head() >> 23);
        }
    }

    /// @notice The signature of the entry that ends at `end`.
    function signatureAt(bytes calldata batch, uint256 end)
        internal
        pure
        returns (bytes32 r, bytes32 vs)
    {
        unchecked {
            r = bytes32(batch.wordAt(end - SIGNATURE_SIZE));
            vs = bytes32(batch.wordAt(end - SIGNATURE_SIZE / 2));
        }
    }

    /// @notice Refuses the whole batch.
    function refuse(bytes calldata batch) internal pure {
        revert ICouponBookErrors.CouponBook_BatchMalformed(batch.length, ENTRIES_MAX);
    }
}
