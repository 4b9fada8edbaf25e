// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../contracts/types/CampaignTypes.sol";
import {Reason} from "../../contracts/types/Reason.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

/// @notice A void restores exactly what was used: allowance, day quota, budget, credit and copay.
contract CouponBookUndoneTest is CouponBookCase {
    uint256 private constant SPENDS = 6;
    uint256 private constant PARTS_MAX = 3;

    Spend[] private history;
    uint32[] private batches;
    uint256 private seed;

    function test_any_history_undone_in_any_parts_and_any_order_leaves_nothing_but_last_steps(uint256 seed_)
        public
    {
        seed = seed_;
        uint32 campaign = open(ordinary());
        uint256 spent = live(campaign, SPENDS);
        vm.assertEq(book.campaignOf(campaign).spent, spent);

        uint256[SPENDS] memory order = [uint256(0), 1, 2, 3, 4, 5];
        for (uint256 left = SPENDS; left != 0; --left) {
            uint256 next = draw(0, left - 1);
            undoInParts(history[order[next]], batches[order[next]]);
            order[next] = order[left - 1];
        }
        vm.assertEq(book.campaignOf(campaign).spent, 0);
        vm.assertEq(token.balanceOf(address(book)), BUDGET);
        credited(campaign, SHOP, 0, 0);
        credited(campaign, RIVAL, 0, 0);
        for (uint32 pass = 1; pass <= HOLDERS; ++pass) {
            used(campaign, pass, lastStepOf(pass), 0, 0);
            vm.assertEq(token.balanceOf(addressOf(pass)), PURSE);
        }
    }

    function test_what_was_undone_might_as_well_never_have_been(uint256 seed_, uint8 which) public {
        seed = seed_;
        uint256 undone = within(which, 0, SPENDS - 1);
        uint32 with_ = open(ordinary());
        uint32 without = open(ordinary());
        live(with_, SPENDS);
        for (uint256 i = 0; i < SPENDS; ++i) {
            Spend memory s = history[i];
            s.campaign = without;
            if (i != undone) redeem(s);
        }
        undoInParts(history[undone], batches[undone]);

        vm.assertEq(book.campaignOf(with_).spent, book.campaignOf(without).spent);
        for (uint32 merchant = SHOP; merchant <= RIVAL; ++merchant) {
            (uint64 amount, uint64 copay,,) = book.credits(without, merchant);
            credited(with_, merchant, amount, copay);
        }
        for (uint32 pass = 1; pass <= HOLDERS; ++pass) {
            (uint24 step, uint24 today, uint24 total) = book.usageOf(without, pass);
            // The step stays used; its day is the one that is counted, without what was undone.
            uint24 last = lastStepOf(pass);
            used(with_, pass, last, dayOf(step) == dayOf(last) ? today : 0, total);
        }
    }

    function test_after_every_part_the_copay_given_back_is_its_proportion_rounded_up(
        uint24 amount,
        uint32 copay,
        uint24[4] memory parts
    ) public {
        amount = uint24(within(amount, 4, 20_000));
        copay = uint32(within(copay, 0, PURSE));
        uint32 campaign = open(ordinary());
        Spend memory s = spending(campaign, 5, NOON_STEP, amount, copay);
        uint32 batch = redeem(s);
        uint256 voided;
        for (uint40 i = 0; i < 4; ++i) {
            uint256 left = amount - voided;
            parts[i] = uint24(i == 3 ? left : within(parts[i], 1, left - (3 - i)));
            undo(s, batch, parts[i], uint40(NOON) + i);
            voided += parts[i];
            uint256 back = (uint256(copay) * voided + amount - 1) / amount;
            vm.assertEq(token.balanceOf(addressOf(5)), PURSE - copay + back);
            credited(campaign, SHOP, amount - voided, copay - back);
            used(campaign, 5, NOON_STEP, amount - voided, amount - voided);
            vm.assertEq(book.campaignOf(campaign).spent, amount - voided);
        }
        vm.assertEq(token.balanceOf(addressOf(5)), PURSE);
    }

    // ------------------------------------------------------------------- spent again, to the satang

    function test_the_day_quota_that_came_back_can_be_spent_and_not_one_satang_more(uint24 part)
        public
    {
        spentAgain(open(ordinary()), part, Reason.DAY_QUOTA_USED);
    }

    function test_the_allowance_that_came_back_can_be_spent_and_not_one_satang_more(uint24 part)
        public
    {
        Terms memory terms = ordinary();
        terms.perDayMax = 0;
        terms.allowance = 20_000;
        spentAgain(open(terms), part, Reason.ALLOWANCE_USED);
    }

    function test_the_budget_that_came_back_can_be_spent_and_not_one_satang_more(uint24 part)
        public
    {
        Terms memory terms = ordinary();
        terms.perDayMax = 0;
        uint32 campaign = approved(terms);
        issue(campaign);
        give(treasurer, campaign, 20_000);
        spentAgain(campaign, part, Reason.BUDGET_USED);
    }

    // ------------------------------------------------------------------------------------ hands

    /// @dev All 20,000 that there are, a part of it undone and spent again.
    function spentAgain(uint32 campaign, uint24 part, uint256 reason) private {
        part = uint24(within(part, 1, 20_000));
        vm.warp(NOON + 1 minutes);
        Spend memory s = spending(campaign, 5, NOON_STEP, 20_000, 0);
        uint32 batch = redeem(s);
        refuse(spending(campaign, 5, NOON_STEP + 1, 1, 0), reason);
        undo(s, batch, part, uint40(NOON));
        refuse(spending(campaign, 5, NOON_STEP + 1, part + 1, 0), reason);
        redeem(spending(campaign, 5, NOON_STEP + 1, part, 0));
        refuse(spending(campaign, 5, NOON_STEP + 2, 1, 0), reason);
    }

    /// @dev Redemptions of four passes that share a slot, within a few days, at two merchants.
    function live(uint32 campaign, uint256 count) private returns (uint256 spent) {
        uint24 step = NOON_STEP;
        for (uint256 i = 0; i < count; ++i) {
            step += uint24(draw(1, STEPS_A_DAY * 2 / 3));
            vm.warp(timeOf(step));
            Spend memory s = spending(
                campaign,
                uint32(draw(4, 7)),
                step,
                uint24(draw(1, 20_000 / SPENDS)),
                uint32(draw(0, 9_999))
            );
            s.merchant = uint32(draw(SHOP, RIVAL));
            history.push(s);
            batches.push(redeem(s));
            spent += s.amount;
        }
    }

    function undoInParts(Spend memory s, uint32 batch) private {
        uint256 left = s.amount;
        for (uint40 i = 1; left != 0; ++i) {
            uint256 part = i == PARTS_MAX ? left : draw(1, left);
            undo(s, batch, uint32(part), uint40(block.timestamp) + i);
            left -= part;
        }
    }

    function lastStepOf(uint32 pass) private view returns (uint24 step) {
        for (uint256 i = 0; i < history.length; ++i) {
            if (history[i].pass == pass && history[i].step > step) step = history[i].step;
        }
    }

    function draw(uint256 min, uint256 max) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return within(seed, min, max);
    }

    /// @dev A campaign begins at midnight, so that its days are the city's.
    function dayOf(uint24 step) private pure returns (uint256) {
        return step == 0 ? type(uint256).max : (uint256(step) - 1) / STEPS_A_DAY;
    }
}
