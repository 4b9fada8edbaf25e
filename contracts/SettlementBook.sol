// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ICityToken} from "./interfaces/ICityToken.sol";
import {ICouponBook} from "./interfaces/ICouponBook.sol";
import {ISettlementBook} from "./interfaces/ISettlementBook.sol";
import {SettlementLines} from "./libraries/SettlementLines.sol";
import {Round, RoundStatus} from "./types/SettlementTypes.sol";

/// @title The settlement book
contract SettlementBook is ISettlementBook, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for ICityToken;
    using SettlementLines for bytes;

    // ---------------------------------------------------------------------------------- immutables

    /// @inheritdoc ISettlementBook
    ICityToken public immutable override token;
    /// @inheritdoc ISettlementBook
    ICouponBook public immutable override book;

    // ------------------------------------------------------------------------------------- storage

    /// @inheritdoc ISettlementBook
    /// @dev Every round below it is settled or withdrawn.
    uint32 public override lastRound;

    /// @dev Invariant: `settled <= total`; equal once the status is `Settled`.
    mapping(uint32 round => Round) private _rounds;
    /// @inheritdoc ISettlementBook
    mapping(uint32 round => mapping(uint32 page => bytes32)) public override pageDigest;
    /// @inheritdoc ISettlementBook
    mapping(uint32 round => mapping(uint32 merchant => bool)) public override isReturned;

    // --------------------------------------------------------------------------------- constructor

    /// @param authority The AccessManager that knows every role.
    /// @param token_ The token that is settled.
    /// @param book_ The book whose credits are paid.
    constructor(address authority, ICityToken token_, ICouponBook book_) AccessManaged(authority) {
        token = token_;
        book = book_;
    }

    // ----------------------------------------------------------------------- made, approved, or not

    /// @inheritdoc ISettlementBook
    function make(uint32 day, uint32 pages, uint96 total, bytes32 linesHash, bytes32 documentHash)
        external
        restricted
        returns (uint32 round)
    {
        // Check: it pays something, and the last one is finished.
        if (pages == 0 || total == 0 || linesHash == 0 || documentHash == 0) {
            revert SettlementBook_RoundEmpty(pages, total, linesHash, documentHash);
        }
        RoundStatus last = _rounds[lastRound].status;
        if (last == RoundStatus.Made || last == RoundStatus.Approved) {
            revert SettlementBook_RoundOpen(lastRound);
        }

        // Effect: the round exists, and names its maker.
        round = ++lastRound;
        Round storage record = _rounds[round];
        (record.documentHash, record.next) = (documentHash, linesHash);
        (record.maker, record.day, record.pages) = (msg.sender, day, pages);
        (record.total, record.status) = (total, RoundStatus.Made);
        emit RoundMade(
            round, msg.sender, day, pages, total, linesHash, documentHash, uint40(block.timestamp)
        );
    }

    /// @inheritdoc ISettlementBook
    function approve(uint32 round, bytes32 documentHash) external restricted {
        // Check: a second person, who has seen this document.
        Round storage record = _expect(round, RoundStatus.Made);
        if (msg.sender == record.maker) revert SettlementBook_SamePerson(round, msg.sender);
        if (documentHash != record.documentHash) {
            revert SettlementBook_DocumentOther(round, documentHash);
        }

        // Effect: its pages may be settled.
        record.status = RoundStatus.Approved;
        record.approver = msg.sender;
        emit RoundApproved(round, msg.sender, uint40(block.timestamp));
    }

    /// @inheritdoc ISettlementBook
    function withdraw(uint32 round) external restricted {
        // Check: nothing of it is paid.
        Round storage record = _known(round);
        RoundStatus status = record.status;
        if (status != RoundStatus.Made && status != RoundStatus.Approved) {
            revert SettlementBook_WrongStatus(round, status);
        }
        if (record.settledPages != 0) {
            revert SettlementBook_PagesSettled(round, record.settledPages);
        }

        // Effect: it never will be.
        record.status = RoundStatus.Withdrawn;
        emit RoundWithdrawn(round, msg.sender, uint40(block.timestamp));
    }

    // ------------------------------------------------------------------------------------- settled

    /// @inheritdoc ISettlementBook
    function settle(uint32 round, bytes calldata lines, bytes32 rest)
        external
        restricted
        nonReentrant
    {
        // Check: the page that comes next, in order, and within the total.
        Round storage record = _expect(round, RoundStatus.Approved);
        uint32 page = record.settledPages + 1;
        bytes32 digest = keccak256(lines);
        if (keccak256(abi.encode(digest, rest)) != record.next) {
            revert SettlementBook_PageOther(round, page);
        }
        bool last = page == record.pages;
        if (last != (rest == 0)) {
            revert SettlementBook_PagesMismatch(round, page, record.pages);
        }
        (uint96 sum, uint32 lastMerchant) = lines.totalOf(record.lastMerchant);
        uint96 total = record.total;
        uint256 settled = uint256(record.settled) + sum;
        if (settled > total || (last && settled != total)) {
            revert SettlementBook_TotalMismatch(round, settled, total);
        }

        // Effect: the page is settled, and can be proved.
        (record.next, record.settledPages) = (rest, page);
        (record.settled, record.lastMerchant) = (uint96(settled), lastMerchant);
        pageDigest[round][page] = digest;
        emit LinesSettled(round, page, lines, uint40(block.timestamp));
        if (last) _finish(record, round, total);

        // Interaction: out of the credits, and out of circulation.
        uint256 before = token.balanceOf(address(this));
        book.settle(token, lines);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != sum) revert SettlementBook_TokenShort(sum, received);
        token.burn(sum, bytes32(uint256(round)));
    }

    /// @inheritdoc ISettlementBook
    function cut(uint32 round) external restricted {
        // Check: something is paid; otherwise it is withdrawn.
        Round storage record = _expect(round, RoundStatus.Approved);
        if (record.settledPages == 0) revert SettlementBook_PagesSettled(round, 0);

        // Effect: what was paid is all there is.
        uint96 settled = record.settled;
        (record.total, record.pages, record.next) = (settled, record.settledPages, 0);
        _finish(record, round, settled);
    }

    /// @inheritdoc ISettlementBook
    function recordFile(uint32 round, bytes32 fileHash, uint32 payments, uint96 total)
        external
        restricted
    {
        // Check: it can be a file of this round.
        Round storage record = _expect(round, RoundStatus.Settled);
        if (fileHash == 0 || payments == 0 || total == 0 || total > record.total) {
            revert SettlementBook_FileInvalid(fileHash, payments, total);
        }

        // Effect: nothing but the event; the same file may be recorded again.
        emit FileRecorded(round, fileHash, payments, total, uint40(block.timestamp));
    }

    // ------------------------------------------------------------------------------------ returned

    /// @inheritdoc ISettlementBook
    function recredit(uint32 round, uint32 page, bytes calldata lines, uint32 merchant)
        external
        restricted
        nonReentrant
    {
        // Check: the merchant's lines of a settled page, which have not come back yet.
        _expect(round, RoundStatus.Settled);
        if (keccak256(lines) != pageDigest[round][page]) {
            revert SettlementBook_PageOther(round, page);
        }
        (uint256 from, uint256 to, int256 paid) = lines.find(merchant);
        if (to == 0) revert SettlementBook_MerchantUnknown(round, page, merchant);
        if (isReturned[round][merchant]) revert SettlementBook_AlreadyReturned(round, merchant);

        // Effect: once.
        isReturned[round][merchant] = true;
        // Each merchant of a settled page is paid more than nothing, and less than 2^96.
        uint96 amount = uint96(uint256(paid));
        emit PaymentReturned(round, page, merchant, amount, uint40(block.timestamp));

        // Interaction: the money is there again, and goes where it came from.
        token.mint(address(this), amount, bytes32(uint256(round)));
        token.forceApprove(address(book), amount);
        book.unsettle(token, lines[from:to]);
    }

    // --------------------------------------------------------------------------------------- reads

    /// @inheritdoc ISettlementBook
    function roundOf(uint32 round) external view returns (Round memory) {
        return _rounds[round];
    }

    function _finish(Round storage record, uint32 round, uint96 total) private {
        record.status = RoundStatus.Settled;
        emit RoundSettled(round, total, uint40(block.timestamp));
    }

    function _expect(uint32 round, RoundStatus status) private view returns (Round storage record) {
        record = _known(round);
        if (record.status != status) revert SettlementBook_WrongStatus(round, record.status);
    }

    function _known(uint32 round) private view returns (Round storage record) {
        record = _rounds[round];
        if (record.status == RoundStatus.None) revert SettlementBook_RoundUnknown(round);
    }
}
