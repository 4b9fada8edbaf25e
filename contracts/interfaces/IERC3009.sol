// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-3009, transfer with authorization
/// @notice Times are Unix seconds and nothing else. An authorization is valid strictly after
/// `validAfter` and strictly before `validBefore`, and its nonce is any 32 bytes the authorizer has
/// not used yet.
interface IERC3009 {
    /// @notice An authorization was used; its nonce is spent.
    /// @param authorizer Who signed it.
    /// @param nonce The nonce it carried.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

    /// @notice An authorization was canceled before use; its nonce is spent.
    /// @param authorizer Who signed the cancellation.
    /// @param nonce The nonce that can no longer be used.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice Whether a nonce is spent, by use or by cancellation.
    /// @param authorizer Whose nonce.
    /// @param nonce The nonce.
    /// @return True once it is spent.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);

    /// @notice Moves `value` from `from` to `to` by the signature of `from`. Anyone may submit it.
    /// @param from Who pays and signs.
    /// @param to Who is paid.
    /// @param value The amount.
    /// @param validAfter The authorization is valid after this time.
    /// @param validBefore The authorization is valid before this time.
    /// @param nonce A nonce of `from` that is not spent.
    /// @param v The recovery byte of the signature over `TransferWithAuthorization`.
    /// @param r Its first half.
    /// @param s Its second half, in the lower half of the order.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice As `transferWithAuthorization`, but only the payee may submit it, so that nobody can
    /// run ahead of a contract that acts on being paid.
    /// @param from Who pays and signs.
    /// @param to Who is paid; must be the caller.
    /// @param value The amount.
    /// @param validAfter The authorization is valid after this time.
    /// @param validBefore The authorization is valid before this time.
    /// @param nonce A nonce of `from` that is not spent.
    /// @param v The recovery byte of the signature over `ReceiveWithAuthorization`.
    /// @param r Its first half.
    /// @param s Its second half, in the lower half of the order.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Spends a nonce without moving anything, by the signature of its owner.
    /// @param authorizer Whose nonce, and who signs.
    /// @param nonce A nonce that is not spent.
    /// @param v The recovery byte of the signature over `CancelAuthorization`.
    /// @param r Its first half.
    /// @param s Its second half, in the lower half of the order.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)
        external;
}
