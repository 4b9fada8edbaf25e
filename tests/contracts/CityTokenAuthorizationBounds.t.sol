// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ICityToken} from "../../contracts/interfaces/ICityToken.sol";
import {Authorizations} from "./Authorizations.sol";
import {vm} from "./Vm.sol";

/// @notice When an authorization is valid, and what it cannot do.
contract CityTokenAuthorizationBoundsTest is Authorizations {
    // -------------------------------------------------------------------------------------- window

    function test_it_is_valid_strictly_inside_its_window(uint40 now_) public {
        Transfer memory t = ordinary(TRANSFER);
        t.validAfter = NOON;
        t.validBefore = NOON + 100;
        now_ = uint40(within(now_, NOON - 200, NOON + 300));
        Signature memory s = sign("resident", t);
        vm.warp(now_);
        if (now_ <= t.validAfter) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICityToken.CityToken_AuthorizationTooEarly.selector,
                    resident,
                    NONCE,
                    t.validAfter,
                    now_
                )
            );
        } else if (now_ >= t.validBefore) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICityToken.CityToken_AuthorizationExpired.selector,
                    resident,
                    NONCE,
                    t.validBefore,
                    now_
                )
            );
        }
        submit(token, t, s);
    }

    function test_the_edges_of_the_window_are_outside() public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s;
        (t.validAfter, t.validBefore) = (NOON, NOON + 2);
        s = sign("resident", t);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICityToken.CityToken_AuthorizationTooEarly.selector, resident, NONCE, NOON, NOON
            )
        );
        submit(token, t, s);
        vm.warp(NOON + 2);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICityToken.CityToken_AuthorizationExpired.selector,
                resident,
                NONCE,
                NOON + 2,
                NOON + 2
            )
        );
        submit(token, t, s);
        vm.warp(NOON + 1);
        submit(token, t, s);
    }

    /// @notice Some libraries read bit 47 of both times as "these are block numbers". Here they are
    /// seconds.
    function test_times_are_seconds_whatever_their_size() public {
        Transfer memory t = ordinary(TRANSFER);
        t.validAfter = 1 << 47;
        t.validBefore = (1 << 47) | (1 << 46);
        vm.roll(100);
        Signature memory s = sign("resident", t);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICityToken.CityToken_AuthorizationTooEarly.selector,
                resident,
                NONCE,
                t.validAfter,
                NOON
            )
        );
        submit(token, t, s);
    }

    // ------------------------------------------------------------------------- rules of the token

    function test_an_authorization_does_not_widen_the_path() public {
        Transfer memory t = ordinary(TRANSFER);
        t.to = named("neighbour");
        Signature memory s = sign("resident", t);
        vm.expectRevert(
            abi.encodeWithSelector(ICityToken.CityToken_PathRefused.selector, resident, t.to)
        );
        submit(token, t, s);
        vm.assertFalse(token.authorizationState(resident, NONCE));
    }

    function test_an_authorization_does_not_move_a_paused_token() public {
        Transfer memory t = ordinary(TRANSFER);
        Signature memory s = sign("resident", t);
        vm.prank(guardian);
        token.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        submit(token, t, s);
    }

    function test_an_authorization_beyond_the_balance_is_refused_and_stays_usable() public {
        Transfer memory t = ordinary(TRANSFER);
        t.value = 1_001;
        Signature memory s = sign("resident", t);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, resident, 1_000, 1_001
            )
        );
        submit(token, t, s);
        fund(resident, 1);
        submit(token, t, s);
        vm.assertEq(token.balanceOf(shop), 1_001);
    }
}
