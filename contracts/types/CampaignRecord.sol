// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CampaignStatus, Contribution, Credit, VoidTotal} from "./CampaignTypes.sol";

/// @dev A campaign and all that belongs to it, in storage. A batch of redemptions reads slots 1 to 4
/// and writes slot 4.
///
/// Invariant: `spent <= funded`; `spent` is the sum of all `credits.amount`, which is that of all
/// `spentTotal` lanes of `usage`, and of all `credits.owed`.
/// Invariant: `owed` is the sum of all `credits.owed`; it is 0 once the campaign is closed.
/// Invariant: of each credit `owed >= paid - amount - copay`, so that the book holds at least what is
/// unspent and what is still to be paid.
/// Invariant: `funded` is the sum of all `contributions`.
/// Invariant: slots 0 to 3 but `status`, `listCount` and `listHash` never change.
struct CampaignRecord {
    // slot 0
    bytes32 policyHash;
    // slot 1: 160 + 40 + 40 + 16 bits
    address token;
    uint40 starts;
    uint40 ends;
    uint16 shareBasisPoints;
    // slot 2: 168 + 40 + 32 + 8 + 8 bits
    uint168 openHours;
    uint40 firstUseBy;
    uint32 audience;
    bool sameDistrict;
    CampaignStatus status;
    // slot 3: 64 + 64 + 24 + 24 + 24 + 24 + 8 bits
    uint64 categories;
    uint64 districts;
    uint24 allowance;
    uint24 perUseMax;
    uint24 perDayMax;
    uint24 billMin;
    bool listed;
    // slot 4: 96 + 96 + 32 bits
    uint96 funded;
    uint96 spent;
    uint32 batches;
    // slot 5: 160 + 40 bits
    address drafter;
    uint40 pausedAt;
    // slot 6: 160 + 32 + 32 bits
    address approver;
    uint32 listCount;
    uint32 listedCount;
    // slot 7: 160 + 32 + 32 bits
    address issuer;
    uint32 nextWord;
    uint32 returned;
    // slot 8
    bytes32 listHash;
    // slot 9: the running hash of the words written so far
    bytes32 listedHash;
    // slot 10: 128 + 96 bits: the sum of the contributions that have been returned, and of the debts
    uint128 returnedFunded;
    uint96 owed;
    // From here on one slot for each key.
    Contribution[] contributions;
    mapping(uint256 word => uint256 bits) list;
    mapping(uint256 slot => uint256 lanes) usage;
    mapping(uint256 merchant => Credit) credits;
    mapping(uint256 batch => bytes32 digest) digests;
    mapping(uint256 pass => mapping(uint256 step => VoidTotal)) voids;
}
