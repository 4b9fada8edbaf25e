// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouponBookErrors} from "../../contracts/interfaces/ICouponBookErrors.sol";
import {ICouponBookEvents} from "../../contracts/interfaces/ICouponBookEvents.sol";
import {CampaignStatus} from "../../contracts/types/CampaignTypes.sol";
import {Wiring} from "./City.sol";
import {CouponBookCase} from "./CouponBookCase.sol";
import {vm} from "./Vm.sol";

contract CouponBookApproveTest is CouponBookCase {
    function test_a_second_person_approves_a_draft() public {
        uint32 campaign = draft(ordinary());
        vm.expectEmit(address(book));
        emit ICouponBookEvents.CampaignApproved(campaign, approver, uint40(NOON));
        approve(campaign);
        stands(campaign, CampaignStatus.Approved);
        vm.assertEq(book.campaignOf(campaign).approver, approver);
    }

    function test_an_approval_changes_no_term() public {
        uint32 campaign = draft(ordinary());
        bytes32 before = keccak256(abi.encode(book.campaignOf(campaign).terms));
        approve(campaign);
        vm.assertEq(keccak256(abi.encode(book.campaignOf(campaign).terms)), before);
    }

    function test_a_drafter_with_every_role_cannot_approve_their_own_draft() public {
        manager.grantRole(Wiring.APPROVER, officer, 0);
        uint32 campaign = draft(ordinary());
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_SamePerson.selector, campaign, officer
            )
        );
        vm.prank(officer);
        book.approve(campaign);
        stands(campaign, CampaignStatus.Drafted);
    }

    function test_a_campaign_is_approved_once() public {
        uint32 campaign = approved(ordinary());
        refused(campaign, CampaignStatus.Approved);
        issue(campaign);
        refused(campaign, CampaignStatus.Open);
        pause(campaign);
        refused(campaign, CampaignStatus.Paused);
    }

    function test_a_campaign_that_was_swept_as_a_draft_is_approved_no_more() public {
        uint32 campaign = draft(ordinary());
        vm.warp(ENDS + 7 days + 15 minutes + 1);
        book.sweep(campaign, 1);
        refused(campaign, CampaignStatus.Closed);
    }

    function test_a_campaign_that_nobody_drafted_is_unknown(uint32 campaign) public {
        draft(ordinary());
        if (campaign == 1) campaign = 0;
        vm.expectRevert(
            abi.encodeWithSelector(ICouponBookErrors.CouponBook_CampaignUnknown.selector, campaign)
        );
        approve(campaign);
    }

    function test_approving_one_campaign_leaves_the_next_one_a_draft() public {
        draft(ordinary());
        draft(ordinary());
        approve(1);
        stands(2, CampaignStatus.Drafted);
    }

    function test_nothing_is_spent_before_the_coupons_are_issued() public {
        uint32 campaign = approved(ordinary());
        give(treasurer, campaign, BUDGET);
        bytes memory batch = batchOf(spending(campaign, 1, NOON_STEP, 100, 0));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, CampaignStatus.Approved
            )
        );
        vm.prank(sequencer);
        book.redeem(campaign, batch);
    }

    function test_nobody_but_an_approver_approves(address caller) public {
        vm.assume(caller != approver);
        uint32 campaign = draft(ordinary());
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
        vm.prank(caller);
        book.approve(campaign);
    }

    // ------------------------------------------------------------------------------------ hands

    function refused(uint32 campaign, CampaignStatus status) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponBookErrors.CouponBook_WrongStatus.selector, campaign, status
            )
        );
        approve(campaign);
    }
}
