// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Lists} from "../../contracts/libraries/Lists.sol";
import {Terms} from "../../contracts/types/CampaignTypes.sol";
import {Entry, SignedEntries} from "./SignedEntries.sol";
import {vm} from "./Vm.sol";

/// @notice Every reason by its number, at its edge and in its order.
contract CouponBookReasonsTest is SignedEntries {
    uint256 private constant HOUR_STEPS = 240;

    // -------------------------------------------------------------------------------- their order

    /// @dev Everything is wrong at first. One thing after the other is put right, and each time the
    /// next rule speaks, until nothing is left to say.
    function test_the_first_rule_that_refuses_is_the_one_that_is_reported() public {
        openStrict();
        Entry memory e = hopeless();
        setPass(2, 0, 0, 2);
        wrongUntilItsWindow(e);
        wrongUntilItsCoupon(e);
        wrongUntilItsShop(e);
        wrongUntilItsFigures(e);

        vm.prank(addressOf(1));
        token.approve(address(book), 39);
        accepts(1, e);
    }

    /// @dev Rules 1 to 8 but for 4 and 5, which no redemption can break together with the others.
    function wrongUntilItsWindow(Entry memory e) private {
        refuses(0, batch(pack(e, "r", "s")), e, 1);
        refuses(2, e, 2);
        vm.prank(registrar);
        passes.change(addressOf(2), 0, 0, 0, timeOf(e.step), 1);
        refuses(2, e, 3);
        setPass(2, 0, 0, 1);
        moveTo(timeOf(e.step) + 7 days + 1);
        refuses(2, e, 6);
        moveTo(timeOf(e.step) + 1 hours);
        refuses(2, e, 7);
        vm.prank(approver);
        book.resume(1);
        refuses(2, e, 8);
    }

    function wrongUntilItsCoupon(Entry memory e) private {
        e.step -= uint24(36 * HOUR_STEPS);
        refuses(2, e, 9);
        setPass(2, 3, 0, 1);
        refuses(2, e, 10);
        setPass(1, 3, 0, 1);
        e.key = keyOf(holderOf(1));
        refuses(1, e, 11);
        e.step = uint24(5 * HOUR_STEPS);
        refuses(1, e, 12);
        e.step = uint24(2 * HOUR_STEPS + 1);
    }

    function wrongUntilItsShop(Entry memory e) private {
        refuses(1, e, 13);
        setShop(2, 5, 1, 2);
        (e.place, e.merchant) = (1, 2);
        refuses(1, e, 14);
        setShop(2, 5, 1, 1);
        refuses(1, e, 15);
        setShop(2, 0, 1, 1);
        refuses(1, e, 16);
        setShop(2, 0, 0, 1);
    }

    function wrongUntilItsFigures(Entry memory e) private {
        (e.billMax, e.amountMax, e.copayMax) = (99, 60, 39);
        refuses(1, e, 17);
        e.bill = 99;
        refuses(1, e, 18);
        e.bill = 120;
        e.amount = 61;
        refuses(1, e, 19);
        (e.billMax, e.amountMax) = (120, 61);
        refuses(1, e, 20);
        e.amount = 60;
        refuses(1, e, 21);
        e.amount = 50;
        refuses(1, e, 22);
        e.amount = 40;
        refuses(1, e, 23);
        e.amount = 30;
        refuses(1, e, 24);
        e.amount = 20;
        refuses(1, e, 25);
    }

    /// @dev Everything about it is wrong but its head. Signed at noon of the third day.
    function hopeless() private pure returns (Entry memory e) {
        e = presented(2, uint24(60 * HOUR_STEPS + 1), 60);
        e.place = 200;
        (e.merchant, e.bill, e.copay, e.billMax) = (0, 98, 39, 97);
    }

    /// @dev Over after two days, paused half a day later, for class 3 and pass 1 alone, from two to
    /// three at night, and almost without money. Nobody lets it take a copay.
    function openStrict() private {
        Terms memory terms = generous();
        terms.ends = STARTS + 2 days;
        terms.firstUseBy = STARTS + 12 hours;
        (terms.audience, terms.categories, terms.districts) = (8, 1, 1);
        // The city was founded on a Wednesday.
        terms.openHours = uint168(2 ** (2 * 24 + 2));
        (terms.perUseMax, terms.perDayMax, terms.allowance) = (50, 40, 30);
        (terms.listCount, terms.listHash) = (1, Lists.chain(0, 0, 2));
        uint256[] memory words = new uint256[](1);
        words[0] = 2;
        uint32 campaign = approved(terms);
        vm.prank(issuer);
        book.issueList(campaign, 0, words);
        give(treasurer, campaign, 20);
        moveTo(STARTS + 54 hours);
        pause(campaign);
        moveTo(STARTS + 11 days);
        for (uint32 pass = 1; pass <= 2; ++pass) {
            vm.prank(addressOf(pass));
            token.approve(address(book), 0);
        }
    }

    // -------------------------------------------------------------------------------- their edges

    function test_what_was_spent_is_already_spent_whatever_else_is_wrong() public {
        open(generous());
        Entry memory e = entry(1, NOW_STEP, 100);
        accepts(1, e);
        refuses(1, e, 4);
        e.step -= 1;
        refuses(1, e, 4);
        pause(1);
        moveTo(clock + 8 days);
        refuses(1, e, 4);
        e.step = NOW_STEP + 1;
        refuses(1, e, 6);
    }

    function test_a_clock_may_be_a_minute_ahead_and_not_more() public {
        open(generous());
        pause(1);
        refuses(1, entry(1, NOW_STEP + 5, 100), 5);
        refuses(1, entry(1, NOW_STEP + 4, 100), 7);
        vm.prank(approver);
        book.resume(1);
        moveTo(clock - 1);
        refuses(1, entry(1, NOW_STEP + 4, 100), 5);
        moveTo(clock + 1);
        accepts(1, entry(1, NOW_STEP + 4, 100));
    }

    function test_a_presentation_lives_seven_days_to_the_second() public {
        open(generous());
        Entry memory e = presented(1, NOW_STEP, 100);
        moveTo(timeOf(NOW_STEP) + 7 days + 1);
        refuses(1, e, 6);
        moveTo(timeOf(NOW_STEP) + 7 days);
        accepts(1, e);
    }

    function test_a_pass_is_valid_from_its_first_second_to_before_its_end() public {
        open(generous());
        vm.prank(registrar);
        passes.change(addressOf(1), 0, 0, timeOf(NOW_STEP - 1), timeOf(NOW_STEP + 1), 1);
        refuses(1, entry(1, NOW_STEP - 2, 100), 3);
        accepts(1, entry(1, NOW_STEP - 1, 100));
        accepts(1, entry(1, NOW_STEP, 100));
        refuses(1, entry(1, NOW_STEP + 1, 100), 3);
        setPass(1, 0, 0, 3);
        refuses(1, entry(1, NOW_STEP + 2, 100), 1);
    }

    function test_what_was_signed_before_a_pause_is_taken_and_what_was_signed_in_it_is_not()
        public
    {
        open(generous());
        pause(1);
        accepts(1, entry(1, NOW_STEP - 1, 100));
        refuses(1, entry(1, NOW_STEP, 100), 7);
        vm.prank(approver);
        book.resume(1);
        accepts(1, entry(1, NOW_STEP, 100));
    }

    function test_the_last_step_before_the_end_is_taken_after_it() public {
        Terms memory terms = generous();
        terms.ends = uint40(timeOf(NOW_STEP + 1));
        open(terms);
        moveTo(timeOf(NOW_STEP) + 6 days);
        refuses(1, entry(1, NOW_STEP + 1, 100), 8);
        accepts(1, entry(1, NOW_STEP, 100));
    }

    function test_a_first_use_is_asked_for_once() public {
        Terms memory terms = generous();
        terms.firstUseBy = uint40(timeOf(NOW_STEP - 1));
        open(terms);
        refuses(1, entry(1, NOW_STEP, 100), 11);
        accepts(1, entry(1, NOW_STEP - 1, 100));
        accepts(1, entry(1, NOW_STEP, 100));
    }

    function test_an_hour_is_open_from_its_first_step_to_its_last() public {
        Terms memory terms = generous();
        // Thursday at noon.
        terms.openHours = uint168(2 ** (3 * 24 + 12));
        open(terms);
        refuses(1, entry(1, NOW_STEP - 1, 100), 12);
        accepts(1, entry(1, NOW_STEP, 100));
        moveTo(clock + 1 hours);
        accepts(1, entry(1, NOW_STEP + 239, 100));
        refuses(1, entry(1, NOW_STEP + 240, 100), 12);
    }

    function test_a_campaign_of_the_same_district_takes_no_neighbours() public {
        Terms memory terms = generous();
        terms.sameDistrict = true;
        open(terms);
        setPass(1, 0, 9, 1);
        refuses(1, entry(1, NOW_STEP, 100), 16);
        setShop(SHOP, 0, 9, 1);
        accepts(1, entry(1, NOW_STEP, 100));
        setShop(SHOP, 63, 9, 3);
        refuses(1, entry(1, NOW_STEP + 1, 100), 14);
    }

    function test_a_part_of_a_satang_is_the_residents() public {
        Terms memory terms = generous();
        terms.shareBasisPoints = 3_333;
        open(terms);
        Entry memory e = entry(1, NOW_STEP, 34);
        e.bill = 100;
        refuses(1, withAmount(e, 35), 20);
        accepts(1, e);
    }

    function test_amounts_reach_their_limits_and_no_satang_more() public {
        open(generous());
        refuses(1, entry(1, NOW_STEP - 9, 20_001), 21);
        accepts(1, entry(1, NOW_STEP - 9, 20_000));
        accepts(1, entry(1, NOW_STEP - 8, 20_000));
        refuses(1, entry(1, NOW_STEP - 7, 10_001), 22);
        accepts(1, entry(1, NOW_STEP - 7, 10_000));
        refuses(1, entry(1, NOW_STEP - 6, 0), 17);
        moveTo(clock + 1 days);
        accepts(1, entry(1, stepNow() - 9, 20_000));
        accepts(1, entry(1, stepNow() - 8, 20_000));
        moveTo(clock + 1 days);
        refuses(1, entry(1, stepNow() - 7, 10_001), 23);
        accepts(1, entry(1, stepNow() - 7, 10_000));
        used(1, 1, stepNow() - 7, 10_000, 100_000);
    }

    function test_a_budget_is_spent_to_its_last_satang() public {
        uint32 campaign = approved(generous());
        issue(campaign);
        give(treasurer, campaign, 150);
        accepts(1, entry(1, NOW_STEP, 100));
        refuses(2, entry(2, NOW_STEP, 51), 24);
        accepts(2, entry(2, NOW_STEP, 50));
        refuses(3, entry(3, NOW_STEP, 50), 24);
        give(treasurer, campaign, 50);
        accepts(3, entry(3, NOW_STEP, 50));
    }

    function test_each_of_the_three_maxima_binds() public {
        open(generous());
        Entry memory e = presented(1, NOW_STEP, 100);
        (e.copay, e.copayMax) = (30, 30);
        e.billMax -= 1;
        refuses(1, e, 19);
        e.billMax += 1;
        e.amountMax -= 1;
        refuses(1, e, 19);
        e.amountMax += 1;
        e.copayMax -= 1;
        refuses(1, e, 19);
        e.copayMax += 1;
        accepts(1, e);
    }

    function test_a_presentation_may_be_taken_below_its_maximum_at_any_shop_of_the_batch() public {
        open(generous());
        Entry memory e = presented(1, NOW_STEP, 100);
        (e.bill, e.amount, e.place, e.merchant) = (150, 60, 2, 3);
        accepts(1, e);
        credited(1, 3, 60, 0);
    }

    function withAmount(Entry memory e, uint24 amount) private pure returns (Entry memory other) {
        other = abi.decode(abi.encode(e), (Entry));
        other.amount = amount;
    }
}
