// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The cheatcodes our tests use
/// @notice Forge answers these at a fixed address. Only what is used is declared here.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    // The world.
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function chainId(uint256 id) external;
    function deal(address account, uint256 balance) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function load(address target, bytes32 slot) external view returns (bytes32 value);
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function label(address account, string calldata name) external;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool done);

    // Keys.
    function addr(uint256 key) external pure returns (address account);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function signCompact(uint256 key, bytes32 digest) external pure returns (bytes32 r, bytes32 vs);

    // What must happen.
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata revertData) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit() external;
    function expectEmit(address emitter) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);

    // What may come in.
    function assume(bool condition) external pure;

    // Comparisons.
    function assertTrue(bool condition) external pure;
    function assertTrue(bool condition, string calldata reason) external pure;
    function assertFalse(bool condition) external pure;
    function assertFalse(bool condition, string calldata reason) external pure;
    function assertEq(bool left, bool right) external pure;
    function assertEq(uint256 left, uint256 right) external pure;
    function assertEq(uint256 left, uint256 right, string calldata reason) external pure;
    function assertEq(address left, address right) external pure;
    function assertEq(address left, address right, string calldata reason) external pure;
    function assertEq(bytes32 left, bytes32 right) external pure;
    function assertEq(bytes32 left, bytes32 right, string calldata reason) external pure;
    function assertEq(bytes calldata left, bytes calldata right) external pure;
    function assertEq(string calldata left, string calldata right) external pure;
    function assertLe(uint256 left, uint256 right) external pure;
    function assertLe(uint256 left, uint256 right, string calldata reason) external pure;
    function assertGe(uint256 left, uint256 right) external pure;

    // Files and gas.
    function readFile(string calldata path) external view returns (string memory text);
    function parseJson(string calldata json, string calldata key)
        external
        pure
        returns (bytes memory encoded);
    function parseJsonKeys(string calldata json, string calldata key)
        external
        pure
        returns (string[] memory keys);
    function parseJsonString(string calldata json, string calldata key)
        external
        pure
        returns (string memory value);
    function parseJsonStringArray(string calldata json, string calldata key)
        external
        pure
        returns (string[] memory values);
    function parseJsonUint(string calldata json, string calldata key)
        external
        pure
        returns (uint256 value);
    function parseJsonUintArray(string calldata json, string calldata key)
        external
        pure
        returns (uint256[] memory values);
    function parseJsonBool(string calldata json, string calldata key)
        external
        pure
        returns (bool value);
    function parseJsonAddress(string calldata json, string calldata key)
        external
        pure
        returns (address value);
    function parseJsonBytes(string calldata json, string calldata key)
        external
        pure
        returns (bytes memory value);
    function keyExistsJson(string calldata json, string calldata key)
        external
        view
        returns (bool found);
    function toString(uint256 value) external pure returns (string memory text);
    function deployCode(string calldata path, bytes calldata arguments)
        external
        returns (address made);
    function getCode(string calldata path) external view returns (bytes memory creationCode);
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
