// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICityPass} from "../interfaces/ICityPass.sol";

/// @notice Asking the registry for one pass.
library PassReader {
    /// @notice `passes.wordOf(holder)`, for 200 gas less. Reverts where the call does, or where what
    /// comes back is not a word.
    /// @dev Proof: the 36 bytes of the call and the word that comes back lie in the scratch space,
    /// which is 64 bytes. `shl(224, …)` puts the selector into the first four bytes, and the holder,
    /// whose upper bits are cleared, fills the next 32. The plain version is in the tests.
    function wordOf(ICityPass passes, address holder) internal view returns (uint256 word) {
        uint256 selector = uint32(ICityPass.wordOf.selector);
        assembly ("memory-safe") {
            mstore(0, shl(224, selector))
            mstore(4, and(holder, 0xffffffffffffffffffffffffffffffffffffffff))
            if iszero(staticcall(gas(), passes, 0, 36, 0, 32)) { revert(0, 0) }
            if lt(returndatasize(), 32) { revert(0, 0) }
            word := mload(0)
        }
    }
}
