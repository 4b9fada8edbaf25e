// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The registry of merchants
/// @notice A merchant is a numbered, approved shop with one payout address. Names, places and bank
/// accounts are not here.
/// @dev Numbers are dense: 1, 2, 3 … A payout address belongs to one merchant at most, closed ones
/// included, so that it always says who was paid.
interface IMerchantRegistry {
    /// @notice A merchant, unpacked. A status of zero means that there is none.
    /// @param payout Where it is paid, and the key that signs its voids.
    /// @param category What it sells: 0 to 63.
    /// @param district Where it is: 0 to 63.
    /// @param status 1 active, 2 suspended, 3 closed.
    struct Merchant {
        address payout;
        uint8 category;
        uint8 district;
        uint8 status;
    }

    /// @notice A merchant came to exist, active.
    /// @param number Its number.
    /// @param payout Where it is paid.
    /// @param category What it sells.
    /// @param district Where it is.
    /// @param at The block's time.
    event MerchantRegistered(
        uint32 indexed number, address indexed payout, uint8 category, uint8 district, uint40 at
    );

    /// @notice What is written about a merchant changed; all of it is given.
    /// @param number Its number.
    /// @param payout Where it is paid from now on.
    /// @param category What it sells from now on.
    /// @param district Where it is from now on.
    /// @param status Its status from now on.
    /// @param at The block's time.
    event MerchantChanged(
        uint32 indexed number,
        address indexed payout,
        uint8 category,
        uint8 district,
        uint8 status,
        uint40 at
    );

    /// @notice A merchant cannot be paid at the zero address; `number` is 0 in a registration.
    error MerchantRegistry_PayoutZero(uint32 number);

    /// @notice The payout address is another merchant's.
    error MerchantRegistry_PayoutTaken(address payout, uint32 merchant);

    /// @notice There is no merchant of this number.
    error MerchantRegistry_MerchantUnknown(uint32 number, uint32 last);

    /// @notice The numbers are used up.
    error MerchantRegistry_NumbersExhausted(uint32 last);

    /// @notice Campaigns address categories by a mask of 64 bits: there is none above 63.
    error MerchantRegistry_CategoryTooLarge(uint8 category, uint8 limit);

    /// @notice Campaigns address districts by a mask of 64 bits: there is none above 63.
    error MerchantRegistry_DistrictTooLarge(uint8 district, uint8 limit);

    /// @notice A status is 1, 2 or 3.
    error MerchantRegistry_StatusUnknown(uint8 status);

    /// @notice Adds an active merchant. Emits `MerchantRegistered`. Role: registrar.
    /// @param payout Where it is paid; no other merchant's.
    /// @param category What it sells, 0 to 63.
    /// @param district Where it is, 0 to 63.
    /// @return number Its number.
    function register(address payout, uint8 category, uint8 district)
        external
        returns (uint32 number);

    /// @notice Writes a merchant anew; its number stays. Emits `MerchantChanged`. Role: registrar.
    /// @param number The merchant.
    /// @param payout Where it is paid; no other merchant's. The old address is free again if it
    /// differs.
    /// @param category What it sells, 0 to 63.
    /// @param district Where it is, 0 to 63.
    /// @param status 1 active, 2 suspended, 3 closed.
    function change(uint32 number, address payout, uint8 category, uint8 district, uint8 status)
        external;

    /// @notice The number of the last merchant, which is the number of merchants.
    /// @return The number; 0 before the first.
    function lastNumber() external view returns (uint32);

    /// @notice The packed word of a merchant, lanes from the lowest bit: payout 160, category 8,
    /// district 8, status 8.
    /// @param number The merchant.
    /// @return The word; 0 if there is none.
    function wordOf(uint32 number) external view returns (uint256);

    /// @notice The packed words of many merchants.
    /// @param numbers The merchants.
    /// @return words As `wordOf`, in the same order.
    function wordsOf(uint32[] calldata numbers) external view returns (uint256[] memory words);

    /// @notice A merchant, unpacked.
    /// @param number The merchant.
    /// @return The merchant; all zero if there is none.
    function merchant(uint32 number) external view returns (Merchant memory);

    /// @notice Whose payout address this is.
    /// @param payout The address.
    /// @return The merchant's number, whatever its status; 0 if it is nobody's.
    function merchantOf(address payout) external view returns (uint32);
}
