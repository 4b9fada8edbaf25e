// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Reading and writing numbers of odd sizes at odd places, which Solidity can only do byte by
/// byte. Each function has a plain version in the tests, which fuzzing compares it with.
library PackedBytes {
    /// @notice The 32 bytes of calldata from `offset` on; what lies behind `data` is undefined.
    /// @dev Proof: reading calldata has no effect and never reverts; behind the end it gives zeroes.
    /// Callers use only the bytes that they know to lie within `data`.
    function wordAt(bytes calldata data, uint256 offset) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, offset))
        }
    }

    /// @notice A buffer for at most `size` bytes, to be filled by `put` and ended by `cut`.
    /// @dev The extra word is where the unused end of the last `put` falls.
    function reserve(uint256 size) internal pure returns (bytes memory) {
        return new bytes(size + 32);
    }

    /// @notice Writes the lowest `size` bytes of `value` at `offset`.
    /// @dev Proof: `mstore` writes the bytes [offset, offset + 32) of the buffer, which exist since
    /// `offset` is less than the reserved size and the buffer is a word longer. `size` is from 1 to
    /// 32, so the shift is from 0 to 248 and leaves exactly the lowest bytes, first. The zeroes
    /// behind them are overwritten by the next `put` or left outside by `cut`.
    function put(bytes memory buffer, uint256 offset, uint256 value, uint256 size) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(buffer, 32), offset), shl(sub(256, shl(3, size)), value))
        }
    }

    /// @notice Ends the buffer after `length` bytes.
    /// @dev Proof: a shorter length than the allocated one only gives up memory, as no other object
    /// begins before the old end.
    function cut(bytes memory buffer, uint256 length) internal pure returns (bytes memory) {
        assembly ("memory-safe") {
            mstore(buffer, length)
        }
        return buffer;
    }

    /// @notice Element `index` of an array; `index` must be less than its length.
    /// @dev Proof: element i lies 32 + 32 i behind the array's length (Solidity, "Layout in Memory"),
    /// and `mload` only reads.
    function get(uint256[] memory array, uint256 index) internal pure returns (uint256 element) {
        assembly ("memory-safe") {
            element := mload(add(add(array, 32), shl(5, index)))
        }
    }

    /// @notice Adds to element `index` of an array; `index` must be less than its length.
    /// @dev Proof: the word written is the element read, see `get`.
    function add(uint256[] memory array, uint256 index, uint256 more) internal pure {
        assembly ("memory-safe") {
            let element := add(add(array, 32), shl(5, index))
            mstore(element, add(mload(element), more))
        }
    }
}
