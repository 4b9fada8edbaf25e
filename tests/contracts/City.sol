// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {CityPass} from "../../contracts/CityPass.sol";
import {CityToken} from "../../contracts/CityToken.sol";
import {MerchantRegistry} from "../../contracts/MerchantRegistry.sol";
import {IMerchantRegistry} from "../../contracts/interfaces/IMerchantRegistry.sol";
import {vm} from "./Vm.sol";

/// @title Who may call what
/// @notice Gives the functions of a contract to their roles, by the table that deployment is
/// compared with.
library Wiring {
    string internal constant TABLE = "tests/vectors/roles.json";

    uint64 internal constant ADMIN = 0;
    uint64 internal constant TREASURER = 1;
    uint64 internal constant CAMPAIGN_OFFICER = 2;
    uint64 internal constant APPROVER = 3;
    uint64 internal constant ISSUER = 4;
    uint64 internal constant REGISTRAR = 5;
    uint64 internal constant SEQUENCER = 6;
    uint64 internal constant GUARDIAN = 7;
    uint64 internal constant ATTESTOR = 8;
    uint64 internal constant SETTLER = 9;
    uint64 internal constant COUNT = 10;

    /// @notice Gives every restricted function of `target`, which is a `name`, to its role.
    function wire(AccessManager manager, address target, string memory name) internal {
        string memory json = vm.readFile(TABLE);
        string memory path = string.concat(".functions.", name);
        string[] memory roles = vm.parseJsonKeys(json, path);
        for (uint256 i = 0; i < roles.length; ++i) {
            manager.setTargetFunctionRole(
                target, selectors(json, name, roles[i]), roleOf(json, roles[i])
            );
        }
    }

    /// @notice The functions of the contract `name` that belong to `role`.
    function selectors(string memory json, string memory name, string memory role)
        internal
        pure
        returns (bytes4[] memory found)
    {
        string[] memory signatures =
            vm.parseJsonStringArray(json, string.concat(".functions.", name, ".", role));
        found = new bytes4[](signatures.length);
        for (uint256 i = 0; i < signatures.length; ++i) {
            found[i] = bytes4(keccak256(bytes(signatures[i])));
        }
    }

    /// @notice The number of a role.
    function roleOf(string memory json, string memory role) internal pure returns (uint64) {
        return uint64(vm.parseJsonUint(json, string.concat(".roles.", role)));
    }
}

/// @title A founded city
/// @notice Contracts deployed and wired, one officer per role, one treasury. The test contract
/// itself holds the administrator's role.
abstract contract City {
    uint256 internal constant NOON = 1_761_714_000;
    bytes32 internal constant REF = "GF-2568-001";

    address internal treasurer = named("treasurer");
    address internal officer = named("officer");
    address internal approver = named("approver");
    address internal issuer = named("issuer");
    address internal registrar = named("registrar");
    address internal sequencer = named("sequencer");
    address internal guardian = named("guardian");
    address internal attestor = named("attestor");

    AccessManager internal manager;
    CityPass internal passes;
    MerchantRegistry internal merchants;
    CityToken internal token;

    function setUp() public virtual {
        vm.warp(NOON);
        manager = AccessManager(
            vm.deployCode("AccessManager.sol:AccessManager", abi.encode(address(this)))
        );
        passes = CityPass(vm.deployCode("CityPass.sol:CityPass", abi.encode(manager)));
        merchants = MerchantRegistry(
            vm.deployCode("MerchantRegistry.sol:MerchantRegistry", abi.encode(manager))
        );
        token = newToken("Mae Hia baht", "MHB", 2, false, merchants);

        Wiring.wire(manager, address(passes), "CityPass");
        Wiring.wire(manager, address(merchants), "MerchantRegistry");
        Wiring.wire(manager, address(token), "CityToken");

        manager.grantRole(Wiring.TREASURER, treasurer, 0);
        manager.grantRole(Wiring.CAMPAIGN_OFFICER, officer, 0);
        manager.grantRole(Wiring.APPROVER, approver, 0);
        manager.grantRole(Wiring.ISSUER, issuer, 0);
        manager.grantRole(Wiring.REGISTRAR, registrar, 0);
        manager.grantRole(Wiring.SEQUENCER, sequencer, 0);
        manager.grantRole(Wiring.GUARDIAN, guardian, 0);
        manager.grantRole(Wiring.ATTESTOR, attestor, 0);
        token.setCityAccount(treasurer, true);
    }

    /// @notice A token of the same authority. It is the compiled artifact that is deployed: what a
    /// test imports is only its type.
    function newToken(
        string memory name,
        string memory symbol,
        uint8 decimals,
        bool residentTransfers,
        IMerchantRegistry registry
    ) internal returns (CityToken) {
        bytes memory arguments = abi.encode(
            manager, name, symbol, decimals, residentTransfers, registry
        );
        return CityToken(vm.deployCode("CityToken.sol:CityToken", arguments));
    }

    /// @notice A stable address for a name.
    function named(string memory name) internal pure returns (address) {
        return vm.addr(keyOf(name));
    }

    /// @notice The key of a named address.
    function keyOf(string memory name) internal pure returns (uint256) {
        return uint256(keccak256(bytes(name))) >> 8;
    }

    /// @notice A number in a range, both ends included.
    function within(uint256 value, uint256 min, uint256 max) internal pure returns (uint256) {
        unchecked {
            uint256 size = max - min + 1;
            return size == 0 ? value : min + value % size;
        }
    }

    function fund(address to, uint256 amount) internal {
        vm.prank(treasurer);
        token.mint(to, amount, REF);
    }

    function enrolOne(address holder) internal returns (uint32) {
        vm.prank(registrar);
        return passes.enrol(0, 0, 0, 0, abi.encodePacked(holder));
    }

    function registerOne(address payout) internal returns (uint32) {
        vm.prank(registrar);
        return merchants.register(payout, 0, 0);
    }
}
