// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IMerchantRegistry} from "./interfaces/IMerchantRegistry.sol";
import {MerchantWord} from "./libraries/MerchantWord.sol";

/// @title The registry of merchants
contract MerchantRegistry is IMerchantRegistry, AccessManaged {
    using MerchantWord for uint256;

    // ------------------------------------------------------------------------------------- storage

    /// @inheritdoc IMerchantRegistry
    /// @dev Every number from 1 to this one is a merchant.
    uint32 public override lastNumber;
    /// @inheritdoc IMerchantRegistry
    mapping(uint32 number => uint256) public override wordOf;
    /// @inheritdoc IMerchantRegistry
    /// @dev Exactly the payout addresses that stand in the words, each with the number of its word.
    mapping(address payout => uint32) public override merchantOf;

    // --------------------------------------------------------------------------------- constructor

    /// @param authority The AccessManager that knows every role.
    constructor(address authority) AccessManaged(authority) {}

    // ---------------------------------------------------------------------------- register, change

    /// @inheritdoc IMerchantRegistry
    function register(address payout, uint8 category, uint8 district)
        external
        override
        restricted
        returns (uint32 number)
    {
        // Check: the lanes are in range, the address is nobody's, and there is a number.
        _checkPlace(category, district);
        if (payout == address(0)) revert MerchantRegistry_PayoutZero(0);
        uint32 owner = merchantOf[payout];
        if (owner != 0) revert MerchantRegistry_PayoutTaken(payout, owner);
        uint32 last = lastNumber;
        if (last == type(uint32).max) revert MerchantRegistry_NumbersExhausted(last);

        // Effect: the merchant exists.
        number = last + 1;
        lastNumber = number;
        merchantOf[payout] = number;
        wordOf[number] = MerchantWord.pack(payout, category, district, MerchantWord.ACTIVE);
        emit MerchantRegistered(number, payout, category, district, uint40(block.timestamp));
    }

    /// @inheritdoc IMerchantRegistry
    function change(uint32 number, address payout, uint8 category, uint8 district, uint8 status)
        external
        override
        restricted
    {
        // Check: the merchant exists, the lanes are in range, and the address is its own or
        // nobody's.
        uint256 word = wordOf[number];
        if (word == 0) revert MerchantRegistry_MerchantUnknown(number, lastNumber);
        _checkPlace(category, district);
        if (status < MerchantWord.ACTIVE || status > MerchantWord.CLOSED) {
            revert MerchantRegistry_StatusUnknown(status);
        }
        if (payout == address(0)) revert MerchantRegistry_PayoutZero(number);
        uint32 owner = merchantOf[payout];
        if (owner != 0 && owner != number) revert MerchantRegistry_PayoutTaken(payout, owner);

        // Effect: the word is written anew, and the address leads to it.
        if (owner == 0) {
            delete merchantOf[word.payout()];
            merchantOf[payout] = number;
        }
        wordOf[number] = MerchantWord.pack(payout, category, district, status);
        emit MerchantChanged(number, payout, category, district, status, uint40(block.timestamp));
    }

    function _checkPlace(uint8 category, uint8 district) private pure {
        if (category > MerchantWord.CATEGORY_MAX) {
            revert MerchantRegistry_CategoryTooLarge(category, MerchantWord.CATEGORY_MAX);
        }
        if (district > MerchantWord.DISTRICT_MAX) {
            revert MerchantRegistry_DistrictTooLarge(district, MerchantWord.DISTRICT_MAX);
        }
    }

    // ------------------------------------------------------------------------------------- reading

    /// @inheritdoc IMerchantRegistry
    function wordsOf(uint32[] calldata numbers)
        external
        view
        override
        returns (uint256[] memory words)
    {
        words = new uint256[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            words[i] = wordOf[numbers[i]];
        }
    }

    /// @inheritdoc IMerchantRegistry
    function merchant(uint32 number) external view override returns (Merchant memory) {
        uint256 word = wordOf[number];
        return Merchant({
            payout: word.payout(),
            category: word.category(),
            district: word.district(),
            status: word.status()
        });
    }
}
