// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {Campaign, CampaignStatus, Terms} from "../../contracts/types/CampaignTypes.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

contract CouponBookDraftTest is CouponBookCase {
    uint256 private constant LONGEST = 364 days;

    function test_a_draft_keeps_every_term_and_names_its_drafter(Terms memory terms) public {
        terms = sane(terms);
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignDrafted(1, officer, terms, uint40(NOON));
        vm.assertEq(draft(terms), 1);

        Campaign memory campaign = book.campaignOf(1);
        vm.assertEq(keccak256(abi.encode(campaign.terms)), keccak256(abi.encode(terms)));
        vm.assertEq(campaign.drafter, officer);
        vm.assertEq(campaign.approver, address(0));
        vm.assertEq(campaign.issuer, address(0));
        vm.assertEq(campaign.pausedAt, 0);
        vm.assertEq(campaign.funded, 0);
        vm.assertEq(campaign.spent, 0);
        vm.assertEq(campaign.batches, 0);
        vm.assertEq(campaign.contributions, 0);
        stands(1, CampaignStatus.Drafted);
    }

    function test_campaigns_are_numbered_from_one() public {
        vm.assertEq(book.lastCampaign(), 0);
        vm.assertEq(draft(ordinary()), 1);
        vm.assertEq(draft(ordinary()), 2);
        vm.assertEq(draft(ordinary()), 3);
        vm.assertEq(book.lastCampaign(), 3);
        stands(4, CampaignStatus.None);
    }

    function test_a_refused_draft_takes_no_number() public {
        Terms memory terms = ordinary();
        terms.allowance = 0;
        refused(terms, abi.encodeWithSelector(ICouponBookErrors.CouponBook_AllowanceZero.selector));
        vm.assertEq(book.lastCampaign(), 0);
        vm.assertEq(draft(ordinary()), 1);
    }

    function test_nothing_is_spent_under_a_draft() public {
        uint32 campaign = draft(ordinary());
        give(treasurer, campaign, BUDGET);
        bytes memory batch = batchOf(spending(campaign, 1, NOON_STEP, 100, 0));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, CampaignStatus.Drafted
            )
        );
        vm.prank(sequencer);
        book.redeem(campaign, batch);
    }

    function test_nobody_but_a_campaign_officer_drafts(address caller) public {
        vm.assume(caller != officer);
        Terms memory terms = ordinary();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        book.draft(terms);
    }

    // ------------------------------------------------------------------- what no campaign can be

    function test_a_campaign_without_a_policy_is_refused() public {
        Terms memory terms = ordinary();
        terms.policyHash = 0;
        refused(terms, abi.encodeWithSelector(ICouponBookErrors.CouponBook_PolicyMissing.selector));
    }

    function test_a_token_that_is_no_contract_is_refused() public {
        Terms memory terms = ordinary();
        terms.token = named("nobody");
        refused(
            terms,
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_TokenUnknown.selector, named("nobody")
            )
        );
    }

    function test_a_window_is_not_empty_and_does_not_end_before_it_starts(uint40 ends) public {
        Terms memory terms = ordinary();
        terms.ends = uint40(within(ends, 0, STARTS));
        refusedWindow(terms);
    }

    function test_a_window_is_at_most_364_days(uint40 longer) public {
        Terms memory terms = ordinary();
        terms.ends = uint40(STARTS + LONGEST);
        draft(terms);
        terms.ends += uint40(within(longer, 1, type(uint40).max - terms.ends));
        refusedWindow(terms);
    }

    function test_a_window_that_is_over_is_refused() public {
        Terms memory terms = ordinary();
        terms.ends = uint40(NOON);
        refusedWindow(terms);
        terms.ends = uint40(NOON + 1);
        draft(terms);
    }

    function test_a_first_use_deadline_lies_within_the_window() public {
        Terms memory terms = ordinary();
        terms.firstUseBy = STARTS;
        draft(terms);
        terms.firstUseBy = ENDS;
        draft(terms);
        terms.firstUseBy = STARTS - 1;
        refusedFirstUse(terms);
        terms.firstUseBy = ENDS + 1;
        refusedFirstUse(terms);
    }

    function test_a_share_is_more_than_nothing_and_at_most_the_bill(uint16 share) public {
        Terms memory terms = ordinary();
        terms.shareBasisPoints = uint16(within(share, 10_001, type(uint16).max));
        refusedShare(terms);
        terms.shareBasisPoints = 0;
        refusedShare(terms);
        terms.shareBasisPoints = 1;
        draft(terms);
        terms.shareBasisPoints = 10_000;
        draft(terms);
    }

    function test_a_day_quota_fits_its_lane(uint24 quota) public {
        Terms memory terms = ordinary();
        terms.perDayMax = 524_287;
        draft(terms);
        terms.perDayMax = uint24(within(quota, 524_288, type(uint24).max));
        refused(
            terms,
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_DayQuotaTooLarge.selector, terms.perDayMax, 524_287
            )
        );
    }

    function test_a_coupon_that_nobody_could_use_is_refused(uint8 which) public {
        Terms memory terms = ordinary();
        if (which % 4 == 0) terms.audience = 0;
        if (which % 4 == 1) terms.categories = 0;
        if (which % 4 == 2) terms.districts = 0;
        if (which % 4 == 3) terms.openHours = 0;
        refused(
            terms,
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_MaskEmpty.selector,
                terms.audience,
                terms.categories,
                terms.districts,
                terms.openHours
            )
        );
    }

    function test_a_list_has_both_a_hash_and_a_count_or_neither() public {
        Terms memory terms = ordinary();
        terms.listHash = "list";
        refusedList(terms);
        terms.listCount = 1;
        draft(terms);
        terms.listHash = 0;
        refusedList(terms);
    }

    // ------------------------------------------------------------------------------------ hands

    /// @dev Every field as it comes, but for what no campaign can have.
    function sane(Terms memory terms) private view returns (Terms memory) {
        if (terms.policyHash == 0) terms.policyHash = "policy";
        terms.token = address(token);
        terms.ends = uint40(within(terms.ends, NOON + 1, type(uint40).max));
        terms.starts = uint40(within(terms.starts, terms.ends - LONGEST, terms.ends - 1));
        if (terms.firstUseBy % 2 == 0) terms.firstUseBy = 0;
        else terms.firstUseBy = uint40(within(terms.firstUseBy, terms.starts, terms.ends));
        terms.shareBasisPoints = uint16(within(terms.shareBasisPoints, 1, 10_000));
        if (terms.allowance == 0) terms.allowance = 1;
        terms.perDayMax = uint24(within(terms.perDayMax, 0, 524_287));
        if (terms.audience == 0) terms.audience = 1;
        if (terms.categories == 0) terms.categories = 1;
        if (terms.districts == 0) terms.districts = 1;
        if (terms.openHours == 0) terms.openHours = 1;
        if (terms.listHash == 0 || terms.listCount == 0) {
            (terms.listHash, terms.listCount) = (0, 0);
        }
        return terms;
    }

    function refusedWindow(Terms memory terms) private {
        refused(
            terms,
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WindowInvalid.selector,
                terms.starts,
                terms.ends,
                LONGEST
            )
        );
    }

    function refusedFirstUse(Terms memory terms) private {
        refused(
            terms,
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_FirstUseByInvalid.selector,
                terms.firstUseBy,
                terms.starts,
                terms.ends
            )
        );
    }

    function refusedShare(Terms memory terms) private {
        refused(
            terms,
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_ShareInvalid.selector, terms.shareBasisPoints
            )
        );
    }

    function refusedList(Terms memory terms) private {
        refused(
            terms,
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_ListTermsInvalid.selector,
                terms.listHash,
                terms.listCount
            )
        );
    }

    function refused(Terms memory terms, bytes memory fault) private {
        vm.expectRevert(fault);
        vm.prank(officer);
        book.draft(terms);
    }
}
