// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IERC5192} from "./IERC5192.sol";

/// @title The city's passes
/// @notice A pass is a numbered, non-transferable membership of one holder in the city. Coupons
/// belong to the number, so that a lost phone costs nothing: the registrar rebinds the pass to a
/// new key and what is unspent follows.
/// @dev A pass is one storage word of its holder's address and nothing else. Numbers are dense: 1,
/// 2, 3 … The way from a number back to its holder is in the events.
interface ICityPass is IERC165, IERC5192 {
    /// @notice A pass, unpacked. A status of zero means that there is none.
    /// @param number The pass number, from 1.
    /// @param class What kind of member: 0 to 31.
    /// @param district Where: 0 to 63.
    /// @param validFrom The first second in which it is valid.
    /// @param validUntil The first second in which it is no longer valid; 0 for no end.
    /// @param status 1 active, 2 suspended, 3 ended.
    struct Pass {
        uint32 number;
        uint8 class;
        uint8 district;
        uint40 validFrom;
        uint40 validUntil;
        uint8 status;
    }

    /// @notice Passes came to exist, numbered from `first` in the order of `holders`, all active.
    /// @param first The number of the first.
    /// @param class The class of all of them.
    /// @param district The district of all of them.
    /// @param validFrom The first second in which they are valid.
    /// @param validUntil The first second in which they are no longer valid; 0 for no end.
    /// @param holders Their holders, 20 bytes each.
    /// @param at The block's time.
    event PassesEnrolled(
        uint32 indexed first,
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        bytes holders,
        uint40 at
    );

    /// @notice A pass moved to another key of the same holder.
    /// @param number The pass.
    /// @param from The address that held it and now holds nothing.
    /// @param to The address that holds it now.
    /// @param at The block's time.
    event PassRebound(uint32 indexed number, address indexed from, address indexed to, uint40 at);

    /// @notice What is written on a pass changed; all of it is given.
    /// @param number The pass.
    /// @param holder Its holder.
    /// @param class Its class from now on.
    /// @param district Its district from now on.
    /// @param validFrom The first second in which it is valid.
    /// @param validUntil The first second in which it is no longer valid; 0 for no end.
    /// @param status Its status from now on.
    /// @param at The block's time.
    event PassChanged(
        uint32 indexed number,
        address indexed holder,
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        uint8 status,
        uint40 at
    );

    /// @notice The list of holders is not a whole number of 20-byte addresses, or is empty.
    error CityPass_HoldersMalformed(uint256 length);

    /// @notice More holders than one call enrols.
    error CityPass_TooManyHolders(uint256 count, uint256 limit);

    /// @notice A holder cannot be the zero address; `index` is its place in the list, 0 in a
    /// rebinding.
    error CityPass_HolderZero(uint256 index);

    /// @notice The address holds a pass already, perhaps since a moment ago in the same list.
    error CityPass_HolderHasPass(address holder, uint32 number);

    /// @notice The address holds no pass.
    error CityPass_HolderUnknown(address holder);

    /// @notice There is no pass of this number.
    error CityPass_NumberUnknown(uint256 number, uint32 last);

    /// @notice The numbers are used up.
    error CityPass_NumbersExhausted(uint32 last, uint256 count);

    /// @notice Campaigns address classes by a mask of 32 bits: there is none above 31.
    error CityPass_ClassTooLarge(uint8 class, uint8 limit);

    /// @notice Campaigns address districts by a mask of 64 bits: there is none above 63.
    error CityPass_DistrictTooLarge(uint8 district, uint8 limit);

    /// @notice The pass would never be valid: it ends no later than it begins.
    error CityPass_ValidityEmpty(uint40 validFrom, uint40 validUntil);

    /// @notice A status is 1, 2 or 3.
    error CityPass_StatusUnknown(uint8 status);

    /// @notice Gives every holder in the list a pass, all or none. Emits `PassesEnrolled`, and
    /// `Locked` for each. Role: registrar.
    /// @param class The class of all of them, 0 to 31.
    /// @param district The district of all of them, 0 to 63.
    /// @param validFrom The first second in which they are valid.
    /// @param validUntil The first second in which they are no longer valid, later than
    /// `validFrom`; 0 for no end.
    /// @param holders Addresses without a pass, 20 bytes each, no two equal, at most `HOLDERS_MAX`
    /// of them.
    /// @return first The number of the first; the others follow without a gap.
    function enrol(
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        bytes calldata holders
    ) external returns (uint32 first);

    /// @notice Moves a pass, as it is, to a new address and empties the old one. Emits
    /// `PassRebound`. Role: registrar.
    /// @param from The address that holds it.
    /// @param to An address without a pass.
    function rebind(address from, address to) external;

    /// @notice Writes a pass anew; its number stays. Emits `PassChanged`. Role: registrar.
    /// @param holder The address that holds it.
    /// @param class Its class, 0 to 31.
    /// @param district Its district, 0 to 63.
    /// @param validFrom The first second in which it is valid.
    /// @param validUntil The first second in which it is no longer valid, later than `validFrom`; 0
    /// for no end.
    /// @param status 1 active, 2 suspended, 3 ended.
    function change(
        address holder,
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        uint8 status
    ) external;

    /// @notice The most holders one call enrols: what fits a transaction of 16,777,216 gas.
    /// @return The limit.
    function HOLDERS_MAX() external view returns (uint256);

    /// @notice The number of the last pass, which is the number of passes.
    /// @return The number; 0 before the first.
    function lastNumber() external view returns (uint32);

    /// @notice The packed pass of a holder, lanes from the lowest bit: number 32, class 8, district
    /// 8, validFrom 40, validUntil 40, status 8.
    /// @param holder The address.
    /// @return The word; 0 if it holds none.
    function wordOf(address holder) external view returns (uint256);

    /// @notice The packed passes of many holders.
    /// @param holders The addresses.
    /// @return words As `wordOf`, in the same order.
    function wordsOf(address[] calldata holders) external view returns (uint256[] memory words);

    /// @notice The pass of a holder, unpacked.
    /// @param holder The address.
    /// @return The pass; all zero if it holds none.
    function passOf(address holder) external view returns (Pass memory);
}
