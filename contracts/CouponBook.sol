// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {CampaignRegister} from "./CampaignRegister.sol";
import {ICityPass} from "./interfaces/ICityPass.sol";
import {ICouponBook} from "./interfaces/ICouponBook.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {BangkokTime} from "./libraries/BangkokTime.sol";
import {Batches} from "./libraries/Batches.sol";
import {Campaigns} from "./libraries/Campaigns.sol";
import {Lists} from "./libraries/Lists.sol";
import {MerchantWord} from "./libraries/MerchantWord.sol";
import {PackedBytes} from "./libraries/PackedBytes.sol";
import {PassWord} from "./libraries/PassWord.sol";
import {Payments} from "./libraries/Payments.sol";
import {RedeemedRecord} from "./libraries/Records.sol";
import {Redemptions} from "./libraries/Redemptions.sol";
import {Tallies, Tally} from "./libraries/Tallies.sol";
import {TypedData} from "./libraries/TypedData.sol";
import {Rules, Verdicts} from "./libraries/Verdicts.sol";
import {Voids} from "./libraries/Voids.sol";
import {CampaignRecord} from "./types/CampaignRecord.sol";
import {Campaign, CampaignStatus, Contribution, Credit, VoidTotal} from "./types/CampaignTypes.sol";
import {UsageLane, laneOf, usageSlotOf} from "./types/UsageLane.sol";

