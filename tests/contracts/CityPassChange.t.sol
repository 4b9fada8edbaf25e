// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICityPass} from "../../contracts/interfaces/ICityPass.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

contract CityPassChangeTest is City {
    address private holder = named("holder");
    address private neighbour = named("neighbour");

    function setUp() public override {
        super.setUp();
        enrolOne(neighbour);
        enrolOne(holder);
    }

    function test_a_pass_is_written_anew_under_the_same_number(
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        uint8 status
    ) public {
        class = uint8(within(class, 0, 31));
        district = uint8(within(district, 0, 63));
        validFrom = uint40(within(validFrom, 0, type(uint40).max - 1));
        if (validUntil != 0) {
            validUntil = uint40(within(validUntil, validFrom + 1, type(uint40).max));
        }
        status = uint8(within(status, 1, 3));
        uint256 others = passes.wordOf(neighbour);

        vm.expectEmit(address(passes));
        emit ICityPass.PassChanged(
            2, holder, class, district, validFrom, validUntil, status, uint40(NOON)
        );
        vm.prank(registrar);
        passes.change(holder, class, district, validFrom, validUntil, status);

        ICityPass.Pass memory pass = passes.passOf(holder);
        vm.assertEq(pass.number, 2);
        vm.assertEq(pass.class, class);
        vm.assertEq(pass.district, district);
        vm.assertEq(pass.validFrom, validFrom);
        vm.assertEq(pass.validUntil, validUntil);
        vm.assertEq(pass.status, status);
        vm.assertEq(passes.wordOf(neighbour), others);
    }

    function test_an_ended_pass_can_be_active_again() public {
        vm.startPrank(registrar);
        passes.change(holder, 0, 0, 0, 0, 3);
        passes.change(holder, 0, 0, 0, 0, 1);
        vm.assertEq(passes.passOf(holder).status, 1);
    }

    function test_a_status_that_is_none_is_refused(uint8 status) public {
        vm.assume(status == 0 || status > 3);
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_StatusUnknown.selector, status));
        vm.prank(registrar);
        passes.change(holder, 0, 0, 0, 0, status);
    }

    function test_a_class_above_31_is_refused(uint8 class) public {
        class = uint8(within(class, 32, 255));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_ClassTooLarge.selector, class, 31)
        );
        vm.prank(registrar);
        passes.change(holder, class, 0, 0, 0, 1);
    }

    function test_a_district_above_63_is_refused(uint8 district) public {
        district = uint8(within(district, 64, 255));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_DistrictTooLarge.selector, district, 63)
        );
        vm.prank(registrar);
        passes.change(holder, 0, district, 0, 0, 1);
    }

    function test_a_validity_that_ends_before_it_begins_is_refused(uint40 from, uint40 until)
        public
    {
        until = uint40(within(until, 1, type(uint40).max));
        from = uint40(within(from, until, type(uint40).max));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_ValidityEmpty.selector, from, until)
        );
        vm.prank(registrar);
        passes.change(holder, 0, 0, from, until, 1);
    }

    function test_a_stranger_has_no_pass_to_change(address stranger) public {
        vm.assume(stranger != holder && stranger != neighbour);
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_HolderUnknown.selector, stranger));
        vm.prank(registrar);
        passes.change(stranger, 0, 0, 0, 0, 1);
    }

    function test_nobody_but_the_registrar_changes_a_pass(address caller) public {
        vm.assume(caller != registrar);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        passes.change(holder, 0, 0, 0, 0, 2);
    }
}
