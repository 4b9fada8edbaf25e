// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {ICityToken} from "./interfaces/ICityToken.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";

/// @title The city token
contract CityToken is ICityToken, ERC20Permit, Pausable, AccessManaged {
    // ----------------------------------------------------------------------------------- constants

    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,"
        "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,"
        "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    // ---------------------------------------------------------------------------------- immutables

    /// @inheritdoc ICityToken
    IMerchantRegistry public immutable override merchants;
    /// @inheritdoc ICityToken
    bool public immutable override residentTransfers;
    uint8 private immutable _decimals;

    // ------------------------------------------------------------------------------------- storage

    /// @inheritdoc ICityToken
    mapping(address account => bool) public override isCityAccount;
    /// @inheritdoc IERC3009
    /// @dev A spent nonce stays spent. The key is the authorizer and the nonce, never a signature:
    /// those have twins.
    mapping(address authorizer => mapping(bytes32 nonce => bool))
        public
        override authorizationState;

    // --------------------------------------------------------------------------------- constructor

    /// @param authority The AccessManager that knows every role.
    /// @param name_ The token's name, also the name of its EIP-712 domain (version "1").
    /// @param symbol_ The token's symbol.
    /// @param decimals_ 2 where one unit is one satang.
    /// @param residentTransfers_ Whether residents may pay each other.
    /// @param merchants_ The registry, or zero where no merchant is paid directly.
    constructor(
        address authority,
        string memory name_,
        string memory symbol_,
        uint8 decimals_,
        bool residentTransfers_,
        IMerchantRegistry merchants_
    ) ERC20(name_, symbol_) ERC20Permit(name_) AccessManaged(authority) {
        _decimals = decimals_;
        residentTransfers = residentTransfers_;
        merchants = merchants_;
    }

    // --------------------------------------------------------------------------- funding, settling

    /// @inheritdoc ICityToken
    function mint(address to, uint256 amount, bytes32 ref) external override restricted {
        // Check: there is something to fund.
        if (amount == 0) revert CityToken_AmountZero(to, ref);

        // Effect: the tokens exist, and the event says why.
        _mint(to, amount);
        emit TokensFunded(to, amount, ref, uint40(block.timestamp));
    }

    /// @inheritdoc ICityToken
    function burn(uint256 amount, bytes32 ref) external override restricted {
        // Check: there is something to settle.
        if (amount == 0) revert CityToken_AmountZero(msg.sender, ref);

        // Effect: the tokens are gone, and the event says why.
        _burn(msg.sender, amount);
        emit TokensSettled(msg.sender, amount, ref, uint40(block.timestamp));
    }

    // -------------------------------------------------------------------------- paths of the token

    /// @inheritdoc ICityToken
    function setCityAccount(address account, bool allowed) external override restricted {
        // Check: it is an account.
        if (account == address(0)) revert CityToken_AccountZero(allowed);

        // Effect: from now on it is one of the city's, or not.
        isCityAccount[account] = allowed;
        emit CityAccountSet(account, allowed, uint40(block.timestamp));
    }

    /// @inheritdoc ICityToken
    function pause() external override restricted {
        _pause();
    }

    /// @inheritdoc ICityToken
    function unpause() external override restricted {
        _unpause();
    }

    /// @inheritdoc IERC20Metadata
    function decimals() public view override(ERC20, IERC20Metadata) returns (uint8) {
        return _decimals;
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner)
        public
        view
        override(IERC20Permit, ERC20Permit)
        returns (uint256)
    {
        return super.nonces(owner);
    }

    /// @dev Every movement passes here: transfers by any of the standards, and minting and burning,
    /// which only a pause can stop.
    function _update(address from, address to, uint256 value) internal override whenNotPaused {
        // Check: tokens move along the path city → resident → merchant → city.
        if (from != address(0) && to != address(0) && !_pathAllowed(from, to)) {
            revert CityToken_PathRefused(from, to);
        }

        // Effect: the balances move.
        super._update(from, to, value);
    }

    /// @dev The registry is the city's own contract and is only read; it is asked last since most
    /// payments have the city at one end.
    function _pathAllowed(address from, address to) private view returns (bool) {
        if (residentTransfers || isCityAccount[from] || isCityAccount[to]) return true;
        if (address(merchants) == address(0)) return false;
        // A merchant's tokens go back to the city and nowhere else.
        return merchants.merchantOf(to) != 0 && merchants.merchantOf(from) == 0;
    }

    // ------------------------------------------------------------------ transfers by authorization

    /// @inheritdoc IERC3009
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
    ) external override {
        bytes32 structHash = keccak256(
            abi.encode(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
        );
        _checkWindow(from, nonce, validAfter, validBefore);
        _checkSigned(from, structHash, v, r, s);
        _useAuthorization(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
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
    ) external override {
        // Check: it is the payee who takes the payment.
        if (msg.sender != to) revert CityToken_CallerNotPayee(msg.sender, to);

        bytes32 structHash = keccak256(
            abi.encode(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
        );
        _checkWindow(from, nonce, validAfter, validBefore);
        _checkSigned(from, structHash, v, r, s);
        _useAuthorization(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)
        external
        override
    {
        _checkSigned(authorizer, keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce)), v, r, s);
        _spendNonce(authorizer, nonce);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    function _useAuthorization(address authorizer, bytes32 nonce) private {
        _spendNonce(authorizer, nonce);
        emit AuthorizationUsed(authorizer, nonce);
    }

    function _spendNonce(address authorizer, bytes32 nonce) private {
        // Check: the nonce is not spent.
        if (authorizationState[authorizer][nonce]) {
            revert CityToken_AuthorizationSpent(authorizer, nonce);
        }

        // Effect: now it is.
        authorizationState[authorizer][nonce] = true;
    }

    function _checkWindow(
        address authorizer,
        bytes32 nonce,
        uint256 validAfter,
        uint256 validBefore
    ) private view {
        // Check: the block's time is strictly inside the window.
        if (block.timestamp <= validAfter) {
            revert CityToken_AuthorizationTooEarly(authorizer, nonce, validAfter, block.timestamp);
        }
        if (block.timestamp >= validBefore) {
            revert CityToken_AuthorizationExpired(authorizer, nonce, validBefore, block.timestamp);
        }
    }

    function _checkSigned(address authorizer, bytes32 structHash, uint8 v, bytes32 r, bytes32 s)
        private
        view
    {
        // Check: the authorizer signed exactly this. A failed recovery gives the zero address with
        // an error, and a signature in the upper half of the order is such a failure.
        (address signer, ECDSA.RecoverError failure,) =
            ECDSA.tryRecover(_hashTypedDataV4(structHash), v, r, s);
        if (failure != ECDSA.RecoverError.NoError || signer != authorizer) {
            revert CityToken_AuthorizationInvalid(authorizer, signer);
        }
    }
}
