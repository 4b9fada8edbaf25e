// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ICityPass} from "../../contracts/interfaces/ICityPass.sol";
import {IERC5192} from "../../contracts/interfaces/IERC5192.sol";
import {City} from "./City.sol";
import {Vm, vm} from "./Vm.sol";

contract CityPassEnrolTest is City {
    uint256 private constant TRANSACTION_GAS_MAX = 16_777_216;

    // ----------------------------------------------------------------------------- what is written

    function test_everybody_on_the_list_gets_the_next_number(
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        uint8 count,
        uint8 before
    ) public {
        class = uint8(within(class, 0, 31));
        district = uint8(within(district, 0, 63));
        validFrom = uint40(within(validFrom, 0, type(uint40).max - 1));
        if (validUntil != 0) {
            validUntil = uint40(within(validUntil, validFrom + 1, type(uint40).max));
        }
        enrol(0, 0, 0, 0, people(1_000, within(before, 1, 20)));
        uint256 size = within(count, 1, 40);
        uint32 first = enrol(class, district, validFrom, validUntil, people(1, size));

        vm.assertEq(first, within(before, 1, 20) + 1);
        vm.assertEq(passes.lastNumber(), first + size - 1);
        for (uint256 i = 0; i < size; ++i) {
            ICityPass.Pass memory pass = passes.passOf(person(1 + i));
            vm.assertEq(pass.number, first + i);
            vm.assertEq(pass.class, class);
            vm.assertEq(pass.district, district);
            vm.assertEq(pass.validFrom, validFrom);
            vm.assertEq(pass.validUntil, validUntil);
            vm.assertEq(pass.status, 1);
        }
    }

    function test_the_word_has_the_agreed_layout() public {
        enrol(0, 0, 0, 0, people(1, 2));
        enrol(31, 63, 0x0102030405, 0xFFFFFFFFFE, people(3, 1));
        uint256 word = passes.wordOf(person(3));
        vm.assertEq(
            word,
            uint256(3) | 31 << 32 | 63 << 40 | 0x0102030405 << 48 | 0xFFFFFFFFFE << 88 | 1 << 128
        );
    }

    function test_one_event_holds_all_that_is_needed_and_each_pass_is_locked() public {
        bytes memory holders = people(1, 3);
        vm.expectEmit(address(passes));
        emit IERC5192.Locked(1);
        vm.expectEmit(address(passes));
        emit IERC5192.Locked(2);
        vm.expectEmit(address(passes));
        emit IERC5192.Locked(3);
        vm.expectEmit(address(passes));
        emit ICityPass.PassesEnrolled(1, 2, 5, 100, 200, holders, uint40(NOON));
        enrol(2, 5, 100, 200, holders);
    }

    function test_words_are_read_in_the_order_asked_and_are_zero_for_strangers() public {
        enrol(0, 0, 0, 0, people(1, 3));
        address[] memory asked = new address[](4);
        (asked[0], asked[1], asked[2], asked[3]) = (person(3), person(9), person(1), address(0));
        uint256[] memory words = passes.wordsOf(asked);
        vm.assertEq(words.length, 4);
        vm.assertEq(words[0], passes.wordOf(person(3)));
        vm.assertEq(words[1], 0);
        vm.assertEq(words[2], passes.wordOf(person(1)));
        vm.assertEq(words[3], 0);
        vm.assertEq(passes.passOf(person(9)).status, 0);
        vm.assertEq(passes.wordsOf(new address[](0)).length, 0);
    }

    // ------------------------------------------------------------------------------ what is refused

    function test_an_address_twice_in_the_list_is_refused_with_all_of_it() public {
        bytes memory holders = abi.encodePacked(people(1, 3), person(2));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_HolderHasPass.selector, person(2), 2)
        );
        enrol(0, 0, 0, 0, holders);
        vm.assertEq(passes.lastNumber(), 0);
        vm.assertEq(passes.wordOf(person(1)), 0);
    }

    function test_a_holder_of_a_pass_is_refused_another() public {
        enrol(0, 0, 0, 0, people(1, 5));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_HolderHasPass.selector, person(4), 4)
        );
        enrol(1, 0, 0, 0, people(4, 1));
    }

    function test_a_holder_of_an_ended_pass_is_refused_another() public {
        enrol(0, 0, 0, 0, people(1, 1));
        vm.prank(registrar);
        passes.change(person(1), 0, 0, 0, 0, 3);
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_HolderHasPass.selector, person(1), 1)
        );
        enrol(0, 0, 0, 0, people(1, 1));
    }

    function test_the_zero_address_is_refused_with_its_place(uint8 place) public {
        place = uint8(within(place, 0, 9));
        bytes memory holders = place == 0
            ? abi.encodePacked(address(0), people(1, 9))
            : abi.encodePacked(people(1, place), address(0), people(50, 9 - place));
        vm.expectRevert(abi.encodeWithSelector(ICityPass.CityPass_HolderZero.selector, place));
        enrol(0, 0, 0, 0, holders);
    }

    function test_a_list_that_is_no_whole_number_of_addresses_is_refused(uint16 length) public {
        length = uint16(within(length, 0, 2_000));
        vm.assume(length == 0 || length % 20 != 0);
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_HoldersMalformed.selector, length)
        );
        enrol(0, 0, 0, 0, new bytes(length));
    }

    function test_a_list_longer_than_the_limit_is_refused() public {
        uint256 limit = passes.HOLDERS_MAX();
        bytes memory holders = new bytes((limit + 1) * 20);
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_TooManyHolders.selector, limit + 1, limit)
        );
        enrol(0, 0, 0, 0, holders);
    }

    function test_a_class_above_31_is_refused(uint8 class) public {
        class = uint8(within(class, 32, 255));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_ClassTooLarge.selector, class, 31)
        );
        enrol(class, 0, 0, 0, people(1, 1));
    }

    function test_a_district_above_63_is_refused(uint8 district) public {
        district = uint8(within(district, 64, 255));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_DistrictTooLarge.selector, district, 63)
        );
        enrol(0, district, 0, 0, people(1, 1));
    }

    function test_a_pass_that_would_never_be_valid_is_refused(uint40 from, uint40 until) public {
        until = uint40(within(until, 1, type(uint40).max));
        from = uint40(within(from, until, type(uint40).max));
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_ValidityEmpty.selector, from, until)
        );
        enrol(0, 0, from, until, people(1, 1));
    }

    function test_nobody_but_the_registrar_enrols(address caller) public {
        vm.assume(caller != registrar);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        passes.enrol(0, 0, 0, 0, people(1, 1));
    }

    function test_the_last_number_can_be_given_and_no_number_after_it() public {
        // The counter shares the first slot with the authority. No layout is promised to anybody:
        // this is only how a test comes near the end of the numbers.
        uint256 slot = uint256(vm.load(address(passes), 0));
        slot |= uint256(type(uint32).max - 2) << 168;
        vm.store(address(passes), 0, bytes32(slot));
        vm.assertEq(passes.lastNumber(), type(uint32).max - 2);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICityPass.CityPass_NumbersExhausted.selector, type(uint32).max - 2, 3
            )
        );
        enrol(0, 0, 0, 0, people(1, 3));

        enrol(31, 63, 1, 0, people(1, 2));
        ICityPass.Pass memory last = passes.passOf(person(2));
        vm.assertEq(last.number, type(uint32).max);
        vm.assertEq(last.class, 31);
        vm.assertEq(last.district, 63);
        vm.assertEq(passes.passOf(person(1)).number, type(uint32).max - 1);
    }

    // ------------------------------------------------------------------------------------ standards

    function test_every_pass_that_exists_is_locked_and_no_other_number_answers(uint256 number)
        public
    {
        enrol(0, 0, 0, 0, people(1, 7));
        for (uint256 n = 1; n <= 7; ++n) {
            vm.assertTrue(passes.locked(n));
        }
        number = number % 4 == 0 ? 0 : number % 4 == 1 ? 8 : number;
        vm.assume(number == 0 || number > 7);
        vm.expectRevert(
            abi.encodeWithSelector(ICityPass.CityPass_NumberUnknown.selector, number, 7)
        );
        passes.locked(number);
    }

    function test_the_interfaces_of_the_standards_are_announced(bytes4 other) public view {
        vm.assertTrue(passes.supportsInterface(0x01ffc9a7)); // ERC-165
        vm.assertTrue(passes.supportsInterface(0xb45a3c0e)); // ERC-5192
        vm.assertFalse(passes.supportsInterface(0xffffffff));
        if (other != type(IERC165).interfaceId && other != type(IERC5192).interfaceId) {
            vm.assertFalse(passes.supportsInterface(other));
        }
    }

    // ------------------------------------------------------------------------------------------ gas

    /// @notice A million-holder city: 1,539 transactions of a full list each.
    function test_a_full_list_fits_one_transaction_at_under_24_200_gas_a_pass() public {
        uint256 limit = passes.HOLDERS_MAX();
        enrol(0, 0, 0, 0, people(1_000_000, 1));
        bytes memory holders = people(1, limit);
        vm.prank(registrar);
        uint256 before = gasleft();
        passes.enrol(0, 0, 0, 0, holders);
        uint256 spent = before - gasleft();

        // What the transaction itself costs: its base and 16 gas for each byte of the list.
        uint256 inAll = spent + 21_000 + holders.length * 16;
        vm.assertLe(inAll, TRANSACTION_GAS_MAX);
        vm.assertLe(inAll / limit, 24_200);
    }

    // ---------------------------------------------------------------------------------------- hands

    function enrol(
        uint8 class,
        uint8 district,
        uint40 validFrom,
        uint40 validUntil,
        bytes memory holders
    ) private returns (uint32) {
        vm.prank(registrar);
        return passes.enrol(class, district, validFrom, validUntil, holders);
    }

    function person(uint256 i) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("person", i)))));
    }

    function people(uint256 first, uint256 count) private pure returns (bytes memory list) {
        list = new bytes(count * 20);
        for (uint256 i = 0; i < count; ++i) {
            bytes20 one = bytes20(person(first + i));
            for (uint256 b = 0; b < 20; ++b) {
                list[i * 20 + b] = one[b];
            }
        }
    }
}
