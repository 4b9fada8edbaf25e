// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IMerchantRegistry} from "../../contracts/interfaces/IMerchantRegistry.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

contract MerchantRegistryRegisterTest is City {
    function test_a_merchant_gets_the_next_number_and_is_active(
        address payout,
        uint8 category,
        uint8 district
    ) public {
        vm.assume(payout != address(0) && payout != named("first"));
        category = uint8(within(category, 0, 63));
        district = uint8(within(district, 0, 63));
        vm.assertEq(registerOne(named("first")), 1);

        vm.expectEmit(address(merchants));
        emit IMerchantRegistry.MerchantRegistered(2, payout, category, district, uint40(NOON));
        vm.prank(registrar);
        uint32 number = merchants.register(payout, category, district);

        vm.assertEq(number, 2);
        vm.assertEq(merchants.lastNumber(), 2);
        vm.assertEq(merchants.merchantOf(payout), 2);
        IMerchantRegistry.Merchant memory merchant = merchants.merchant(2);
        vm.assertEq(merchant.payout, payout);
        vm.assertEq(merchant.category, category);
        vm.assertEq(merchant.district, district);
        vm.assertEq(merchant.status, 1);
    }

    function test_the_word_has_the_agreed_layout() public {
        address payout = 0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF;
        vm.prank(registrar);
        merchants.register(payout, 63, 62);
        vm.assertEq(
            merchants.wordOf(1), uint256(uint160(payout)) | 63 << 160 | 62 << 168 | 1 << 176
        );
    }

    function test_words_are_read_in_the_order_asked_and_are_zero_for_strangers() public {
        registerOne(named("a"));
        registerOne(named("b"));
        uint32[] memory asked = new uint32[](5);
        (asked[0], asked[1], asked[2], asked[3], asked[4]) = (2, 0, 1, 3, 2);
        uint256[] memory words = merchants.wordsOf(asked);
        vm.assertEq(words[0], merchants.wordOf(2));
        vm.assertEq(words[1], 0);
        vm.assertEq(words[2], merchants.wordOf(1));
        vm.assertEq(words[3], 0);
        vm.assertEq(words[4], words[0]);
        vm.assertEq(merchants.merchant(3).status, 0);
        vm.assertEq(merchants.merchantOf(named("nobody")), 0);
        vm.assertEq(merchants.wordsOf(new uint32[](0)).length, 0);
    }

    function test_a_payout_address_belongs_to_one_merchant(uint8 status) public {
        registerOne(named("shop"));
        vm.startPrank(registrar);
        merchants.change(1, named("shop"), 0, 0, uint8(within(status, 1, 3)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_PayoutTaken.selector, named("shop"), 1
            )
        );
        merchants.register(named("shop"), 1, 1);
        vm.assertEq(merchants.lastNumber(), 1);
    }

    function test_a_merchant_cannot_be_paid_at_the_zero_address() public {
        vm.expectRevert(
            abi.encodeWithSelector(IMerchantRegistry.MerchantRegistry_PayoutZero.selector, 0)
        );
        registerOne(address(0));
    }

    function test_a_category_above_63_is_refused(uint8 category) public {
        category = uint8(within(category, 64, 255));
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_CategoryTooLarge.selector, category, 63
            )
        );
        vm.prank(registrar);
        merchants.register(named("shop"), category, 0);
    }

    function test_a_district_above_63_is_refused(uint8 district) public {
        district = uint8(within(district, 64, 255));
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_DistrictTooLarge.selector, district, 63
            )
        );
        vm.prank(registrar);
        merchants.register(named("shop"), 0, district);
    }

    function test_the_last_number_can_be_given_and_no_number_after_it() public {
        // The counter shares the first slot with the authority. No layout is promised to anybody:
        // this is only how a test comes near the end of the numbers.
        uint256 slot = uint256(vm.load(address(merchants), 0));
        slot |= uint256(type(uint32).max - 1) << 168;
        vm.store(address(merchants), 0, bytes32(slot));

        vm.assertEq(registerOne(named("last")), type(uint32).max);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_NumbersExhausted.selector, type(uint32).max
            )
        );
        registerOne(named("one too many"));
    }

    function test_nobody_but_the_registrar_registers(address caller) public {
        vm.assume(caller != registrar);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        merchants.register(caller, 0, 0);
    }
}
