// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {CampaignRecord} from "../types/CampaignRecord.sol";
import {CampaignStatus} from "../types/CampaignTypes.sol";
import {EntryWord} from "../types/EntryWord.sol";
import {Reason} from "../types/Reason.sol";
import {UsageLane} from "../types/UsageLane.sol";
import {BangkokTime} from "./BangkokTime.sol";
import {Batches} from "./Batches.sol";
import {MerchantWord} from "./MerchantWord.sol";
import {PassWord} from "./PassWord.sol";

/// @dev The rules of a campaign at the time of a batch, read once and then asked for every entry.
/// Where a rule is not made its bound is the largest number, which nothing passes.
struct Rules {
    // What the block's time makes of the bounds on `signedAt`; both ends are allowed.
    uint256 signedEarliest;
    uint256 signedLatest;
    uint256 forcedLatest;
    // Within these every rule on `signedAt` but those of hours and first use is kept.
    uint256 cleanFrom;
    uint256 cleanUntil;
    bool forced;
    bool listed;
    uint256 pausedAt;
    uint256 starts;
    uint256 ends;
    uint256 firstUseBy;
    uint256 openHours;
    uint256 audience;
    uint256 categories;
    uint256 districts;
    uint256 daily; // all bits where the day is counted, else none
    uint256 sameDistrict; // all bits where the districts must be equal, else none
    uint256 shareBasisPoints;
    uint256 allowance;
    uint256 perUseMax;
    uint256 perDayMax;
    uint256 billMin;
}

/// @dev A redemption that wants to be taken, with all that the rules ask of it.
struct Claim {
    EntryWord entry;
    uint256 signedAt;
    uint256 hour; // of the week, of `signedAt`
    uint256 pass; // the word of the signer's pass
    uint256 merchant; // as `Batches.merchantAt` gives it
    uint256 apart; // not 0 where the two are of different districts
    UsageLane usage;
    bool listed; // or everyone is
    uint256 shareMax; // the city's share of the bill
    uint256 today; // what the day comes to
    uint256 total; // what the coupon comes to
    uint256 left; // of the campaign's budget
}

