// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IMerchantRegistry} from "../../contracts/interfaces/IMerchantRegistry.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

contract MerchantRegistryChangeTest is City {
    address private shop = named("shop");
    address private stall = named("stall");
    address private newBank = named("new bank");

    function setUp() public override {
        super.setUp();
        registerOne(shop);
        registerOne(stall);
    }

    function test_a_merchant_is_written_anew_under_the_same_number(
        uint8 category,
        uint8 district,
        uint8 status
    ) public {
        category = uint8(within(category, 0, 63));
        district = uint8(within(district, 0, 63));
        status = uint8(within(status, 1, 3));
        uint256 others = merchants.wordOf(2);

        vm.expectEmit(address(merchants));
        emit IMerchantRegistry.MerchantChanged(1, shop, category, district, status, uint40(NOON));
        change(1, shop, category, district, status);

        IMerchantRegistry.Merchant memory merchant = merchants.merchant(1);
        vm.assertEq(merchant.payout, shop);
        vm.assertEq(merchant.category, category);
        vm.assertEq(merchant.district, district);
        vm.assertEq(merchant.status, status);
        vm.assertEq(merchants.merchantOf(shop), 1);
        vm.assertEq(merchants.wordOf(2), others);
        vm.assertEq(merchants.lastNumber(), 2);
    }

    function test_a_new_payout_address_leads_to_the_merchant_and_the_old_one_is_free() public {
        change(1, newBank, 0, 0, 1);
        vm.assertEq(merchants.merchantOf(newBank), 1);
        vm.assertEq(merchants.merchantOf(shop), 0);
        vm.assertEq(merchants.merchant(1).payout, newBank);
        vm.assertEq(registerOne(shop), 3);
    }

    function test_a_merchant_cannot_take_anothers_payout_address() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_PayoutTaken.selector, stall, 2
            )
        );
        change(1, stall, 0, 0, 1);
    }

    function test_a_merchant_cannot_be_paid_at_the_zero_address() public {
        vm.expectRevert(
            abi.encodeWithSelector(IMerchantRegistry.MerchantRegistry_PayoutZero.selector, 1)
        );
        change(1, address(0), 0, 0, 1);
    }

    function test_a_number_that_is_no_merchant_cannot_be_changed(uint32 number) public {
        vm.assume(number == 0 || number > 2);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_MerchantUnknown.selector, number, 2
            )
        );
        change(number, newBank, 0, 0, 1);
    }

    function test_a_status_that_is_none_is_refused(uint8 status) public {
        vm.assume(status == 0 || status > 3);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_StatusUnknown.selector, status
            )
        );
        change(1, shop, 0, 0, status);
    }

    function test_a_category_above_63_is_refused(uint8 category) public {
        category = uint8(within(category, 64, 255));
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_CategoryTooLarge.selector, category, 63
            )
        );
        change(1, shop, category, 0, 1);
    }

    function test_a_district_above_63_is_refused(uint8 district) public {
        district = uint8(within(district, 64, 255));
        vm.expectRevert(
            abi.encodeWithSelector(
                IMerchantRegistry.MerchantRegistry_DistrictTooLarge.selector, district, 63
            )
        );
        change(1, shop, 0, district, 1);
    }

    function test_nobody_but_the_registrar_changes_a_merchant_not_even_itself() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, shop)
        );
        vm.prank(shop);
        merchants.change(1, newBank, 0, 0, 1);
    }

    function change(uint32 number, address payout, uint8 category, uint8 district, uint8 status)
        private
    {
        vm.prank(registrar);
        merchants.change(number, payout, category, district, status);
    }
}
