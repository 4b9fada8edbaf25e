// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ICityPass} from "../interfaces/ICityPass.sol";
import {ICouponBookErrors} from "../interfaces/ICouponBookErrors.sol";
import {IMerchantRegistry} from "../interfaces/IMerchantRegistry.sol";
import {CampaignRecord} from "../types/CampaignRecord.sol";
import {Credit} from "../types/CampaignTypes.sol";
import {EntryWord} from "../types/EntryWord.sol";
import {Reason} from "../types/Reason.sol";
import {UsageLane, laneOf, packUsage, usageSlotOf, withLane} from "../types/UsageLane.sol";
import {BangkokTime} from "./BangkokTime.sol";
import {Batches} from "./Batches.sol";
import {Lists} from "./Lists.sol";
import {MerchantWord} from "./MerchantWord.sol";
import {PackedBytes} from "./PackedBytes.sol";
import {PassReader} from "./PassReader.sol";
import {PassWord} from "./PassWord.sol";
import {Tallies, Tally} from "./Tallies.sol";
import {RedemptionMessage, TypedData} from "./TypedData.sol";
import {Claim, Rules, Verdicts} from "./Verdicts.sol";

/// @notice A batch and the storage of its campaign: entry by entry, then what they come to.
library Redemptions {
    using Batches for bytes;
    using Lists for mapping(uint256 word => uint256 bits);
    using PackedBytes for bytes;
    using SafeERC20 for IERC20;
    using Tallies for Tally;
    using TypedData for RedemptionMessage;

    /// @notice Asks the registry for the merchants of a batch, and the rules what they say of each.
    function merchantsOf(bytes calldata batch, Rules memory rules, IMerchantRegistry registry)
        internal
        view
        returns (uint256[] memory merchants)
    {
        uint32[] memory numbers = batch.merchantsOf();
        merchants = registry.wordsOf(numbers);
        assert(numbers.length == merchants.length);
        for (uint256 i; i < merchants.length; ++i) {
            uint256 word = merchants[i];
            merchants[i] = Batches.describe(word, Verdicts.judgeMerchant(rules, word), numbers[i]);
        }
    }

    /// @notice Judges every entry of a batch and tallies what is taken and what is refused.
    /// @param message Open for this campaign.
    function takeAll(
        CampaignRecord storage record,
        Rules memory rules,
        bytes calldata batch,
        ICityPass passes,
        RedemptionMessage memory message,
        Tally memory tally
    ) internal {
        uint256 cursor = Batches.firstOf(tally.merchants.length);
        uint256 index;
        while (cursor < batch.length) {
            EntryWord entry = EntryWord.wrap(batch.wordAt(cursor));
            cursor = Batches.endOf(entry, cursor);
            if (cursor > batch.length) batch.refuse();
            uint256 merchant = Batches.merchantAt(tally.merchants, entry.merchantIndex());
            uint256 signedAt = BangkokTime.signedAt(rules.starts, entry.step());
            address holder = signerOf(entry, signedAt, merchant, message, batch, cursor);
            uint256 pass = holder == address(0) ? 0 : PassReader.wordOf(passes, holder);
            (uint256 reason, uint256 lanes) =
                judge(record, rules, tally, entry, signedAt, pass, merchant);
            // Interaction: under the lock, and the last thing that can refuse.
            if (reason == Reason.NONE && entry.copay() != 0) {
                reason = collect(record, holder, entry.copay());
            }
            if (reason == Reason.NONE) {
                // Effect: in memory, until `enter`.
                tally.lanes = lanes;
                tally.add(entry, PassWord.number(pass), Batches.numberOf(merchant));
            } else if (rules.forced) {
                revert ICouponBookErrors.CouponBook_RedemptionRefused(index, uint8(reason));
            } else {
                tally.refuse(entry, index, reason, PassWord.number(pass));
            }
            unchecked {
                ++index;
            }
        }
        if (index == 0 || index > Batches.ENTRIES_MAX) batch.refuse();
    }

    /// @notice Who signed an entry; 0 where nobody did.
    /// @param end Where the entry ends, and its signature with it.
    function signerOf(
        EntryWord entry,
        uint256 signedAt,
        uint256 merchant,
        RedemptionMessage memory message,
        bytes calldata batch,
        uint256 end
    ) private pure returns (address signer) {
        if (entry.hasStep()) {
            if (entry.isUnnamed()) {
                message.merchant = 0;
                message.bill = entry.billMaximum();
                message.amount = entry.amountMaximum();
                message.copay = entry.copayMaximum();
            } else {
                message.merchant = Batches.numberOf(merchant);
                message.bill = entry.bill();
                message.amount = entry.amount();
                message.copay = entry.copay();
            }
            message.signedAt = signedAt;
            (bytes32 r, bytes32 vs) = batch.signatureAt(end);
            signer = TypedData.recover(message.digest(), r, vs);
        }
    }

    /// @notice Judges an entry, with its pass's usage at hand.
    /// @return reason Why it is refused; 0 if it is not.
    /// @return lanes What the pass's usage slot comes to if it is taken.
    function judge(
        CampaignRecord storage record,
        Rules memory rules,
        Tally memory tally,
        EntryWord entry,
        uint256 signedAt,
        uint256 pass,
        uint256 merchant
    ) private returns (uint256 reason, uint256 lanes) {
        uint256 number = PassWord.number(pass);
        if (number == 0) return (Reason.SIGNATURE_INVALID, 0);
        turnTo(record, tally, usageSlotOf(number));
        UsageLane usage = laneOf(tally.lanes, number);
        bool listed = !rules.listed || record.list.contains(number);
        uint256 hour = BangkokTime.hourOfWeek(signedAt);
        uint256 apart = PassWord.district(pass) ^ MerchantWord.district(merchant);
        uint256 shareMax = Verdicts.shareOf(rules, entry);
        (uint256 today, uint256 total) = Verdicts.sums(rules, entry, usage);
        uint256 left = tally.left;

        // Check: by the shortcut, and only where it finds a fault by the law.
        uint256 flags = Verdicts.flagPass(rules, entry, signedAt, hour, pass, usage, listed)
            | Verdicts.flagFigures(rules, entry, merchant, apart, shareMax, today, total, left);
        if (flags != 0) {
            reason = Verdicts.judge(
                rules,
                Claim({
                    entry: entry,
                    signedAt: signedAt,
                    hour: hour,
                    pass: pass,
                    merchant: merchant,
                    apart: apart,
                    usage: usage,
                    listed: listed,
                    shareMax: shareMax,
                    today: today,
                    total: total,
                    left: left
                })
            );
        }

        lanes = withLane(tally.lanes, number, packUsage(entry.step(), today, total));
    }

    /// @notice Moves the resident's share from the holder to the book; 0 where it did.
    function collect(CampaignRecord storage record, address holder, uint256 copay)
        private
        returns (uint256)
    {
        bool paid = IERC20(record.token).trySafeTransferFrom(holder, address(this), copay);
        return paid ? Reason.NONE : Reason.COPAY_UNPAID;
    }

    /// @notice Makes `lanes` those of a slot, once the last ones are written back.
    function turnTo(CampaignRecord storage record, Tally memory tally, uint256 slot) private {
        if (slot != tally.slot) {
            writeLanes(record, tally);
            tally.slot = slot;
            tally.lanes = record.usage[slot];
        }
    }

    function writeLanes(CampaignRecord storage record, Tally memory tally) private {
        uint256 slot = tally.slot;
        if (slot != Tallies.NO_SLOT) record.usage[slot] = tally.lanes;
    }

    /// @notice Writes what the taken entries come to, each word of storage once.
    /// @return batch The batch's number.
    /// @return records The data of its `Redeemed`; empty where nothing was taken.
    function enter(CampaignRecord storage record, Tally memory tally)
        internal
        returns (uint32 batch, bytes memory records)
    {
        records = tally.redeemed.cut(tally.redeemedSize);
        if (records.length == 0) return (0, records);
        writeLanes(record, tally);
        for (uint256 i; i < tally.merchants.length; ++i) {
            uint256 taken = tally.credits[i];
            if (taken == 0) continue;
            Credit storage credit = record.credits[Batches.numberOf(tally.merchants[i])];
            (credit.amount, credit.copay) =
            (credit.amount + uint64(taken), credit.copay + uint64(taken >> 128));
        }
        batch = record.batches + 1;
        // Every entry was judged by what was left, so that `spent` stays at most `funded`.
        (record.spent, record.batches) = (uint96(record.funded - tally.left), batch);
        record.digests[batch] = keccak256(records);
    }
}
