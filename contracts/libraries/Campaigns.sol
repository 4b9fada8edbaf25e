// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBookErrors} from "../interfaces/ICouponBookErrors.sol";
import {CampaignRecord} from "../types/CampaignRecord.sol";
import {Campaign, CampaignStatus, Terms} from "../types/CampaignTypes.sol";
import {SPENT_TODAY_LARGEST} from "../types/UsageLane.sol";

/// @notice Terms on their way into storage and out of it again.
library Campaigns {
    /// @dev 364 days are 2,096,640 steps, which fit the 21 bits of a usage lane.
    uint256 internal constant WINDOW_LONGEST = 364 days;
    uint256 internal constant SHARE_WHOLE = 10_000;

    /// @notice Refuses terms that no campaign can have.
    function check(Terms calldata terms) internal view {
        if (terms.policyHash == 0) revert ICouponBookErrors.CouponBook_PolicyMissing();
        if (terms.token.code.length == 0) {
            revert ICouponBookErrors.CouponBook_TokenUnknown(terms.token);
        }
        if (
            terms.ends <= terms.starts || terms.ends - terms.starts > WINDOW_LONGEST
                || terms.ends <= block.timestamp
        ) {
            revert ICouponBookErrors.CouponBook_WindowInvalid(
                terms.starts, terms.ends, WINDOW_LONGEST
            );
        }
        if (
            terms.firstUseBy != 0
                && (terms.firstUseBy < terms.starts || terms.firstUseBy > terms.ends)
        ) {
            revert ICouponBookErrors.CouponBook_FirstUseByInvalid(
                terms.firstUseBy, terms.starts, terms.ends
            );
        }
        if (terms.shareBasisPoints == 0 || terms.shareBasisPoints > SHARE_WHOLE) {
            revert ICouponBookErrors.CouponBook_ShareInvalid(terms.shareBasisPoints);
        }
        if (terms.allowance == 0) revert ICouponBookErrors.CouponBook_AllowanceZero();
        if (terms.perDayMax > SPENT_TODAY_LARGEST) {
            revert ICouponBookErrors.CouponBook_DayQuotaTooLarge(
                terms.perDayMax, SPENT_TODAY_LARGEST
            );
        }
        if (
            terms.audience == 0 || terms.categories == 0 || terms.districts == 0
                || terms.openHours == 0
        ) {
            revert ICouponBookErrors.CouponBook_MaskEmpty(
                terms.audience, terms.categories, terms.districts, terms.openHours
            );
        }
        if ((terms.listHash == 0) != (terms.listCount == 0)) {
            revert ICouponBookErrors.CouponBook_ListTermsInvalid(terms.listHash, terms.listCount);
        }
    }

    /// @notice Writes checked terms into an empty record.
    function write(CampaignRecord storage record, Terms calldata terms) internal {
        record.policyHash = terms.policyHash;
        record.token = terms.token;
        record.starts = terms.starts;
        record.ends = terms.ends;
        record.shareBasisPoints = terms.shareBasisPoints;
        record.openHours = terms.openHours;
        record.firstUseBy = terms.firstUseBy;
        record.audience = terms.audience;
        record.sameDistrict = terms.sameDistrict;
        record.status = CampaignStatus.Drafted;
        record.categories = terms.categories;
        record.districts = terms.districts;
        record.allowance = terms.allowance;
        record.perUseMax = terms.perUseMax;
        record.perDayMax = terms.perDayMax;
        record.billMin = terms.billMin;
        if (terms.listCount != 0) {
            record.listed = true;
            record.listCount = terms.listCount;
            record.listHash = terms.listHash;
        }
    }

    /// @notice The terms as they were drafted.
    function termsOf(CampaignRecord storage record) internal view returns (Terms memory) {
        return Terms({
            policyHash: record.policyHash,
            token: record.token,
            starts: record.starts,
            ends: record.ends,
            firstUseBy: record.firstUseBy,
            shareBasisPoints: record.shareBasisPoints,
            allowance: record.allowance,
            perUseMax: record.perUseMax,
            perDayMax: record.perDayMax,
            billMin: record.billMin,
            audience: record.audience,
            categories: record.categories,
            districts: record.districts,
            openHours: record.openHours,
            sameDistrict: record.sameDistrict,
            listHash: record.listHash,
            listCount: record.listCount
        });
    }

    /// @notice The campaign as anyone may read it.
    function read(CampaignRecord storage record) internal view returns (Campaign memory) {
        return Campaign({
            terms: termsOf(record),
            status: record.status,
            drafter: record.drafter,
            approver: record.approver,
            issuer: record.issuer,
            // The sweep closes a paused campaign, which is then closed and no longer paused.
            pausedAt: record.status == CampaignStatus.Paused ? record.pausedAt : 0,
            funded: record.funded,
            spent: record.spent,
            batches: record.batches,
            listed: record.listedCount,
            nextWord: record.nextWord,
            contributions: uint32(record.contributions.length),
            returned: record.returned,
            owed: record.owed
        });
    }
}
