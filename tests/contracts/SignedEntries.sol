// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../contracts/types/CampaignTypes.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

/// @dev An entry of a batch with everything in it that can be wrong, and who signs it.
struct Entry {
    uint256 key;
    uint32 campaign;
    uint32 merchant;
    uint8 place; // of the merchant in the header
    uint24 step;
    uint8 reserved; // the two bits above the step
    uint32 bill;
    uint24 amount;
    uint32 copay;
    bool unnamed; // signed are merchant 0 and the maximum
    uint32 billMax;
    uint24 amountMax;
    uint32 copayMax;
}

/// @title Batches of entries that may be wrong
/// @notice Shops 1 and 2 are those of the case, shops 3 and 4 are more of the kind; a batch names all
/// four. The city is founded on the campaign's second day, at noon.
abstract contract SignedEntries is CouponBookCase {
    uint256 internal constant ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    /// @dev The step of noon on the second day.
    uint24 internal constant NOW_STEP = NOON_STEP + STEPS_A_DAY;
    uint32 internal constant SHOPS = 4;

    address internal anyone = named("anyone");
    /// @dev The time of the next block. The optimiser takes `block.timestamp` for the same all through
    /// a test.
    uint256 internal clock;

    function setUp() public virtual override {
        super.setUp();
        registerOne(named("third"));
        registerOne(named("fourth"));
        moveTo(timeOf(NOW_STEP));
    }

    /// @notice Half of the bill, 200 baht at once, 500 a day, 1,000 in all; everyone, everywhere.
    function generous() internal view returns (Terms memory terms) {
        terms = ordinary();
        terms.shareBasisPoints = 5_000;
        terms.allowance = 100_000;
        terms.perUseMax = 20_000;
        terms.perDayMax = 50_000;
        terms.billMin = 100;
        terms.audience = type(uint32).max;
        terms.categories = type(uint64).max;
        terms.districts = type(uint64).max;
    }

    // ------------------------------------------------------------------------------------ entries

    /// @notice An entry of campaign 1 at shop 1 that nothing is wrong with: half of its bill.
    function entry(uint32 pass, uint24 step, uint24 amount) internal pure returns (Entry memory e) {
        e.key = keyOf(holderOf(pass));
        e.campaign = 1;
        e.merchant = SHOP;
        e.step = step;
        e.bill = 2 * uint32(amount);
        e.amount = amount;
    }

    /// @notice The same, presented without a shop, with its figures as the maximum.
    function presented(uint32 pass, uint24 step, uint24 amount)
        internal
        pure
        returns (Entry memory e)
    {
        e = entry(pass, step, amount);
        (e.unnamed, e.billMax, e.amountMax) = (true, e.bill, amount);
    }

    function headOf(Entry memory e) internal pure returns (uint24) {
        return uint24((e.unnamed ? 2 ** 23 : 0) + uint256(e.reserved) * 2 ** 21 + e.step);
    }

    /// @notice What the holder signs. Step 0 has no time, and is signed for the second before.
    function messageOf(Entry memory e) internal view returns (bytes32) {
        uint256 signedAt = STARTS + uint256(e.step) * 15 - 15;
        return digestOf(
            keccak256(
                e.unnamed
                    ? abi.encode(
                        REDEMPTION, e.campaign, 0, e.billMax, e.amountMax, e.copayMax, signedAt
                    )
                    : abi.encode(
                        REDEMPTION, e.campaign, e.merchant, e.bill, e.amount, e.copay, signedAt
                    )
            )
        );
    }

    /// @notice An entry, signed by its key and packed.
    function pack(Entry memory e) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = vm.signCompact(e.key, messageOf(e));
        return pack(e, r, vs);
    }

    function pack(Entry memory e, bytes32 r, bytes32 vs) internal pure returns (bytes memory) {
        bytes memory front = abi.encodePacked(headOf(e), e.place, e.bill, e.amount, e.copay);
        if (e.unnamed) front = abi.encodePacked(front, e.billMax, e.amountMax, e.copayMax);
        return abi.encodePacked(front, r, vs);
    }

    function shops() internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(SHOPS), uint32(1), uint32(2), uint32(3), uint32(4));
    }

    function batch(bytes memory entries) internal pure returns (bytes memory) {
        return bytes.concat(shops(), entries);
    }

    function batch(Entry memory e) internal view returns (bytes memory) {
        return batch(pack(e));
    }

    // ------------------------------------------------------------------------------------ outcomes

    function record(uint32 pass, Entry memory e) internal pure returns (bytes memory) {
        return abi.encodePacked(pass, e.merchant, e.bill, e.amount, e.copay, headOf(e));
    }

    function refusal(uint256 index, uint256 reason, uint32 pass, Entry memory e)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint16(index), uint8(reason), pass, headOf(e), e.amount);
    }

    /// @notice Brings in a batch for campaign 1 and compares both reports byte by byte.
    function brings(bytes memory data, bytes memory taken, bytes memory refused) internal {
        uint32 before = book.campaignOf(1).batches;
        (uint32 number, bytes memory isTaken, bytes memory isRefused) = bring(1, data);
        vm.assertEq(isTaken, taken);
        vm.assertEq(isRefused, refused);
        uint32 after_ = book.campaignOf(1).batches;
        if (taken.length == 0) {
            vm.assertEq(after_, before);
        } else {
            vm.assertEq(after_, before + 1);
            vm.assertEq(number, after_);
            vm.assertEq(book.batchDigest(1, number), keccak256(taken));
        }
    }

    function accepts(uint32 pass, Entry memory e) internal {
        brings(batch(e), record(pass, e), "");
    }

    /// @notice One entry is refused for `reason`, and nothing else is different afterwards.
    function refuses(uint32 pass, Entry memory e, uint256 reason) internal {
        refuses(pass, batch(e), e, reason);
    }

    function refuses(uint32 pass, bytes memory data, Entry memory e, uint256 reason) internal {
        bytes32 before = picture();
        brings(data, "", refusal(0, reason, pass, e));
        vm.assertEq(picture(), before, "a refusal has no effect");
    }

    /// @notice All that redemptions of campaign 1 move, in one word.
    function picture() internal view returns (bytes32 sum) {
        sum = keccak256(abi.encode(book.campaignOf(1), token.balanceOf(address(book))));
        for (uint32 pass = 1; pass <= HOLDERS; ++pass) {
            (uint24 step, uint24 today, uint24 total) = book.usageOf(1, pass);
            uint256 purse = token.balanceOf(addressOf(pass));
            sum = keccak256(abi.encode(sum, step, today, total, purse));
        }
        for (uint32 shop = 0; shop <= SHOPS; ++shop) {
            (uint64 amount, uint64 copay, uint64 paid, uint64 owed) = book.credits(1, shop);
            sum = keccak256(abi.encode(sum, amount, copay, paid, owed));
        }
    }

    // -------------------------------------------------------------------------------------- hands

    function moveTo(uint256 time) internal {
        clock = time;
        vm.warp(time);
    }

    function stepNow() internal view returns (uint24) {
        return uint24((clock - STARTS) / 15 + 1);
    }

    function setPass(uint32 pass, uint8 class, uint8 district, uint8 status) internal {
        vm.prank(registrar);
        passes.change(addressOf(pass), class, district, 0, 0, status);
    }

    function setShop(uint32 shop, uint8 category, uint8 district, uint8 status) internal {
        address payout = merchants.merchant(shop).payout;
        vm.prank(registrar);
        merchants.change(shop, payout, category, district, status);
    }
}
