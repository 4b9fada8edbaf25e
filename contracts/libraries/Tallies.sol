// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EntryWord} from "../types/EntryWord.sol";
import {PackedBytes} from "./PackedBytes.sol";
import {Records} from "./Records.sol";

/// @dev What a batch comes to, kept in memory until its end, so that each word of storage is written
/// once and not once for every entry that touches it.
struct Tally {
    // What is left of the campaign's budget.
    uint256 left;
    // The merchants of the header, as `Batches.describe` writes them.
    uint256[] merchants;
    // For each of them the amount taken, and from bit 128 on the copay.
    uint256[] credits;
    // The usage slot of the last pass seen, which neighbours share; NO_SLOT before the first.
    uint256 slot;
    uint256 lanes;
    // The data of the two events.
    bytes redeemed;
    uint256 redeemedSize;
    bytes refused;
    uint256 refusedSize;
}

/// @notice Adding up a batch.
library Tallies {
    using PackedBytes for bytes;
    using PackedBytes for uint256[];

    uint256 internal constant NO_SLOT = type(uint256).max;

    /// @notice An empty tally for a batch of at most so many entries.
    function open(uint256 entries, uint256[] memory merchants, uint256 left)
        internal
        pure
        returns (Tally memory tally)
    {
        tally.left = left;
        tally.merchants = merchants;
        tally.credits = new uint256[](merchants.length);
        tally.slot = NO_SLOT;
        tally.redeemed = PackedBytes.reserve(entries * Records.REDEEMED_SIZE);
        tally.refused = PackedBytes.reserve(entries * Records.REFUSED_SIZE);
    }

    /// @notice Adds a redemption whose amount is at most `left`, at a merchant of the header.
    /// @dev Unchecked: a batch has 300 entries at most, of amounts below 2^24 and copays below 2^32,
    /// so that neither half of a credit passes 2^41.
    function add(Tally memory tally, EntryWord entry, uint256 pass, uint256 merchant)
        internal
        pure
    {
        unchecked {
            uint256 amount = entry.amount();
            tally.left -= amount;
            tally.credits.add(entry.merchantIndex(), amount | (entry.copay() << 128));
            uint256 size = tally.redeemedSize;
            tally.redeemed.put(size, Records.redeemed(entry, pass, merchant), Records.REDEEMED_SIZE);
            tally.redeemedSize = size + Records.REDEEMED_SIZE;
        }
    }

    /// @notice Adds a refusal: its record, and nothing else.
    function refuse(
        Tally memory tally,
        EntryWord entry,
        uint256 index,
        uint256 reason,
        uint256 pass
    ) internal pure {
        uint256 size = tally.refusedSize;
        tally.refused.put(size, Records.refused(entry, index, reason, pass), Records.REFUSED_SIZE);
        tally.refusedSize = size + Records.REFUSED_SIZE;
    }
}
