// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../types/CampaignTypes.sol";

/// @title What the coupon book tells the world
/// @notice These events alone suffice to rebuild all of its state. `at` is always the block's time.
interface ICouponBookEvents {
    /// @notice A campaign was drafted. Nothing can be spent under it yet.
    /// @param campaign Its number.
    /// @param officer Who drafted it, and may neither approve nor issue it.
    /// @param terms Its rules, which never change.
    /// @param at The block's time.
    event CampaignDrafted(uint32 indexed campaign, address indexed officer, Terms terms, uint40 at);

    /// @notice A second person approved a campaign.
    /// @param campaign The campaign.
    /// @param approver Who approved it, and may not issue it.
    /// @param at The block's time.
    event CampaignApproved(uint32 indexed campaign, address indexed approver, uint40 at);

    /// @notice A part of a campaign's list was written. The coupons do not exist yet.
    /// @param campaign The campaign.
    /// @param firstWord The index of `words[0]`: bit `b` of word `w` is pass `256 w + b`.
    /// @param words The words, zeroes included.
    /// @param at The block's time.
    event CouponsListed(uint32 indexed campaign, uint32 firstWord, uint256[] words, uint40 at);

    /// @notice A campaign's coupons came to exist and the campaign is open.
    /// @param campaign The campaign.
    /// @param issuer Who issued them.
    /// @param at The block's time.
    event CouponsIssued(uint32 indexed campaign, address indexed issuer, uint40 at);

    /// @notice Money was given to a campaign.
    /// @param campaign The campaign.
    /// @param funder Who gave it.
    /// @param contribution The number of this contribution within the campaign, from 1.
    /// @param amount Satang.
    /// @param at The block's time.
    event CampaignFunded(
        uint32 indexed campaign,
        address indexed funder,
        uint32 contribution,
        uint96 amount,
        uint40 at
    );

    /// @notice Redemptions were taken.
    /// @param campaign The campaign.
    /// @param batch The number of this batch within the campaign, from 1.
    /// @param records The redemptions in their order, 22 bytes each: pass (4), merchant (4),
    /// bill (4), amount (3), copay (4), head (3).
    /// @param at The block's time.
    event Redeemed(uint32 indexed campaign, uint32 indexed batch, bytes records, uint40 at);

    /// @notice Redemptions were refused. They had no effect, and the others of their batch did.
    /// @param campaign The campaign.
    /// @param records The refusals in their order, 13 bytes each: index in the batch (2),
    /// reason (1), pass (4; 0 when unknown), head (3), amount (3).
    /// @param at The block's time.
    event RedemptionsRefused(uint32 indexed campaign, bytes records, uint40 at);

    /// @notice A redemption, or a part of it, was undone.
    /// @param campaign The campaign.
    /// @param pass The pass that has it back.
    /// @param merchant The merchant that gave it back.
    /// @param amount Of the city's share, in this void.
    /// @param copay Of the resident's share, in this void, paid to the pass's holder.
    /// @param signedAt When the redemption was signed: with the pass, this names it.
    /// @param voidedAt When the void was signed.
    /// @param at The block's time.
    event Voided(
        uint32 indexed campaign,
        uint32 indexed pass,
        uint32 indexed merchant,
        uint32 amount,
        uint32 copay,
        uint40 signedAt,
        uint40 voidedAt,
        uint40 at
    );

    /// @notice The treasurer's tokens took the place of what a merchant owed.
    /// @param campaign The campaign.
    /// @param merchant The merchant.
    /// @param by Whose tokens they are.
    /// @param amount How many; with 0 what is owed was only computed anew.
    /// @param at The block's time.
    event DebtCovered(
        uint32 indexed campaign,
        uint32 indexed merchant,
        address indexed by,
        uint64 amount,
        uint40 at
    );

    /// @notice A campaign was paused: what is signed from now on is refused.
    /// @param campaign The campaign.
    /// @param by Who paused it.
    /// @param at The block's time.
    event CampaignPaused(uint32 indexed campaign, address indexed by, uint40 at);

    /// @notice A campaign is open again.
    /// @param campaign The campaign.
    /// @param by Who resumed it.
    /// @param at The block's time.
    event CampaignResumed(uint32 indexed campaign, address indexed by, uint40 at);

    /// @notice A campaign was closed. Nothing is redeemed or voided under it any more.
    /// @param campaign The campaign.
    /// @param unspent What its funders get back, in all.
    /// @param at The block's time.
    event CampaignClosed(uint32 indexed campaign, uint96 unspent, uint40 at);

    /// @notice A funder was given back its part of what was left.
    /// @param campaign The campaign.
    /// @param funder Who gave the contribution.
    /// @param contribution The contribution's number.
    /// @param amount What came back; may be 0.
    /// @param at The block's time.
    event ContributionReturned(
        uint32 indexed campaign,
        address indexed funder,
        uint32 contribution,
        uint96 amount,
        uint40 at
    );
}
