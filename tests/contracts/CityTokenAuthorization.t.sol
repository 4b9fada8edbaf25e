// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CityToken} from "../../contracts/CityToken.sol";
import {ICityToken} from "../../contracts/interfaces/ICityToken.sol";
import {IERC3009} from "../../contracts/interfaces/IERC3009.sol";
import {Authorizations} from "./Authorizations.sol";
import {vm} from "./Vm.sol";

/// @notice ERC-3009: transfers by a signature in place of a transaction.
contract CityTokenAuthorizationTest is Authorizations {
    // ------------------------------------------------------------------------------------ transfer

    function test_anyone_may_submit_what_the_holder_signed(
        address relayer,
        uint256 value,
        bytes32 nonce
    ) public {
        Transfer memory t = ordinary(TRANSFER);
        t.value = within(value, 0, 1_000);
        t.nonce = nonce;
        vm.assertFalse(token.authorizationState(resident, nonce));

        vm.expectEmit(address(token));
        emit IERC3009.AuthorizationUsed(resident, nonce);
        vm.prank(relayer);
        submit(token, t, sign("resident", t));

        vm.assertEq(token.balanceOf(shop), t.value);
        vm.assertEq(token.balanceOf(resident), 1_000 - t.value);
        vm.assertTrue(token.authorizationState(resident, nonce));
    }

    function test_an_authorization_is_used_once() public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s = sign("resident", t);
        submit(token, t, s);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICityToken.CityToken_AuthorizationSpent.selector, resident, NONCE
            )
        );
        submit(token, t, s);
    }

    function test_the_high_s_twin_of_a_signature_is_refused_used_or_not(bool usedBefore) public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s = sign("resident", t);
        if (usedBefore) submit(token, t, s);
        Signature memory twin = Signature(s.v == 27 ? 28 : 27, s.r, bytes32(ORDER - uint256(s.s)));
        invalid(resident, address(0));
        submit(token, t, twin);
    }

    function test_a_nonce_of_one_holder_is_free_for_another() public {
        fund(named("neighbour"), 10);
        Transfer memory t = ordinary(TRANSFER);
        submit(token, t, sign("resident", t));
        t.from = named("neighbour");
        t.value = 10;
        submit(token, t, sign("neighbour", t));
        vm.assertEq(token.balanceOf(shop), 110);
    }

    function test_somebody_elses_signature_is_refused() public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s = sign("thief", t);
        invalid(resident, named("thief"));
        submit(token, t, s);
    }

    function test_a_signature_that_recovers_to_nobody_is_refused_even_for_the_zero_address()
        public
    {
        Transfer memory t = ordinary(TRANSFER);
        t.from = address(0);
        invalid(address(0), address(0));
        submit(token, t, Signature(27, 0, 0));
    }

    function test_a_recovery_byte_of_another_spelling_is_refused(uint8 v) public {
        vm.assume(v != 27 && v != 28);
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s = sign("resident", t);
        s.v = v;
        invalid(resident, address(0));
        submit(token, t, s);
    }

    function test_no_field_can_be_changed_after_signing(uint8 field) public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s = sign("resident", t);
        field = uint8(within(field, 0, 4));
        if (field == 0) t.to = treasurer;
        if (field == 1) t.value += 1;
        if (field == 2) t.validAfter -= 1;
        if (field == 3) t.validBefore += 1;
        if (field == 4) t.nonce = "another nonce";
        somebodyElse();
        submit(token, t, s);
    }

    function test_a_signature_to_transfer_cannot_be_received_and_the_other_way_round() public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory toTransfer = sign("resident", t);
        t.kind = RECEIVE;
        Signature memory toReceive = sign("resident", t);

        somebodyElse();
        submitAs(shop, t, toTransfer);
        t.kind = TRANSFER;
        somebodyElse();
        submit(token, t, toReceive);
    }

    function test_another_token_and_another_chain_refuse_it() public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s = sign("resident", t);
        CityToken other = newToken("Mae Hia baht", "MHB", 2, false, merchants);
        somebodyElse();
        submit(other, t, s);
        vm.chainId(1);
        somebodyElse();
        submit(token, t, s);
    }

    // ------------------------------------------------------------------------------------- receive

    function test_the_payee_receives_what_was_signed_to_it() public {
        Transfer memory t = ordinary(RECEIVE);
        vm.expectEmit(address(token));
        emit IERC3009.AuthorizationUsed(resident, NONCE);
        submitAs(shop, t, sign("resident", t));
        vm.assertEq(token.balanceOf(shop), 100);
    }

    function test_nobody_but_the_payee_receives(address caller) public {
        vm.assume(caller != shop);
        Transfer memory t = ordinary(RECEIVE);
        Signature memory s = sign("resident", t);
        vm.expectRevert(
            abi.encodeWithSelector(ICityToken.CityToken_CallerNotPayee.selector, caller, shop)
        );
        vm.prank(caller);
        submit(token, t, s);
    }

    // -------------------------------------------------------------------------------------- cancel

    function test_a_canceled_authorization_is_never_used(bytes32 nonce, bool toReceive) public {
        Transfer memory t = ordinary(toReceive ? RECEIVE : TRANSFER);
        t.nonce = nonce;
        Signature memory s = sign("resident", t);
        Signature memory c = signCancel("resident", resident, nonce);

        vm.expectEmit(address(token));
        emit IERC3009.AuthorizationCanceled(resident, nonce);
        token.cancelAuthorization(resident, nonce, c.v, c.r, c.s);
        vm.assertTrue(token.authorizationState(resident, nonce));

        spent(nonce);
        vm.prank(shop);
        submit(token, t, s);
    }

    function test_a_used_authorization_cannot_be_canceled_nor_a_canceled_one_again() public {
        Transfer memory t = ordinary(TRANSFER);
        submit(token, t, sign("resident", t));
        Signature memory c = signCancel("resident", resident, NONCE);
        spent(NONCE);
        token.cancelAuthorization(resident, NONCE, c.v, c.r, c.s);

        c = signCancel("resident", resident, "other");
        token.cancelAuthorization(resident, "other", c.v, c.r, c.s);
        spent("other");
        token.cancelAuthorization(resident, "other", c.v, c.r, c.s);
    }

    function test_nobody_cancels_for_somebody_else() public {
        Signature memory c = signCancel("thief", resident, NONCE);
        invalid(resident, named("thief"));
        token.cancelAuthorization(resident, NONCE, c.v, c.r, c.s);
    }
}