/// @notice The judge. It decides from its arguments alone: what it may not see it cannot use.
/// @dev The order of the rules is that of `Reason`, and part of the wire format: the till judges by
/// the same list, and a test drives both. Unchecked: every number has at most 41 bits and is
/// multiplied by at most 65,535.
library Verdicts {
    using SafeCast for bool;

    uint256 internal constant CLOCK_AHEAD_MAX = 60;
    uint256 internal constant LIFE = 7 days;
    uint256 internal constant FORCE_AFTER = 15 minutes;
    uint256 private constant NEVER = type(uint256).max;

    /// @notice Reads the rules of a campaign, at this block's time.
    function rulesOf(CampaignRecord storage record, bool forced)
        internal
        view
        returns (Rules memory rules)
    {
        rules.signedEarliest = block.timestamp - LIFE;
        rules.signedLatest = block.timestamp + CLOCK_AHEAD_MAX;
        rules.forcedLatest = block.timestamp - FORCE_AFTER;
        rules.forced = forced;
        rules.listed = record.listed;
        rules.daily = record.perDayMax == 0 ? 0 : NEVER;
        rules.pausedAt = record.status == CampaignStatus.Paused ? record.pausedAt : NEVER;
        rules.starts = record.starts;
        rules.ends = record.ends;
        rules.firstUseBy = record.firstUseBy == 0 ? NEVER : record.firstUseBy;
        rules.openHours = record.openHours;
        rules.audience = record.audience;
        rules.categories = record.categories;
        rules.districts = record.districts;
        rules.sameDistrict = record.sameDistrict ? NEVER : 0;
        rules.shareBasisPoints = record.shareBasisPoints;
        rules.allowance = record.allowance;
        rules.perUseMax = record.perUseMax == 0 ? NEVER : record.perUseMax;
        rules.perDayMax = record.perDayMax == 0 ? NEVER : record.perDayMax;
        rules.billMin = record.billMin;

        rules.cleanFrom = rules.signedEarliest;
        uint256 end = Math.min(rules.ends, rules.pausedAt) - 1;
        rules.cleanUntil = forced ? 0 : Math.min(rules.signedLatest, end);
    }

    /// @notice Rules 13 to 16, but for the pass's own district: the same for every entry of a batch.
    function judgeMerchant(Rules memory rules, uint256 merchant) internal pure returns (uint256) {
        uint256 status = MerchantWord.status(merchant);
        if (status == 0) return Reason.MERCHANT_UNKNOWN;
        if (status != MerchantWord.ACTIVE) return Reason.MERCHANT_SUSPENDED;
        if (!has(rules.categories, MerchantWord.category(merchant))) return Reason.WRONG_CATEGORY;
        if (!has(rules.districts, MerchantWord.district(merchant))) return Reason.WRONG_DISTRICT;
        return Reason.NONE;
    }

    /// @notice The city's share of a bill, at most. A part of a satang is rounded in the resident's
    /// favour.
    function shareOf(Rules memory rules, EntryWord entry) internal pure returns (uint256) {
        unchecked {
            return (entry.bill() * rules.shareBasisPoints + 9_999) / 10_000;
        }
    }

    /// @notice What the day and the campaign come to for a pass with this redemption. Without a day
    /// quota the day is not counted.
    function sums(Rules memory rules, EntryWord entry, UsageLane usage)
        internal
        pure
        returns (uint256 today, uint256 total)
    {
        unchecked {
            uint256 amount = entry.amount();
            total = usage.spentTotal() + amount;
            // The lane holds the sum of the last step's day, which may be over. A pass that has no
            // last step has no sum either.
            bool same = BangkokTime.sameDay(rules.starts, entry.step(), usage.lastStep());
            today = (amount + same.toUint() * usage.spentToday()) & rules.daily;
        }
    }

    /// @notice The law: which rule refuses a claim first, or none.
    function judge(Rules memory rules, Claim memory claim) internal pure returns (uint256) {
        uint256 reason = judgePass(rules, claim);
        if (reason == Reason.NONE) reason = Batches.reasonOf(claim.merchant);
        if (reason == Reason.NONE) reason = judgeFigures(rules, claim);
        return reason;
    }

    /// @notice Rules 1 to 12, and 26 and 27: whether this pass may spend at that time.
    function judgePass(Rules memory rules, Claim memory claim) private pure returns (uint256) {
        uint256 signedAt = claim.signedAt;
        uint256 status = PassWord.status(claim.pass);
        uint256 last = claim.usage.lastStep();
        if (status == PassWord.SUSPENDED) return Reason.PASS_SUSPENDED;
        if (status != PassWord.ACTIVE) return Reason.SIGNATURE_INVALID;
        if (signedAt < PassWord.validFrom(claim.pass)) return Reason.PASS_EXPIRED;
        if (signedAt > lastOf(PassWord.validUntil(claim.pass))) return Reason.PASS_EXPIRED;
        if (claim.entry.step() <= last) return Reason.ALREADY_SPENT;
        if (signedAt > rules.signedLatest) return Reason.SIGNED_IN_FUTURE;
        if (signedAt < rules.signedEarliest) return Reason.PRESENTATION_EXPIRED;
        if (rules.forced && signedAt > rules.forcedLatest) return Reason.FORCE_TOO_EARLY;
        if (rules.forced && claim.entry.isUnnamed()) return Reason.FORCE_NEEDS_MERCHANT;
        if (signedAt >= rules.pausedAt) return Reason.CAMPAIGN_PAUSED;
        if (signedAt >= rules.ends) return Reason.ENDED;
        if (!has(rules.audience, PassWord.class(claim.pass))) return Reason.NOT_IN_AUDIENCE;
        if (!claim.listed) return Reason.NOT_ON_LIST;
        if (signedAt > rules.firstUseBy && last == 0) return Reason.FIRST_USE_MISSED;
        if (!has(rules.openHours, claim.hour)) return Reason.OUTSIDE_HOURS;
        return Reason.NONE;
    }

    /// @notice The last of rule 16, and rules 17 to 24: whether the figures are allowed.
    function judgeFigures(Rules memory rules, Claim memory claim) private pure returns (uint256) {
        EntryWord entry = claim.entry;
        uint256 bill = entry.bill();
        uint256 amount = entry.amount();
        if (claim.apart & rules.sameDistrict != 0) return Reason.WRONG_DISTRICT;
        if (amount == 0 || amount + entry.copay() > bill) return Reason.AMOUNT_INVALID;
        if (bill < rules.billMin) return Reason.BILL_TOO_SMALL;
        if (entry.isUnnamed() && exceeds(entry) != 0) return Reason.MAXIMUM_EXCEEDED;
        if (amount > claim.shareMax) return Reason.SHARE_EXCEEDED;
        if (amount > rules.perUseMax) return Reason.PER_USE_EXCEEDED;
        if (claim.today > rules.perDayMax) return Reason.DAY_QUOTA_USED;
        if (claim.total > rules.allowance) return Reason.ALLOWANCE_USED;
        if (amount > claim.left) return Reason.BUDGET_USED;
        return Reason.NONE;
    }

    // The shortcut: 0 only where `judge` would say none. It asks the same questions without a jump
    // for each, and where one answer is bad leaves it to the law to name the rule: 500 gas less for
    // each redemption that is taken. Each term is 0 where its rule is kept. A test compares the two.

    /// @notice Rules 1 to 12, and 26 and 27.
    function flagPass(
        Rules memory rules,
        EntryWord entry,
        uint256 signedAt,
        uint256 hour,
        uint256 pass,
        UsageLane usage,
        bool listed
    ) internal pure returns (uint256 flags) {
        flags = PassWord.status(pass) ^ PassWord.ACTIVE;
        flags |= (signedAt < PassWord.validFrom(pass)).toUint();
        flags |= (signedAt > lastOf(PassWord.validUntil(pass))).toUint();
        flags |= (entry.step() <= usage.lastStep()).toUint();
        flags |= (signedAt < rules.cleanFrom).toUint();
        flags |= (signedAt > rules.cleanUntil).toUint();
        flags |= (!has(rules.audience, PassWord.class(pass))).toUint();
        flags |= (!listed).toUint();
        flags |= (signedAt > rules.firstUseBy).toUint() & (usage.lastStep() == 0).toUint();
        flags |= (!has(rules.openHours, hour)).toUint();
    }

    /// @notice Rules 13 to 24.
    function flagFigures(
        Rules memory rules,
        EntryWord entry,
        uint256 merchant,
        uint256 apart,
        uint256 shareMax,
        uint256 today,
        uint256 total,
        uint256 left
    ) internal pure returns (uint256 flags) {
        uint256 bill = entry.bill();
        uint256 amount = entry.amount();
        flags = Batches.reasonOf(merchant);
        flags |= apart & rules.sameDistrict;
        flags |= (amount == 0).toUint();
        unchecked {
            flags |= (amount + entry.copay() > bill).toUint();
        }
        flags |= (bill < rules.billMin).toUint();
        if (entry.isUnnamed()) flags |= exceeds(entry);
        flags |= (amount > shareMax).toUint();
        flags |= (amount > rules.perUseMax).toUint();
        flags |= (today > rules.perDayMax).toUint();
        flags |= (total > rules.allowance).toUint();
        flags |= (amount > left).toUint();
    }

    /// @notice The last second before `end`; never, where `end` is 0.
    function lastOf(uint256 end) private pure returns (uint256) {
        unchecked {
            return end - 1;
        }
    }

    /// @notice Not 0 where an entry without a named merchant is above the maximum that was signed.
    function exceeds(EntryWord entry) private pure returns (uint256) {
        return (entry.bill() > entry.billMaximum()).toUint()
            | (entry.amount() > entry.amountMaximum()).toUint()
            | (entry.copay() > entry.copayMaximum()).toUint();
    }

    /// @notice Whether bit `index` of a mask is set; false beyond its end.
    function has(uint256 mask, uint256 index) internal pure returns (bool) {
        return (mask >> index) & 1 != 0;
    }
}
