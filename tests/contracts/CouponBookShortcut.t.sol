// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Batches} from "../../contracts/libraries/Batches.sol";
import {Claim, Rules, Verdicts} from "../../contracts/libraries/Verdicts.sol";
import {EntryWord} from "../../contracts/types/EntryWord.sol";
import {Reason} from "../../contracts/types/Reason.sol";
import {UsageLane, packUsage} from "../../contracts/types/UsageLane.sol";
import {vm} from "./Vm.sol";

/// @notice The judge's shortcut beside its law: they agree on whether anything is wrong. Claims are
/// made mostly right and then spoiled a little, or else nearly all of them would be wrong at once.
contract CouponBookShortcutTest {
    uint256 private constant NEVER = type(uint256).max;
    uint256 private constant TIME = 1_761_714_000;

    uint256 private seed;
    uint256 private drawn;

    function test_the_shortcut_finds_a_fault_exactly_where_the_law_does(uint256 seed_) public {
        seed = seed_;
        (Rules memory rules, Claim memory claim) = mostlyRight();
        agree(rules, claim);
    }

    function test_both_answers_are_found_often() public {
        uint256 clean;
        for (uint256 i = 0; i < 400; ++i) {
            seed = uint256(keccak256(abi.encode("often", i)));
            (Rules memory rules, Claim memory claim) = mostlyRight();
            if (agree(rules, claim) == Reason.NONE) ++clean;
        }
        vm.assertGe(clean, 50);
        vm.assertLe(clean, 350);
    }

    function test_claims_of_nothing_but_noise_agree_too(
        Rules memory rules,
        Claim memory claim,
        uint256 raw
    ) public pure {
        claim.entry = EntryWord.wrap(raw);
        claim.usage = UsageLane.wrap(uint64(raw >> 7));
        // What `rulesOf` makes of the others.
        rules.forced = false;
        rules.pausedAt = rules.pausedAt == 0 ? 1 : rules.pausedAt;
        rules.ends = rules.ends == 0 ? 1 : rules.ends;
        clean(rules);
        agree(rules, claim);
    }

    function agree(Rules memory rules, Claim memory claim) private pure returns (uint256 reason) {
        reason = Verdicts.judge(rules, claim);
        uint256 flags = Verdicts.flagPass(
            rules, claim.entry, claim.signedAt, claim.hour, claim.pass, claim.usage, claim.listed
        )
        | Verdicts.flagFigures(
            rules,
            claim.entry,
            claim.merchant,
            claim.apart,
            claim.shareMax,
            claim.today,
            claim.total,
            claim.left
        );
        // A forced claim always goes to the law, which may find nothing.
        if (rules.forced) vm.assertTrue(flags != 0 || reason != Reason.NONE);
        else vm.assertEq(flags == 0, reason == Reason.NONE);
    }

    function clean(Rules memory rules) private pure {
        rules.cleanFrom = rules.signedEarliest;
        uint256 end = (rules.ends < rules.pausedAt ? rules.ends : rules.pausedAt) - 1;
        rules.cleanUntil = rules.forced ? 0 : (rules.signedLatest < end ? rules.signedLatest : end);
    }

    // ------------------------------------------------------------------------------------- claims

    /// @dev Every figure is right, or with a chance of one in forty one off its edge.
    function mostlyRight() private returns (Rules memory rules, Claim memory claim) {
        drawn = 0;
        claim.signedAt = TIME;
        rules.signedEarliest = TIME - off(0);
        rules.signedLatest = TIME + 1 - off(1);
        rules.forcedLatest = TIME - draw(2);
        rules.forced = draw(8) == 0;
        rules.pausedAt = draw(3) == 0 ? TIME + 1 - off(1) : NEVER;
        rules.ends = TIME + 1 - off(1);
        rules.firstUseBy = draw(3) == 0 ? TIME - off(1) : NEVER;
        rules.sameDistrict = draw(2) == 0 ? NEVER : 0;
        clean(rules);

        claim.hour = draw(168);
        rules.openHours = ~(off(1) << claim.hour);
        uint256 class = draw(32);
        rules.audience = ~(off(1) << class);
        claim.pass = 1 | class << 32 | (TIME + off(1)) << 48 | (1 + off(2)) << 128;
        if (draw(2) == 0) claim.pass |= (TIME + 1 - off(1)) << 88;
        claim.merchant = Batches.describe(0, off(1) * (13 + draw(4)), 1);
        claim.apart = off(1);
        claim.listed = off(1) == 0;
        figures(rules, claim);
    }

    function figures(Rules memory rules, Claim memory claim) private {
        uint256 amount = draw(20) == 0 ? 0 : 1 + draw(10_000);
        uint256 copay = draw(2) * draw(10_000);
        uint256 bill = amount + copay - (amount + copay == 0 ? 0 : off(1));
        uint256 step = 1 + draw(2 ** 21 - 1);
        uint256 unnamed = draw(2);
        uint256 word = (unnamed << 23 | step) << 232 | bill << 192 | amount << 168 | copay << 136;
        if (unnamed == 1) {
            word |= (bill == 0 ? 0 : bill - off(1)) << 104;
            word |= (amount == 0 ? 0 : amount - off(1)) << 80;
            word |= (copay == 0 ? 0 : copay - off(1)) << 48;
        }
        claim.entry = EntryWord.wrap(word);
        uint256 last = draw(3) == 0 ? 0 : step - 1 + off(1);
        claim.usage = packUsage(last > 2 ** 21 - 1 ? 2 ** 21 - 1 : last, 0, 0);
        claim.today = amount;
        claim.total = amount;
        rules.billMin = bill + off(1);
        claim.shareMax = amount == 0 ? 0 : amount - off(1);
        rules.perUseMax = draw(2) == 0 ? NEVER : amount - (amount == 0 ? 0 : off(1));
        rules.perDayMax = draw(2) == 0 ? NEVER : amount - (amount == 0 ? 0 : off(1));
        rules.allowance = amount - (amount == 0 ? 0 : off(1));
        claim.left = amount - (amount == 0 ? 0 : off(1));
    }

    function draw(uint256 below) private returns (uint256) {
        return uint256(keccak256(abi.encode(seed, drawn++))) % below;
    }

    /// @dev `by`, one time in forty; else nothing.
    function off(uint256 by) private returns (uint256) {
        return draw(40) == 0 ? by : 0;
    }
}
