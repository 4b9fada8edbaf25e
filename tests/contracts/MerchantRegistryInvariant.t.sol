// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerchantRegistry} from "../../contracts/MerchantRegistry.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

/// @notice Makes only legal moves of merchants, and remembers whose each payout address should be.
contract MerchantRegistryHandler {
    uint256 public constant ADDRESSES = 30;

    uint32 public given;
    mapping(uint32 number => address) public payoutOf;
    mapping(address payout => uint32) public numberOf;

    MerchantRegistry private immutable merchants;
    address private immutable registrar;

    constructor(MerchantRegistry merchants_, address registrar_) {
        merchants = merchants_;
        registrar = registrar_;
    }

    function register(uint256 payout, uint8 category, uint8 district) external {
        address to = at(payout);
        if (numberOf[to] != 0) return;
        vm.prank(registrar);
        merchants.register(to, category % 64, district % 64);
        payoutOf[++given] = to;
        numberOf[to] = given;
    }

    function change(uint256 number, uint256 payout, uint8 category, uint8 status) external {
        if (given == 0) return;
        uint32 changed = uint32(1 + number % given);
        address to = at(payout);
        if (numberOf[to] != 0) to = payoutOf[changed];
        vm.prank(registrar);
        merchants.change(changed, to, category % 64, 0, 1 + status % 3);
        numberOf[payoutOf[changed]] = 0;
        payoutOf[changed] = to;
        numberOf[to] = changed;
    }

    function at(uint256 i) public pure returns (address) {
        return address(uint160(0x2000 + i % ADDRESSES));
    }
}

/// @notice Numbers are dense, and payout addresses and merchants belong to each other one to one.
contract MerchantRegistryInvariantTest is City {
    MerchantRegistryHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new MerchantRegistryHandler(merchants, registrar);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_numbers_are_dense() public view {
        vm.assertEq(merchants.lastNumber(), handler.given());
        for (uint32 n = 1; n <= handler.given(); ++n) {
            vm.assertTrue(merchants.wordOf(n) != 0);
        }
        vm.assertEq(merchants.wordOf(handler.given() + 1), 0);
    }

    function invariant_an_address_leads_to_the_merchant_whose_word_names_it() public view {
        uint256 leading;
        for (uint256 i = 0; i < handler.ADDRESSES(); ++i) {
            address payout = handler.at(i);
            uint32 number = merchants.merchantOf(payout);
            vm.assertEq(number, handler.numberOf(payout));
            if (number == 0) continue;
            vm.assertEq(merchants.merchant(number).payout, payout);
            ++leading;
        }
        vm.assertEq(leading, merchants.lastNumber());
    }
}
