// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CityPass} from "../../contracts/CityPass.sol";
import {ICityPass} from "../../contracts/interfaces/ICityPass.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

/// @notice Makes only legal moves of passes, and remembers who should hold which number.
contract CityPassHandler {
    uint256 public constant ADDRESSES = 40;

    uint32 public given;
    mapping(uint32 number => address) public holderOf;
    mapping(address holder => uint32) public numberOf;

    CityPass private immutable passes;
    address private immutable registrar;

    constructor(CityPass passes_, address registrar_) {
        passes = passes_;
        registrar = registrar_;
    }

    function enrol(uint256 seed, uint8 class, uint8 count) external {
        bytes memory holders;
        uint256 wanted = 1 + count % 4;
        for (uint256 i = 0; i < ADDRESSES && wanted != 0; ++i) {
            address candidate = at((seed % ADDRESSES) + i);
            if (numberOf[candidate] != 0) continue;
            holders = abi.encodePacked(holders, candidate);
            remember(++given, candidate);
            --wanted;
        }
        if (holders.length == 0) return;
        vm.prank(registrar);
        passes.enrol(class % 32, 0, 0, 0, holders);
    }

    function rebind(uint256 number, uint256 to) external {
        address target = at(to % ADDRESSES);
        if (given == 0 || numberOf[target] != 0) return;
        uint32 moved = uint32(1 + number % given);
        address from = holderOf[moved];
        vm.prank(registrar);
        passes.rebind(from, target);
        numberOf[from] = 0;
        remember(moved, target);
    }

    function change(uint256 number, uint8 class, uint8 district, uint8 status) external {
        if (given == 0) return;
        address holder = holderOf[uint32(1 + number % given)];
        vm.prank(registrar);
        passes.change(holder, class % 32, district % 64, 0, 0, 1 + status % 3);
    }

    function at(uint256 i) public pure returns (address) {
        return address(uint160(0x1000 + i % ADDRESSES));
    }

    function remember(uint32 number, address holder) private {
        holderOf[number] = holder;
        numberOf[holder] = number;
    }
}

/// @notice One pass per holder, one holder per pass, numbers dense.
contract CityPassInvariantTest is City {
    CityPassHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new CityPassHandler(passes, registrar);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_numbers_are_dense() public view {
        vm.assertEq(passes.lastNumber(), handler.given());
    }

    function invariant_every_number_is_held_by_exactly_one_address() public view {
        uint256 held;
        for (uint256 i = 0; i < handler.ADDRESSES(); ++i) {
            address holder = handler.at(i);
            uint32 number = passes.passOf(holder).number;
            vm.assertEq(number, handler.numberOf(holder));
            if (number == 0) continue;
            vm.assertEq(handler.holderOf(number), holder);
            ++held;
        }
        vm.assertEq(held, passes.lastNumber());
    }

    function invariant_an_empty_address_has_an_empty_word_and_a_held_one_a_status() public view {
        for (uint256 i = 0; i < handler.ADDRESSES(); ++i) {
            address holder = handler.at(i);
            ICityPass.Pass memory pass = passes.passOf(holder);
            if (pass.number == 0) vm.assertEq(passes.wordOf(holder), 0);
            else vm.assertTrue(pass.status >= 1 && pass.status <= 3);
        }
    }
}
