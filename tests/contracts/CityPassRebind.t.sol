// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICityPass} from "../../contracts/interfaces/ICityPass.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

contract CityPassRebindTest is City {
    address private lost = named("lost phone");
    address private fresh = named("new phone");

    function test_the_whole_pass_moves_and_the_old_address_is_empty(
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint8 status
    ) public {
        enrolOne(named("first"));
        enrolOne(lost);
        validFrom = uint40(within(validFrom, 0, type(uint40).max - 1));
        vm.startPrank(registrar);
        passes.change(
            lost,
            uint8(within(class, 0, 31)),
            uint8(within(district, 0, 63)),
            validFrom,
            validFrom + 1,
            uint8(within(status, 1, 3))
        );
        uint256 word = passes.wordOf(lost);

        vm.expectEmit(address(passes));
        emit ICityPass.PassRebound(2, lost, fresh, uint40(NOON));
        passes.rebind(lost, fresh);

        vm.assertEq(passes.wordOf(fresh), word);
        vm.assertEq(passes.wordOf(lost), 0);
        vm.assertEq(passes.lastNumber(), 2);
        vm.assertTrue(passes.locked(2));
    }

    function test_an_address_with_a_pass_takes_no_second_one() public {
        enrolOne(lost);
        enrolOne(fresh);
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_HolderHasPass.selector, fresh, 2));
        vm.prank(registrar);
        passes.rebind(lost, fresh);
    }

    function test_a_pass_is_not_rebound_to_where_it_is() public {
        enrolOne(lost);
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_HolderHasPass.selector, lost, 1));
        vm.prank(registrar);
        passes.rebind(lost, lost);
    }

    function test_an_address_without_a_pass_has_nothing_to_rebind(address from) public {
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_HolderUnknown.selector, from));
        vm.prank(registrar);
        passes.rebind(from, fresh);
    }

    function test_a_pass_cannot_be_rebound_to_the_zero_address() public {
        enrolOne(lost);
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_HolderZero.selector, 0));
        vm.prank(registrar);
        passes.rebind(lost, address(0));
    }

    function test_a_rebinding_happens_once() public {
        enrolOne(lost);
        vm.startPrank(registrar);
        passes.rebind(lost, fresh);
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_HolderUnknown.selector, lost));
        passes.rebind(lost, named("thief"));
    }

    function test_a_pass_comes_back_to_a_phone_that_was_found() public {
        enrolOne(lost);
        vm.startPrank(registrar);
        passes.rebind(lost, fresh);
        passes.rebind(fresh, lost);
        vm.assertEq(passes.passOf(lost).number, 1);
        vm.assertEq(passes.wordOf(fresh), 0);
    }

    function test_nobody_but_the_registrar_rebinds_not_even_the_holder(address caller) public {
        vm.assume(caller != registrar);
        enrolOne(lost);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        passes.rebind(lost, fresh);
    }
}
