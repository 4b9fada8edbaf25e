// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {City} from "./City.sol";
import {vm} from "./Vm.sol";

/// @notice ERC-2612: an allowance by a signature.
contract CityTokenPermitTest is City {
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    address private resident = named("resident");
    address private spender = named("spender");

    function test_a_signature_gives_an_allowance(uint256 value) public {
        (uint8 v, bytes32 r, bytes32 s) = sign("resident", value, 0, NOON);
        token.permit(resident, spender, value, NOON, v, r, s);
        vm.assertEq(token.allowance(resident, spender), value);
        vm.assertEq(token.nonces(resident), 1);
    }

    function test_a_permit_is_used_once() public {
        (uint8 v, bytes32 r, bytes32 s) = sign("resident", 5, 0, NOON);
        token.permit(resident, spender, 5, NOON, v, r, s);
        vm.expectRevert();
        token.permit(resident, spender, 5, NOON, v, r, s);
    }

    function test_a_permit_dies_after_its_deadline() public {
        (uint8 v, bytes32 r, bytes32 s) = sign("resident", 5, 0, NOON);
        vm.warp(NOON + 1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, NOON));
        token.permit(resident, spender, 5, NOON, v, r, s);
    }

    function test_somebody_elses_permit_is_refused() public {
        (uint8 v, bytes32 r, bytes32 s) = sign("thief", 5, 0, NOON);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC20Permit.ERC2612InvalidSigner.selector, named("thief"), resident
            )
        );
        token.permit(resident, spender, 5, NOON, v, r, s);
    }

    function sign(string memory who, uint256 value, uint256 nonce, uint256 deadline)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 structHash =
            keccak256(abi.encode(PERMIT, resident, spender, value, nonce, deadline));
        return vm.sign(
            keyOf(who),
            keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash))
        );
    }
}
