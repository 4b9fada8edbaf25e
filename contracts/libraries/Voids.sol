// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ICouponBookErrors} from "../interfaces/ICouponBookErrors.sol";
import {CampaignRecord} from "../types/CampaignRecord.sol";
import {Credit, VoidTotal} from "../types/CampaignTypes.sol";
import {UsageLane, laneOf, packUsage, usageSlotOf, withLane} from "../types/UsageLane.sol";
import {BangkokTime} from "./BangkokTime.sol";
import {Payments} from "./Payments.sol";
import {Records, RedeemedRecord} from "./Records.sol";
import {Verdicts} from "./Verdicts.sol";

/// @notice Undoing redemptions: out of every total that they went into.
library Voids {
    /// @notice Reads redemption `index` of a batch, once `records` is proved to be the batch's.
    function find(
        CampaignRecord storage record,
        uint32 campaign,
        uint32 batch,
        bytes calldata records,
        uint256 index
    ) internal view returns (RedeemedRecord memory) {
        bytes32 digest = record.digests[batch];
        if (digest == 0 || digest != keccak256(records)) {
            revert ICouponBookErrors.CouponBook_RecordsUnknown(campaign, batch);
        }
        uint256 count = records.length / Records.REDEEMED_SIZE;
        if (index >= count) revert ICouponBookErrors.CouponBook_RecordUnknown(index, count);
        return Records.readRedeemed(records, index);
    }

    /// @notice Takes `amount` of a redemption back out of allowance, day quota, budget and credit.
    /// What was paid already its merchant then owes.
    /// @return copay What is to be paid back to the holder.
    function undo(
        CampaignRecord storage record,
        uint32 campaign,
        RedeemedRecord memory taken,
        uint32 amount,
        uint40 voidedAt
    ) internal returns (uint32 copay) {
        // Check: later than the last void, near this block, and of what is left.
        VoidTotal storage total = record.voids[taken.pass][taken.step];
        uint256 earliest = Math.max(uint256(total.voidedAt) + 1, block.timestamp - Verdicts.LIFE);
        uint256 latest = block.timestamp + Verdicts.CLOCK_AHEAD_MAX;
        if (voidedAt < earliest || voidedAt > latest) {
            revert ICouponBookErrors.CouponBook_VoidOutOfTime(voidedAt, earliest, latest);
        }
        if (amount == 0) revert ICouponBookErrors.CouponBook_AmountZero();
        uint256 left = taken.amount - total.amount;
        if (amount > left) revert ICouponBookErrors.CouponBook_VoidExceeds(amount, left);

        // Effect: rounded up in all, so that the last part of a void returns exactly the rest.
        uint256 voided = total.amount + amount;
        copay = uint32(Math.ceilDiv(uint256(taken.copay) * voided, taken.amount)) - total.copay;
        (total.amount, total.copay, total.voidedAt) =
        (uint24(voided), total.copay + copay, voidedAt);

        uint256 slot = usageSlotOf(taken.pass);
        uint256 lanes = record.usage[slot];
        UsageLane usage = giveBack(record, laneOf(lanes, taken.pass), taken.step, amount);
        record.usage[slot] = withLane(lanes, taken.pass, usage);

        record.spent -= amount;
        Credit storage credit = record.credits[taken.merchant];
        (credit.amount, credit.copay) = (credit.amount - amount, credit.copay - copay);
        Payments.refresh(record, campaign, credit);
    }

    /// @notice A pass's usage once `amount` of its redemption at `step` is voided. The day's sum is
    /// that of the last step's day; what an earlier day had is not kept and needs no giving back. The
    /// last step never moves back.
    function giveBack(CampaignRecord storage record, UsageLane usage, uint256 step, uint256 amount)
        private
        view
        returns (UsageLane)
    {
        uint256 last = usage.lastStep();
        uint256 today = usage.spentToday();
        if (record.perDayMax != 0 && BangkokTime.sameDay(record.starts, step, last)) {
            today -= amount;
        }
        return packUsage(last, today, usage.spentTotal() - amount);
    }
}
