// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus, Terms} from "../../contracts/types/CampaignTypes.sol";
import {Wiring} from "./City.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

contract CouponBookIssueTest is CouponBookCase {
    function test_a_third_person_issues_the_coupons_and_the_campaign_is_open() public {
        uint32 campaign = approved(ordinary());
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CouponsIssued(campaign, issuer, uint40(NOON));
        issue(campaign);
        stands(campaign, CampaignStatus.Open);
        vm.assertEq(book.campaignOf(campaign).issuer, issuer);
        vm.assertFalse(book.isListed(campaign, 1));
    }

    function test_issuing_to_everyone_costs_the_same_whatever_the_size_of_the_city() public {
        gasOfIssue();
        uint256 small = gasOfIssue();
        bytes memory holders;
        for (uint256 i = 0; i < 500; ++i) {
            holders = abi.encodePacked(holders, address(uint160(uint256(keccak256(abi.encode(i))))));
        }
        vm.prank(registrar);
        passes.enrol(0, 0, 0, 0, holders);
        vm.assertEq(passes.lastNumber(), HOLDERS + 500);
        vm.assertEq(gasOfIssue(), small);
        vm.assertLe(small, 60_000);
    }

    function test_a_pass_that_is_enrolled_after_the_issue_has_a_coupon_too() public {
        uint32 campaign = open(ordinary());
        uint32 pass = enrolOne(named("holder 9"));
        redeem(spending(campaign, pass, NOON_STEP, 100, 0));
        used(campaign, pass, NOON_STEP, 100, 100);
    }

    function test_the_drafter_does_not_issue_even_with_the_role() public {
        manager.grantRole(Wiring.ISSUER, officer, 0);
        uint32 campaign = approved(ordinary());
        refusedPerson(campaign, officer);
    }

    function test_the_approver_does_not_issue_even_with_the_role() public {
        manager.grantRole(Wiring.ISSUER, approver, 0);
        uint32 campaign = approved(ordinary());
        refusedPerson(campaign, approver);
    }

    function test_a_stolen_key_with_all_three_roles_takes_one_step_and_no_second(uint8 which)
        public
    {
        address thief = named("thief");
        manager.grantRole(Wiring.CAMPAIGN_OFFICER, thief, 0);
        manager.grantRole(Wiring.APPROVER, thief, 0);
        manager.grantRole(Wiring.ISSUER, thief, 0);
        Terms memory terms = ordinary();

        vm.prank(which % 2 == 0 ? thief : officer);
        uint32 campaign = book.draft(terms);
        if (which % 2 == 0) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICouponBookErrors.CouponBook_SamePerson.selector, campaign, thief
                )
            );
            vm.prank(thief);
            book.approve(campaign);
        }
        vm.prank(which % 2 == 0 ? approver : thief);
        book.approve(campaign);
        refusedPerson(campaign, thief);
        issue(campaign);
    }

    function test_a_draft_is_not_issued() public {
        uint32 campaign = draft(ordinary());
        refusedStatus(campaign, CampaignStatus.Drafted);
    }

    function test_coupons_are_issued_once() public {
        uint32 campaign = approved(ordinary());
        issue(campaign);
        refusedStatus(campaign, CampaignStatus.Open);
        pause(campaign);
        refusedStatus(campaign, CampaignStatus.Paused);
        vm.warp(ENDS + 7 days + 15 minutes + 1);
        book.sweep(campaign, 1);
        refusedStatus(campaign, CampaignStatus.Closed);
    }

    function test_a_campaign_for_a_list_is_not_issued_to_everyone() public {
        Terms memory terms = ordinary();
        (terms.listHash, terms.listCount) = ("list", 1);
        uint32 campaign = approved(terms);
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignListed.selector, campaign)
        );
        issue(campaign);
    }

    function test_an_unknown_campaign_is_not_issued(uint32 campaign) public {
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, campaign)
        );
        issue(campaign);
    }

    function test_nobody_but_an_issuer_issues(address caller) public {
        vm.assume(caller != issuer);
        uint32 campaign = approved(ordinary());
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        book.issue(campaign);
    }

    // ------------------------------------------------------------------------------------ hands

    /// @dev A slot's first use in a transaction costs more, and a test is one transaction: only from
    /// the second measure on do all have the same history.
    function gasOfIssue() private returns (uint256) {
        uint32 campaign = approved(ordinary());
        vm.prank(issuer);
        uint256 before = gasleft();
        book.issue(campaign);
        return before - gasleft();
    }

    function refusedStatus(uint32 campaign, CampaignStatus status) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, status
            )
        );
        issue(campaign);
    }

    function refusedPerson(uint32 campaign, address person) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_SamePerson.selector, campaign, person
            )
        );
        vm.prank(person);
        book.issue(campaign);
    }
}
