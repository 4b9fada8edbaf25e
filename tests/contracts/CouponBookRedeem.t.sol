// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {CampaignStatus} from "../../contracts/types/CampaignTypes.sol";
import {Entry, SignedEntries} from "./SignedEntries.sol";
import {vm} from "./Vm.sol";

/// @notice Batches: what is in them, what comes of them, and that one entry never hurts another.
contract CouponBookRedeemTest is SignedEntries {
    function setUp() public override {
        super.setUp();
        open(generous());
    }

    // ------------------------------------------------------------------------------- what is said

    function test_a_batch_tells_what_was_taken_and_what_was_refused_byte_by_byte() public {
        bytes memory data = abi.encodePacked(
            uint8(2), uint32(2), uint32(1), entryBytes(0, 1), entryBytes(1, 2), entryBytes(9, 3)
        );
        (, bytes memory taken, bytes memory refused) = bring(1, data);
        vm.assertEq(
            taken,
            abi.encodePacked(
                hex"00000001" hex"00000002" hex"000003e8" hex"0001f4" hex"00000007",
                NOW_STEP,
                hex"00000002" hex"00000001" hex"000003e8" hex"0001f4" hex"00000007",
                NOW_STEP
            )
        );
        vm.assertEq(
            refused, abi.encodePacked(hex"0002" hex"0d" hex"00000003", NOW_STEP, hex"0001f4")
        );
        credited(1, 2, 500, 7);
        credited(1, 1, 500, 7);
        vm.assertEq(book.campaignOf(1).spent, 1_000);
        vm.assertEq(book.batchDigest(1, 1), keccak256(taken));
    }

    /// @dev Of the header of shops 2 and 1; beyond it there is shop 0.
    function entryBytes(uint8 place, uint32 pass) private view returns (bytes memory) {
        Entry memory e = entry(pass, NOW_STEP, 500);
        (e.place, e.copay) = (place, 7);
        e.merchant = place == 0 ? 2 : place == 1 ? 1 : 0;
        return pack(e);
    }

    function test_a_batch_of_nothing_but_refusals_has_no_number() public {
        refuses(1, entry(1, NOW_STEP + 90, 100), 5);
        vm.assertEq(book.batchDigest(1, 1), 0);
        accepts(1, entry(1, NOW_STEP, 100));
        vm.assertTrue(book.batchDigest(1, 1) != 0);
    }

    // ------------------------------------------------------------------------------- what is one

    function test_what_is_no_batch_is_refused_as_a_whole(uint256 length) public {
        bytes memory data =
            bytes.concat(batch(entry(1, NOW_STEP, 100)), pack(entry(2, NOW_STEP, 9)));
        length = within(length, 0, data.length - 1);
        if (length == data.length - 79) return;
        bytes memory part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            part[i] = data[i];
        }
        malformed(part);
    }

    function test_an_empty_batch_one_of_shops_alone_and_one_that_goes_on_are_refused() public {
        malformed("");
        malformed(hex"00");
        malformed(shops());
        malformed(hex"ff00000001");
        malformed(bytes.concat(batch(entry(1, NOW_STEP, 100)), hex"00"));
        // 90 bytes are said, 79 are there.
        Entry memory e = entry(1, NOW_STEP, 100);
        e.step |= UNNAMED;
        malformed(batch(e));
    }

    function test_a_batch_has_three_hundred_entries_and_not_one_more() public {
        bytes memory front = new bytes(299 * 79);
        bytes memory last = pack(entry(1, NOW_STEP, 100));
        (, bytes memory taken, bytes memory refused) = bring(1, batch(bytes.concat(front, last)));
        vm.assertEq(taken, record(1, entry(1, NOW_STEP, 100)));
        vm.assertEq(refused.length, 299 * 13);
        malformed(batch(bytes.concat(front, last, new bytes(79))));
    }

    function test_a_batch_may_name_no_shop_and_then_nothing_is_taken() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        e.merchant = 0;
        refuses(1, abi.encodePacked(uint8(0), pack(e)), e, 13);
    }

    function test_only_the_sequencer_redeems_and_only_under_an_issued_campaign() public {
        bytes memory data = batch(entry(1, NOW_STEP, 100));
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anyone)
        );
        vm.prank(anyone);
        book.redeem(1, data);

        uint32 campaign = approved(generous());
        bytes4 wrong = ICouponBookErrors.CouponBook_WrongStatus.selector;
        vm.expectRevert(abi.encodeWithSelector(wrong, campaign, CampaignStatus.Approved));
        vm.prank(sequencer);
        book.redeem(campaign, data);

        bytes4 unknown = ICouponBookErrors.CouponBook_CampaignUnknown.selector;
        vm.expectRevert(abi.encodeWithSelector(unknown, campaign + 1));
        vm.prank(sequencer);
        book.redeem(campaign + 1, data);
    }

    // --------------------------------------------------------------------------- within one batch

    function test_a_shop_that_the_header_names_twice_is_credited_for_both() public {
        Entry memory a = entry(1, NOW_STEP, 100);
        Entry memory b = entry(2, NOW_STEP, 70);
        (b.place, b.copay) = (2, 5);
        bytes memory header = abi.encodePacked(uint8(3), uint32(1), uint32(2), uint32(1));
        brings(
            abi.encodePacked(header, pack(a), pack(b)), bytes.concat(record(1, a), record(2, b)), ""
        );
        credited(1, 1, 170, 5);
        credited(1, 2, 0, 0);
    }

    function test_a_pass_that_comes_twice_is_judged_by_what_it_has_just_spent() public {
        Entry memory a = entry(1, NOW_STEP - 3, 20_000);
        Entry memory b = entry(1, NOW_STEP - 2, 20_000);
        Entry memory c = entry(1, NOW_STEP - 1, 10_001);
        Entry memory d = entry(1, NOW_STEP - 2, 1);
        brings(
            batch(bytes.concat(pack(a), pack(b), pack(c), pack(d))),
            bytes.concat(record(1, a), record(1, b)),
            bytes.concat(refusal(2, 22, 1, c), refusal(3, 4, 1, d))
        );
        used(1, 1, NOW_STEP - 2, 40_000, 40_000);
    }

    function test_neighbours_of_a_slot_are_kept_apart_in_any_order(uint256 seed) public {
        uint256[9] memory spent;
        uint24[9] memory last;
        bytes memory data = shops();
        bytes memory records;
        for (uint24 i = 0; i < 12; ++i) {
            uint32 pass = uint32(1 + uint256(keccak256(abi.encode(seed, i))) % 8);
            Entry memory e = entry(pass, NOW_STEP - 12 + i, 100 + i);
            (spent[pass], last[pass]) = (spent[pass] + 100 + i, e.step);
            data = bytes.concat(data, pack(e));
            records = bytes.concat(records, record(pass, e));
        }
        brings(data, records, "");
        for (uint32 pass = 1; pass <= 8; ++pass) {
            used(1, pass, last[pass], spent[pass], spent[pass]);
        }
    }

    /// @dev `bad` says by its bits which of the entries are bad, each in its own way.
    function test_bad_entries_wherever_they_stand_never_touch_the_good_ones(
        uint8 count,
        uint8 bad,
        uint256 kinds
    ) public {
        count = uint8(within(count, 1, 8));
        bytes memory data;
        bytes memory taken;
        bytes memory refused;
        uint256 good;
        for (uint32 i = 0; i < count; ++i) {
            Entry memory e = entry(i + 1, NOW_STEP, 100);
            e.copay = 3;
            if ((bad >> i) & 1 == 0) {
                data = bytes.concat(data, pack(e));
                taken = bytes.concat(taken, record(i + 1, e));
                ++good;
                continue;
            }
            (bytes memory packed, uint32 pass, uint256 reason) = spoil(e, i + 1, kinds >> (8 * i));
            data = bytes.concat(data, packed);
            refused = bytes.concat(refused, refusal(i, reason, pass, e));
        }
        brings(batch(data), taken, refused);
        credited(1, SHOP, 100 * good, 3 * good);
        vm.assertEq(book.campaignOf(1).spent, 100 * good);
        vm.assertEq(token.balanceOf(address(book)), BUDGET + 3 * good);
    }

    /// @dev Changes `e` so that it is refused.
    function spoil(Entry memory e, uint32 pass, uint256 kind)
        private
        returns (bytes memory packed, uint32 known, uint256 reason)
    {
        kind %= 7;
        (known, reason) = (pass, 0);
        if (kind == 0) return (pack(e, 0, 0), 0, 1);
        if (kind == 1) (e.reserved, known, reason) = (2, 0, 1);
        if (kind == 2) (e.step, reason) = (NOW_STEP + 50, 5);
        if (kind == 3) (e.merchant, e.place, reason) = (0, 77, 13);
        if (kind == 4) (e.amount, reason) = (0, 17);
        if (kind == 5) (e.copay, e.bill, reason) = (uint32(PURSE) + 1, 2 ** 32 - 1, 25);
        if (kind == 6) {
            setPass(pass, 0, 0, 2);
            reason = 2;
        }
        packed = pack(e);
    }

    // ------------------------------------------------------------------------------------ replays

    function test_a_batch_that_comes_again_changes_nothing(uint8 count, uint256 wait) public {
        count = uint8(within(count, 1, 8));
        bytes memory data = shops();
        bytes memory refused;
        for (uint32 i = 0; i < count; ++i) {
            Entry memory e =
                i % 2 == 0 ? entry(i + 1, NOW_STEP, 100) : presented(i + 1, NOW_STEP, 90);
            data = bytes.concat(data, pack(e));
            refused = bytes.concat(refused, refusal(i, 4, i + 1, e));
        }
        bring(1, data);
        bytes32 before = picture();
        brings(data, "", refused);
        moveTo(clock + within(wait, 0, 60 days));
        brings(data, "", refused);
        vm.assertEq(picture(), before);
    }

    function test_the_same_entry_twice_in_a_batch_is_taken_once() public {
        Entry memory e = presented(1, NOW_STEP, 100);
        brings(
            batch(bytes.concat(pack(e), pack(e), pack(e))),
            record(1, e),
            bytes.concat(refusal(1, 4, 1, e), refusal(2, 4, 1, e))
        );
    }

    /// @dev A presentation is one redemption, wherever and for whatever it is taken first.
    function test_a_presentation_is_taken_at_one_shop_only() public {
        Entry memory a = presented(1, NOW_STEP, 100);
        Entry memory b = presented(1, NOW_STEP, 100);
        (b.place, b.merchant) = (1, 2);
        brings(batch(bytes.concat(pack(a), pack(b))), record(1, a), refusal(1, 4, 1, b));
        credited(1, 2, 0, 0);
    }

    // ------------------------------------------------------------------------------------- copays

    function test_a_copay_moves_from_the_holder_to_the_book_and_is_the_shops() public {
        Entry memory e = entry(1, NOW_STEP, 100);
        e.copay = 100;
        accepts(1, e);
        credited(1, SHOP, 100, 100);
        vm.assertEq(token.balanceOf(addressOf(1)), PURSE - 100);
        vm.assertEq(token.balanceOf(address(book)), BUDGET + 100);
        e = entry(2, NOW_STEP, 100);
        e.copay = 101;
        refuses(2, e, 17);
    }

    function test_who_cannot_pay_the_copay_is_refused_and_the_others_are_not() public {
        Entry memory poor = entry(1, NOW_STEP, 100);
        Entry memory wary = entry(2, NOW_STEP, 100);
        Entry memory rich = entry(3, NOW_STEP, 100);
        (poor.copay, wary.copay, rich.copay) = (50, 50, 50);
        vm.prank(addressOf(1));
        token.transfer(treasurer, PURSE - 49);
        vm.prank(addressOf(2));
        token.approve(address(book), 49);
        brings(
            batch(bytes.concat(pack(poor), pack(wary), pack(rich))),
            record(3, rich),
            bytes.concat(refusal(0, 25, 1, poor), refusal(1, 25, 2, wary))
        );
        vm.assertEq(token.balanceOf(addressOf(1)), 49);
        vm.assertEq(token.balanceOf(addressOf(2)), PURSE);
        used(1, 1, 0, 0, 0);
    }

    function test_a_stopped_token_stops_copays_and_nothing_else() public {
        vm.prank(guardian);
        token.pause();
        Entry memory with = entry(1, NOW_STEP, 100);
        with.copay = 1;
        refuses(1, with, 25);
        accepts(1, entry(1, NOW_STEP, 100));
    }

    // -------------------------------------------------------------------------------------- hands

    function malformed(bytes memory data) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_BatchMalformed.selector, data.length, 300
            )
        );
        vm.prank(sequencer);
        book.redeem(1, data);
    }
}
