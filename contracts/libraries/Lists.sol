// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBookErrors} from "../interfaces/ICouponBookErrors.sol";
import {CampaignRecord} from "../types/CampaignRecord.sol";

/// @notice Lists of passes as bitmaps: 256 passes to a word.
library Lists {
    /// @dev Pass numbers have 32 bits, so word indices have 24.
    uint256 internal constant WORDS_MAX = 1 << 24;

    /// @notice Writes words into a campaign's list and moves its running hash and count.
    /// @return complete Whether the list is now the approved one.
    function write(
        CampaignRecord storage record,
        uint32 campaign,
        uint32 firstWord,
        uint256[] calldata words
    ) internal returns (bool complete) {
        // Check: above everything written so far, and within the numbers that passes can have.
        if (firstWord < record.nextWord || uint256(firstWord) + words.length > WORDS_MAX) {
            revert ICouponBookErrors.CouponBook_ListOutOfOrder(campaign, firstWord, record.nextWord);
        }
        bytes32 hash = record.listedHash;
        uint256 count = record.listedCount;
        for (uint256 i; i < words.length; ++i) {
            uint256 word = words[i];
            if (word == 0) continue;
            uint256 index = uint256(firstWord) + i;
            // Effect: the words, and what proves that they are the approved ones.
            record.list[index] = word;
            hash = chain(hash, index, word);
            count += ones(word);
        }
        // Check: the last word may not make another list of the same length.
        if (count > record.listCount || (count == record.listCount && hash != record.listHash)) {
            revert ICouponBookErrors.CouponBook_ListMismatch(campaign, hash, count);
        }
        record.listedHash = hash;
        record.listedCount = uint32(count);
        record.nextWord = uint32(firstWord + words.length);
        return count == record.listCount;
    }

    /// @notice Whether a pass's bit is set.
    function contains(mapping(uint256 word => uint256 bits) storage list, uint256 pass)
        internal
        view
        returns (bool)
    {
        return (list[pass >> 8] >> (pass & 255)) & 1 != 0;
    }

    /// @notice The running hash after one more word.
    function chain(bytes32 hash, uint256 index, uint256 word) internal pure returns (bytes32) {
        return keccak256(abi.encode(hash, index, word));
    }

    /// @notice How many bits of a word are set.
    /// @dev Sums of neighbouring fields of 1, 2 and 4 bits, which hold at most 2, 4 and 8; then the
    /// 32 bytes, each at most 8, are added up: at most 256, which needs 9 bits, so they are added in
    /// two halves, which fit the multiplication's highest byte (128 each).
    function ones(uint256 word) internal pure returns (uint256) {
        unchecked {
            uint256 fields = word - ((word >> 1) & (type(uint256).max / 3));
            fields = (fields & (type(uint256).max / 5)) + ((fields >> 2) & (type(uint256).max / 5));
            fields = (fields + (fields >> 4)) & (type(uint256).max / 17);
            uint256 low = uint256(uint128(fields)) * (type(uint128).max / 255);
            uint256 high = (fields >> 128) * (type(uint128).max / 255);
            return ((low >> 120) & 255) + ((high >> 120) & 255);
        }
    }
}
