// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAnchorLog} from "../../contracts/interfaces/IAnchorLog.sol";
import {ICouponBook} from "../../contracts/interfaces/ICouponBook.sol";
import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {City, Wiring} from "./City.sol";
import {vm} from "./Vm.sol";

/// @notice Every restricted function of the six contracts, as the table of roles wires it.
contract RolesTest is City {
    struct Restricted {
        string name;
        address target;
        bytes4 selector;
        uint64 role;
    }

    uint32 private constant DELAY = 1 days;

    ICouponBook private book;
    address private settlement;
    address private anchors;
    Restricted[] private restricted;
    address[] private callers;

    function setUp() public override {
        super.setUp();
        book = ICouponBook(
            vm.deployCode("CouponBook.sol:CouponBook", abi.encode(manager, passes, merchants))
        );
        settlement =
            vm.deployCode("SettlementBook.sol:SettlementBook", abi.encode(manager, token, book));
        anchors = vm.deployCode("AnchorLog.sol:AnchorLog", abi.encode(manager));
        Wiring.wire(manager, address(book), "CouponBook");
        Wiring.wire(manager, settlement, "SettlementBook");
        Wiring.wire(manager, anchors, "AnchorLog");
        manager.grantRole(Wiring.SETTLER, named("settler"), 0);
        remember("CityToken", address(token));
        remember("CityPass", address(passes));
        remember("MerchantRegistry", address(merchants));
        remember("CouponBook", address(book));
        remember("SettlementBook", settlement);
        remember("AnchorLog", anchors);
        // One caller per role, in the order of their numbers; the last one has none.
        callers = [
            address(this),
            treasurer,
            officer,
            approver,
            issuer,
            registrar,
            sequencer,
            guardian,
            attestor,
            named("settler"),
            named("nobody")
        ];
    }

    // ----------------------------------------------------------------------------------- matrix

    function test_the_authority_gives_each_function_to_the_role_of_the_table() public view {
        vm.assertEq(restricted.length, 28);
        for (uint256 i = 0; i < restricted.length; ++i) {
            Restricted memory one = restricted[i];
            vm.assertEq(manager.getTargetFunctionRole(one.target, one.selector), one.role);
        }
    }

    function test_every_restricted_function_refuses_everybody_but_its_role() public {
        for (uint256 i = 0; i < restricted.length; ++i) {
            for (uint64 c = 0; c < callers.length; ++c) {
                bool refused =
                    unauthorised(callers[c], restricted[i].target, restricted[i].selector);
                vm.assertEq(
                    refused ? 1 : 0,
                    c == restricted[i].role ? 0 : 1,
                    string.concat(restricted[i].name, " and the caller of role ", vm.toString(c))
                );
            }
        }
    }

    function test_a_stranger_calls_nothing_restricted(address stranger, uint8 which) public {
        for (uint256 c = 0; c < callers.length; ++c) {
            vm.assume(stranger != callers[c]);
        }
        vm.assume(stranger != address(manager));
        Restricted memory one = restricted[which % restricted.length];
        vm.assertTrue(unauthorised(stranger, one.target, one.selector));
    }

    function test_no_person_can_replace_the_authority_of_a_contract() public {
        address[6] memory targets = [
            address(token), address(passes), address(merchants), address(book), settlement, anchors
        ];
        for (uint256 t = 0; t < targets.length; ++t) {
            vm.assertEq(IAccessManaged(targets[t]).authority(), address(manager));
            for (uint256 c = 0; c < callers.length; ++c) {
                vm.expectRevert(
                    abi.encodeWithSelector(
                        IAccessManaged.AccessManagedUnauthorized.selector, callers[c]
                    )
                );
                vm.prank(callers[c]);
                IAccessManaged(targets[t]).setAuthority(address(this));
            }
        }
    }

    // ----------------------------------------------------------------------- a stolen sequencer key

    function test_the_sequencers_key_can_call_nothing_but_redeem_and_anchor() public {
        uint256 allowed;
        for (uint256 i = 0; i < restricted.length; ++i) {
            if (unauthorised(sequencer, restricted[i].target, restricted[i].selector)) continue;
            bool redeems = restricted[i].target == address(book)
                && restricted[i].selector == ICouponBook.redeem.selector;
            bool anchored = restricted[i].target == anchors
                && restricted[i].selector == IAnchorLog.anchor.selector;
            vm.assertTrue(redeems || anchored, restricted[i].name);
            ++allowed;
        }
        vm.assertEq(allowed, 2);
    }

    function test_the_sequencers_key_can_change_nothing_in_the_authority() public {
        bytes[11] memory calls = [
            abi.encodeCall(manager.grantRole, (Wiring.TREASURER, sequencer, 0)),
            abi.encodeCall(manager.revokeRole, (Wiring.GUARDIAN, guardian)),
            abi.encodeCall(manager.setRoleAdmin, (Wiring.TREASURER, Wiring.SEQUENCER)),
            abi.encodeCall(manager.setRoleGuardian, (Wiring.TREASURER, Wiring.SEQUENCER)),
            abi.encodeCall(manager.setGrantDelay, (Wiring.SEQUENCER, 30 days)),
            abi.encodeCall(
                manager.setTargetFunctionRole, (address(token), new bytes4[](1), Wiring.SEQUENCER)
            ),
            abi.encodeCall(manager.setTargetAdminDelay, (address(book), 30 days)),
            abi.encodeCall(manager.setTargetClosed, (address(book), true)),
            abi.encodeCall(manager.labelRole, (Wiring.SEQUENCER, "mayor")),
            abi.encodeCall(manager.updateAuthority, (address(book), sequencer)),
            abi.encodeCall(
                manager.execute, (address(token), abi.encodeCall(token.mint, (sequencer, 1, REF)))
            )
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(sequencer);
            (bool done,) = address(manager).call(calls[i]);
            vm.assertFalse(done, vm.toString(i));
        }
    }

    function test_the_sequencers_key_cannot_take_tokens_of_the_book_or_of_anybody() public {
        fund(address(book), 100);
        fund(named("resident"), 100);
        address[2] memory holders = [address(book), named("resident")];
        for (uint256 i = 0; i < holders.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IERC20Errors.ERC20InsufficientAllowance.selector, sequencer, 0, 1
                )
            );
            vm.prank(sequencer);
            IERC20(token).transferFrom(holders[i], sequencer, 1);
        }
    }

    function test_the_sequencers_key_is_rotated_in_one_transaction() public {
        address successor = named("successor");
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(manager.revokeRole, (Wiring.SEQUENCER, sequencer));
        calls[1] = abi.encodeCall(manager.grantRole, (Wiring.SEQUENCER, successor, 0));
        manager.multicall(calls);

        vm.assertTrue(unauthorised(sequencer, address(book), ICouponBook.redeem.selector));
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, 1)
        );
        vm.prank(successor);
        book.redeem(1, "");
    }

    function test_a_rotation_that_fails_half_way_leaves_the_old_key_in_place() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(manager.revokeRole, (Wiring.SEQUENCER, sequencer));
        calls[1] = abi.encodeCall(manager.grantRole, (type(uint64).max, named("successor"), 0));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerLockedRole.selector, type(uint64).max
            )
        );
        manager.multicall(calls);
        vm.assertFalse(unauthorised(sequencer, address(book), ICouponBook.redeem.selector));
    }

    // ------------------------------------------------------------------------------------ delays

    function test_a_delayed_treasurer_announces_waits_and_then_acts() public {
        (address slow, bytes memory call) = delayedTreasurer();
        vm.prank(slow);
        (bytes32 operation,) = manager.schedule(address(token), call, uint48(NOON + DELAY));
        vm.assertEq(manager.getSchedule(operation), NOON + DELAY);

        vm.warp(NOON + DELAY - 1);
        notReady(operation);
        vm.prank(slow);
        manager.execute(address(token), call);

        vm.warp(NOON + DELAY);
        vm.prank(slow);
        manager.execute(address(token), call);
        vm.assertEq(token.balanceOf(treasurer), 500);

        notScheduled(operation);
        vm.prank(slow);
        manager.execute(address(token), call);
        vm.assertEq(token.totalSupply(), 500);
    }

    function test_what_was_announced_can_also_be_called_directly_once_it_is_ripe() public {
        (address slow, bytes memory call) = delayedTreasurer();
        bytes32 operation = manager.hashOperation(slow, address(token), call);
        notScheduled(operation);
        vm.prank(slow);
        token.mint(treasurer, 500, REF);

        vm.prank(slow);
        manager.schedule(address(token), call, 0);
        vm.warp(NOON + DELAY);
        vm.prank(slow);
        token.mint(treasurer, 500, REF);
        vm.assertEq(token.totalSupply(), 500);

        notScheduled(operation);
        vm.prank(slow);
        token.mint(treasurer, 500, REF);
    }

    function test_only_what_was_announced_is_done() public {
        (address slow, bytes memory call) = delayedTreasurer();
        vm.prank(slow);
        manager.schedule(address(token), call, 0);
        vm.warp(NOON + DELAY);
        bytes memory more = abi.encodeCall(token.mint, (treasurer, 501, REF));
        notScheduled(manager.hashOperation(slow, address(token), more));
        vm.prank(slow);
        manager.execute(address(token), more);
    }

    function test_a_delay_cannot_be_shortened_by_its_holder() public {
        (address slow, bytes memory call) = delayedTreasurer();
        vm.expectRevert();
        vm.prank(slow);
        manager.schedule(address(token), call, uint48(NOON + DELAY - 1));
    }

    function test_the_administrator_cancels_what_a_stolen_key_announced() public {
        (address slow, bytes memory call) = delayedTreasurer();
        vm.prank(slow);
        (bytes32 operation,) = manager.schedule(address(token), call, 0);
        manager.cancel(slow, address(token), call);
        vm.warp(NOON + DELAY);
        notScheduled(operation);
        vm.prank(slow);
        manager.execute(address(token), call);
    }

    function test_what_was_announced_lapses_after_a_week() public {
        (address slow, bytes memory call) = delayedTreasurer();
        vm.prank(slow);
        (bytes32 operation,) = manager.schedule(address(token), call, 0);
        vm.warp(NOON + DELAY + manager.expiration());
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerExpired.selector, operation)
        );
        vm.prank(slow);
        manager.execute(address(token), call);
    }

    // ------------------------------------------------------------------------------------- hands

    function remember(string memory name, address target) private {
        string memory json = vm.readFile(Wiring.TABLE);
        string[] memory roles = vm.parseJsonKeys(json, string.concat(".functions.", name));
        for (uint256 i = 0; i < roles.length; ++i) {
            bytes4[] memory found = Wiring.selectors(json, name, roles[i]);
            for (uint256 j = 0; j < found.length; ++j) {
                restricted.push(
                    Restricted(
                        string.concat(name, "'s function of the ", roles[i]),
                        target,
                        found[j],
                        Wiring.roleOf(json, roles[i])
                    )
                );
            }
        }
    }

    /// @dev Arguments of nothing but zeros are well formed for every one of the functions. Whatever
    /// else they are refused for comes after the authority was asked.
    function unauthorised(address caller, address target, bytes4 selector)
        private
        returns (bool refused)
    {
        uint256 before = vm.snapshotState();
        vm.prank(caller);
        (bool done, bytes memory reason) = target.call(abi.encodePacked(selector, new bytes(1_024)));
        refused = !done
            && keccak256(reason)
                == keccak256(
                    abi.encodeWithSelector(
                        IAccessManaged.AccessManagedUnauthorized.selector, caller
                    )
                );
        vm.revertToState(before);
    }

    function delayedTreasurer() private returns (address slow, bytes memory call) {
        slow = named("slow treasurer");
        manager.grantRole(Wiring.TREASURER, slow, DELAY);
        call = abi.encodeCall(token.mint, (treasurer, 500, REF));
    }

    function notScheduled(bytes32 operation) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation)
        );
    }

    function notReady(bytes32 operation) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, operation)
        );
    }
}
