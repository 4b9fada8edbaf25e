// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The packed pass
/// @notice Lanes from the lowest bit: number 32, class 8, district 8, validFrom 40, validUntil 40,
/// status 8.
/// @dev Every lane is as wide as the type that fills it, so no value can reach its neighbour. A
/// word of zero is no pass, since numbers begin at 1.
library PassWord {
    uint8 internal constant CLASS_MAX = 31;
    uint8 internal constant DISTRICT_MAX = 63;

    uint8 internal constant ACTIVE = 1;
    uint8 internal constant SUSPENDED = 2;
    uint8 internal constant ENDED = 3;

    function pack(
        uint32 number_,
        uint8 class_,
        uint8 district_,
        uint40 validFrom_,
        uint40 validUntil_,
        uint8 status_
    ) internal pure returns (uint256) {
        return uint256(number_) | uint256(class_) << 32 | uint256(district_) << 40
            | uint256(validFrom_) << 48 | uint256(validUntil_) << 88 | uint256(status_) << 128;
    }

    function number(uint256 word) internal pure returns (uint32) {
        return uint32(word);
    }

    function class(uint256 word) internal pure returns (uint8) {
        return uint8(word >> 32);
    }

    function district(uint256 word) internal pure returns (uint8) {
        return uint8(word >> 40);
    }

    function validFrom(uint256 word) internal pure returns (uint40) {
        return uint40(word >> 48);
    }

    function validUntil(uint256 word) internal pure returns (uint40) {
        return uint40(word >> 88);
    }

    function status(uint256 word) internal pure returns (uint8) {
        return uint8(word >> 128);
    }
}
