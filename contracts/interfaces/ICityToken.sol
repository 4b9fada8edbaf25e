// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IERC3009} from "./IERC3009.sol";
import {IMerchantRegistry} from "./IMerchantRegistry.sol";

/// @title The city token
/// @notice ERC-20 with ERC-2612 and ERC-3009. One unit is one satang where the token stands for
/// money; the same contract deploys as the point token of a programme.
/// @dev Tokens in circulation are always what was funded less what was settled: `mint` and `burn`
/// are the only two doors, and each leaves its own event. Tokens move along the path city →
/// resident → merchant → city.
interface ICityToken is IERC20Metadata, IERC20Permit, IERC3009 {
    /// @notice Money stands behind new tokens.
    /// @param to Who holds them.
    /// @param amount How many were made.
    /// @param ref What the money is known by in the city's books.
    /// @param at The block's time.
    event TokensFunded(address indexed to, uint256 amount, bytes32 ref, uint40 at);

    /// @notice Tokens were taken out of circulation because the money left.
    /// @param from Who held them.
    /// @param amount How many were destroyed.
    /// @param ref What the payment is known by in the city's books.
    /// @param at The block's time.
    event TokensSettled(address indexed from, uint256 amount, bytes32 ref, uint40 at);

    /// @notice An address became, or ceased to be, an account of the city.
    /// @param account The address.
    /// @param allowed Whether it is one from now on.
    /// @param at The block's time.
    event CityAccountSet(address indexed account, bool allowed, uint40 at);

    /// @notice Tokens may not take this path: neither end is an account of the city, and it is not
    /// a resident paying a merchant.
    error CityToken_PathRefused(address from, address to);

    /// @notice Nothing would be funded or settled.
    error CityToken_AmountZero(address account, bytes32 ref);

    /// @notice The zero address cannot be an account of the city.
    error CityToken_AccountZero(bool allowed);

    /// @notice The authorization is not valid yet: it is valid strictly after `validAfter`.
    error CityToken_AuthorizationTooEarly(
        address authorizer, bytes32 nonce, uint256 validAfter, uint256 nowAt
    );

    /// @notice The authorization is not valid any more: it was valid strictly before `validBefore`.
    error CityToken_AuthorizationExpired(
        address authorizer, bytes32 nonce, uint256 validBefore, uint256 nowAt
    );

    /// @notice The nonce was used or canceled before.
    error CityToken_AuthorizationSpent(address authorizer, bytes32 nonce);

    /// @notice The signature is somebody else's, or nobody's (`signer` is then the zero address).
    error CityToken_AuthorizationInvalid(address authorizer, address signer);

    /// @notice Only the payee may submit this authorization.
    error CityToken_CallerNotPayee(address caller, address payee);

    /// @notice Makes tokens that money stands behind. Emits `TokensFunded`. Role: treasurer.
    /// @param to Who will hold them.
    /// @param amount How many; not zero.
    /// @param ref What the money is known by in the city's books.
    function mint(address to, uint256 amount, bytes32 ref) external;

    /// @notice Destroys tokens of the caller, whose money has left. Emits `TokensSettled`. Role:
    /// treasurer.
    /// @param amount How many; not zero.
    /// @param ref What the payment is known by in the city's books.
    function burn(uint256 amount, bytes32 ref) external;

    /// @notice Says whether an address is an account of the city. Emits `CityAccountSet`. Role:
    /// administrator.
    /// @param account The address: a treasury, or a contract that holds tokens for the city.
    /// @param allowed Whether it is one from now on.
    function setCityAccount(address account, bool allowed) external;

    /// @notice Stops every movement of the token. Role: guardian.
    function pause() external;

    /// @notice Lets the token move again. Role: approver.
    function unpause() external;

    /// @notice Whether an address is an account of the city.
    /// @param account The address.
    /// @return True if it is.
    function isCityAccount(address account) external view returns (bool);

    /// @notice Whether residents may pay each other. Fixed at deployment.
    /// @return True if they may; the path rule then refuses nothing.
    function residentTransfers() external view returns (bool);

    /// @notice Who knows the merchants. Fixed at deployment.
    /// @return The registry, or zero where this token is not spent at merchants directly.
    function merchants() external view returns (IMerchantRegistry);
}
