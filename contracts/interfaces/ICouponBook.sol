// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Campaign, Contribution, Terms} from "../types/CampaignTypes.sol";
import {ICityPass} from "./ICityPass.sol";
import {ICouponBookErrors} from "./ICouponBookErrors.sol";
import {ICouponBookEvents} from "./ICouponBookEvents.sol";
import {IMerchantRegistry} from "./IMerchantRegistry.sol";

/// @title The coupon book
/// @notice Campaigns, their coupons, and what was spent of them. A campaign is drafted, approved and
/// issued by three different people and funded by anyone. A coupon is spent by its holder's
/// signature and by nothing else. What is left at the end goes back to the funders in proportion.
/// @dev docs/wire-format.md fixes every byte of the batch, the records and the signed messages.
///
/// Warning: the token is trusted as far as the officer and the approver trust it. The book must be
/// one of its city accounts. Calls to the token happen under a reentrancy lock.
interface ICouponBook is ICouponBookEvents, ICouponBookErrors {
    // --------------------------------------------------------------------------- campaign's life

    /// @notice Drafts a campaign. Emits `CampaignDrafted`. Role: campaign officer.
    /// @param terms Its rules. The window is at most 364 days and not over; the day quota is at most
    /// 524,287 satang; every mask has a bit; a list has both hash and count, or neither.
    /// @return campaign Its number: 1, 2, 3 …
    function draft(Terms calldata terms) external returns (uint32 campaign);

    /// @notice Approves a drafted campaign. Emits `CampaignApproved`. Role: approver, and not the
    /// drafter.
    /// @param campaign The campaign.
    function approve(uint32 campaign) external;

    /// @notice Issues an approved campaign's coupons to everyone in its audience, whatever the size
    /// of the city, and opens it. Emits `CouponsIssued`. Role: issuer, and neither drafter nor
    /// approver.
    /// @param campaign The campaign; not a listed one.
    function issue(uint32 campaign) external;

    /// @notice Writes a part of an approved campaign's list. When count and hash are the approved
    /// ones the coupons exist and the campaign opens; before, none of them does. Emits
    /// `CouponsListed`, at the end `CouponsIssued`. Role: issuer, and neither drafter nor approver.
    ///
    /// The running hash starts at 0 and takes every word that is not zero, in ascending order:
    /// `keccak256(abi.encode(hash, uint256 index, uint256 word))`.
    ///
    /// Warning: words cannot be taken back. Where a wrong one was written the list can never match:
    /// the campaign stays shut, and is drafted anew.
    /// @param campaign The campaign; a listed one.
    /// @param firstWord The index of `words[0]`, above every word written so far.
    /// @param words Bit `b` of word `w`: pass `256 w + b` has a coupon.
    function issueList(uint32 campaign, uint32 firstWord, uint256[] calldata words) external;

    /// @notice Pauses an open campaign: what is signed from now on is refused, what was signed
    /// before is still taken. Emits `CampaignPaused`. Role: guardian.
    /// @param campaign The campaign.
    function pause(uint32 campaign) external;

    /// @notice Opens a paused campaign again. Emits `CampaignResumed`. Role: approver.
    /// @param campaign The campaign.
    function resume(uint32 campaign) external;

    // --------------------------------------------------------------------------------- its money

    /// @notice Gives money to a campaign that is not closed. Emits `CampaignFunded`. Anyone, who has
    /// approved the book at the token.
    /// @param campaign The campaign.
    /// @param amount Satang, not 0.
    function fund(uint32 campaign, uint96 amount) external;

    /// @notice Returns what is left to the funders, once nothing can come in any more: 7 days and 15
    /// minutes after the end, and no merchant owes the campaign anything. The first call closes the
    /// campaign. Emits `CampaignClosed` once, and `ContributionReturned` for each contribution. Anyone.
    ///
    /// With U unspent and T funded, where C(i) is the sum of contributions 1 to i, contribution i
    /// gets `U C(i) / T - U C(i - 1) / T`, each division rounded down: together exactly U.
    /// @param campaign The campaign.
    /// @param count How many contributions to return, at most, in order; not 0.
    function sweep(uint32 campaign, uint256 count) external;

    // -------------------------------------------------------------------------- paying merchants

    /// @notice Pays the lines of a round out of the merchants' credits, in every status of a campaign,
    /// and hands the caller what they come to; where they come to less than nothing the caller pays.
    /// A line that pays never brings a merchant above its credit; one that takes nets what it owes.
    /// The caller's event tells of it. Role: settler.
    /// @param token The token of every campaign named.
    /// @param lines 24 bytes each: campaign (4), merchant (4), amount (8), copay (8), the last two in
    /// two's complement.
    function settle(IERC20 token, bytes calldata lines) external;

    /// @notice Undoes the payment of lines: the exact opposite of `settle`, of which only a campaign
    /// that could not carry the debts that come back keeps it. Role: settler.
    /// @param token The token of every campaign named.
    /// @param lines As for `settle`.
    function unsettle(IERC20 token, bytes calldata lines) external;

