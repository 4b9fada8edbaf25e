// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The life of a round. `Settled` and `Withdrawn` are ends.
enum RoundStatus {
    None,
    Made,
    Approved,
    Settled,
    Withdrawn
}

/// @notice One closing of the books. Amounts are satang.
/// @param documentHash The hash of the round's document, which the approver has seen.
/// @param next What the next page must prove itself by; the whole round's hash before the first, and
/// 0 after the last.
/// @param maker The treasurer who made it, and may not approve it.
/// @param day The Bangkok day that it closes, counted from 1970-01-01.
/// @param pages How many pages it has.
/// @param settledPages How many of them are settled.
/// @param total What it pays in all; once it is settled exactly what was paid.
/// @param settled What its settled pages paid.
/// @param lastMerchant The last merchant of the settled pages.
/// @param status Where it is in its life.
/// @param approver The second person; 0 before.
struct Round {
    // slot 0
    bytes32 documentHash;
    // slot 1
    bytes32 next;
    // slot 2: 160 + 32 + 32 + 32 bits
    address maker;
    uint32 day;
    uint32 pages;
    uint32 settledPages;
    // slot 3: 96 + 96 + 32 + 8 bits
    uint96 total;
    uint96 settled;
    uint32 lastMerchant;
    RoundStatus status;
    // slot 4
    address approver;
}
