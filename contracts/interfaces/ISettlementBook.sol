// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Round, RoundStatus} from "../types/SettlementTypes.sol";
import {ICityToken} from "./ICityToken.sol";
import {ICouponBook} from "./ICouponBook.sol";

/// @title The settlement book
/// @notice Rounds of payments to merchants. A round is made and approved by two people; page by page
/// its money leaves the coupon book and is destroyed, because the city now pays it by bank. What the
/// bank returns is made again and is due again.
/// @dev A round's pages are bound together from the end: with `hash(n + 1) = 0` after the last of n
/// pages, `hash(k) = keccak256(abi.encode(keccak256(lines of page k), hash(k + 1)))`, and `linesHash`
/// is `hash(1)`. Lines are 24 bytes each: campaign (4), merchant (4), amount (8), copay (8), the last
/// two in two's complement. Merchants ascend through the whole round and each has all its lines on
/// one page, its campaigns ascending; together they pay it more than nothing.
///
/// Warning: this contract needs the roles of a treasurer (to make and destroy tokens) and of a
/// settler (to take credits out of the coupon book), and must be one of the token's city accounts.
interface ISettlementBook {
    /// @notice A round was made. Nothing is paid yet.
    /// @param round Its number: 1, 2, 3 …
    /// @param maker Who made it, and may not approve it.
    /// @param day The Bangkok day that it closes, counted from 1970-01-01.
    /// @param pages How many pages of lines it has.
    /// @param total What it pays in all, satang.
    /// @param linesHash What its pages prove themselves by.
    /// @param documentHash The hash of its document.
    /// @param at The block's time.
    event RoundMade(
        uint32 indexed round,
        address indexed maker,
        uint32 day,
        uint32 pages,
        uint96 total,
        bytes32 linesHash,
        bytes32 documentHash,
        uint40 at
    );

    /// @notice A second person approved a round.
    /// @param round The round.
    /// @param approver Who approved it.
    /// @param at The block's time.
    event RoundApproved(uint32 indexed round, address indexed approver, uint40 at);

    /// @notice A round was withdrawn before anything of it was settled.
    /// @param round The round.
    /// @param by Who withdrew it.
    /// @param at The block's time.
    event RoundWithdrawn(uint32 indexed round, address indexed by, uint40 at);

    /// @notice A page left the coupon book and its money was destroyed.
    /// @param round The round.
    /// @param page The page, from 1.
    /// @param lines Its lines.
    /// @param at The block's time.
    event LinesSettled(uint32 indexed round, uint32 indexed page, bytes lines, uint40 at);

    /// @notice A round is settled: with its last page, or cut behind an earlier one.
    /// @param round The round.
    /// @param total What it paid in all. Less than was approved where it was cut.
    /// @param at The block's time.
    event RoundSettled(uint32 indexed round, uint96 total, uint40 at);

    /// @notice A file for the bank was written for a settled round: the first, or one for payments
    /// that are sent anew.
    /// @param round The round.
    /// @param fileHash The file's hash.
    /// @param payments How many payments it orders.
    /// @param total What they come to, satang.
    /// @param at The block's time.
    event FileRecorded(
        uint32 indexed round, bytes32 indexed fileHash, uint32 payments, uint96 total, uint40 at
    );

    /// @notice The bank returned a payment: the money is there again, and the lines are due again.
    /// @param round The round.
    /// @param page The page that holds the merchant's lines.
    /// @param merchant The merchant.
    /// @param amount What came back, satang.
    /// @param at The block's time.
    event PaymentReturned(
        uint32 indexed round, uint32 indexed page, uint32 indexed merchant, uint96 amount, uint40 at
    );

    /// @notice There is no round of this number.
    error SettlementBook_RoundUnknown(uint32 round);

    /// @notice The round is not at the point of its life where this can be done.
    error SettlementBook_WrongStatus(uint32 round, RoundStatus status);

    /// @notice Another round is not finished yet.
    error SettlementBook_RoundOpen(uint32 round);

    /// @notice A round needs pages, a total, a hash of its lines and one of its document.
    error SettlementBook_RoundEmpty(
        uint32 pages, uint96 total, bytes32 linesHash, bytes32 documentHash
    );

    /// @notice Making and approving take two people.
    error SettlementBook_SamePerson(uint32 round, address person);

    /// @notice The approver has seen another document than the round's.
    error SettlementBook_DocumentOther(uint32 round, bytes32 documentHash);

    /// @notice Some pages of the round are settled, or, where it is to be cut, none is.
    error SettlementBook_PagesSettled(uint32 round, uint32 settledPages);

    /// @notice These lines are not this page of the round.
    error SettlementBook_PageOther(uint32 round, uint32 page);

