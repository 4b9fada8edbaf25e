// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus, Terms} from "../../contracts/types/CampaignTypes.sol";
import {Reason} from "../../contracts/types/Reason.sol";
import {Wiring} from "./City.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

/// @notice The coupons of a list exist when the written list is the approved one to the last bit,
/// and not before.
contract CouponBookIssueListTest is CouponBookCase {
    function test_the_approved_list_written_in_one_go_opens_the_campaign(uint256[3] memory bits)
        public
    {
        uint256[] memory words = wordsOf(bits);
        uint32 campaign = listing(words, 0);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CouponsListed(campaign, 0, words, uint40(NOON));
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CouponsIssued(campaign, issuer, uint40(NOON));
        write(campaign, 0, words);

        stands(campaign, CampaignStatus.Open);
        vm.assertEq(book.campaignOf(campaign).listed, countOf(words));
        vm.assertEq(book.campaignOf(campaign).issuer, issuer);
        for (uint32 pass = 0; pass < 256 * 3; pass += 7) {
            vm.assertEq(book.isListed(campaign, pass), (words[pass / 256] >> (pass % 256)) & 1 != 0);
        }
        vm.assertFalse(book.isListed(campaign, 256 * 3));
    }

    function test_a_list_is_written_in_pages_and_opens_with_the_last(uint256[3] memory bits)
        public
    {
        uint256[] memory words = wordsOf(bits);
        uint32 campaign = listing(words, 0);
        for (uint32 i = 0; i < 3; ++i) {
            stands(campaign, CampaignStatus.Approved);
            vm.assertEq(book.campaignOf(campaign).nextWord, i);
            write(campaign, i, one(words[i]));
        }
        stands(campaign, CampaignStatus.Open);
    }

    function test_words_without_a_pass_may_be_left_out_or_written(uint256 bits, uint24 at) public {
        uint256[] memory words = one(bits | 1);
        at = uint24(within(at, 1, type(uint24).max));
        uint32 skipping = listing(words, at);
        write(skipping, at, words);
        stands(skipping, CampaignStatus.Open);

        uint32 padded = listing(words, at);
        uint256[] memory pair = new uint256[](2);
        pair[1] = words[0];
        write(padded, at - 1, pair);
        stands(padded, CampaignStatus.Open);
    }

    function test_before_its_last_page_a_list_gives_nobody_a_coupon() public {
        uint256[] memory words = new uint256[](2);
        (words[0], words[1]) = (2, 1);
        uint32 campaign = listing(words, 0);
        write(campaign, 0, one(2));
        give(treasurer, campaign, BUDGET);
        bytes memory batch = batchOf(spending(campaign, 1, NOON_STEP, 100, 0));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, CampaignStatus.Approved
            )
        );
        vm.prank(sequencer);
        book.redeem(campaign, batch);
    }

    function test_who_is_listed_spends_and_who_is_not_does_not() public {
        uint256[] memory words = one(2 | 8);
        uint32 campaign = listing(words, 0);
        write(campaign, 0, words);
        give(treasurer, campaign, BUDGET);
        redeem(spending(campaign, 1, NOON_STEP, 100, 0));
        refuse(spending(campaign, 2, NOON_STEP, 100, 0), Reason.NOT_ON_LIST);
        redeem(spending(campaign, 3, NOON_STEP, 100, 0));
    }

    // --------------------------------------------------------------------- a list altered on its way

    function test_a_list_with_one_bit_more_or_less_never_opens(uint256[3] memory bits, uint16 flip)
        public
    {
        uint256[] memory words = wordsOf(bits);
        uint32 campaign = listing(words, 0);
        flip = uint16(within(flip, 0, 767));
        words[flip / 256] ^= uint256(1) << (flip % 256);
        neverOpens(campaign, words);
    }

    function test_a_list_with_one_pass_in_the_place_of_another_never_opens(
        uint256[3] memory bits,
        uint8 from,
        uint8 to
    ) public {
        uint256[] memory words = wordsOf(bits);
        words[1] = (words[1] | uint256(1) << from) & ~(uint256(1) << to);
        vm.assume(words[1] >> from & 1 == 1);
        uint32 campaign = listing(words, 0);
        uint256 count = countOf(words);
        words[1] ^= uint256(1) << from | uint256(1) << to;
        vm.assertEq(countOf(words), count);
        mismatched(campaign, words);
    }

    function test_a_list_with_two_words_exchanged_never_opens(uint256[3] memory bits) public {
        uint256[] memory words = wordsOf(bits);
        vm.assume(words[0] != words[2]);
        uint32 campaign = listing(words, 0);
        (words[0], words[2]) = (words[2], words[0]);
        mismatched(campaign, words);
    }

    function test_a_list_moved_by_one_word_never_opens(uint256[3] memory bits) public {
        uint256[] memory words = wordsOf(bits);
        uint32 campaign = listing(words, 0);
        uint256 count = countOf(words);
        bytes32 hash = hashOf(words, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_ListMismatch.selector, campaign, hash, count
            )
        );
        write(campaign, 1, words);
    }

    function test_an_altered_last_page_is_refused_and_the_right_one_still_opens(
        uint256[3] memory bits,
        uint8 at
    ) public {
        uint256[] memory words = wordsOf(bits);
        words[2] = (words[2] | uint256(1) << at) & ~(uint256(1) << (at ^ 1));
        uint32 campaign = listing(words, 0);
        write(campaign, 0, one(words[0]));
        write(campaign, 1, one(words[1]));
        vm.expectPartialRevert(ICouponBookErrors.CouponBook_ListMismatch.selector);
        write(campaign, 2, one(words[2] ^ (uint256(3) << (at - at % 2))));
        write(campaign, 2, one(words[2]));
        stands(campaign, CampaignStatus.Open);
    }

    // ------------------------------------------------------------------------------------- order

    function test_no_word_is_written_twice_nor_below_another() public {
        uint256[] memory words = new uint256[](2);
        (words[0], words[1]) = (2, 1);
        uint32 campaign = listing(words, 4);
        write(campaign, 4, one(2));
        for (uint32 i = 0; i < 5; ++i) {
            disordered(campaign, i, one(2));
        }
        write(campaign, 5, one(1));
    }

    function test_no_word_lies_beyond_the_last_pass_number(uint32 beyond) public {
        uint256[] memory words = one(1);
        uint32 campaign = listing(words, type(uint24).max);
        beyond = uint32(within(beyond, 1 << 24, type(uint32).max));
        disordered(campaign, beyond, words);
        disordered(campaign, type(uint24).max, new uint256[](2));
        write(campaign, type(uint24).max, words);
        vm.assertTrue(book.isListed(campaign, type(uint32).max - 255));
    }

    function test_a_list_that_is_complete_takes_no_more_words() public {
        uint256[] memory words = one(2);
        uint32 campaign = listing(words, 0);
        write(campaign, 0, words);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, CampaignStatus.Open
            )
        );
        write(campaign, 1, words);
    }

    // -------------------------------------------------------------------------------------- who

    function test_a_campaign_for_everyone_takes_no_list() public {
        uint32 campaign = approved(ordinary());
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_CampaignNotListed.selector, campaign
            )
        );
        write(campaign, 0, one(2));
    }

    function test_neither_drafter_nor_approver_writes_a_list_even_with_the_role(bool drafter)
        public
    {
        address person = drafter ? officer : approver;
        manager.grantRole(Wiring.ISSUER, person, 0);
        uint256[] memory words = one(2);
        uint32 campaign = listing(words, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_SamePerson.selector, campaign, person
            )
        );
        vm.prank(person);
        book.issueList(campaign, 0, words);
    }

    function test_nobody_but_an_issuer_writes_a_list(address caller) public {
        vm.assume(caller != issuer);
        uint256[] memory words = one(2);
        uint32 campaign = listing(words, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        book.issueList(campaign, 0, words);
    }

    // ------------------------------------------------------------------------------------ hands

    /// @dev An approved campaign for this list.
    function listing(uint256[] memory words, uint256 firstWord) private returns (uint32) {
        Terms memory terms = ordinary();
        terms.listHash = hashOf(words, firstWord);
        terms.listCount = uint32(countOf(words));
        return approved(terms);
    }

    function write(uint32 campaign, uint32 firstWord, uint256[] memory words) private {
        vm.prank(issuer);
        book.issueList(campaign, firstWord, words);
    }

    /// @dev Too many or too few: a refusal, or a list that is not complete.
    function neverOpens(uint32 campaign, uint256[] memory words) private {
        if (countOf(words) > book.campaignOf(campaign).terms.listCount) {
            mismatched(campaign, words);
        } else {
            write(campaign, 0, words);
        }
        stands(campaign, CampaignStatus.Approved);
    }

    function mismatched(uint32 campaign, uint256[] memory words) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_ListMismatch.selector,
                campaign,
                hashOf(words, 0),
                countOf(words)
            )
        );
        write(campaign, 0, words);
        stands(campaign, CampaignStatus.Approved);
    }

    function disordered(uint32 campaign, uint32 firstWord, uint256[] memory words) private {
        uint32 next = book.campaignOf(campaign).nextWord;
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_ListOutOfOrder.selector, campaign, firstWord, next
            )
        );
        write(campaign, firstWord, words);
    }

    /// @dev Three words, none of them empty.
    function wordsOf(uint256[3] memory bits) private pure returns (uint256[] memory words) {
        words = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            words[i] = bits[i] == 0 ? i + 1 : bits[i];
        }
    }

    function one(uint256 word) private pure returns (uint256[] memory words) {
        words = new uint256[](1);
        words[0] = word;
    }

    function hashOf(uint256[] memory words, uint256 firstWord) private pure returns (bytes32 hash) {
        for (uint256 i = 0; i < words.length; ++i) {
            if (words[i] != 0) hash = keccak256(abi.encode(hash, firstWord + i, words[i]));
        }
    }

    function countOf(uint256[] memory words) private pure returns (uint256 count) {
        for (uint256 i = 0; i < words.length; ++i) {
            for (uint256 word = words[i]; word != 0; word &= word - 1) {
                ++count;
            }
        }
    }
}
