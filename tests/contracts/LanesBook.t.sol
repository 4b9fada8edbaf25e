// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBook} from "../../contracts/interfaces/ICouponBook.sol";
import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {Terms} from "../../contracts/types/CampaignTypes.sol";
import {City, Wiring} from "./City.sol";
import {Vm, vm} from "./Vm.sol";

/// @notice Usage lanes under a real campaign, filled to their edges by signed redemptions. The
/// holders of passes 4 to 7 share one slot.
contract LanesBookTest is City {
    bytes32 private constant REDEMPTION = keccak256(
        "Redemption(uint32 campaign,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,"
        "uint40 signedAt)"
    );
    bytes32 private constant VOID = keccak256(
        "Void(uint32 campaign,uint32 pass,uint32 merchant,uint32 amount,uint40 signedAt,"
        "uint40 voidedAt)"
    );
    uint24 private constant TOTAL_LARGEST = 2 ** 24 - 1;
    uint24 private constant TODAY_LARGEST = 2 ** 19 - 1;
    uint256 private constant DAY_QUOTA_USED = 22;
    uint256 private constant ALLOWANCE_USED = 23;
    /// @dev Midnight in Bangkok.
    uint256 private constant STARTS = NOON + 12 hours;
    uint256 private constant STEPS_A_DAY = 5_760;
    uint24 private constant LAST_STEP = 364 * 5_760;

    ICouponBook private book;

    function setUp() public override {
        super.setUp();
        book = ICouponBook(
            vm.deployCode("CouponBook.sol:CouponBook", abi.encode(manager, passes, merchants))
        );
        Wiring.wire(manager, address(book), "CouponBook");
        token.setCityAccount(address(book), true);
        registerOne(named("shop"));
        for (uint32 pass = 1; pass <= 8; ++pass) {
            enrolOne(named(holderOf(pass)));
        }
        fund(treasurer, 2 ** 40);
        vm.prank(treasurer);
        token.approve(address(book), type(uint256).max);
        vm.warp(STARTS);
    }

    // ------------------------------------------------------------------------- up to the limits

    function test_the_whole_allowance_can_be_spent_and_not_one_satang_more(
        uint24 allowance,
        uint24 first
    ) public {
        allowance = uint24(within(allowance, 2, TOTAL_LARGEST));
        first = uint24(within(first, 1, allowance - 1));
        open(allowance, 0);
        redeem(5, 1, first);
        redeem(5, 2, allowance - first);
        used(5, 2, 0, allowance);

        refused(5, 3, 1, ALLOWANCE_USED);
        used(5, 2, 0, allowance);
    }

    function test_the_whole_day_quota_can_be_spent_and_not_one_satang_more(
        uint24 perDayMax,
        uint24 first
    ) public {
        perDayMax = uint24(within(perDayMax, 2, TODAY_LARGEST));
        first = uint24(within(first, 1, perDayMax - 1));
        open(TOTAL_LARGEST, perDayMax);
        redeem(6, 1, first);
        redeem(6, 2, perDayMax - first);
        used(6, 2, perDayMax, perDayMax);
        refused(6, 3, 1, DAY_QUOTA_USED);

        uint24 tomorrow = uint24(STEPS_A_DAY) + 1;
        redeem(6, tomorrow, perDayMax);
        used(6, tomorrow, perDayMax, uint256(perDayMax) * 2);
    }

    function test_an_amount_that_would_wrap_its_lane_is_refused(uint24 amount) public {
        amount = uint24(within(amount, 1, TOTAL_LARGEST));
        open(TOTAL_LARGEST, 0);
        redeem(7, 1, TOTAL_LARGEST);
        refused(7, 2, amount, ALLOWANCE_USED);
        used(7, 1, 0, TOTAL_LARGEST);
    }

    function test_the_last_step_of_the_longest_campaign_can_be_used() public {
        open(TOTAL_LARGEST, TODAY_LARGEST);
        redeem(4, LAST_STEP, TODAY_LARGEST);
        used(4, LAST_STEP, TODAY_LARGEST, TODAY_LARGEST);
    }

    // ------------------------------------------------------------------------------- neighbours

    function test_a_full_lane_leaves_its_neighbours_alone(uint32 which, uint24[4] memory spent)
        public
    {
        open(TOTAL_LARGEST, TODAY_LARGEST);
        for (uint32 i = 0; i < 4; ++i) {
            spent[i] = uint24(within(spent[i], 1, TODAY_LARGEST));
            redeem(4 + i, uint24(10 + i), spent[i]);
        }
        uint32 full = uint32(4 + within(which, 0, 3));
        redeem(full, LAST_STEP, TODAY_LARGEST);
        for (uint32 i = 0; i < 4; ++i) {
            if (4 + i == full) {
                used(full, LAST_STEP, TODAY_LARGEST, uint256(spent[i]) + TODAY_LARGEST);
            } else {
                used(4 + i, 10 + i, spent[i], spent[i]);
            }
        }
        used(3, 0, 0, 0);
        used(8, 0, 0, 0);
    }

    function test_an_emptied_lane_leaves_its_neighbours_alone_and_keeps_its_step(
        uint24 amount,
        uint24 part
    ) public {
        amount = uint24(within(amount, 2, TODAY_LARGEST));
        part = uint24(within(part, 1, amount - 1));
        open(TOTAL_LARGEST, TODAY_LARGEST);
        redeem(4, 1, TODAY_LARGEST);
        redeem(6, 1, TODAY_LARGEST);
        bytes memory records = redeem(5, 2, amount);

        voidPart(5, 2, part, 0, records);
        used(5, 2, amount - part, amount - part);
        voidPart(5, 2, amount - part, 1, records);
        used(5, 2, 0, 0);
        used(4, 1, TODAY_LARGEST, TODAY_LARGEST);
        used(6, 1, TODAY_LARGEST, TODAY_LARGEST);
    }

    function test_a_void_of_an_earlier_day_gives_back_the_allowance_and_not_todays_quota() public {
        open(TOTAL_LARGEST, TODAY_LARGEST);
        bytes memory records = redeem(5, 1, 500);
        uint24 tomorrow = uint24(STEPS_A_DAY) + 1;
        redeem(5, tomorrow, 300);
        voidPart(5, 1, 500, 0, records);
        used(5, tomorrow, 300, 300);
    }

    // ------------------------------------------------------------------------------------ hands

    /// @dev Campaign 1: the longest there can be, every hour, the whole bill.
    function open(uint24 allowance, uint24 perDayMax) private {
        Terms memory terms;
        terms.policyHash = "policy";
        terms.token = address(token);
        terms.starts = uint40(STARTS);
        terms.ends = uint40(STARTS + 364 days);
        terms.shareBasisPoints = 10_000;
        terms.allowance = allowance;
        terms.perDayMax = perDayMax;
        terms.audience = 1;
        terms.categories = 1;
        terms.districts = 1;
        terms.openHours = 2 ** 168 - 1;
        vm.prank(officer);
        book.draft(terms);
        vm.prank(approver);
        book.approve(1);
        vm.prank(issuer);
        book.issue(1);
        vm.prank(treasurer);
        book.fund(1, 2 ** 30);
    }

    /// @dev Nobody's privilege: 15 minutes after it was signed anyone may bring a redemption in.
    function redeem(uint32 pass, uint24 step, uint24 amount) private returns (bytes memory) {
        bytes memory batch = entryOf(pass, step, amount);
        vm.recordLogs();
        book.forceRedeem(1, batch);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        (bytes memory records,) = abi.decode(logs[logs.length - 1].data, (bytes, uint40));
        return records;
    }

    function refused(uint32 pass, uint24 step, uint24 amount, uint256 reason) private {
        bytes memory batch = entryOf(pass, step, amount);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_RedemptionRefused.selector, 0, reason
            )
        );
        book.forceRedeem(1, batch);
    }

    function entryOf(uint32 pass, uint24 step, uint24 amount) private returns (bytes memory) {
        uint256 signedAt = timeOf(step);
        vm.warp(signedAt + 15 minutes);
        bytes32 hash = keccak256(abi.encode(REDEMPTION, 1, 1, amount, amount, 0, signedAt));
        (bytes32 r, bytes32 vs) = vm.signCompact(keyOf(holderOf(pass)), digestOf(hash));
        return abi.encodePacked(
            uint8(1), uint32(1), step, uint8(0), uint32(amount), amount, uint32(0), r, vs
        );
    }

    function voidPart(uint32 pass, uint24 step, uint24 amount, uint40 later, bytes memory records)
        private
    {
        uint32 batches = book.campaignOf(1).batches;
        uint32 batch;
        for (uint32 i = 1; i <= batches; ++i) {
            if (book.batchDigest(1, i) == keccak256(records)) batch = i;
        }
        uint40 voidedAt = uint40(timeOf(step) + 1 days + 1 hours) + later;
        vm.warp(voidedAt);
        bytes32 hash = keccak256(abi.encode(VOID, 1, pass, 1, amount, timeOf(step), voidedAt));
        (bytes32 r, bytes32 vs) = vm.signCompact(keyOf("shop"), digestOf(hash));
        book.void(1, batch, records, 0, named(holderOf(pass)), amount, voidedAt, r, vs);
    }

    function used(uint32 pass, uint256 lastStep, uint256 today, uint256 total) private view {
        (uint24 isLast, uint24 isToday, uint24 isTotal) = book.usageOf(1, pass);
        vm.assertEq(isLast, lastStep, "last step");
        vm.assertEq(isToday, today, "spent today");
        vm.assertEq(isTotal, total, "spent in all");
    }

    function digestOf(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,"
                    "address verifyingContract)"
                ),
                keccak256("Nakhon"),
                keccak256("1"),
                block.chainid,
                address(book)
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function timeOf(uint24 step) private pure returns (uint256) {
        return STARTS + (uint256(step) - 1) * 15;
    }

    function holderOf(uint32 pass) private pure returns (string memory) {
        return string.concat("holder ", vm.toString(pass));
    }
}
