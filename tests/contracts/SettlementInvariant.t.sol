// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {CampaignStatus, Terms} from "../../contracts/types/CampaignTypes.sol";
import {SettlementCase} from "./SettlementCase.sol";
import {vm} from "./Vm.sol";
import {PlainPayments} from "./reference/PlainPayments.sol";

/// @notice Two campaigns with little money, two shops, a treasurer who pays them, a bank that returns
/// payments and shops that undo what they were paid for. What the contracts must refuse is foretold.
contract SettlementHandler is SettlementCase {
    struct Taken {
        Spend spend;
        uint32 batch;
        uint256 voided;
        uint256 copayBack;
        uint40 voidedAt;
    }

    struct Paid {
        uint32 round;
        uint32 shop;
        bool returned;
        bytes lines;
        int256[3] sums;
    }

    uint32 private constant CAMPAIGNS = 2;
    uint32 private constant SHOPS = 2;
    uint96 private constant SMALL = 20_000;

    PlainPayments public plain;
    uint256 public supply;
    uint256 public refusals;
    uint256 private clock = NOON;
    Taken[] private taken;
    Paid[] private payments;

    function setUp() public override {
        super.setUp();
        plain = new PlainPayments(CAMPAIGNS, SHOPS);
        Terms memory terms = ordinary();
        (terms.allowance, terms.perDayMax) = (type(uint24).max, 0);
        for (uint32 campaign = 1; campaign <= CAMPAIGNS; ++campaign) {
            approved(terms);
            issue(campaign);
            give(treasurer, campaign, SMALL);
            plain.fund(campaign, SMALL);
        }
        supply = token.totalSupply();
    }

    modifier awake() {
        clock += 15;
        vm.warp(clock);
        _;
    }

    // -------------------------------------------------------------------------------------- moves

    function redeem(uint256 who, uint256 where, bool second, uint24 amount, uint32 copay)
        external
        awake
    {
        uint32 campaign = second ? 2 : 1;
        amount = uint24(within(amount, 1, 3_000));
        uint256 left = unspent(campaign);
        if (amount > left) return;
        uint24 step = uint24((clock - STARTS) / 15 + 1);
        Spend memory s = spending(
            campaign, uint32(1 + who % HOLDERS), step, amount, uint32(within(copay, 0, amount))
        );
        s.merchant = uint32(1 + where % SHOPS);
        uint32 batch = redeem(s);
        taken.push(Taken(s, batch, 0, 0, 0));
        plain.redeem(campaign, s.merchant, s.amount, s.copay);
    }

    function undo(uint256 which, uint24 part) external awake {
        if (taken.length == 0) return;
        Taken storage t = taken[which % taken.length];
        Spend memory s = t.spend;
        if (t.voided == s.amount) return;
        uint32 amount = uint32(within(part, 1, s.amount - t.voided));
        uint256 voided = t.voided + amount;
        uint256 copay = (uint256(s.copay) * voided + s.amount - 1) / s.amount - t.copayBack;

        uint256 before = vm.snapshotState();
        plain.undo(s.campaign, s.merchant, amount, copay);
        uint256 spent = plain.spent(s.campaign);
        uint256 funded = plain.funded(s.campaign);
        if (spent > funded) {
            vm.revertToState(before);
            refusals += 1;
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICouponBookErrors.CouponBook_VoidUnfunded.selector, s.campaign, spent - funded
                )
            );
            undo(s, t.batch, amount, uint40(clock));
            return;
        }
        undo(s, t.batch, amount, uint40(clock));
        (t.voided, t.copayBack, t.voidedAt) = (voided, t.copayBack + copay, uint40(clock));
    }

    /// @dev A round of everything that is due, part of it only where `parts` is odd.
    function payAll(uint8 parts) external awake {
        bytes memory lines;
        uint256 total;
        for (uint32 shop = 1; shop <= SHOPS; ++shop) {
            (bytes memory own, int256[3] memory sums, int256 sum) = linesOf(shop, parts % 2 == 1);
            if (sum <= 0) continue;
            lines = bytes.concat(lines, own);
            total += uint256(sum);
            Paid storage paid = payments.push();
            (paid.round, paid.shop, paid.sums) = (settlement.lastRound() + 1, shop, sums);
            for (uint32 campaign = 1; campaign <= CAMPAIGNS; ++campaign) {
                plain.pay(campaign, shop, sums[campaign]);
            }
        }
        if (total == 0) return;
        uint32 round = settled(lines, uint96(total));
        for (uint256 i = 0; i < payments.length; ++i) {
            if (payments[i].round == round) payments[i].lines = lines;
        }
    }

    /// @dev The bank returns a payment, however long ago it was made.
    function comeBack(uint256 which) external awake {
        if (payments.length == 0) return;
        Paid storage paid = payments[which % payments.length];
        if (paid.returned) return;
        bool can = canComeBack(paid);
        if (!can) {
            refusals += 1;
            vm.expectRevert();
        }
        recredit(paid.round, paid.lines, paid.shop);
        if (!can) return;
        paid.returned = true;
        for (uint32 campaign = 1; campaign <= CAMPAIGNS; ++campaign) {
            plain.takeBack(campaign, paid.shop, paid.sums[campaign]);
        }
    }

    function coverSome(uint256 where, bool second, uint64 amount) external awake {
        uint32 campaign = second ? 2 : 1;
        uint32 shop = uint32(1 + where % SHOPS);
        int256 due = plain.due(campaign, shop);
        amount = uint64(within(amount, 0, due < 0 ? uint256(-due) : 0));
        cover(campaign, shop, amount);
        plain.cover(campaign, shop, amount);
    }

    function give(bool second, uint96 amount) external awake {
        amount = uint96(within(amount, 1, 500));
        give(treasurer, second ? 2 : 1, amount);
        plain.fund(second ? 2 : 1, amount);
    }

    /// @notice The end: debts are covered, what is left goes back, and every shop is paid.
    function close() external {
        vm.warp(OVER + 1);
        for (uint32 campaign = 1; campaign <= CAMPAIGNS; ++campaign) {
            for (uint32 shop = 1; shop <= SHOPS; ++shop) {
                int256 due = plain.due(campaign, shop);
                uint64 debt = due < 0 ? uint64(uint256(-due)) : 0;
                cover(campaign, shop, debt);
                plain.cover(campaign, shop, debt);
            }
            book.sweep(campaign, 1_000);
            stands(campaign, CampaignStatus.Closed);
        }
        bytes memory lines;
        uint256 total;
        for (uint32 shop = 1; shop <= SHOPS; ++shop) {
            (bytes memory own,, int256 sum) = linesOf(shop, false);
            if (sum <= 0) continue;
            lines = bytes.concat(lines, own);
            total += uint256(sum);
        }
        if (total != 0) settled(lines, uint96(total));
        vm.assertEq(token.balanceOf(address(book)), 0, "the book is not empty");
        vm.assertEq(token.balanceOf(address(settlement)), 0, "the settlement book is not empty");
    }

    // ------------------------------------------------------------------------- against the ghosts

    function theBookIsThePlainOne() external view {
        for (uint32 campaign = 1; campaign <= CAMPAIGNS; ++campaign) {
            for (uint32 shop = 1; shop <= SHOPS; ++shop) {
                (uint256 amount, uint256 copay, uint256 paid, uint256 owed) =
                    plain.accounts(campaign, shop);
                credited(campaign, shop, amount, copay);
                owes(campaign, shop, paid, owed);
            }
            spentOf(campaign, plain.spent(campaign), plain.owed(campaign));
            vm.assertEq(book.campaignOf(campaign).funded, plain.funded(campaign), "funded");
        }
    }

    function theBookHoldsWhatItNeeds() external view {
        uint256 held;
        for (uint32 campaign = 1; campaign <= CAMPAIGNS; ++campaign) {
            vm.assertLe(plain.spent(campaign), plain.funded(campaign));
            vm.assertLe(plain.needed(campaign), plain.held(campaign));
            held += plain.held(campaign);
        }
        vm.assertEq(token.balanceOf(address(book)), held, "held");
    }

    function circulationIsWhatWasFundedLessWhatWasPaid() external view {
        vm.assertEq(token.totalSupply(), supply - plain.burnt() + plain.madeAgain());
        vm.assertEq(token.balanceOf(address(settlement)), 0);
    }

    // -------------------------------------------------------------------------------------- hands

    function unspent(uint32 campaign) private view returns (uint256) {
        return plain.funded(campaign) - plain.spent(campaign);
    }

    /// @dev The lines of all that a shop is due, what each campaign's come to, and the sum. Where
    /// only a part is paid it is half of each.
    function linesOf(uint32 shop, bool half)
        private
        view
        returns (bytes memory lines, int256[3] memory sums, int256 sum)
    {
        for (uint32 campaign = 1; campaign <= CAMPAIGNS; ++campaign) {
            int256 due = plain.due(campaign, shop);
            if (half) due /= 2;
            sums[campaign] = due;
            sum += due;
            lines = bytes.concat(lines, line(campaign, shop, int64(due - due / 3), int64(due / 3)));
        }
    }

    /// @dev Whether every line of a payment can be taken back: nothing was netted since, and what it
    /// had netted can be carried again.
    function canComeBack(Paid storage paid) private returns (bool can) {
        uint256 before = vm.snapshotState();
        can = true;
        for (uint32 campaign = 1; campaign <= CAMPAIGNS && can; ++campaign) {
            (,, uint256 was,) = plain.accounts(campaign, paid.shop);
            can = int256(was) >= paid.sums[campaign];
            if (!can) break;
            plain.takeBack(campaign, paid.shop, paid.sums[campaign]);
            can = plain.spent(campaign) <= plain.funded(campaign);
        }
        vm.revertToState(before);
    }
}

