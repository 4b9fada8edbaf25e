// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {CityToken} from "../../contracts/CityToken.sol";
import {ICityToken} from "../../contracts/interfaces/ICityToken.sol";
import {IMerchantRegistry} from "../../contracts/interfaces/IMerchantRegistry.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

contract CityTokenFundTest is City {
    function test_funding_makes_tokens_and_says_why_and_when(address to, uint128 amount) public {
        vm.assume(to != address(0) && amount != 0);
        vm.expectEmit(address(token));
        emit ICityToken.TokensFunded(to, amount, REF, uint40(NOON));
        fund(to, amount);

        vm.assertEq(token.balanceOf(to), amount);
        vm.assertEq(token.totalSupply(), amount);
    }

    function test_settling_destroys_the_treasurers_own_tokens(uint128 amount, uint128 settled)
        public
    {
        amount = uint128(within(amount, 1, type(uint128).max));
        settled = uint128(within(settled, 1, amount));
        fund(treasurer, amount);

        vm.expectEmit(address(token));
        emit ICityToken.TokensSettled(treasurer, settled, REF, uint40(NOON));
        vm.prank(treasurer);
        token.burn(settled, REF);

        vm.assertEq(token.balanceOf(treasurer), amount - settled);
        vm.assertEq(token.totalSupply(), amount - settled);
    }

    function test_settling_more_than_the_treasurer_holds_is_refused() public {
        fund(named("resident"), 100);
        fund(treasurer, 10);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, treasurer, 10, 11
            )
        );
        vm.prank(treasurer);
        token.burn(11, REF);
    }

    function test_funding_nothing_is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(ICityToken.CityToken_AmountZero.selector, treasurer, REF)
        );
        fund(treasurer, 0);
    }

    function test_settling_nothing_is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(ICityToken.CityToken_AmountZero.selector, treasurer, REF)
        );
        vm.prank(treasurer);
        token.burn(0, REF);
    }

    function test_the_zero_address_cannot_be_funded() public {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        fund(address(0), 1);
    }

    function test_funding_beyond_256_bits_is_refused() public {
        fund(treasurer, type(uint256).max);
        vm.expectRevert();
        fund(named("resident"), 1);
        vm.assertEq(token.totalSupply(), type(uint256).max);
    }

    function test_nobody_but_the_treasurer_makes_tokens(address caller) public {
        vm.assume(caller != treasurer);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        token.mint(caller, 1, REF);
    }

    function test_a_paused_token_is_neither_funded_nor_settled() public {
        fund(treasurer, 5);
        vm.prank(guardian);
        token.pause();

        vm.expectRevert(Pausable.EnforcedPause.selector);
        fund(treasurer, 1);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        vm.prank(treasurer);
        token.burn(1, REF);
    }

    function test_a_point_token_deploys_from_the_same_code() public {
        CityToken points = newToken("Green points", "GREEN", 0, true, IMerchantRegistry(address(0)));
        vm.assertEq(points.decimals(), 0);
        vm.assertEq(points.name(), "Green points");
        vm.assertEq(points.symbol(), "GREEN");
        vm.assertTrue(points.residentTransfers());
        vm.assertEq(address(points.merchants()), address(0));
    }

    function test_one_unit_of_the_city_token_is_one_satang() public view {
        vm.assertEq(token.decimals(), 2);
        vm.assertEq(address(token.merchants()), address(merchants));
        vm.assertFalse(token.residentTransfers());
    }
}
