// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-5192, minimal soulbound tokens
/// @notice The standard's `Unlocked` event is left out: nothing that uses this interface here ever
/// unlocks.
interface IERC5192 {
    /// @notice Emitted when a token becomes locked, which here is the moment it begins to exist.
    /// @param tokenId The number of the token.
    event Locked(uint256 tokenId);

    /// @notice Whether the token cannot be transferred.
    /// @dev Reverts for a token that does not exist.
    /// @param tokenId The number of the token.
    /// @return True for every token that exists.
    function locked(uint256 tokenId) external view returns (bool);
}
