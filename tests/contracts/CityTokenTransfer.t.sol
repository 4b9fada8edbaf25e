// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {CityToken} from "../../contracts/CityToken.sol";
import {ICityToken} from "../../contracts/interfaces/ICityToken.sol";
import {IMerchantRegistry} from "../../contracts/interfaces/IMerchantRegistry.sol";
import {City, Wiring} from "./City.sol";
import {vm} from "./Vm.sol";

contract CityTokenTransferTest is City {
    address private resident = named("resident");
    address private neighbour = named("neighbour");
    address private shop = named("shop");
    address private otherShop = named("other shop");

    function setUp() public override {
        super.setUp();
        registerOne(shop);
        registerOne(otherShop);
        fund(treasurer, 1_000);
        fund(resident, 1_000);
        fund(shop, 1_000);
    }

    // ------------------------------------------------------------------------------- the path rule

    function test_the_city_pays_anyone(address to) public {
        vm.assume(to != address(0) && to != treasurer);
        uint256 before = token.balanceOf(to);
        vm.prank(treasurer);
        vm.assertTrue(token.transfer(to, 7));
        vm.assertEq(token.balanceOf(to), before + 7);
        vm.assertEq(token.balanceOf(treasurer), 993);
    }

    function test_anyone_pays_the_city(address from) public {
        vm.assume(from != address(0) && from != treasurer);
        fund(from, 9);
        vm.prank(from);
        token.transfer(treasurer, 9);
        vm.assertEq(token.balanceOf(treasurer), 1_009);
    }

    function test_a_resident_pays_a_merchant() public {
        vm.prank(resident);
        token.transfer(shop, 1_000);
        vm.assertEq(token.balanceOf(shop), 2_000);
        vm.assertEq(token.balanceOf(resident), 0);
    }

    function test_a_resident_cannot_pay_another_address(address to) public {
        vm.assume(to != address(0) && to != treasurer && merchants.merchantOf(to) == 0);
        refuse(resident, to);
        vm.prank(resident);
        token.transfer(to, 1);
    }

    function test_a_resident_cannot_pay_himself() public {
        refuse(resident, resident);
        vm.prank(resident);
        token.transfer(resident, 1);
    }

    function test_a_merchant_cannot_pay_a_resident() public {
        refuse(shop, neighbour);
        vm.prank(shop);
        token.transfer(neighbour, 1);
    }

    function test_a_merchant_cannot_pay_another_merchant() public {
        refuse(shop, otherShop);
        vm.prank(shop);
        token.transfer(otherShop, 1);
    }

    function test_a_merchant_is_never_refused_paying_the_city(uint8 status) public {
        status = uint8(within(status, 1, 3));
        vm.prank(registrar);
        merchants.change(1, shop, 0, 0, status);
        vm.prank(shop);
        token.transfer(treasurer, 1_000);
        vm.assertEq(token.balanceOf(treasurer), 2_000);
    }

    function test_even_a_transfer_of_nothing_follows_the_path() public {
        refuse(resident, neighbour);
        vm.prank(resident);
        token.transfer(neighbour, 0);
    }

    function test_an_account_is_the_citys_only_as_long_as_the_administrator_says() public {
        vm.expectEmit(address(token));
        emit ICityToken.CityAccountSet(neighbour, true, uint40(NOON));
        token.setCityAccount(neighbour, true);
        vm.assertTrue(token.isCityAccount(neighbour));
        vm.prank(resident);
        token.transfer(neighbour, 1);

        vm.expectEmit(address(token));
        emit ICityToken.CityAccountSet(neighbour, false, uint40(NOON));
        token.setCityAccount(neighbour, false);
        vm.assertFalse(token.isCityAccount(neighbour));
        refuse(resident, neighbour);
        vm.prank(resident);
        token.transfer(neighbour, 1);
    }

    function test_the_zero_address_is_no_account_of_the_city() public {
        vm.expectRevert(abi.encodeWithSelector(ICityToken.CityToken_AccountZero.selector, true));
        token.setCityAccount(address(0), true);
    }

    function test_nobody_but_the_administrator_names_accounts_of_the_city(address caller) public {
        vm.assume(caller != address(this));
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        token.setCityAccount(caller, true);
    }

    function test_where_the_deployment_allows_it_residents_pay_each_other() public {
        CityToken open = tokenWith(true, merchants);
        vm.prank(resident);
        open.transfer(neighbour, 10);
        vm.assertEq(open.balanceOf(neighbour), 10);
    }

    function test_without_a_registry_residents_pay_only_the_city() public {
        CityToken points = tokenWith(false, IMerchantRegistry(address(0)));
        refuse(resident, shop);
        vm.prank(resident);
        points.transfer(shop, 1);

        vm.prank(resident);
        points.transfer(treasurer, 1);
        vm.assertEq(points.balanceOf(treasurer), 1);
    }

    // --------------------------------------------------------------------------------- allowances

    function test_transfer_from_spends_the_allowance(uint96 allowed, uint96 taken) public {
        allowed = uint96(within(allowed, 0, 1_000));
        taken = uint96(within(taken, 0, allowed));
        vm.prank(resident);
        token.approve(neighbour, allowed);

        vm.prank(neighbour);
        token.transferFrom(resident, shop, taken);
        vm.assertEq(token.allowance(resident, neighbour), allowed - taken);
        vm.assertEq(token.balanceOf(shop), 1_000 + taken);
    }

    function test_transfer_from_beyond_the_allowance_is_refused(uint96 allowed) public {
        allowed = uint96(within(allowed, 0, 999));
        vm.prank(resident);
        token.approve(neighbour, allowed);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                neighbour,
                allowed,
                uint256(allowed) + 1
            )
        );
        vm.prank(neighbour);
        token.transferFrom(resident, shop, uint256(allowed) + 1);
    }

    function test_an_allowance_does_not_widen_the_path() public {
        vm.prank(resident);
        token.approve(treasurer, 10);
        refuse(resident, neighbour);
        vm.prank(treasurer);
        token.transferFrom(resident, neighbour, 10);
    }

    function test_a_transfer_beyond_the_balance_is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, resident, 1_000, 1_001
            )
        );
        vm.prank(resident);
        token.transfer(shop, 1_001);
    }

    function test_tokens_cannot_be_sent_to_the_zero_address() public {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        vm.prank(resident);
        token.transfer(address(0), 1);
    }

    // -------------------------------------------------------------------------------------- pause

    function test_a_paused_token_does_not_move_and_an_unpaused_one_does() public {
        vm.prank(guardian);
        token.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        vm.prank(resident);
        token.transfer(shop, 1);

        vm.prank(approver);
        token.unpause();
        vm.prank(resident);
        token.transfer(shop, 1);
        vm.assertEq(token.balanceOf(shop), 1_001);
    }

    function test_the_guardian_who_paused_cannot_unpause() public {
        vm.prank(guardian);
        token.pause();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian)
        );
        vm.prank(guardian);
        token.unpause();
    }

    function refuse(address from, address to) private {
        vm.expectRevert(abi.encodeWithSelector(ICityToken.CityToken_PathRefused.selector, from, to));
    }

    function tokenWith(bool residentTransfers, IMerchantRegistry registry)
        private
        returns (CityToken made)
    {
        made = newToken("Points", "P", 0, residentTransfers, registry);
        Wiring.wire(manager, address(made), "CityToken");
        made.setCityAccount(treasurer, true);
        vm.prank(treasurer);
        made.mint(resident, 100, REF);
    }
}