/// @notice P4 and P8 under any order of payments, voids, returns and covers.
contract SettlementInvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    SettlementHandler private handler;

    function setUp() public {
        handler = new SettlementHandler();
        handler.setUp();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(handler);
        targets[0].selectors = new bytes4[](6);
        targets[0].selectors[0] = bytes4(keccak256("redeem(uint256,uint256,bool,uint24,uint32)"));
        targets[0].selectors[1] = bytes4(keccak256("undo(uint256,uint24)"));
        targets[0].selectors[2] = handler.payAll.selector;
        targets[0].selectors[3] = handler.comeBack.selector;
        targets[0].selectors[4] = handler.coverSome.selector;
        targets[0].selectors[5] = bytes4(keccak256("give(bool,uint96)"));
    }

    /// forge-config: default.invariant.runs = 24
    function invariant_every_account_is_that_of_the_plain_reference() public view {
        handler.theBookIsThePlainOne();
    }

    /// forge-config: default.invariant.runs = 24
    function invariant_the_book_holds_what_is_unspent_and_what_shops_are_to_be_paid() public view {
        handler.theBookHoldsWhatItNeeds();
    }

    /// forge-config: default.invariant.runs = 24
    function invariant_circulation_is_funded_less_settled_and_more_by_what_came_back() public view {
        handler.circulationIsWhatWasFundedLessWhatWasPaid();
    }

    /// @dev At the end of each run every debt is covered, every satang is somewhere.
    function afterInvariant() public {
        handler.close();
    }
}

/// @notice The histories of the invariants do meet what they are about.
contract SettlementHistoryTest {
    function test_random_payments_meet_debts_refusals_and_returns() public {
        SettlementHandler handler = new SettlementHandler();
        handler.setUp();
        uint256 seed = 7;
        for (uint256 i = 0; i < 400; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 kind = seed % 12;
            uint256 a = seed >> 8;
            if (kind < 5) {
                handler.redeem(a, a >> 7, a >> 9 & 1 == 0, uint24(a >> 16), uint32(a >> 64));
            } else if (kind < 8) {
                handler.undo(a, uint24(a >> 16));
            } else if (kind < 10) {
                handler.payAll(uint8(a));
            } else if (kind == 10) {
                handler.comeBack(a);
            } else {
                handler.coverSome(a, a >> 9 & 1 == 0, uint64(a >> 16 & 0xff));
            }
        }
        handler.theBookIsThePlainOne();
        handler.theBookHoldsWhatItNeeds();
        handler.circulationIsWhatWasFundedLessWhatWasPaid();
        vm.assertLe(1, handler.refusals());
        vm.assertLe(1, handler.plain().madeAgain());
        handler.close();
    }
}
