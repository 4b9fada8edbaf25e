// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CityToken} from "../../contracts/CityToken.sol";
import {ICityToken} from "../../contracts/interfaces/ICityToken.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

/// @title Authorizations of the city token, signed and submitted
abstract contract Authorizations is City {
    uint256 internal constant ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 internal constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,"
        "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,"
        "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant CANCEL =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    bytes32 internal constant NONCE = "a nonce";

    struct Transfer {
        bytes32 kind;
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    struct Signature {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    address internal resident = named("resident");
    address internal shop = named("shop");

    function setUp() public override {
        super.setUp();
        registerOne(shop);
        fund(resident, 1_000);
    }

    /// @notice An authorization that nothing is wrong with.
    function ordinary(bytes32 kind) internal view returns (Transfer memory) {
        return Transfer(kind, resident, shop, 100, NOON - 1, NOON + 900, NONCE);
    }

    function sign(string memory who, Transfer memory t) internal view returns (Signature memory s) {
        bytes32 structHash = keccak256(
            abi.encode(t.kind, t.from, t.to, t.value, t.validAfter, t.validBefore, t.nonce)
        );
        (s.v, s.r, s.s) = vm.sign(keyOf(who), digest(structHash));
    }

    function signCancel(string memory who, address authorizer, bytes32 nonce)
        internal
        view
        returns (Signature memory s)
    {
        bytes32 structHash = keccak256(abi.encode(CANCEL, authorizer, nonce));
        (s.v, s.r, s.s) = vm.sign(keyOf(who), digest(structHash));
    }

    function digest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,"
                    "address verifyingContract)"
                ),
                keccak256("Mae Hia baht"),
                keccak256("1"),
                block.chainid,
                address(token)
            )
        );
        vm.assertEq(domain, token.DOMAIN_SEPARATOR());
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function submit(CityToken to, Transfer memory t, Signature memory s) internal {
        if (t.kind == TRANSFER) {
            to.transferWithAuthorization(
                t.from, t.to, t.value, t.validAfter, t.validBefore, t.nonce, s.v, s.r, s.s
            );
        } else {
            to.receiveWithAuthorization(
                t.from, t.to, t.value, t.validAfter, t.validBefore, t.nonce, s.v, s.r, s.s
            );
        }
    }

    function submitAs(address caller, Transfer memory t, Signature memory s) internal {
        vm.prank(caller);
        submit(token, t, s);
    }

    /// @dev A signature over other data recovers to an address that is nobody's in particular.
    function somebodyElse() internal {
        vm.expectPartialRevert(ICityToken.CityToken_AuthorizationInvalid.selector);
    }

    function invalid(address authorizer, address signer) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICityToken.CityToken_AuthorizationInvalid.selector, authorizer, signer
            )
        );
    }

    function spent(bytes32 nonce) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICityToken.CityToken_AuthorizationSpent.selector, resident, nonce
            )
        );
    }
}
