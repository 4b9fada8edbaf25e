// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ICouponBookErrors} from "../interfaces/ICouponBookErrors.sol";
import {CampaignRecord} from "../types/CampaignRecord.sol";
import {CampaignStatus, Credit} from "../types/CampaignTypes.sol";
import {SettlementLine, SettlementLines} from "./SettlementLines.sol";

/// @notice What was paid out of the merchants' credits, and what they owe because of voids after it.
library Payments {
    using SettlementLines for bytes;
    using SettlementLines for SettlementLine;

    /// @notice Writes the lines of a round into the credits, or takes them out again.
    /// @param back Whether they are taken out again.
    /// @return leaving What leaves the book; negative where it comes in.
    function enter(
        mapping(uint256 campaign => CampaignRecord) storage campaigns,
        IERC20 token,
        bytes calldata lines,
        bool back
    ) internal returns (int256 leaving) {
        uint256 count = lines.count();
        for (uint256 i; i < count; ++i) {
            SettlementLine memory line = lines.lineAt(i);
            // Check: a campaign of this token.
            CampaignRecord storage record = campaigns[line.campaign];
            if (record.status == CampaignStatus.None) {
                revert ICouponBookErrors.CouponBook_CampaignUnknown(line.campaign);
            }
            if (record.token != address(token)) {
                revert ICouponBookErrors.CouponBook_TokenOther(line.campaign, record.token);
            }
            int256 move = back ? -line.sumOf() : line.sumOf();
            leaving += move;
            pay(record, line, move, !back && move > 0);
        }
    }

    /// @param bounded Whether this pays a merchant, who then may not have got more than its credit.
    function pay(
        CampaignRecord storage record,
        SettlementLine memory line,
        int256 move,
        bool bounded
    ) private {
        Credit storage credit = record.credits[line.merchant];
        // Check: never more than the credit, never less than nothing.
        int256 paid = int256(uint256(credit.paid)) + move;
        uint256 most = bounded ? dueOf(credit) : type(uint64).max;
        if (paid < 0 || uint256(paid) > most) {
            revert ICouponBookErrors.CouponBook_PaidOutOfRange(
                line.campaign, line.merchant, paid, most
            );
        }

        // Effect: paid, and what is owed with it.
        credit.paid = uint64(uint256(paid));
        refresh(record, line.campaign, credit);
    }

    /// @notice Puts `amount` in the place of what a merchant owes.
    function cover(CampaignRecord storage record, uint32 campaign, uint32 merchant, uint64 amount)
        internal
    {
        // Check: no more than is owed, as of now.
        Credit storage credit = record.credits[merchant];
        uint256 owed = owedOf(credit);
        if (amount > owed) revert ICouponBookErrors.CouponBook_CoverExceeds(amount, owed);

        // Effect: what is covered was never paid.
        credit.paid -= amount;
        refresh(record, campaign, credit);
    }

    /// @notice Brings what a merchant owes up to date, and the campaign's sums with it.
    function refresh(CampaignRecord storage record, uint32 campaign, Credit storage credit)
        internal
    {
        uint256 owed = owedOf(credit);
        uint256 before = credit.owed;
        if (owed == before) return;
        uint256 spent = record.spent;
        uint256 spentNow = spent + owed - before;
        // Check: a debt takes the place of budget, which must be there. What a closed campaign did
        // not spend is its funders'.
        uint256 most = record.status == CampaignStatus.Closed ? spent : record.funded;
        if (spentNow > most) {
            revert ICouponBookErrors.CouponBook_VoidUnfunded(campaign, spentNow - most);
        }

        // Effect: all three together.
        credit.owed = uint64(owed);
        record.owed = uint96(record.owed + owed - before);
        record.spent = uint96(spentNow);
    }

    function dueOf(Credit storage credit) private view returns (uint256) {
        return uint256(credit.amount) + credit.copay;
    }

    function owedOf(Credit storage credit) private view returns (uint256) {
        uint256 due = dueOf(credit);
        return credit.paid > due ? credit.paid - due : 0;
    }
}
