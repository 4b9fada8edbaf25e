// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../../contracts/types/CampaignTypes.sol";

/// @title The coupon book, plainly
/// @notice docs/wire-format.md read aloud: one campaign, nothing packed, nothing cached. What was
/// used is the sum of a list of redemptions, added up anew for every question.
contract PlainCoupons {
    struct Person {
        uint32 number;
        uint256 class;
        uint256 district;
        uint256 validFrom;
        uint256 validUntil;
        uint256 status;
    }

    struct Shop {
        uint256 category;
        uint256 district;
        uint256 status;
    }

    /// @dev An entry as someone who knows its signer sees it. `shop` is 0 outside the header.
    struct Ask {
        address signer;
        bool unnamed;
        uint256 step;
        uint256 reserved;
        uint32 shop;
        uint256 bill;
        uint256 amount;
        uint256 copay;
        uint256 billMax;
        uint256 amountMax;
        uint256 copayMax;
    }

    struct Taken {
        uint32 pass;
        uint32 shop;
        uint256 step;
        uint256 amount;
        uint256 copay;
    }

    uint256 private constant DAY = 86_400;

    Terms private terms;
    uint256 public funded;
    bool public paused;
    uint256 public pausedAt;
    Taken[] public taken;
    mapping(address holder => Person) public people;
    mapping(address holder => uint256) public purse;
    mapping(uint32 number => Shop) public shops;
    mapping(uint32 pass => bool) public onList;

    // ---------------------------------------------------------------------------------- the world

    constructor(Terms memory terms_, uint256 funded_) {
        terms = terms_;
        funded = funded_;
    }

    function setPerson(address holder, Person calldata person, uint256 tokens) external {
        people[holder] = person;
        purse[holder] = tokens;
    }

    function setShop(uint32 number, Shop calldata shop) external {
        shops[number] = shop;
    }

    function setListed(uint32 pass) external {
        onList[pass] = true;
    }

    function setPaused(bool paused_, uint256 since) external {
        (paused, pausedAt) = (paused_, since);
    }

    // ---------------------------------------------------------------------------------- the books

    function lastStep(uint32 pass) public view returns (uint256 last) {
        for (uint256 i = 0; i < taken.length; ++i) {
            if (taken[i].pass == pass && taken[i].step > last) last = taken[i].step;
        }
    }

    function spentOn(uint32 pass, uint256 day) public view returns (uint256 sum) {
        for (uint256 i = 0; i < taken.length; ++i) {
            if (taken[i].pass != pass) continue;
            if (dayOf(timeOf(taken[i].step)) == day) sum += taken[i].amount;
        }
    }

    /// @notice What the contract keeps of a day: that of the last step, under a day quota.
    function spentToday(uint32 pass) external view returns (uint256) {
        uint256 last = lastStep(pass);
        if (last == 0 || terms.perDayMax == 0) return 0;
        return spentOn(pass, dayOf(timeOf(last)));
    }

    function spentTotal(uint32 pass) public view returns (uint256 sum) {
        for (uint256 i = 0; i < taken.length; ++i) {
            if (taken[i].pass == pass) sum += taken[i].amount;
        }
    }

    function spent() public view returns (uint256 sum) {
        for (uint256 i = 0; i < taken.length; ++i) {
            sum += taken[i].amount;
        }
    }

    function credits(uint32 shop) external view returns (uint256 amount, uint256 copay) {
        for (uint256 i = 0; i < taken.length; ++i) {
            if (taken[i].shop != shop) continue;
            amount += taken[i].amount;
            copay += taken[i].copay;
        }
    }

    /// @notice Judges an entry and, where nothing refuses it, takes it.
    function take(Ask calldata ask, uint256 time, bool forced) external returns (uint256 reason) {
        reason = judge(ask, time, forced);
        if (reason != 0) return reason;
        purse[ask.signer] -= ask.copay;
        taken.push(Taken(people[ask.signer].number, ask.shop, ask.step, ask.amount, ask.copay));
    }

    // ------------------------------------------------------------------------------------ the law

    function judge(Ask calldata ask, uint256 time, bool forced) public view returns (uint256 no) {
        no = judgePerson(ask);
        if (no == 0) no = judgeTime(ask, time, forced);
        if (no == 0) no = judgeCoupon(ask);
        if (no == 0) no = judgeShop(ask);
        if (no == 0) no = judgeFigures(ask);
        if (no == 0) no = judgeSums(ask);
    }

    function judgePerson(Ask calldata ask) private view returns (uint256) {
        Person memory person = people[ask.signer];
        if (ask.step == 0 || ask.reserved != 0) return 1;
        if (ask.signer == address(0) || person.number == 0 || person.status == 3) return 1;
        if (person.status == 2) return 2;
        uint256 signedAt = timeOf(ask.step);
        if (signedAt < person.validFrom) return 3;
        if (person.validUntil != 0 && signedAt >= person.validUntil) return 3;
        if (ask.step <= lastStep(person.number)) return 4;
        return 0;
    }

    function judgeTime(Ask calldata ask, uint256 time, bool forced) private view returns (uint256) {
        uint256 signedAt = timeOf(ask.step);
        if (signedAt > time + 60) return 5;
        if (time > signedAt + 7 * DAY) return 6;
        if (forced && time < signedAt + 900) return 26;
        if (forced && ask.unnamed) return 27;
        if (paused && signedAt >= pausedAt) return 7;
        if (signedAt >= terms.ends) return 8;
        return 0;
    }

    function judgeCoupon(Ask calldata ask) private view returns (uint256) {
        Person memory person = people[ask.signer];
        uint256 signedAt = timeOf(ask.step);
        if (!contains(terms.audience, person.class)) return 9;
        if (terms.listCount != 0 && !onList[person.number]) return 10;
        bool unused = lastStep(person.number) == 0;
        if (terms.firstUseBy != 0 && unused && signedAt > terms.firstUseBy) return 11;
        if (!contains(terms.openHours, hourOf(signedAt))) return 12;
        return 0;
    }

    function judgeShop(Ask calldata ask) private view returns (uint256) {
        Shop memory shop = shops[ask.shop];
        if (shop.status == 0) return 13;
        if (shop.status != 1) return 14;
        if (!contains(terms.categories, shop.category)) return 15;
        if (!contains(terms.districts, shop.district)) return 16;
        if (terms.sameDistrict && shop.district != people[ask.signer].district) return 16;
        return 0;
    }

    function judgeFigures(Ask calldata ask) private view returns (uint256) {
        if (ask.amount == 0 || ask.amount + ask.copay > ask.bill) return 17;
        if (ask.bill < terms.billMin) return 18;
        bool above =
            ask.bill > ask.billMax || ask.amount > ask.amountMax || ask.copay > ask.copayMax;
        if (ask.unnamed && above) return 19;
        if (ask.amount * 10_000 > ask.bill * terms.shareBasisPoints + 9_999) return 20;
        return 0;
    }

    function judgeSums(Ask calldata ask) private view returns (uint256) {
        uint32 pass = people[ask.signer].number;
        uint256 today = spentOn(pass, dayOf(timeOf(ask.step)));
        if (terms.perUseMax != 0 && ask.amount > terms.perUseMax) return 21;
        if (terms.perDayMax != 0 && today + ask.amount > terms.perDayMax) return 22;
        if (spentTotal(pass) + ask.amount > terms.allowance) return 23;
        if (spent() + ask.amount > funded) return 24;
        if (ask.copay > purse[ask.signer]) return 25;
        return 0;
    }

    // -------------------------------------------------------------------------------------- hands

    function timeOf(uint256 step) private view returns (uint256) {
        return terms.starts + (step - 1) * 15;
    }

    function dayOf(uint256 time) private pure returns (uint256) {
        return (time + 25_200) / DAY;
    }

    function hourOf(uint256 time) private pure returns (uint256) {
        return ((time + 25_200) / 3_600 + 72) % 168;
    }

    /// @dev Whether the binary digit `place` of a set is 1.
    function contains(uint256 set, uint256 place) private pure returns (bool) {
        return set / 2 ** place % 2 == 1;
    }
}
