// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CampaignStatus} from "../types/CampaignTypes.sol";

/// @title What the coupon book refuses
/// @notice One error for each cause, with its evidence. A caller without the role is refused by
/// `AccessManagedUnauthorized`.
interface ICouponBookErrors {
    // ------------------------------------------------------------------------------ any campaign

    /// @notice There is no campaign of this number.
    error CouponBook_CampaignUnknown(uint32 campaign);

    /// @notice The campaign is not at the point of its life where this can be done.
    error CouponBook_WrongStatus(uint32 campaign, CampaignStatus status);

    /// @notice Drafting, approving and issuing take three people; this one already did another step.
    error CouponBook_SamePerson(uint32 campaign, address person);

    // ------------------------------------------------------------------------------------- draft

    /// @notice A campaign without a policy document cannot be explained to anyone.
    error CouponBook_PolicyMissing();

    /// @notice There is no contract at the token's address.
    error CouponBook_TokenUnknown(address token);

    /// @notice The window is empty, over already, or longer than `longest` seconds.
    error CouponBook_WindowInvalid(uint40 starts, uint40 ends, uint256 longest);

    /// @notice The first-use deadline lies outside the window.
    error CouponBook_FirstUseByInvalid(uint40 firstUseBy, uint40 starts, uint40 ends);

    /// @notice The share is nothing, or more than the bill.
    error CouponBook_ShareInvalid(uint16 shareBasisPoints);

    /// @notice A coupon worth nothing.
    error CouponBook_AllowanceZero();

    /// @notice The day quota does not fit its lane.
    error CouponBook_DayQuotaTooLarge(uint24 perDayMax, uint256 largest);

    /// @notice A mask is empty: nobody could ever use the coupon.
    error CouponBook_MaskEmpty(
        uint32 audience, uint64 categories, uint64 districts, uint168 openHours
    );

    /// @notice A list needs both a hash and a count; issue to everyone needs neither.
    error CouponBook_ListTermsInvalid(bytes32 listHash, uint32 listCount);

    // ------------------------------------------------------------------------------------- issue

    /// @notice The campaign is issued to a list: use `issueList`.
    error CouponBook_CampaignListed(uint32 campaign);

    /// @notice The campaign is issued to everyone: use `issue`.
    error CouponBook_CampaignNotListed(uint32 campaign);

    /// @notice List words must come in ascending order, and below the last pass number.
    error CouponBook_ListOutOfOrder(uint32 campaign, uint32 firstWord, uint32 nextWord);

    /// @notice The list is not the one that was approved.
    error CouponBook_ListMismatch(uint32 campaign, bytes32 listHash, uint256 count);

    // -------------------------------------------------------------------------------------- fund

    /// @notice Nothing was asked for.
    error CouponBook_AmountZero();

    /// @notice The token moved another amount than it was asked to.
    error CouponBook_TokenShort(uint256 expected, uint256 received);

    // ------------------------------------------------------------------------------------ redeem

    /// @notice The batch is empty, cut short, too long, or has more entries than `limit`.
    error CouponBook_BatchMalformed(uint256 length, uint256 limit);

    /// @notice A forced redemption is refused; `reason` is one of `Reason`.
    error CouponBook_RedemptionRefused(uint256 index, uint8 reason);

    // -------------------------------------------------------------------------------------- void

    /// @notice These are not the records of this batch.
    error CouponBook_RecordsUnknown(uint32 campaign, uint32 batch);

    /// @notice The batch has no such record.
    error CouponBook_RecordUnknown(uint256 index, uint256 count);

    /// @notice The void is not signed by the merchant's payout address.
    error CouponBook_VoidNotSigned(uint32 merchant);

    /// @notice The void was signed too long ago, in the future, or no later than the last one.
    error CouponBook_VoidOutOfTime(uint40 voidedAt, uint256 earliest, uint256 latest);

    /// @notice More than is left of the redemption.
    error CouponBook_VoidExceeds(uint32 amount, uint256 left);

    /// @notice The merchant was paid already, and the campaign lacks `short` to carry what it owes:
    /// fund the campaign first. A closed one carries no more debts.
    error CouponBook_VoidUnfunded(uint32 campaign, uint256 short);

    /// @notice The address does not hold the pass.
    error CouponBook_HolderMismatch(uint32 pass, address holder);

    // -------------------------------------------------------------------------- paying merchants

    /// @notice The campaign's money is another token.
    error CouponBook_TokenOther(uint32 campaign, address token);

    /// @notice The merchant would have been paid less than nothing, or more than `most`.
    error CouponBook_PaidOutOfRange(uint32 campaign, uint32 merchant, int256 paid, uint256 most);

    /// @notice More than the merchant owes.
    error CouponBook_CoverExceeds(uint64 amount, uint256 owed);

    // ------------------------------------------------------------------------------------- sweep

    /// @notice Redemptions may still come in until `from`.
    error CouponBook_SweepTooEarly(uint32 campaign, uint256 from);

    /// @notice Merchants still owe the campaign: net it with what they are paid, or cover it.
    error CouponBook_ShopsOwe(uint32 campaign, uint96 owed);

    /// @notice Everything has been returned.
    error CouponBook_NothingToSweep(uint32 campaign);
}
