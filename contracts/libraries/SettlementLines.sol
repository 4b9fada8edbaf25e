// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedBytes} from "./PackedBytes.sol";

/// @dev What one campaign pays to one merchant; a negative leg is taken back from it.
struct SettlementLine {
    uint32 campaign;
    uint32 merchant;
    int64 amount;
    int64 copay;
}

/// @notice The lines of a round: campaign (4), merchant (4), amount (8), copay (8), the last two in
/// two's complement.
library SettlementLines {
    using PackedBytes for bytes;

    uint256 internal constant SIZE = 24;

    /// @notice These bytes are no lines: none at all, or the last one is cut short.
    error SettlementLines_Malformed(uint256 length);

    /// @notice Line `index` does not stand in its place: merchants ascend through the whole round,
    /// and the campaigns of each merchant ascend.
    error SettlementLines_OutOfOrder(uint256 index);

    /// @notice What this merchant's lines come to is no payment.
    error SettlementLines_NothingToPay(uint32 merchant, int256 sum);

    /// @notice How many lines there are.
    function count(bytes calldata lines) internal pure returns (uint256 lineCount) {
        lineCount = lines.length / SIZE;
        if (lineCount == 0 || lines.length % SIZE != 0) {
            revert SettlementLines_Malformed(lines.length);
        }
    }

    /// @notice Line `index`, which must be less than the count.
    function lineAt(bytes calldata lines, uint256 index)
        internal
        pure
        returns (SettlementLine memory)
    {
        uint256 word = lines.wordAt(index * SIZE);
        return SettlementLine({
            campaign: uint32(word >> 224),
            merchant: uint32(word >> 192),
            amount: int64(uint64(word >> 128)),
            copay: int64(uint64(word >> 64))
        });
    }

    /// @notice What a line comes to.
    function sumOf(SettlementLine memory line) internal pure returns (int256) {
        return int256(line.amount) + int256(line.copay);
    }

    /// @notice Reads a page whose merchants must all be above `last`.
    /// @return total What the page pays. Fits 96 bits: there are fewer than 2^32 lines of two 63-bit
    /// legs.
    /// @return lastMerchant The page's last merchant.
    function totalOf(bytes calldata lines, uint32 last)
        internal
        pure
        returns (uint96 total, uint32 lastMerchant)
    {
        uint256 lineCount = count(lines);
        uint32 campaign;
        int256 sum;
        int256 all;
        for (uint256 i; i < lineCount; ++i) {
            SettlementLine memory line = lineAt(lines, i);
            if (line.merchant > last) {
                if (i != 0) checkPaid(last, sum);
                (last, sum) = (line.merchant, 0);
            } else if (i == 0 || line.merchant != last || line.campaign <= campaign) {
                revert SettlementLines_OutOfOrder(i);
            }
            campaign = line.campaign;
            sum += sumOf(line);
            all += sumOf(line);
        }
        checkPaid(last, sum);
        return (uint96(uint256(all)), last);
    }

    /// @notice Finds a merchant's lines on a page that `totalOf` has accepted.
    /// @return from Where they begin, in bytes.
    /// @return to Where they end; `from` where there are none.
    /// @return sum What they come to.
    function find(bytes calldata lines, uint32 merchant)
        internal
        pure
        returns (uint256 from, uint256 to, int256 sum)
    {
        uint256 lineCount = count(lines);
        for (uint256 i; i < lineCount; ++i) {
            SettlementLine memory line = lineAt(lines, i);
            if (line.merchant != merchant) continue;
            if (to == 0) from = i * SIZE;
            to = (i + 1) * SIZE;
            sum += sumOf(line);
        }
    }

    function checkPaid(uint32 merchant, int256 sum) private pure {
        if (sum <= 0) revert SettlementLines_NothingToPay(merchant, sum);
    }
}
