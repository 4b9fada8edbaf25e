// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Entry, SignedEntries} from "./SignedEntries.sol";
import {Vm, vm} from "./Vm.sol";

/// @notice A city whose holders sign, whose shops void, and whose sequencer and everybody else bring
/// in what they have: only legal moves. It remembers what was signed, in plain sums.
contract CouponBookHandler is SignedEntries {
    struct Signed {
        uint32 pass;
        uint32 shop;
        uint24 step;
        uint24 amount;
        uint32 copay;
        uint32 batch;
        uint24 voided;
        uint32 copayBack;
        uint40 voidedAt;
        bytes records;
        bytes packed;
    }

    uint256 public funded;
    uint256 public returned;
    uint256 public times;
    Signed[] private signed;
    mapping(uint32 pass => uint24) public lastStep;
    mapping(uint32 pass => mapping(uint24 step => uint256)) public taken;

    function setUp() public override {
        super.setUp();
        open(generous());
        funded = BUDGET;
    }

    /// @dev Every move is made at the time at which the last one ended.
    modifier awake() {
        vm.warp(clock);
        _;
    }

    // -------------------------------------------------------------------------------------- moves

    function redeem(uint256 who, uint256 where, uint24 amount, uint32 copay, bool forced)
        external
        awake
    {
        Entry memory e = freshEntry(who, where, amount, copay);
        uint32 pass = uint32(1 + who % HOLDERS);
        (, uint24 today, uint24 total) = book.usageOf(1, pass);
        if (today + e.amount > 50_000 || total + e.amount > 100_000) return;
        if (forced) moveTo(timeOf(e.step) + 900);
        bytes memory packed = pack(e);
        vm.recordLogs();
        vm.prank(forced ? anyone : sequencer);
        if (forced) book.forceRedeem(1, batch(packed));
        else book.redeem(1, batch(packed));
        (uint32 number, bytes memory records,) = told(vm.getRecordedLogs());
        count(records);
        lastStep[pass] = e.step;
        signed.push(
            Signed(pass, e.merchant, e.step, e.amount, e.copay, number, 0, 0, 0, records, packed)
        );
    }

    /// @dev Old redemptions, alone and among each other, as a restarted sequencer would send them.
    function sendAgain(uint256 first, uint8 many) external awake {
        if (signed.length == 0) return;
        bytes memory data;
        for (uint256 i = 0; i < 1 + many % 5; ++i) {
            unchecked {
                data = bytes.concat(data, signed[(first + i) % signed.length].packed);
            }
        }
        vm.recordLogs();
        vm.prank(sequencer);
        book.redeem(1, batch(data));
        (, bytes memory records,) = told(vm.getRecordedLogs());
        count(records);
    }

    /// @dev An entry that the holder did not sign like this.
    function forge(uint256 who, uint256 where, uint24 amount, uint256 key) external awake {
        Entry memory e = freshEntry(who, where, amount, 0);
        e.key = 1 + key % (ORDER - 1);
        if (passes.passOf(vm.addr(e.key)).number != 0) return;
        vm.recordLogs();
        vm.prank(sequencer);
        book.redeem(1, batch(e));
        (, bytes memory records,) = told(vm.getRecordedLogs());
        count(records);
    }

    /// @dev Checks on the way that the void takes exactly its part out of everything (P9).
    function undo(uint256 which, uint24 part) external awake {
        if (signed.length == 0) return;
        Signed storage s = signed[which % signed.length];
        if (s.voided == s.amount) return;
        uint24 amount = uint24(within(part, 1, s.amount - s.voided));
        // Each void of a redemption is signed later than the one before.
        if (clock <= s.voidedAt) moveTo(uint256(s.voidedAt) + 1);
        (,, uint24 total) = book.usageOf(1, s.pass);
        (uint64 credit, uint64 copays,,) = book.credits(1, s.shop);
        uint256 purse = token.balanceOf(addressOf(s.pass));
        uint256 spent = book.campaignOf(1).spent;

        sendVoid(s, amount);

        uint256 back = token.balanceOf(addressOf(s.pass)) - purse;
        (, uint24 todayNow, uint24 totalNow) = book.usageOf(1, s.pass);
        (uint64 creditNow, uint64 copaysNow,,) = book.credits(1, s.shop);
        vm.assertEq(totalNow, total - amount);
        vm.assertLe(todayNow, totalNow);
        vm.assertEq(creditNow, credit - amount);
        vm.assertEq(copaysNow, copays - back);
        vm.assertEq(book.campaignOf(1).spent, spent - amount);
        s.voided += amount;
        s.copayBack += uint32(back);
        s.voidedAt = uint40(clock);
        if (s.voided == s.amount) vm.assertEq(s.copayBack, s.copay);
    }

    function give(uint96 amount) external awake {
        amount = uint96(within(amount, 1, 1_000_000));
        give(treasurer, 1, amount);
        funded += amount;
    }

    function rest(uint256 seconds_) external awake {
        moveTo(clock + within(seconds_, 1, 6 hours));
    }

    function pauseAndResume() external awake {
        pause(1);
        vm.prank(approver);
        book.resume(1);
    }

    /// @notice The end: everything unspent goes back. Not a move, it comes last.
    function sweep() external awake {
        uint256 before = token.balanceOf(address(book));
        moveTo(uint256(ENDS) + 7 days + 901);
        book.sweep(1, 1_000);
        returned = before - token.balanceOf(address(book));
    }

    // --------------------------------------------------------------------- the book and the ghosts

    function everyPassSpentWhatWasSigned() external view {
        for (uint32 pass = 1; pass <= HOLDERS; ++pass) {
            uint256 spent;
            uint256 paid;
            for (uint256 i = 0; i < signed.length; ++i) {
                Signed storage s = signed[i];
                if (s.pass != pass) continue;
                spent += s.amount - s.voided;
                paid += s.copay - s.copayBack;
            }
            (uint24 last, uint24 today, uint24 total) = book.usageOf(1, pass);
            vm.assertEq(last, lastStep[pass]);
            vm.assertEq(total, spent);
            vm.assertLe(today, total);
            vm.assertEq(token.balanceOf(addressOf(pass)), PURSE - paid);
        }
    }

    function everyShopIsOwedWhatWasSigned() external view {
        uint256 sum;
        for (uint32 shop = 1; shop <= SHOPS; ++shop) {
            uint256 amount;
            uint256 copay;
            for (uint256 i = 0; i < signed.length; ++i) {
                Signed storage s = signed[i];
                if (s.shop != shop) continue;
                amount += s.amount - s.voided;
                copay += s.copay - s.copayBack;
            }
            credited(1, shop, amount, copay);
            sum += amount;
        }
        vm.assertEq(book.campaignOf(1).spent, sum);
    }

    function theBookHoldsWhatItOwes() external view {
        uint256 copays;
        for (uint32 shop = 1; shop <= SHOPS; ++shop) {
            (, uint64 copay,,) = book.credits(1, shop);
            copays += copay;
        }
        vm.assertEq(token.balanceOf(address(book)), funded - returned + copays);
        vm.assertEq(book.campaignOf(1).funded, funded);
        vm.assertLe(book.campaignOf(1).spent, funded - returned);
    }

    function signatures() external view returns (uint256) {
        return signed.length;
    }

    // -------------------------------------------------------------------------------------- hands

    function freshEntry(uint256 who, uint256 where, uint24 amount, uint32 copay)
        private
        returns (Entry memory e)
    {
        uint32 pass = uint32(1 + who % HOLDERS);
        if (lastStep[pass] >= stepNow()) moveTo(timeOf(uint256(lastStep[pass]) + 1));
        e = entry(pass, stepNow(), uint24(within(amount, 50, 5_000)));
        (e.place, e.merchant) = (uint8(where % SHOPS), uint32(1 + where % SHOPS));
        e.copay = uint32(within(copay, 0, e.amount));
    }

    /// @dev Counts how often each redemption was reported as taken.
    function count(bytes memory records) private {
        for (uint256 i = 0; i < records.length; i += 22) {
            uint32 pass = uint32(read(records, i, 4));
            uint24 step = uint24(read(records, i + 19, 3));
            ++taken[pass][step];
            ++times;
            vm.assertEq(taken[pass][step], 1, "a step was taken twice");
        }
    }

    function read(bytes memory data, uint256 from, uint256 size) private pure returns (uint256 n) {
        for (uint256 i = from; i < from + size; ++i) {
            n = n * 256 + uint8(data[i]);
        }
    }

    function sendVoid(Signed storage s, uint24 amount) private {
        bytes32 hash =
            digestOf(keccak256(abi.encode(VOID, 1, s.pass, s.shop, amount, timeOf(s.step), clock)));
        (bytes32 r, bytes32 vs) = vm.signCompact(keyOf(shopName(s.shop)), hash);
        vm.prank(anyone);
        book.void(1, s.batch, s.records, 0, addressOf(s.pass), amount, uint40(clock), r, vs);
    }

    function shopName(uint32 shop) private pure returns (string memory) {
        if (shop == 1) return "shop";
        if (shop == 2) return "rival";
        return shop == 3 ? "third" : "fourth";
    }
}

