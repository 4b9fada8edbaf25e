// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ICouponBook} from "./interfaces/ICouponBook.sol";
import {Campaigns} from "./libraries/Campaigns.sol";
import {Lists} from "./libraries/Lists.sol";
import {CampaignRecord} from "./types/CampaignRecord.sol";
import {CampaignStatus, Terms} from "./types/CampaignTypes.sol";

/// @title The register of campaigns
/// @notice The coupon book's part that opens and pauses campaigns. It moves no money.
abstract contract CampaignRegister is ICouponBook, AccessManaged {
    using Campaigns for CampaignRecord;
    using Lists for CampaignRecord;

    /// @inheritdoc ICouponBook
    uint32 public override lastCampaign;

    mapping(uint256 campaign => CampaignRecord) internal _campaigns;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc ICouponBook
    function draft(Terms calldata terms) external restricted returns (uint32 campaign) {
        // Check: such a campaign can exist.
        Campaigns.check(terms);

        // Effect: it does, and names its drafter.
        campaign = ++lastCampaign;
        CampaignRecord storage record = _campaigns[campaign];
        record.write(terms);
        record.drafter = msg.sender;
        emit CampaignDrafted(campaign, msg.sender, terms, uint40(block.timestamp));
    }

    /// @inheritdoc ICouponBook
    function approve(uint32 campaign) external restricted {
        // Check: a second person.
        CampaignRecord storage record = _expect(campaign, CampaignStatus.Drafted);
        if (msg.sender == record.drafter) revert CouponBook_SamePerson(campaign, msg.sender);

        // Effect: the terms have been seen by two.
        record.status = CampaignStatus.Approved;
        record.approver = msg.sender;
        emit CampaignApproved(campaign, msg.sender, uint40(block.timestamp));
    }

    /// @inheritdoc ICouponBook
    function issue(uint32 campaign) external restricted {
        // Check: a third person, and a campaign for everyone.
        CampaignRecord storage record = _expectIssuable(campaign);
        if (record.listed) revert CouponBook_CampaignListed(campaign);

        // Effect: the audience mask is the issuance.
        _open(record, campaign);
    }

    /// @inheritdoc ICouponBook
    function issueList(uint32 campaign, uint32 firstWord, uint256[] calldata words)
        external
        restricted
    {
        // Check: a third person, and a campaign for a list.
        CampaignRecord storage record = _expectIssuable(campaign);
        if (!record.listed) revert CouponBook_CampaignNotListed(campaign);

        // Effect: the words; and with the last one the coupons.
        bool complete = record.write(campaign, firstWord, words);
        emit CouponsListed(campaign, firstWord, words, uint40(block.timestamp));
        if (complete) _open(record, campaign);
    }

    /// @inheritdoc ICouponBook
    function pause(uint32 campaign) external restricted {
        CampaignRecord storage record = _expect(campaign, CampaignStatus.Open);
        record.status = CampaignStatus.Paused;
        record.pausedAt = uint40(block.timestamp);
        emit CampaignPaused(campaign, msg.sender, uint40(block.timestamp));
    }

    /// @inheritdoc ICouponBook
    function resume(uint32 campaign) external restricted {
        CampaignRecord storage record = _expect(campaign, CampaignStatus.Paused);
        record.status = CampaignStatus.Open;
        record.pausedAt = 0;
        emit CampaignResumed(campaign, msg.sender, uint40(block.timestamp));
    }

    function _open(CampaignRecord storage record, uint32 campaign) private {
        record.status = CampaignStatus.Open;
        record.issuer = msg.sender;
        emit CouponsIssued(campaign, msg.sender, uint40(block.timestamp));
    }

    function _expect(uint32 campaign, CampaignStatus status)
        private
        view
        returns (CampaignRecord storage record)
    {
        record = _known(campaign);
        if (record.status != status) revert CouponBook_WrongStatus(campaign, record.status);
    }

    function _expectIssuable(uint32 campaign) private view returns (CampaignRecord storage record) {
        record = _expect(campaign, CampaignStatus.Approved);
        if (msg.sender == record.drafter || msg.sender == record.approver) {
            revert CouponBook_SamePerson(campaign, msg.sender);
        }
    }

    function _known(uint32 campaign) internal view returns (CampaignRecord storage record) {
        record = _campaigns[campaign];
        if (record.status == CampaignStatus.None) revert CouponBook_CampaignUnknown(campaign);
    }

    function _running(uint32 campaign) internal view returns (CampaignRecord storage record) {
        record = _known(campaign);
        CampaignStatus status = record.status;
        if (status != CampaignStatus.Open && status != CampaignStatus.Paused) {
            revert CouponBook_WrongStatus(campaign, status);
        }
    }
}