/// @title The coupon book
contract CouponBook is CampaignRegister, EIP712, ReentrancyGuardTransient {
    using Batches for bytes;
    using Campaigns for CampaignRecord;
    using Lists for mapping(uint256 word => uint256 bits);
    using PackedBytes for bytes;
    using Payments for CampaignRecord;
    using Payments for mapping(uint256 campaign => CampaignRecord);
    using SafeERC20 for IERC20;
    using Redemptions for CampaignRecord;
    using Tallies for Tally;
    using Verdicts for CampaignRecord;
    using Voids for CampaignRecord;

    /// @dev After the end a redemption may come in for its life of 7 days; the rest is for the last
    /// forced ones.
    uint256 private constant SWEEP_AFTER = Verdicts.LIFE + Verdicts.FORCE_AFTER;

    /// @inheritdoc ICouponBook
    ICityPass public immutable override passes;
    /// @inheritdoc ICouponBook
    IMerchantRegistry public immutable override merchants;

    constructor(address authority, ICityPass passes_, IMerchantRegistry merchants_)
        CampaignRegister(authority)
        EIP712("Nakhon", "1")
    {
        passes = passes_;
        merchants = merchants_;
    }

    // ================================================================================= its money

    /// @inheritdoc ICouponBook
    function fund(uint32 campaign, uint96 amount) external nonReentrant {
        // Check: the campaign can still spend or return it.
        CampaignRecord storage record = _known(campaign);
        if (record.status == CampaignStatus.Closed) {
            revert CouponBook_WrongStatus(campaign, CampaignStatus.Closed);
        }
        if (amount == 0) revert CouponBook_AmountZero();

        // Effect: recorded as its own contribution, to be returned to its own funder.
        record.funded += amount;
        record.contributions.push(Contribution({funder: msg.sender, amount: amount}));
        emit CampaignFunded(
            campaign,
            msg.sender,
            uint32(record.contributions.length),
            amount,
            uint40(block.timestamp)
        );

        _collect(IERC20(record.token), amount);
    }

    /// @inheritdoc ICouponBook
    function sweep(uint32 campaign, uint256 count) external nonReentrant {
        // Check: nothing can come in any more, and something is left to do.
        CampaignRecord storage record = _known(campaign);
        if (count == 0) revert CouponBook_AmountZero();
        uint256 from = record.ends + SWEEP_AFTER;
        if (block.timestamp <= from) revert CouponBook_SweepTooEarly(campaign, from);
        if (record.owed != 0) revert CouponBook_ShopsOwe(campaign, record.owed);
        uint256 next = record.returned;
        uint256 last = record.contributions.length;

        // Effect: from now on `funded` and `spent` stay what they are.
        if (record.status != CampaignStatus.Closed) {
            record.status = CampaignStatus.Closed;
            emit CampaignClosed(campaign, record.funded - record.spent, uint40(block.timestamp));
        } else if (next == last) {
            revert CouponBook_NothingToSweep(campaign);
        }
        if (count < last - next) last = next + count;
        record.returned = uint32(last);

        _return(record, campaign, next, last);
    }

    /// @dev Returns contributions `next` (from 0) to `last` (not included).
    function _return(CampaignRecord storage record, uint32 campaign, uint256 next, uint256 last)
        private
    {
        IERC20 token = IERC20(record.token);
        uint256 funded = record.funded;
        uint256 unspent = funded - record.spent;
        uint256 sum = record.returnedFunded;
        for (; next < last; ++next) {
            Contribution memory given = record.contributions[next];
            // `unspent * sum` is below 2^192, and the differences of one series add up to its end.
            uint96 amount = uint96(unspent * (sum + given.amount) / funded - unspent * sum / funded);
            sum += given.amount;
            emit ContributionReturned(
                campaign, given.funder, uint32(next + 1), amount, uint40(block.timestamp)
            );
            // Interaction: under the lock, after `returned` has moved.
            if (amount != 0) token.safeTransfer(given.funder, amount);
        }
        record.returnedFunded = uint128(sum);
    }

    // ============================================================================ paying merchants

    /// @inheritdoc ICouponBook
    function settle(IERC20 token, bytes calldata lines) external restricted nonReentrant {
        _settle(token, lines);
    }

    /// @inheritdoc ICouponBook
    function unsettle(IERC20 token, bytes calldata lines) external restricted nonReentrant {
        _settle(token, lines);
    }

    /// @inheritdoc ICouponBook
    function cover(uint32 campaign, uint32 merchant, uint64 amount)
        external
        restricted
        nonReentrant
    {
        // Check and effect: no more than is owed.
        CampaignRecord storage record = _known(campaign);
        record.cover(campaign, merchant, amount);
        emit DebtCovered(campaign, merchant, msg.sender, amount, uint40(block.timestamp));

        _collect(IERC20(record.token), amount);
    }

    /// @dev Which of the two it is comes from the call, as for `_redeem`.
    function _settle(IERC20 token, bytes calldata lines) private {
        bool back = msg.sig == this.unsettle.selector;
        // Check and effect: line by line.
        int256 leaving = _campaigns.enter(token, lines, back);

        // Interaction: what they come to, in one piece.
        if (leaving > 0) token.safeTransfer(msg.sender, uint256(leaving));
        else _collect(token, uint256(-leaving));
    }

    /// @dev Interaction: a token that keeps a part for itself would leave a campaign short.
    function _collect(IERC20 token, uint256 amount) private {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert CouponBook_TokenShort(amount, received);
    }

    // =============================================================================== redemptions

    /// @inheritdoc ICouponBook
    function redeem(uint32 campaign, bytes calldata batch) external restricted nonReentrant {
        _redeem(campaign, batch);
    }

    /// @inheritdoc ICouponBook
    function forceRedeem(uint32 campaign, bytes calldata batch) external nonReentrant {
        _redeem(campaign, batch);
    }

    /// @dev Which of the two it is comes from the call and not as an argument: the optimiser would
    /// make one copy of all of this for `true` and one for `false`, 3,000 bytes more.
    function _redeem(uint32 campaign, bytes calldata batch) private {
        bool forced = msg.sig == this.forceRedeem.selector;
        // Check and effect: entry by entry. One that is refused leaves nothing but its report.
        CampaignRecord storage record = _running(campaign);
        Rules memory rules = record.rulesOf(forced);
        Tally memory tally = Tallies.open(
            batch.entriesMost(),
            Redemptions.merchantsOf(batch, rules, merchants),
            record.funded - record.spent
        );
        record.takeAll(rules, batch, passes, TypedData.open(_domainSeparatorV4(), campaign), tally);

        // Effect: what they come to.
        (uint32 number, bytes memory redeemed) = record.enter(tally);
        if (redeemed.length != 0) {
            emit Redeemed(campaign, number, redeemed, uint40(block.timestamp));
        }
        bytes memory refused = tally.refused.cut(tally.refusedSize);
        if (refused.length != 0) {
            emit RedemptionsRefused(campaign, refused, uint40(block.timestamp));
        }
    }

    /// @inheritdoc ICouponBook
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
    ) external nonReentrant {
        // Check: the redemption is the batch's, its merchant signed, the copay goes to its pass.
        CampaignRecord storage record = _running(campaign);
        RedeemedRecord memory taken = record.find(campaign, batch, records, index);
        uint40 signedAt = uint40(BangkokTime.signedAt(record.starts, taken.step));
        bytes32 hash =
            TypedData.hashVoid(campaign, taken.pass, taken.merchant, amount, signedAt, voidedAt);
        address payout = MerchantWord.payout(merchants.wordOf(taken.merchant));
        if (payout == address(0) || TypedData.recover(_hashTypedDataV4(hash), r, vs) != payout) {
            revert CouponBook_VoidNotSigned(taken.merchant);
        }
        if (PassWord.number(passes.wordOf(holder)) != taken.pass) {
            revert CouponBook_HolderMismatch(taken.pass, holder);
        }

        // Effect: allowance, day quota, budget and credit, all together.
        uint32 copay = record.undo(campaign, taken, amount, voidedAt);
        emit Voided(
            campaign,
            taken.pass,
            taken.merchant,
            amount,
            copay,
            signedAt,
            voidedAt,
            uint40(block.timestamp)
        );

        // Interaction: the resident's own share goes back to the resident.
        if (copay != 0) IERC20(record.token).safeTransfer(holder, copay);
    }

    // ====================================================================================== reads

    /// @inheritdoc ICouponBook
    function campaignOf(uint32 campaign) external view returns (Campaign memory) {
        return _campaigns[campaign].read();
    }

    /// @inheritdoc ICouponBook
    function contributions(uint32 campaign, uint32 first, uint32 count)
        external
        view
        returns (Contribution[] memory page)
    {
        Contribution[] storage all = _campaigns[campaign].contributions;
        if (first == 0 || first > all.length) return page;
        page = new Contribution[](Math.min(count, all.length - first + 1));
        for (uint256 i; i < page.length; ++i) {
            page[i] = all[first - 1 + i];
        }
    }

    /// @inheritdoc ICouponBook
    function isListed(uint32 campaign, uint32 pass) external view returns (bool) {
        return _campaigns[campaign].list.contains(pass);
    }

    /// @inheritdoc ICouponBook
    function usageOf(uint32 campaign, uint32 pass)
        external
        view
        returns (uint24 lastStep, uint24 spentToday, uint24 spentTotal)
    {
        UsageLane usage = laneOf(_campaigns[campaign].usage[usageSlotOf(pass)], pass);
        return (uint24(usage.lastStep()), uint24(usage.spentToday()), uint24(usage.spentTotal()));
    }

    /// @inheritdoc ICouponBook
    function credits(uint32 campaign, uint32 merchant)
        external
        view
        returns (uint64 amount, uint64 copay, uint64 paid, uint64 owed)
    {
        Credit storage credit = _campaigns[campaign].credits[merchant];
        return (credit.amount, credit.copay, credit.paid, credit.owed);
    }

    /// @inheritdoc ICouponBook
    function batchDigest(uint32 campaign, uint32 batch) external view returns (bytes32) {
        return _campaigns[campaign].digests[batch];
    }

    /// @inheritdoc ICouponBook
    function voidOf(uint32 campaign, uint32 pass, uint32 step)
        external
        view
        returns (uint24 amount, uint32 copay, uint40 voidedAt)
    {
        VoidTotal storage total = _campaigns[campaign].voids[pass][step];
        return (total.amount, total.copay, total.voidedAt);
    }
}