    /// @notice The pages come to an end behind another one than was approved: after `settledPages`
    /// there is nothing more, or something.
    error SettlementBook_PagesMismatch(uint32 round, uint32 settledPages, uint32 pages);

    /// @notice The pages do not come to the total that was approved.
    error SettlementBook_TotalMismatch(uint32 round, uint256 settled, uint256 total);

    /// @notice The coupon book paid another amount than the page comes to.
    error SettlementBook_TokenShort(uint256 expected, uint256 received);

    /// @notice A file needs a hash and payments, and orders no more than the round paid.
    error SettlementBook_FileInvalid(bytes32 fileHash, uint32 payments, uint96 total);

    /// @notice The page has no line of this merchant.
    error SettlementBook_MerchantUnknown(uint32 round, uint32 page, uint32 merchant);

    /// @notice This payment was returned before.
    error SettlementBook_AlreadyReturned(uint32 round, uint32 merchant);

    /// @notice Makes a round. Only when the last one is settled or withdrawn. Emits `RoundMade`.
    /// Role: treasurer.
    /// @param day The Bangkok day that it closes, counted from 1970-01-01.
    /// @param pages How many pages of lines it has; not 0.
    /// @param total What it pays in all, satang; not 0.
    /// @param linesHash What its pages prove themselves by; not 0.
    /// @param documentHash The hash of its document; not 0.
    /// @return round Its number: 1, 2, 3 …
    function make(uint32 day, uint32 pages, uint96 total, bytes32 linesHash, bytes32 documentHash)
        external
        returns (uint32 round);

    /// @notice Approves a round. Emits `RoundApproved`. Role: approver, and not the maker.
    /// @param round The round.
    /// @param documentHash The hash of the document that the approver has seen: the round's.
    function approve(uint32 round, bytes32 documentHash) external;

    /// @notice Withdraws a round of which nothing is settled. Emits `RoundWithdrawn`. Role:
    /// treasurer.
    /// @param round The round, made or approved.
    function withdraw(uint32 round) external;

    /// @notice Settles the next page of an approved round: its lines leave the credits of the
    /// coupon book, and the money is destroyed. Emits `LinesSettled`, with the last page also
    /// `RoundSettled`. Role: treasurer.
    /// @param round The round.
    /// @param lines The page's lines.
    /// @param rest The hash of what follows the page; 0 after the last.
    function settle(uint32 round, bytes calldata lines, bytes32 rest) external;

    /// @notice Ends a round of which at least one page is settled, but the next cannot be: what is
    /// settled stays, the rest is due as before. Emits `RoundSettled`. Role: treasurer.
    /// @param round The round, approved.
    function cut(uint32 round) external;

    /// @notice Records the file that a settled round's payments were ordered by. Emits
    /// `FileRecorded`. Role: treasurer.
    /// @param round The round.
    /// @param fileHash The file's hash; not 0.
    /// @param payments How many payments it orders; not 0.
    /// @param total What they come to, satang: at most the round's.
    function recordFile(uint32 round, bytes32 fileHash, uint32 payments, uint96 total) external;

    /// @notice Makes the money of a returned payment again and gives it back to the coupon book,
    /// where exactly the merchant's lines are due again. Once for each round and merchant. Emits
    /// `PaymentReturned`. Role: treasurer.
    ///
    /// Warning: refused by the coupon book where the lines can no more be taken out of its credits,
    /// because a later round has already netted what they paid, or because a campaign from which
    /// they had netted a debt has spent, or returned to its funders, what came back. Such a payment
    /// is ordered from the bank anew, by another file.
    /// @param round The round, settled.
    /// @param page The page that holds the merchant's lines.
    /// @param lines The page's lines, as they were settled.
    /// @param merchant The merchant.
    function recredit(uint32 round, uint32 page, bytes calldata lines, uint32 merchant) external;

    /// @notice The token that is settled.
    /// @return The contract.
    function token() external view returns (ICityToken);

    /// @notice The book whose credits are paid.
    /// @return The contract.
    function book() external view returns (ICouponBook);

    /// @notice The number of the last round, which is the number of rounds.
    /// @return The number; 0 before the first.
    function lastRound() external view returns (uint32);

    /// @notice A round.
    /// @param round Its number.
    /// @return The round; all zero where there is none.
    function roundOf(uint32 round) external view returns (Round memory);

    /// @notice The digest of a settled page: keccak-256 of its lines.
    /// @param round The round.
    /// @param page The page, from 1.
    /// @return The digest; 0 where the page is not settled.
    function pageDigest(uint32 round, uint32 page) external view returns (bytes32);

    /// @notice Whether a payment came back.
    /// @param round The round.
    /// @param merchant The merchant.
    /// @return True if it did.
    function isReturned(uint32 round, uint32 merchant) external view returns (bool);
}
