// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The life of a campaign, in order. `Paused` goes back to `Open`; `Closed` is the end.
enum CampaignStatus {
    None,
    Drafted,
    Approved,
    Open,
    Paused,
    Closed
}

/// @notice The rules of a campaign, fixed when it is drafted. Amounts are satang, times Unix seconds.
/// @param policyHash keccak-256 of the canonical policy document that these terms are part of.
/// @param token The token in which the city's share and the copay are counted.
/// @param starts Step 1; all steps are counted from here.
/// @param ends The first second in which nothing may be signed any more.
/// @param firstUseBy A pass that was not used by then lapses; 0 for no such rule.
/// @param shareBasisPoints The city's share of a bill, at most: 10,000 is all of it.
/// @param allowance What one pass may be given in all.
/// @param perUseMax What one redemption may be; 0 for no limit.
/// @param perDayMax What one pass may be given on a Bangkok day; 0 for no limit.
/// @param billMin The smallest bill.
/// @param audience Bit `c`: passes of class `c` take part.
/// @param categories Bit `c`: merchants of category `c` take part.
/// @param districts Bit `d`: merchants of district `d` take part.
/// @param openHours Bit `h`: hour `h` of the week is open; Monday 00:00 in Bangkok is hour 0.
/// @param sameDistrict The merchant's district must be the pass's.
/// @param listHash The running hash of the list's words; 0 for issue to everyone.
/// @param listCount The passes on the list; 0 for issue to everyone.
struct Terms {
    bytes32 policyHash;
    address token;
    uint40 starts;
    uint40 ends;
    uint40 firstUseBy;
    uint16 shareBasisPoints;
    uint24 allowance;
    uint24 perUseMax;
    uint24 perDayMax;
    uint24 billMin;
    uint32 audience;
    uint64 categories;
    uint64 districts;
    uint168 openHours;
    bool sameDistrict;
    bytes32 listHash;
    uint32 listCount;
}

/// @notice A campaign as anyone may read it.
/// @param terms Its rules.
/// @param status Where it is in its life.
/// @param drafter The officer who drafted it.
/// @param approver The second person, who approved it; 0 before.
/// @param issuer The third, who issued its coupons; 0 before.
/// @param pausedAt When it was paused; 0 when it is not.
/// @param funded What its funders gave.
/// @param spent What its redemptions took, less what was voided, and what its merchants owe it.
/// @param batches How many batches of redemptions it has; the number of the last one.
/// @param listed How many passes of its list have been written.
/// @param nextWord The lowest list word that may still be written.
/// @param contributions How many contributions were made; the number of the last one.
/// @param returned How many of them have been given their part of what was left.
/// @param owed What its merchants owe it, for voids after they were paid; a part of `spent`.
struct Campaign {
    Terms terms;
    CampaignStatus status;
    address drafter;
    address approver;
    address issuer;
    uint40 pausedAt;
    uint96 funded;
    uint96 spent;
    uint32 batches;
    uint32 listed;
    uint32 nextWord;
    uint32 contributions;
    uint32 returned;
    uint96 owed;
}

/// @notice Money given to a campaign. One slot.
/// @param funder Who gave it, and who gets the unspent part back.
/// @param amount How much.
struct Contribution {
    address funder;
    uint96 amount;
}

/// @notice What a merchant took under a campaign. One slot.
/// @param amount The city's share, less what was voided.
/// @param copay The residents' share that was paid in tokens, less what was voided.
/// @param paid What rounds have paid out of both.
/// @param owed What the merchant owes the campaign, because it was voided after it was paid:
/// `paid - amount - copay` where that is above 0, as of the last void or payment. What it redeems
/// afterwards does not lower it, so that a redemption writes nothing more.
struct Credit {
    uint64 amount;
    uint64 copay;
    uint64 paid;
    uint64 owed;
}

/// @notice How much of one redemption has been voided. One slot.
/// @param amount Of the city's share.
/// @param copay Of the resident's share.
/// @param voidedAt The time in the last void's message; the next must be later.
struct VoidTotal {
    uint24 amount;
    uint32 copay;
    uint40 voidedAt;
}