/// @notice P1, P2, P4 and P9 under any order of moves.
contract CouponBookInvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    CouponBookHandler private handler;

    function setUp() public {
        handler = new CouponBookHandler();
        handler.setUp();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(handler);
        targets[0].selectors = new bytes4[](7);
        targets[0].selectors[0] = handler.redeem.selector;
        targets[0].selectors[1] = handler.sendAgain.selector;
        targets[0].selectors[2] = handler.forge.selector;
        targets[0].selectors[3] = handler.undo.selector;
        targets[0].selectors[4] = handler.give.selector;
        targets[0].selectors[5] = handler.rest.selector;
        targets[0].selectors[6] = handler.pauseAndResume.selector;
    }

    /// forge-config: default.invariant.runs = 12
    function invariant_a_pass_has_spent_what_its_holder_signed_less_what_shops_gave_back()
        public
        view
    {
        handler.everyPassSpentWhatWasSigned();
    }

    /// forge-config: default.invariant.runs = 12
    function invariant_every_signature_was_taken_once_and_nothing_else_was() public view {
        vm.assertEq(handler.times(), handler.signatures());
    }

    /// forge-config: default.invariant.runs = 12
    function invariant_the_book_holds_what_was_funded_and_the_copays_of_the_shops() public view {
        handler.theBookHoldsWhatItOwes();
    }

    /// forge-config: default.invariant.runs = 12
    function invariant_what_was_spent_is_what_the_shops_are_owed() public view {
        handler.everyShopIsOwedWhatWasSigned();
    }

    /// @dev At the end of each run everything unspent returns, and what is owed stays.
    function afterInvariant() public {
        handler.sweep();
        handler.theBookHoldsWhatItOwes();
        handler.everyShopIsOwedWhatWasSigned();
    }
}
