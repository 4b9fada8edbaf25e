// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {ICityPass} from "../../contracts/interfaces/ICityPass.sol";
import {Batches} from "../../contracts/libraries/Batches.sol";
import {PackedBytes} from "../../contracts/libraries/PackedBytes.sol";
import {PassReader} from "../../contracts/libraries/PassReader.sol";
import {Records, RedeemedRecord} from "../../contracts/libraries/Records.sol";
import {RedemptionMessage, TypedData} from "../../contracts/libraries/TypedData.sol";
import {EntryWord} from "../../contracts/types/EntryWord.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

/// @notice Every piece of assembly and every packed layout beside its plain version.
contract CouponBookPackedTest is City {
    using PackedBytes for bytes;
    using PackedBytes for uint256[];

    uint256 private constant ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    bytes32 private constant REDEMPTION = keccak256(
        "Redemption(uint32 campaign,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,"
        "uint40 signedAt)"
    );

    // ---------------------------------------------------------------------------- bytes and words

    function test_a_word_of_calldata_is_its_thirty_two_bytes(bytes calldata data, uint256 at_)
        public
        view
    {
        vm.assume(data.length >= 32);
        at_ = within(at_, 0, data.length - 32);
        uint256 word = this.wordOf(data, at_);
        for (uint256 i = 0; i < 32; ++i) {
            vm.assertEq(uint8(word >> 248 - 8 * i), uint8(data[at_ + i]));
        }
    }

    function wordOf(bytes calldata data, uint256 at_) external pure returns (uint256) {
        return data.wordAt(at_);
    }

    function test_what_is_put_one_after_another_is_their_concatenation(
        uint256[8] memory values,
        uint8[8] memory sizes
    ) public pure {
        bytes memory guard = abi.encodePacked("before");
        bytes memory buffer = PackedBytes.reserve(8 * 32);
        bytes memory behind = abi.encodePacked("behind");
        bytes memory plain;
        uint256 length;
        for (uint256 i = 0; i < 8; ++i) {
            uint256 size = 1 + sizes[i] % 32;
            buffer.put(length, values[i], size);
            length += size;
            for (uint256 b = size; b > 0; --b) {
                plain = abi.encodePacked(plain, uint8(values[i] >> 8 * (b - 1)));
            }
        }
        vm.assertEq(buffer.cut(length), plain);
        vm.assertEq(guard, "before");
        vm.assertEq(behind, "behind");
    }

    function test_getting_and_adding_touch_one_element(
        uint256[] memory array,
        uint256 i,
        uint256 more
    ) public pure {
        vm.assume(array.length > 0);
        i = within(i, 0, array.length - 1);
        uint256[] memory before = new uint256[](array.length);
        for (uint256 k = 0; k < array.length; ++k) {
            before[k] = array[k];
            vm.assertEq(array.get(k), array[k]);
        }
        more = within(more, 0, type(uint256).max - array[i]);
        array.add(i, more);
        for (uint256 k = 0; k < array.length; ++k) {
            vm.assertEq(array[k], k == i ? before[k] + more : before[k]);
        }
    }

    // ---------------------------------------------------------------------------------- layouts

    function test_an_entrys_first_word_reads_as_its_bytes_say(
        uint24 head,
        uint8 index,
        uint32 bill,
        uint24 amount,
        uint32 copay,
        uint88 maximum,
        uint48 rest
    ) public pure {
        bytes memory packed = abi.encodePacked(head, index, bill, amount, copay, maximum, rest);
        EntryWord entry = EntryWord.wrap(uint256(bytes32(packed)));
        vm.assertEq(entry.head(), head);
        vm.assertEq(entry.step(), head % 2 ** 21);
        vm.assertEq(entry.isUnnamed(), head >= 2 ** 23);
        bool reserved = head / 2 ** 21 % 4 != 0;
        vm.assertEq(entry.hasStep(), head % 2 ** 21 != 0 && !reserved);
        vm.assertEq(entry.merchantIndex(), index);
        vm.assertEq(entry.bill(), bill);
        vm.assertEq(entry.amount(), amount);
        vm.assertEq(entry.copay(), copay);
        vm.assertEq(entry.billMaximum(), maximum >> 56);
        vm.assertEq(entry.amountMaximum(), uint24(maximum >> 32));
        vm.assertEq(entry.copayMaximum(), uint32(maximum));
        vm.assertEq(Batches.endOf(entry, 7), 7 + (head >= 2 ** 23 ? 90 : 79));
    }

    function test_records_are_what_they_are_made_of(
        uint256 raw,
        uint32 pass,
        uint32 merchant,
        uint16 index,
        uint8 reason
    ) public view {
        EntryWord entry = EntryWord.wrap(raw);
        bytes memory redeemed = abi.encodePacked(
            pass,
            merchant,
            uint32(entry.bill()),
            uint24(entry.amount()),
            uint32(entry.copay()),
            uint24(entry.head())
        );
        vm.assertEq(abi.encodePacked(uint176(Records.redeemed(entry, pass, merchant))), redeemed);
        vm.assertEq(
            abi.encodePacked(uint104(Records.refused(entry, index, reason, pass))),
            abi.encodePacked(index, reason, pass, uint24(entry.head()), uint24(entry.amount()))
        );
        RedeemedRecord memory read = this.readSecond(bytes.concat(redeemed, redeemed));
        vm.assertEq(read.pass, pass);
        vm.assertEq(read.merchant, merchant);
        vm.assertEq(read.amount, entry.amount());
        vm.assertEq(read.copay, entry.copay());
        vm.assertEq(read.step, entry.step());
    }

    function readSecond(bytes calldata records) external pure returns (RedeemedRecord memory) {
        return Records.readRedeemed(records, 1);
    }

    function test_a_described_merchant_is_word_reason_and_number(
        address payout,
        uint8 status,
        uint8 reason,
        uint32 number
    ) public pure {
        uint256 word = uint256(uint160(payout)) | uint256(status) << 176;
        uint256 described = Batches.describe(word, reason, number);
        vm.assertEq(Batches.numberOf(described), number);
        vm.assertEq(Batches.reasonOf(described), reason);
        vm.assertEq(described & (1 << 184) - 1, word);
    }

    // -------------------------------------------------------------------------------- signatures

    function test_a_digest_is_that_of_abi_encode(
        bytes32 separator,
        uint32 campaign,
        uint32[4] memory figures,
        uint40 signedAt
    ) public pure {
        RedemptionMessage memory message = TypedData.open(separator, campaign);
        for (uint256 twice = 0; twice < 2; ++twice) {
            message.merchant = figures[0];
            message.bill = figures[1];
            message.amount = figures[2];
            message.copay = figures[3];
            message.signedAt = signedAt;
            bytes32 hash = keccak256(
                abi.encode(
                    REDEMPTION, campaign, figures[0], figures[1], figures[2], figures[3], signedAt
                )
            );
            hash = keccak256(abi.encodePacked("\x19\x01", separator, hash));
            vm.assertEq(TypedData.digest(message), hash);
            // The same memory again, for the next entry.
            (figures[0], figures[3]) = (figures[3], figures[0]);
        }
    }

    function test_a_signer_is_whom_openzeppelin_recovers(uint256 key, bytes32 hash) public pure {
        key = within(key, 1, ORDER - 1);
        (bytes32 r, bytes32 vs) = vm.signCompact(key, hash);
        (address plain,,) = ECDSA.tryRecover(hash, r, vs);
        vm.assertEq(TypedData.recover(hash, r, vs), plain);
        vm.assertEq(plain, vm.addr(key));
    }

    function test_any_two_words_recover_as_openzeppelin_does(bytes32 hash, bytes32 r, bytes32 vs)
        public
        pure
    {
        (address plain,,) = ECDSA.tryRecover(hash, r, vs);
        vm.assertEq(TypedData.recover(hash, r, vs), plain);
    }

    function test_the_twin_with_the_high_s_recovers_nobody(uint256 key, bytes32 hash) public pure {
        key = within(key, 1, ORDER - 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        uint256 twin = ORDER - uint256(s);
        // The twin signs as well, but what is above 2^255 has no compact form: its highest bit is
        // read as the parity.
        vm.assertEq(ecrecover(hash, v == 27 ? 28 : 27, r, bytes32(twin)), vm.addr(key));
        uint256 parity = v == 27 ? 1 << 255 : 0;
        vm.assertTrue(TypedData.recover(hash, r, bytes32(twin | parity)) != vm.addr(key));
    }

    function test_s_is_at_most_half_the_order(bytes32 hash, bytes32 r, uint8 above) public pure {
        uint256 half = ORDER / 2;
        for (uint256 parity = 0; parity < 2; ++parity) {
            bytes32 edge = bytes32(half | parity << 255);
            (address plain,,) = ECDSA.tryRecover(hash, r, edge);
            vm.assertEq(TypedData.recover(hash, r, edge), plain);
            bytes32 beyond = bytes32(half + 1 + above | parity << 255);
            vm.assertEq(TypedData.recover(hash, r, beyond), address(0));
        }
    }

    // ------------------------------------------------------------------------------------ passes

    function test_a_pass_read_in_assembly_is_the_registrys(address holder, address other) public {
        vm.assume(holder != address(0) && other != holder);
        vm.prank(registrar);
        passes.enrol(3, 5, 7, 0, abi.encodePacked(holder));
        vm.assertEq(this.read(passes, holder), passes.wordOf(holder));
        vm.assertEq(this.read(passes, other), passes.wordOf(other));
        vm.assertEq(this.read(passes, other), 0);
    }

    function test_where_no_registry_is_nothing_is_read(address nowhere) public {
        vm.assume(nowhere.code.length == 0 && uint160(nowhere) > 0x200);
        vm.expectRevert();
        this.read(ICityPass(nowhere), address(1));
    }

    function test_a_registry_that_reverts_or_says_too_little_is_no_registry() public {
        ICityPass mumbler = ICityPass(address(new Mumbler()));
        vm.expectRevert();
        this.read(ICityPass(address(token)), address(1));
        vm.expectRevert();
        this.read(mumbler, address(1));
    }

    function read(ICityPass registry, address holder) external view returns (uint256) {
        return PassReader.wordOf(registry, holder);
    }
}

/// @notice Says one byte, whatever it is asked.
contract Mumbler {
    fallback(bytes calldata) external returns (bytes memory) {
        return hex"01";
    }
}
