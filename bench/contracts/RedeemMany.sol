// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBook} from "../../contracts/interfaces/ICouponBook.sol";

/// @notice Brings many batches to the book in one transaction, so that a benchmark's chain of one
/// event per redemption is made in minutes. It holds the sequencer's role on a bench chain only.
contract RedeemMany {
    function redeem(ICouponBook book, uint32 campaign, bytes[] calldata batches) external {
        for (uint256 i; i < batches.length; ++i) {
            book.redeem(campaign, batches[i]);
        }
    }
}
