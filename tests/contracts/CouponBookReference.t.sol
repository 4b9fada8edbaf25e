// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICityPass} from "../../contracts/interfaces/ICityPass.sol";
import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {IMerchantRegistry} from "../../contracts/interfaces/IMerchantRegistry.sol";
import {Lists} from "../../contracts/libraries/Lists.sol";
import {Terms} from "../../contracts/types/CampaignTypes.sol";
import {Entry, SignedEntries} from "./SignedEntries.sol";
import {vm} from "./Vm.sol";
import {PlainCoupons} from "./reference/PlainCoupons.sol";

/// @notice The book and a plain reference are asked the same, campaign by campaign and batch by
/// batch. Entries are mostly right, and wrong by one where they are not.
contract CouponBookReferenceTest is SignedEntries {
    uint256 private constant STRANGER = 0xbad;

    PlainCoupons private plain;
    uint256 private seed;
    /// @dev Bit `r`: an entry was refused for reason r; bit 0: one was taken.
    uint256 private met;
    /// @dev The shops of the batch at hand; one of them may be nobody.
    uint32[] private header;

    function setUp() public override {
        super.setUp();
        setPass(2, 1, 1, 1);
        setPass(5, 0, 2, 2);
        setPass(6, 0, 0, 3);
        setShop(2, 1, 1, 1);
        setShop(3, 63, 63, 1);
        setShop(4, 0, 0, 2);
        vm.prank(registrar);
        passes.change(addressOf(7), 31, 63, timeOf(NOW_STEP - 4), timeOf(NOW_STEP + 9), 1);
        // The last one gave the book no leave to take a copay.
        vm.prank(addressOf(8));
        token.approve(address(book), 0);
    }

    /// forge-config: default.fuzz.runs = 160
    function test_the_book_judges_and_counts_as_the_plain_reference(uint256 seed_) public {
        history(seed_);
    }

    /// @dev Otherwise the comparison could be one of nothing with nothing.
    function test_such_histories_meet_every_reason_and_none_at_all() public {
        uint256 all = 2 ** 26 - 1;
        uint256 seen;
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < 200 && seen != all; ++i) {
            seen |= this.history(i);
            vm.revertToState(start);
        }
        vm.assertEq(seen, all);
    }

    /// @dev A call of its own gives its memory back.
    function history(uint256 seed_) public returns (uint256) {
        seed = seed_;
        opened(terms());
        for (uint256 round = 0; round < 4; ++round) {
            compareBatch(1 + dice(7));
            compareBooks();
            if (dice(4) == 0) turn();
            if (dice(2) == 0) moveTo(clock + (dice(4) == 0 ? dice(9 days) : dice(300)));
        }
        return met;
    }

    /// forge-config: default.fuzz.runs = 128
    function test_a_forced_redemption_is_judged_as_the_plain_reference(uint256 seed_) public {
        seed = seed_;
        opened(terms());
        if (dice(8) == 0) turn();
        for (uint256 round = 0; round < 4; ++round) {
            newHeader();
            (Entry memory e, bytes memory packed, address signer) = anEntry();
            uint256 reason = plain.take(asked(e, signer), clock, true);
            bytes memory data = abi.encodePacked(headerBytes(), packed);
            if (reason != 0) {
                vm.expectRevert(
                    abi.encodeWithSelector(
                        ICouponBookErrors.CouponBook_RedemptionRefused.selector, 0, reason
                    )
                );
            }
            vm.prank(anyone);
            book.forceRedeem(1, data);
            compareBooks();
            moveTo(clock + (dice(4) == 0 ? dice(5 days) : 600 + dice(600)));
        }
    }

    // ---------------------------------------------------------------------------------- comparing

    function compareBatch(uint256 count) private {
        newHeader();
        bytes memory data = headerBytes();
        bytes memory taken;
        bytes memory refused;
        for (uint256 i = 0; i < count; ++i) {
            (Entry memory e, bytes memory packed, address signer) = anEntry();
            data = bytes.concat(data, packed);
            uint256 reason = plain.take(asked(e, signer), clock, false);
            met |= 2 ** reason;
            uint32 pass = signer == address(0) ? 0 : passes.passOf(signer).number;
            if (reason != 0) {
                refused = bytes.concat(refused, refusal(i, reason, pass, e));
            } else {
                e.merchant = header[e.place];
                taken = bytes.concat(taken, record(pass, e));
            }
        }
        brings(data, taken, refused);
    }

    function compareBooks() private view {
        for (uint32 pass = 1; pass <= HOLDERS; ++pass) {
            used(1, pass, plain.lastStep(pass), plain.spentToday(pass), plain.spentTotal(pass));
            vm.assertEq(token.balanceOf(addressOf(pass)), PURSE - paidBy(pass), "purse");
        }
        for (uint32 shop = 1; shop <= SHOPS; ++shop) {
            (uint256 amount, uint256 copay) = plain.credits(shop);
            credited(1, shop, amount, copay);
        }
        vm.assertEq(book.campaignOf(1).spent, plain.spent(), "spent");
    }

    function paidBy(uint32 pass) private view returns (uint256) {
        uint256 start = pass == 8 ? 0 : PURSE;
        return start - plain.purse(addressOf(pass));
    }

    function asked(Entry memory e, address signer) private view returns (PlainCoupons.Ask memory) {
        return PlainCoupons.Ask({
            signer: signer,
            unnamed: e.unnamed,
            step: e.step,
            reserved: e.reserved,
            shop: e.place < header.length ? header[e.place] : 0,
            bill: e.bill,
            amount: e.amount,
            copay: e.copay,
            billMax: e.billMax,
            amountMax: e.amountMax,
            copayMax: e.copayMax
        });
    }

    // ----------------------------------------------------------------------------------- throwing

    function dice(uint256 sides) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return seed % sides;
    }

    function terms() private returns (Terms memory t) {
        t = generous();
        t.ends = uint40(timeOf(NOW_STEP) + 60 + dice(12 days));
        if (dice(4) == 0) t.firstUseBy = uint40(timeOf(NOW_STEP) + dice(60));
        t.shareBasisPoints = uint16(1 + dice(10_000));
        t.allowance = uint24(1_000 + dice(60_000));
        t.perUseMax = uint24(dice(2) * (2_000 + dice(20_000)));
        t.perDayMax = uint24(dice(2) * (2_000 + dice(30_000)));
        t.billMin = uint24(dice(500));
        if (dice(4) == 0) t.audience = 1;
        if (dice(4) == 0) t.categories = 1;
        if (dice(4) == 0) t.districts = 1;
        if (dice(4) == 0) t.openHours = uint168(uint256(keccak256(abi.encode(seed))));
        if (t.openHours == 0) t.openHours = 1;
        t.sameDistrict = dice(5) == 0;
        if (dice(4) == 0) {
            // Passes 1, 2, 5 and 7.
            (t.listCount, t.listHash) = (4, Lists.chain(0, 0, 166));
        }
    }

    function opened(Terms memory t) private {
        uint96 funded = uint96(10_000 + dice(150_000));
        uint32 campaign = approved(t);
        vm.prank(issuer);
        if (t.listCount == 0) {
            book.issue(campaign);
        } else {
            uint256[] memory words = new uint256[](1);
            words[0] = 166;
            book.issueList(campaign, 0, words);
        }
        give(treasurer, campaign, funded);
        plain = new PlainCoupons(t, funded);
        if (t.listCount != 0) {
            plain.setListed(1);
            plain.setListed(2);
            plain.setListed(5);
            plain.setListed(7);
        }
        for (uint32 i = 1; i <= HOLDERS; ++i) {
            ICityPass.Pass memory p = passes.passOf(addressOf(i));
            plain.setPerson(
                addressOf(i),
                PlainCoupons.Person(
                    p.number, p.class, p.district, p.validFrom, p.validUntil, p.status
                ),
                i == 8 ? 0 : PURSE
            );
        }
        for (uint32 i = 1; i <= SHOPS; ++i) {
            IMerchantRegistry.Merchant memory m = merchants.merchant(i);
            plain.setShop(i, PlainCoupons.Shop(m.category, m.district, m.status));
        }
    }

    /// @dev Pauses, or resumes.
    function turn() private {
        bool paused = !plain.paused();
        vm.prank(paused ? guardian : approver);
        if (paused) book.pause(1);
        else book.resume(1);
        plain.setPaused(paused, clock);
    }

    function newHeader() private {
        delete header;
        uint256 count = dice(5);
        for (uint256 i = 0; i < count; ++i) {
            header.push(uint32(dice(16) == 0 ? 99 * dice(2) : 1 + dice(SHOPS)));
        }
        header.push(1);
        if (dice(3) == 0) header.push(1);
    }

    function headerBytes() private view returns (bytes memory data) {
        data = abi.encodePacked(uint8(header.length));
        for (uint256 i = 0; i < header.length; ++i) {
            data = abi.encodePacked(data, header[i]);
        }
    }

    /// @return e What the entry says. @return packed Its bytes. @return signer Whom it recovers to,
    /// 0 where to nobody that anyone knows.
    function anEntry() private returns (Entry memory e, bytes memory packed, address signer) {
        uint32 pass = uint32(1 + dice(HOLDERS));
        if (dice(3) != 0) pass = uint32(1 + dice(4));
        e = entry(pass, aStep(), 1);
        if (dice(24) == 0) e.key = STRANGER;
        if (dice(32) == 0) e.reserved = uint8(1 + dice(3));
        e.place = uint8(dice(10) == 0 ? dice(256) : header.length - 1);
        if (dice(3) == 0) e.place = uint8(dice(header.length));
        e.merchant = e.place < header.length ? header[e.place] : 0;
        figures(e);
        (bytes32 r, bytes32 vs) = vm.signCompact(e.key, messageOf(e));
        signer = vm.addr(e.key);
        if (dice(24) == 0) {
            (r, signer) = (bytes32(0), address(0));
        } else if (dice(24) == 0) {
            // With the other parity it is the signature of somebody that nobody knows.
            (vs, signer) = (vs ^ bytes32(uint256(2 ** 255)), address(0));
        }
        if (e.step == 0 || e.reserved != 0) signer = address(0);
        packed = pack(e, r, vs);
    }

    function aStep() private returns (uint24) {
        uint256 kind = dice(24);
        if (kind == 0) return 0;
        if (kind == 1 && stepNow() > 50_000) return stepNow() - 40_319 - uint24(dice(3));
        if (kind == 1) return uint24(dice(stepNow()));
        if (kind == 2) return stepNow() - uint24(60 + dice(3));
        if (kind < 6) return stepNow() + uint24(dice(7));
        return stepNow() - uint24(dice(20));
    }

    function figures(Entry memory e) private {
        e.bill = uint32(dice(16) == 0 ? dice(2 ** 32) : 100 + dice(30_000));
        uint256 share = (uint256(e.bill) * plainShare() + 9_999) / 10_000;
        uint256 amount = dice(3) == 0 ? share : 1 + dice(share + 1);
        if (dice(8) == 0) amount = share + dice(2);
        if (dice(32) == 0) amount = 0;
        e.amount = uint24(amount < 2 ** 24 ? amount : 2 ** 24 - 1);
        if (dice(4) == 0) {
            uint256 rest = e.bill > e.amount ? e.bill - e.amount : 0;
            e.copay = uint32(dice(4) == 0 ? rest + dice(2) : dice(rest + 1));
        }
        if (dice(3) == 0) {
            e.unnamed = true;
            e.billMax = near(e.bill);
            e.amountMax = uint24(near(e.amount) % 2 ** 24);
            e.copayMax = near(e.copay);
        }
    }

    function near(uint32 value) private returns (uint32) {
        if (dice(12) == 0 && value != 0) return value - 1;
        return dice(3) == 0 && value < 2 ** 31 ? value + uint32(dice(100)) : value;
    }

    function plainShare() private view returns (uint256) {
        return book.campaignOf(1).terms.shareBasisPoints;
    }
}