    /// @notice Puts the caller's own tokens in the place of what a merchant owes a campaign, so that
    /// the campaign can be closed though the shop never comes back. What it owes is computed anew,
    /// with an amount of 0 too: what it redeemed since has lowered it. Emits `DebtCovered`. Role:
    /// treasurer.
    /// @param campaign The campaign.
    /// @param merchant The merchant.
    /// @param amount Satang, at most what it owes now.
    function cover(uint32 campaign, uint32 merchant, uint64 amount) external;

    // ------------------------------------------------------------------------------- redemptions

    /// @notice Takes a batch of signed redemptions. One that is refused is skipped and reported, and
    /// never touches the others. Emits `Redeemed` where any was taken and `RedemptionsRefused` where
    /// any was refused. Role: sequencer.
    /// @param campaign An open or paused campaign.
    /// @param batch At most 300 entries, packed; reverts only where it is not a batch at all.
    function redeem(uint32 campaign, bytes calldata batch) external;

    /// @notice Takes redemptions that the sequencer has left lying: from 15 minutes to 7 days after
    /// signing, if they name their merchant. Emits `Redeemed`. Reverts if any is refused. Anyone.
    /// @param campaign An open or paused campaign.
    /// @param batch As for `redeem`.
    function forceRedeem(uint32 campaign, bytes calldata batch) external;

    /// @notice Undoes a redemption or a part of it, by the signature of its merchant's payout
    /// address: allowance, day quota, budget and the merchant's credit are restored and the copay is
    /// paid back. What the merchant was paid already it now owes, and that part of the budget comes
    /// back with the next payment that nets it. Emits `Voided`. Anyone, until the campaign is closed.
    /// @param campaign The campaign.
    /// @param batch The batch that took the redemption.
    /// @param records The whole data of that batch's `Redeemed`.
    /// @param index The redemption's place in it, from 0.
    /// @param holder Who holds the pass now, and gets the copay back.
    /// @param amount Of the city's share; with earlier voids at most the redemption's.
    /// @param voidedAt The signed time: within the last 7 days, at most 60 seconds ahead, and later
    /// than that of this redemption's last void.
    /// @param r The signature's first half.
    /// @param vs Its second half with the parity in the highest bit (EIP-2098).
    function void(
        uint32 campaign,
        uint32 batch,
        bytes calldata records,
        uint256 index,
        address holder,
        uint32 amount,
        uint40 voidedAt,
        bytes32 r,
        bytes32 vs
    ) external;

    // -------------------------------------------------------------------------------------- reads

    /// @notice The passes whose holders may sign.
    /// @return The contract.
    function passes() external view returns (ICityPass);

    /// @notice The merchants that may be named.
    /// @return The contract.
    function merchants() external view returns (IMerchantRegistry);

    /// @notice The number of the last campaign, which is the number of campaigns.
    /// @return The number; 0 before the first.
    function lastCampaign() external view returns (uint32);

    /// @notice A campaign.
    /// @param campaign Its number.
    /// @return The campaign; all zero where there is none.
    function campaignOf(uint32 campaign) external view returns (Campaign memory);

    /// @notice A page of a campaign's contributions.
    /// @param campaign The campaign.
    /// @param first The number of the first contribution, from 1.
    /// @param count How many, at most.
    /// @return The contributions that there are in that range.
    function contributions(uint32 campaign, uint32 first, uint32 count)
        external
        view
        returns (Contribution[] memory);

    /// @notice Whether a pass is on a campaign's list, as far as it has been written.
    /// @param campaign The campaign.
    /// @param pass The pass.
    /// @return True if its bit is set; false in a campaign that is issued to everyone.
    function isListed(uint32 campaign, uint32 pass) external view returns (bool);

    /// @notice What a pass has used of its coupon.
    /// @param campaign The campaign.
    /// @param pass The pass.
    /// @return lastStep The step of its last redemption; 0 if there was none.
    /// @return spentToday What it spent on the Bangkok day of that step; 0 without a day quota.
    /// @return spentTotal What it spent in all, less what was voided.
    function usageOf(uint32 campaign, uint32 pass)
        external
        view
        returns (uint24 lastStep, uint24 spentToday, uint24 spentTotal);

    /// @notice What a merchant took under a campaign, less what was voided.
    /// @param campaign The campaign.
    /// @param merchant The merchant.
    /// @return amount The city's share.
    /// @return copay The residents' share that was paid in tokens.
    /// @return paid What rounds have paid out of both.
    /// @return owed What the merchant owes the campaign, as of the last void or payment.
    function credits(uint32 campaign, uint32 merchant)
        external
        view
        returns (uint64 amount, uint64 copay, uint64 paid, uint64 owed);

    /// @notice The proof of a batch: keccak-256 of the records of its `Redeemed`.
    /// @param campaign The campaign.
    /// @param batch The batch.
    /// @return The hash; 0 where there is no such batch.
    function batchDigest(uint32 campaign, uint32 batch) external view returns (bytes32);

    /// @notice How much of a redemption has been voided.
    /// @param campaign The campaign.
    /// @param pass The pass.
    /// @param step The redemption's step: with the pass, this names it.
    /// @return amount Of the city's share.
    /// @return copay Of the resident's share.
    /// @return voidedAt The signed time of its last void; 0 if there was none.
    function voidOf(uint32 campaign, uint32 pass, uint32 step)
        external
        view
        returns (uint24 amount, uint32 copay, uint40 voidedAt);
}
