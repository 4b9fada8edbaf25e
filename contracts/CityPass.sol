// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ICityPass} from "./interfaces/ICityPass.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {PassWord} from "./libraries/PassWord.sol";

/// @title The city's passes
contract CityPass is ICityPass, AccessManaged {
    using PassWord for uint256;

    // ----------------------------------------------------------------------------------- constants

    /// @inheritdoc ICityPass
    uint256 public constant override HOLDERS_MAX = 650;

    uint256 private constant ADDRESS_BYTES = 20;

    // ------------------------------------------------------------------------------------- storage

    /// @inheritdoc ICityPass
    /// @dev Every number from 1 to this one was given out once and is held by exactly one address.
    uint32 public override lastNumber;
    /// @inheritdoc ICityPass
    /// @dev The only slot of a pass. No two addresses hold the same number.
    mapping(address holder => uint256) public override wordOf;

    // --------------------------------------------------------------------------------- constructor

    /// @param authority The AccessManager that knows every role.
    constructor(address authority) AccessManaged(authority) {}

    // ----------------------------------------------------------------------------------- enrolling

    /// @inheritdoc ICityPass
    function enrol(
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        bytes calldata holders
    ) external override restricted returns (uint32 first) {
        // Check: the list is whole, the lanes are in range, and there are numbers for everybody.
        uint256 count = _checkHolders(holders.length);
        _checkWritten(class, district, validFrom, validUntil);
        uint32 last = lastNumber;
        if (count > type(uint32).max - last) revert CityPass_NumbersExhausted(last, count);

        // Effect: everybody has a pass.
        first = last + 1;
        lastNumber = uint32(last + count);
        // `number` is the lowest lane, so the words of the list differ only by an addition that
        // cannot carry: the last number fits its lane.
        uint256 word = PassWord.pack(first, class, district, validFrom, validUntil, PassWord.ACTIVE);
        for (uint256 i = 0; i < count; ++i) {
            _enrolOne(address(bytes20(holders[i * ADDRESS_BYTES:])), word + i, i);
        }
        emit PassesEnrolled(
            first, class, district, validFrom, validUntil, holders, uint40(block.timestamp)
        );
    }

    function _enrolOne(address holder, uint256 word, uint256 index) private {
        // Check: it is an address without a pass, also not one from earlier in this list.
        if (holder == address(0)) revert CityPass_HolderZero(index);
        uint256 held = wordOf[holder];
        if (held != 0) revert CityPass_HolderHasPass(holder, held.number());

        // Effect: it has one, and it is locked.
        wordOf[holder] = word;
        emit Locked(word.number());
    }

    function _checkHolders(uint256 length) private pure returns (uint256 count) {
        if (length == 0 || length % ADDRESS_BYTES != 0) revert CityPass_HoldersMalformed(length);
        count = length / ADDRESS_BYTES;
        if (count > HOLDERS_MAX) revert CityPass_TooManyHolders(count, HOLDERS_MAX);
    }

    // ------------------------------------------------------------------------------ rebind, change

    /// @inheritdoc ICityPass
    function rebind(address from, address to) external override restricted {
        // Check: there is a pass to move, and an empty place to move it to.
        if (to == address(0)) revert CityPass_HolderZero(0);
        uint256 word = _held(from);
        uint256 held = wordOf[to];
        if (held != 0) revert CityPass_HolderHasPass(to, held.number());

        // Effect: the whole word moves, so that the number is never in two places or none.
        delete wordOf[from];
        wordOf[to] = word;
        emit PassRebound(word.number(), from, to, uint40(block.timestamp));
    }

    /// @inheritdoc ICityPass
    function change(
        address holder,
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        uint8 status
    ) external override restricted {
        // Check: there is a pass, and the lanes are in range.
        uint32 number = _held(holder).number();
        _checkWritten(class, district, validFrom, validUntil);
        if (status < PassWord.ACTIVE || status > PassWord.ENDED) {
            revert CityPass_StatusUnknown(status);
        }

        // Effect: the word is written anew under the same number.
        wordOf[holder] = PassWord.pack(number, class, district, validFrom, validUntil, status);
        emit PassChanged(
            number, holder, class, district, validFrom, validUntil, status, uint40(block.timestamp)
        );
    }

    function _held(address holder) private view returns (uint256 word) {
        word = wordOf[holder];
        if (word == 0) revert CityPass_HolderUnknown(holder);
    }

    function _checkWritten(uint8 class, uint8 district, uint40 validFrom, uint40 validUntil)
        private
        pure
    {
        if (class > PassWord.CLASS_MAX) {
            revert CityPass_ClassTooLarge(class, PassWord.CLASS_MAX);
        }
        if (district > PassWord.DISTRICT_MAX) {
            revert CityPass_DistrictTooLarge(district, PassWord.DISTRICT_MAX);
        }
        if (validUntil != 0 && validUntil <= validFrom) {
            revert CityPass_ValidityEmpty(validFrom, validUntil);
        }
    }

    // ------------------------------------------------------------------------------------- reading

    /// @inheritdoc ICityPass
    function wordsOf(address[] calldata holders)
        external
        view
        override
        returns (uint256[] memory words)
    {
        words = new uint256[](holders.length);
        for (uint256 i = 0; i < holders.length; ++i) {
            words[i] = wordOf[holders[i]];
        }
    }

    /// @inheritdoc ICityPass
    function passOf(address holder) external view override returns (Pass memory) {
        uint256 word = wordOf[holder];
        return Pass({
            number: word.number(),
            class: word.class(),
            district: word.district(),
            validFrom: word.validFrom(),
            validUntil: word.validUntil(),
            status: word.status()
        });
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view override returns (bool) {
        // Check: the pass exists.
        uint32 last = lastNumber;
        if (tokenId == 0 || tokenId > last) revert CityPass_NumberUnknown(tokenId, last);
        return true;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure override returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC5192).interfaceId;
    }
}
