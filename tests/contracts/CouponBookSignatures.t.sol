// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Entry, SignedEntries} from "./SignedEntries.sol";
import {vm} from "./Vm.sol";

/// @notice P1: a signature counts for one message of one holder under one campaign of one book on one
/// chain, and in one spelling.
contract CouponBookSignaturesTest is SignedEntries {
    uint256 private constant LARGEST_LOW =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    uint256 private home;

    function setUp() public override {
        super.setUp();
        home = block.chainid;
        open(generous());
        open(generous());
    }

    // --------------------------------------------------------------------------------- elsewhere

    function test_a_signature_for_another_campaign_counts_for_nothing() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        e.campaign = 2;
        refuses(0, e, 1);
        (, bytes memory taken,) = bring(2, batch(e));
        vm.assertEq(taken, record(1, e));
        used(1, 1, 0, 0, 0);
    }

    function test_a_signature_for_another_book_or_chain_counts_for_nothing(
        address elsewhere,
        uint64 chain
    ) public {
        if (elsewhere == address(book)) return;
        Entry memory e = entry(1, NOW_STEP, 100);
        bytes32 ours = separator;
        separator = domain(home, elsewhere);
        bytes memory stray = pack(e);
        separator = domain(uint256(chain) + 100_000, address(book));
        bytes memory foreign = pack(e);
        separator = ours;
        refuses(0, batch(stray), e, 1);
        refuses(0, batch(foreign), e, 1);
    }

    function test_after_a_fork_the_old_signatures_count_only_on_the_old_chain() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        bytes memory data = batch(e);
        vm.chainId(home + 1);
        refuses(0, data, e, 1);
        separator = domain(home + 1, address(book));
        accepts(1, e);
        vm.chainId(home);
        refuses(1, data, e, 4);
    }

    // ----------------------------------------------------------------------------------- spellings

    /// @dev A signature with a chosen s recovers to somebody, who is then given a pass. The same
    /// message could be signed by the same key in two spellings, of which one is refused.
    function test_the_high_s_twin_of_a_holders_own_signature_is_refused(uint8 by) public {
        Entry memory e = entry(1, NOW_STEP, 100);
        uint256 high = LARGEST_LOW + 1 + by;
        (bytes32 r, address signer) = somebody(e, high);
        uint32 pass = enrolOne(signer);
        refuses(0, batch(pack(e, r, bytes32(high))), e, 1);

        // The twin with the low s has the other parity.
        bytes memory twin = pack(e, r, bytes32((ORDER - high) | 2 ** 255));
        brings(batch(twin), record(pass, e), "");
    }

    function test_the_largest_low_s_is_still_taken() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        (bytes32 r, address signer) = somebody(e, LARGEST_LOW);
        uint32 pass = enrolOne(signer);
        brings(batch(pack(e, r, bytes32(LARGEST_LOW))), record(pass, e), "");
    }

    function test_the_other_parity_is_somebody_elses() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        (bytes32 r, bytes32 vs) = vm.signCompact(e.key, messageOf(e));
        refuses(0, batch(pack(e, r, vs ^ bytes32(uint256(2 ** 255)))), e, 1);
    }

    function test_zeroes_are_nobodys_signature() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        (bytes32 r, bytes32 vs) = vm.signCompact(e.key, messageOf(e));
        refuses(0, batch(pack(e, 0, 0)), e, 1);
        refuses(0, batch(pack(e, 0, vs)), e, 1);
        refuses(0, batch(pack(e, r, 0)), e, 1);
        refuses(0, batch(pack(e, r, bytes32(uint256(2 ** 255)))), e, 1);
        refuses(0, batch(pack(e, bytes32(ORDER), vs)), e, 1);
        refuses(0, batch(pack(e, bytes32(type(uint256).max), vs)), e, 1);
    }

    /// @dev A pass of the zero address would be anybody's whose recovery fails.
    function test_a_failed_recovery_is_not_the_zero_address() public {
        vm.store(address(passes), passSlotOf(address(0)), bytes32(uint256(2 ** 128 + 1)));
        vm.assertEq(passes.passOf(address(0)).number, 1);
        Entry memory e = entry(1, NOW_STEP, 100);
        refuses(0, batch(pack(e, 0, 0)), e, 1);
    }

    function test_garbage_is_nobodys_signature(bytes32 r, bytes32 vs, uint24 head) public {
        Entry memory e = entry(1, NOW_STEP, 100);
        e.step = uint24(within(head, 0, 2 ** 21 - 1));
        e.reserved = uint8(head >> 22);
        refuses(0, batch(pack(e, r, vs)), e, 1);
    }

    function test_a_step_of_zero_and_reserved_bits_are_refused_before_the_signature() public {
        Entry memory e = entry(1, 0, 100);
        refuses(0, e, 1);
        for (uint8 bits = 1; bits < 4; ++bits) {
            e = entry(1, NOW_STEP, 100);
            e.reserved = bits;
            refuses(0, e, 1);
            e = presented(1, NOW_STEP, 100);
            e.reserved = bits;
            refuses(0, e, 1);
        }
    }

    function test_who_holds_no_pass_or_no_longer_one_signs_for_nothing() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        e.key = keyOf("stranger");
        refuses(0, e, 1);
        e = entry(1, NOW_STEP, 100);
        vm.prank(registrar);
        passes.rebind(addressOf(1), named("new phone"));
        refuses(0, e, 1);
        e.key = keyOf("new phone");
        accepts(1, e);
    }

    // -------------------------------------------------------------------------------------- hands

    /// @dev Whoever signed the entry with this s and an even parity.
    function somebody(Entry memory e, uint256 s) private view returns (bytes32 r, address signer) {
        bytes32 hash = messageOf(e);
        for (uint256 i = 1; signer == address(0); ++i) {
            r = bytes32(i);
            signer = ecrecover(hash, 27, r, bytes32(s));
        }
    }

    function domain(uint256 chain, address verifier) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,"
                    "address verifyingContract)"
                ),
                keccak256("Nakhon"),
                keccak256("1"),
                chain,
                verifier
            )
        );
    }

    /// @dev The slot of a holder's word: the first of the first mapping slots that holds pass 1's.
    function passSlotOf(address holder) private view returns (bytes32) {
        for (uint256 base = 0; base < 8; ++base) {
            bytes32 slot = keccak256(abi.encode(addressOf(1), base));
            if (uint256(vm.load(address(passes), slot)) == passes.wordOf(addressOf(1))) {
                return keccak256(abi.encode(holder, base));
            }
        }
        revert("the words of passes were not found");
    }
}
