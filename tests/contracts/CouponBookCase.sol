// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponBook} from "../../contracts/interfaces/ICouponBook.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus, Terms} from "../../contracts/types/CampaignTypes.sol";
import {City, Wiring} from "./City.sol";
import {Vm, vm} from "./Vm.sol";

/// @title A city with a coupon book
/// @notice Passes 1 to 8 of `holder 1` to `holder 8`, who all have money and let the book take a
/// copay; merchant 1, `shop`, and merchant 2, `rival`. Campaigns begin at midnight and the city is
/// founded at noon.
abstract contract CouponBookCase is City {
    bytes32 internal constant REDEMPTION = keccak256(
        "Redemption(uint32 campaign,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,"
        "uint40 signedAt)"
    );
    bytes32 internal constant VOID = keccak256(
        "Void(uint32 campaign,uint32 pass,uint32 merchant,uint32 amount,uint40 signedAt,"
        "uint40 voidedAt)"
    );
    uint40 internal constant STARTS = uint40(NOON - 12 hours);
    uint40 internal constant ENDS = STARTS + 30 days;
    uint24 internal constant STEPS_A_DAY = 5_760;
    /// @dev The step of noon on the first day.
    uint24 internal constant NOON_STEP = STEPS_A_DAY / 2 + 1;
    uint256 internal constant HOLDERS = 8;
    uint32 internal constant SHOP = 1;
    uint32 internal constant RIVAL = 2;
    uint96 internal constant BUDGET = 10_000_000;
    uint256 internal constant PURSE = 1_000_000;
    uint24 internal constant UNNAMED = 1 << 23;

    /// @notice A redemption as it is taken.
    struct Spend {
        uint32 campaign;
        uint32 pass;
        uint24 step;
        uint32 merchant;
        uint32 bill;
        uint24 amount;
        uint32 copay;
    }

    /// @notice What a holder signed who named no merchant.
    struct Maximum {
        uint32 bill;
        uint24 amount;
        uint32 copay;
    }

    ICouponBook internal book;
    bytes32 internal separator;

    function setUp() public virtual override {
        super.setUp();
        book = ICouponBook(
            vm.deployCode("CouponBook.sol:CouponBook", abi.encode(manager, passes, merchants))
        );
        Wiring.wire(manager, address(book), "CouponBook");
        token.setCityAccount(address(book), true);
        separator = keccak256(
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
        registerOne(named("shop"));
        registerOne(named("rival"));
        for (uint32 pass = 1; pass <= HOLDERS; ++pass) {
            address holder = addressOf(pass);
            enrolOne(holder);
            fund(holder, PURSE);
            allow(holder);
        }
        fund(treasurer, 2 ** 100);
        allow(treasurer);
    }

    // -------------------------------------------------------------------------------- campaigns

    /// @notice Terms that nothing is wrong with: 60 % of a bill, 200 baht a day, 2,000 baht in all.
    function ordinary() internal view returns (Terms memory terms) {
        terms.policyHash = "policy";
        terms.token = address(token);
        terms.starts = STARTS;
        terms.ends = ENDS;
        terms.shareBasisPoints = 6_000;
        terms.allowance = 200_000;
        terms.perDayMax = 20_000;
        terms.audience = 1;
        terms.categories = 1;
        terms.districts = 1;
        terms.openHours = type(uint168).max;
    }

    function draft(Terms memory terms) internal returns (uint32) {
        vm.prank(officer);
        return book.draft(terms);
    }

    function approve(uint32 campaign) internal {
        vm.prank(approver);
        book.approve(campaign);
    }

    function issue(uint32 campaign) internal {
        vm.prank(issuer);
        book.issue(campaign);
    }

    /// @notice Drafted and approved.
    function approved(Terms memory terms) internal returns (uint32 campaign) {
        campaign = draft(terms);
        approve(campaign);
    }

    /// @notice Open for everyone, with its budget.
    function open(Terms memory terms) internal returns (uint32 campaign) {
        campaign = approved(terms);
        issue(campaign);
        give(treasurer, campaign, BUDGET);
    }

    function give(address funder, uint32 campaign, uint96 amount) internal {
        vm.prank(funder);
        book.fund(campaign, amount);
    }

    /// @notice Lets the book take a copay or a contribution.
    function allow(address owner) internal {
        vm.prank(owner);
        token.approve(address(book), type(uint256).max);
    }

    function pause(uint32 campaign) internal {
        vm.prank(guardian);
        book.pause(campaign);
    }

    // ------------------------------------------------------------------------------ redemptions

    /// @notice An ordinary redemption at the shop, whose bill the amount and the copay fit.
    function spending(uint32 campaign, uint32 pass, uint24 step, uint24 amount, uint32 copay)
        internal
        pure
        returns (Spend memory)
    {
        return Spend(campaign, pass, step, SHOP, uint32(amount) * 2 + copay, amount, copay);
    }

    /// @notice A batch of one merchant and one entry, signed by the holder of the pass.
    function batchOf(Spend memory s) internal view returns (bytes memory) {
        return bytes.concat(headerOf(s.merchant), entryOf(s, 0, keyOf(holderOf(s.pass))));
    }

    function headerOf(uint32 merchant) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), merchant);
    }

    function headerOf(uint32 first, uint32 second) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(2), first, second);
    }

    /// @notice A signed entry that names its merchant, which stands at `index` of the header.
    function entryOf(Spend memory s, uint8 index, uint256 key)
        internal
        view
        returns (bytes memory)
    {
        bytes32 hash = messageOf(s.campaign, s.merchant, s.bill, s.amount, s.copay, s.step);
        (bytes32 r, bytes32 vs) = vm.signCompact(key, hash);
        return abi.encodePacked(s.step, index, s.bill, s.amount, s.copay, r, vs);
    }

    /// @notice A signed entry of a holder who named no merchant.
    function unnamedOf(Spend memory s, Maximum memory most, uint8 index, uint256 key)
        internal
        view
        returns (bytes memory)
    {
        bytes32 hash = messageOf(s.campaign, 0, most.bill, most.amount, most.copay, s.step);
        (bytes32 r, bytes32 vs) = vm.signCompact(key, hash);
        return bytes.concat(
            abi.encodePacked(s.step | UNNAMED, index, s.bill, s.amount, s.copay),
            abi.encodePacked(most.bill, most.amount, most.copay, r, vs)
        );
    }

    function messageOf(
        uint32 campaign,
        uint32 merchant,
        uint32 bill,
        uint24 amount,
        uint32 copay,
        uint24 step
    ) internal view returns (bytes32) {
        return digestOf(
            keccak256(abi.encode(REDEMPTION, campaign, merchant, bill, amount, copay, timeOf(step)))
        );
    }

    /// @notice What the book says of a taken redemption.
    function recordOf(Spend memory s) internal pure returns (bytes memory) {
        return abi.encodePacked(s.pass, s.merchant, s.bill, s.amount, s.copay, s.step);
    }

    /// @notice What the book says of a refused one; `pass` is 0 where it is not known.
    function refusalOf(Spend memory s, uint16 index, uint256 reason, uint32 pass)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(index, uint8(reason), pass, s.step, s.amount);
    }

    /// @notice The sequencer brings in a batch.
    function bring(uint32 campaign, bytes memory batch)
        internal
        returns (uint32 number, bytes memory redeemed, bytes memory refused)
    {
        vm.recordLogs();
        vm.prank(sequencer);
        book.redeem(campaign, batch);
        return told(vm.getRecordedLogs());
    }

    /// @notice The sequencer brings in one redemption, which is taken.
    function redeem(Spend memory s) internal returns (uint32 number) {
        bytes memory redeemed;
        (number, redeemed,) = bring(s.campaign, batchOf(s));
        vm.assertEq(redeemed, recordOf(s));
    }

    /// @notice The sequencer brings in one redemption, which is refused for that reason.
    function refuse(Spend memory s, uint256 reason) internal {
        (, bytes memory redeemed, bytes memory refused) = bring(s.campaign, batchOf(s));
        vm.assertEq(redeemed, "");
        vm.assertEq(refused, refusalOf(s, 0, reason, s.pass));
    }

    /// @notice What the book's events of a batch say.
    function told(Vm.Log[] memory logs)
        internal
        view
        returns (uint32 number, bytes memory redeemed, bytes memory refused)
    {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(book)) continue;
            if (logs[i].topics[0] == ICouponBookEvents.Redeemed.selector) {
                number = uint32(uint256(logs[i].topics[2]));
                (redeemed,) = abi.decode(logs[i].data, (bytes, uint40));
            } else if (logs[i].topics[0] == ICouponBookEvents.RedemptionsRefused.selector) {
                (refused,) = abi.decode(logs[i].data, (bytes, uint40));
            }
        }
    }

    // ------------------------------------------------------------------------------------ voids

    /// @notice The signature of a void by the key of `who`.
    function signVoid(Spend memory s, uint32 amount, uint40 voidedAt, string memory who)
        internal
        view
        returns (bytes32 r, bytes32 vs)
    {
        bytes32 hash = keccak256(
            abi.encode(VOID, s.campaign, s.pass, s.merchant, amount, timeOf(s.step), voidedAt)
        );
        return vm.signCompact(keyOf(who), digestOf(hash));
    }

    /// @notice Brings in a void of a redemption that is alone in its batch, signed by its merchant.
    function undo(Spend memory s, uint32 batch, uint32 amount, uint40 voidedAt) internal {
        (bytes32 r, bytes32 vs) = signVoid(s, amount, voidedAt, payoutOf(s.merchant));
        book.void(s.campaign, batch, recordOf(s), 0, addressOf(s.pass), amount, voidedAt, r, vs);
    }

    function payoutOf(uint32 merchant) internal pure returns (string memory) {
        return merchant == SHOP ? "shop" : "rival";
    }

    // ---------------------------------------------------------------------------------- asserts

    function used(uint32 campaign, uint32 pass, uint256 step, uint256 today, uint256 total)
        internal
        view
    {
        (uint24 isStep, uint24 isToday, uint24 isTotal) = book.usageOf(campaign, pass);
        vm.assertEq(isStep, step, "last step");
        vm.assertEq(isToday, today, "spent today");
        vm.assertEq(isTotal, total, "spent in all");
    }

    function credited(uint32 campaign, uint32 merchant, uint256 amount, uint256 copay)
        internal
        view
    {
        (uint64 isAmount, uint64 isCopay,,) = book.credits(campaign, merchant);
        vm.assertEq(isAmount, amount, "the city's share");
        vm.assertEq(isCopay, copay, "the residents' share");
    }

    function stands(uint32 campaign, CampaignStatus status) internal view {
        vm.assertEq(uint256(book.campaignOf(campaign).status), uint256(status), "status");
    }

    // ------------------------------------------------------------------------------------ hands

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", separator, structHash));
    }

    function timeOf(uint256 step) internal pure returns (uint40) {
        return uint40(STARTS + (step - 1) * 15);
    }

    function holderOf(uint32 pass) internal pure returns (string memory) {
        return string.concat("holder ", vm.toString(uint256(pass)));
    }

    function addressOf(uint32 pass) internal pure returns (address) {
        return named(holderOf(pass));
    }
}
