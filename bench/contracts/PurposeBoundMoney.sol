// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @notice Digital money to wrap.
contract SpotMoney is ERC20 {
    constructor() ERC20("Spot money", "SPOT") {
        _mint(msg.sender, 1e18);
    }
}

/// @notice Who may redeem, as its own contract, as ERC-7291 separates logic from token.
contract MerchantList is Ownable {
    mapping(address account => bool) public isMerchant;
    mapping(address account => bool) public isBlacklisted;

    constructor() Ownable(msg.sender) {}

    function add(address[] calldata accounts) external onlyOwner {
        for (uint256 i; i < accounts.length; ++i) {
            isMerchant[accounts[i]] = true;
        }
    }
}

/// @notice The kinds of purpose-bound money and their supply, as its own contract.
contract KindManager is Ownable {
    struct Kind {
        string name;
        uint256 faceValue;
        uint256 expiry;
        address creator;
        uint256 supply;
    }

    mapping(uint256 id => Kind) private _kinds;
    uint256 public kinds;

    error KindManager_KindUnknown(uint256 id);
    error KindManager_KindExpired(uint256 id, uint256 expiry);

    constructor() Ownable(msg.sender) {}

    function create(string calldata name, uint256 faceValue, uint256 expiry) external onlyOwner {
        _kinds[kinds++] = Kind(name, faceValue, expiry, msg.sender, 0);
    }

    function faceValueOf(uint256 id) external view returns (uint256) {
        return _usable(id).faceValue;
    }

    function increase(uint256 id, uint256 amount) external onlyOwner {
        _usable(id).supply += amount;
    }

    function decrease(uint256 id, uint256 amount) external onlyOwner {
        _usable(id).supply -= amount;
    }

    function _usable(uint256 id) private view returns (Kind storage kind) {
        kind = _kinds[id];
        if (kind.faceValue == 0) revert KindManager_KindUnknown(id);
        if (block.timestamp > kind.expiry) revert KindManager_KindExpired(id, kind.expiry);
    }
}

/// @title Purpose-bound money, as a baseline
/// @notice An ERC-7291-style wrapper, written from the standard's text: ERC-20 money is wrapped into
/// an ERC-1155 that may pass between people and unwraps when it reaches a listed merchant. Its only
/// rules are the list and an expiry; each wrapping and each redemption is its own transaction.
contract PurposeBoundMoney is ERC1155, Ownable, Pausable {
    using SafeERC20 for IERC20;

    IERC20 public immutable spot;
    MerchantList public immutable list;
    KindManager public immutable manager;

    event TokenWrap(address from, uint256[] ids, uint256[] amounts, address spot, uint256 value);
    event MerchantPayment(
        address from, address to, uint256[] ids, uint256[] amounts, address spot, uint256 value
    );

    error PurposeBoundMoney_Blacklisted(address account);

    constructor(IERC20 spot_, MerchantList list_) ERC1155("") Ownable(msg.sender) {
        spot = spot_;
        list = list_;
        manager = new KindManager();
    }

    function create(string calldata name, uint256 faceValue, uint256 expiry) external onlyOwner {
        manager.create(name, faceValue, expiry);
    }

    /// @notice Wraps the caller's money for a receiver.
    function mint(address receiver, uint256 id, uint256 amount, bytes calldata data)
        external
        whenNotPaused
    {
        uint256 value = amount * manager.faceValueOf(id);
        spot.safeTransferFrom(msg.sender, address(this), value);
        manager.increase(id, amount);
        _mint(receiver, id, amount, data);
        (uint256[] memory ids, uint256[] memory amounts) = _ones(id, amount);
        emit TokenWrap(msg.sender, ids, amounts, address(spot), value);
    }

    /// @notice Passes it on, or, where the receiver is a merchant, unwraps it for the merchant.
    function safeTransferFrom(
        address from,
        address to,
        uint256 id,
        uint256 amount,
        bytes memory data
    ) public override whenNotPaused {
        if (list.isBlacklisted(to)) revert PurposeBoundMoney_Blacklisted(to);
        if (!list.isMerchant(to)) {
            super.safeTransferFrom(from, to, id, amount, data);
            return;
        }
        if (from != msg.sender && !isApprovedForAll(from, msg.sender)) {
            revert ERC1155MissingApprovalForAll(msg.sender, from);
        }
        uint256 value = amount * manager.faceValueOf(id);
        _burn(from, id, amount);
        manager.decrease(id, amount);
        spot.safeTransfer(to, value);
        (uint256[] memory ids, uint256[] memory amounts) = _ones(id, amount);
        emit MerchantPayment(from, to, ids, amounts, address(spot), value);
    }

    function _ones(uint256 id, uint256 amount)
        private
        pure
        returns (uint256[] memory ids, uint256[] memory amounts)
    {
        (ids, amounts) = (new uint256[](1), new uint256[](1));
        (ids[0], amounts[0]) = (id, amount);
    }
}
