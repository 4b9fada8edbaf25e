// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The packed merchant
/// @notice Lanes from the lowest bit: payout 160, category 8, district 8, status 8.
/// @dev Every lane is as wide as the type that fills it, so no value can reach its neighbour. A
/// word of zero is no merchant, since a payout address is never zero.
library MerchantWord {
    uint8 internal constant CATEGORY_MAX = 63;
    uint8 internal constant DISTRICT_MAX = 63;

    uint8 internal constant ACTIVE = 1;
    uint8 internal constant SUSPENDED = 2;
    uint8 internal constant CLOSED = 3;

    function pack(address payout_, uint8 category_, uint8 district_, uint8 status_)
        internal
        pure
        returns (uint256)
    {
        return uint256(uint160(payout_)) | uint256(category_) << 160 | uint256(district_) << 168
            | uint256(status_) << 176;
    }

    function payout(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    function category(uint256 word) internal pure returns (uint8) {
        return uint8(word >> 160);
    }

    function district(uint256 word) internal pure returns (uint8) {
        return uint8(word >> 168);
    }

    function status(uint256 word) internal pure returns (uint8) {
        return uint8(word >> 176);
    }
}
