// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RedemptionMessage, TypedData} from "../../contracts/libraries/TypedData.sol";
import {vm} from "./Vm.sol";

/// @notice The QR codes of `tests/vectors/qr.json`, which pytest reads too: what a camera reads is
/// what the book hashes, down to the signer, with no line of Python between.
contract QrVectorsTest {
    using TypedData for RedemptionMessage;

    uint256 private constant ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 private constant RECEIPT_TYPE = keccak256(
        "Receipt(uint32 campaign,uint32 pass,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,uint40 signedAt,uint40 acceptedAt,bytes32 policy)"
    );

    string private json;
    bytes32 private separator;

    function setUp() public {
        json = vm.readFile("tests/vectors/qr.json");
        separator = bytes32(vm.parseJsonBytes(json, ".domain.separator"));
    }

    function test_there_are_vectors_of_every_kind() public view {
        vm.assertTrue(exists(".present", 0));
        vm.assertTrue(exists(".charge", 0));
        vm.assertTrue(exists(".paper", 0));
        vm.assertTrue(exists(".receipt", 0));
    }

    function test_the_tag_is_the_head_of_the_separators_hash() public view {
        vm.assertEq(bytes32(tag()), bytes32(bytes4(raw(".domain", ".tag"))));
    }

    function test_a_present_code_is_a_redemption_its_holder_signed() public view {
        for (uint256 i = 0; exists(".present", i); ++i) {
            string memory item = at(".present", i);
            bytes memory body = bodyOf(item, 0x11, 89);
            RedemptionMessage memory message = TypedData.open(separator, field(body, 5, 4));
            message.bill = field(body, 9, 4);
            message.amount = field(body, 13, 3);
            message.copay = field(body, 16, 4);
            message.signedAt = field(body, 20, 5);
            vm.assertEq(message.campaign, number(item, ".campaign"), item);
            vm.assertEq(message.bill, number(item, ".bill"), item);
            vm.assertEq(message.amount, number(item, ".amount"), item);
            vm.assertEq(message.copay, number(item, ".copay"), item);
            vm.assertEq(message.signedAt, number(item, ".signed_at"), item);
            bytes32 digest = message.digest();
            vm.assertEq(digest, bytes32(raw(item, ".digest")), item);
            address holder = recover(digest, field(body, 25, 32), field(body, 57, 32));
            vm.assertEq(holder, account(item, ".holder"), item);
        }
    }

    function test_a_charge_names_its_merchant_and_bill() public view {
        for (uint256 i = 0; exists(".charge", i); ++i) {
            string memory item = at(".charge", i);
            bytes memory body = bodyOf(item, 0x12, 21);
            vm.assertEq(field(body, 5, 4), number(item, ".merchant"), item);
            vm.assertEq(field(body, 9, 4), number(item, ".bill"), item);
            vm.assertEq(field(body, 13, 8), uint64(bytes8(raw(item, ".reference"))), item);
        }
    }

    function test_a_paper_seed_and_its_pin_give_the_stated_key() public view {
        for (uint256 i = 0; exists(".paper", i); ++i) {
            string memory item = at(".paper", i);
            bytes memory body = bodyOf(item, 0x13, 22);
            string memory pin = vm.parseJsonString(json, string.concat(item, ".pin"));
            vm.assertEq(field(body, 5, 1), bytes(pin).length > 0 ? 1 : 0, item);
            bytes16 seed = bytes16(uint128(field(body, 6, 16)));
            bytes32 key = keccak256(abi.encodePacked("nakhon paper 1", seed, pin));
            while (uint256(key) == 0 || uint256(key) >= ORDER) {
                key = keccak256(abi.encode(key));
            }
            vm.assertEq(key, bytes32(raw(item, ".key")), item);
            vm.assertEq(vm.addr(uint256(key)), account(item, ".address"), item);
        }
    }

    function test_a_receipt_is_a_promise_its_sequencer_signed() public view {
        for (uint256 i = 0; exists(".receipt", i); ++i) {
            string memory item = at(".receipt", i);
            bytes memory body = bodyOf(item, 0x14, 134);
            bytes memory head = abi.encode(
                RECEIPT_TYPE,
                field(body, 5, 4),
                field(body, 9, 4),
                field(body, 13, 4),
                field(body, 17, 4),
                field(body, 21, 3)
            );
            bytes memory tail = abi.encode(
                field(body, 24, 4), field(body, 28, 5), field(body, 33, 5), field(body, 38, 32)
            );
            bytes32 digest = digestOf(keccak256(bytes.concat(head, tail)));
            vm.assertEq(digest, bytes32(raw(item, ".digest")), item);
            address sequencer = recover(digest, field(body, 70, 32), field(body, 102, 32));
            vm.assertEq(sequencer, account(item, ".sequencer"), item);
        }
    }

    // ----------------------------------------------------------------------------- reading codes

    /// @dev The bytes of a code of this kind, of this deployment and of this length.
    function bodyOf(string memory item, uint8 kind, uint256 length)
        private
        view
        returns (bytes memory body)
    {
        string memory text = vm.parseJsonString(json, string.concat(item, ".text"));
        string memory origin = vm.parseJsonString(json, ".domain.origin");
        uint256 prefix = bytes(origin).length + 3;
        vm.assertEq(slice(text, 0, prefix), bytes(string.concat(origin, "/Q/")));
        body = base32(slice(text, prefix, bytes(text).length));
        vm.assertEq(body.length, length, item);
        vm.assertEq(field(body, 0, 1), kind, item);
        vm.assertEq(bytes32(bytes4(uint32(field(body, 1, 4)))), bytes32(tag()), item);
    }

    function tag() private view returns (bytes4) {
        return bytes4(keccak256(abi.encode(separator)));
    }

    function slice(string memory text, uint256 from, uint256 to)
        private
        pure
        returns (bytes memory part)
    {
        part = new bytes(to - from);
        for (uint256 i = from; i < to; ++i) {
            part[i - from] = bytes(text)[i];
        }
    }

    /// @dev RFC 4648 base32 without padding; the bits that are left over must be zero.
    function base32(bytes memory text) private pure returns (bytes memory decoded) {
        decoded = new bytes(text.length * 5 / 8);
        uint256 bits;
        uint256 held;
        uint256 written;
        for (uint256 i = 0; i < text.length; ++i) {
            uint8 letter = uint8(text[i]);
            uint256 value = letter >= 65 ? letter - 65 : letter - 24;
            require(value < 32, "not base32");
            bits = bits << 5 | value;
            held += 5;
            if (held >= 8) {
                held -= 8;
                decoded[written++] = bytes1(uint8(bits >> held));
                bits &= (1 << held) - 1;
            }
        }
        require(bits == 0, "more than one spelling");
    }

    function field(bytes memory body, uint256 from, uint256 length)
        private
        pure
        returns (uint256 value)
    {
        for (uint256 i = from; i < from + length; ++i) {
            value = value << 8 | uint8(body[i]);
        }
    }

    function digestOf(bytes32 structHash) private view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function recover(bytes32 digest, uint256 r, uint256 vs) private pure returns (address) {
        uint8 v = uint8(27 + (vs >> 255));
        return ecrecover(digest, v, bytes32(r), bytes32(vs & (2 ** 255 - 1)));
    }

    // --------------------------------------------------------------------------- reading vectors

    function exists(string memory list, uint256 i) private view returns (bool) {
        return vm.keyExistsJson(json, at(list, i));
    }

    function at(string memory list, uint256 i) private pure returns (string memory) {
        return string.concat(list, "[", vm.toString(i), "]");
    }

    function number(string memory item, string memory name) private view returns (uint256) {
        return vm.parseJsonUint(json, string.concat(item, name));
    }

    function raw(string memory item, string memory name) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, string.concat(item, name));
    }

    function account(string memory item, string memory name) private view returns (address) {
        return address(bytes20(raw(item, name)));
    }
}
