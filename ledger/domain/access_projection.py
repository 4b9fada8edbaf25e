"""What the events of the AccessManager do to the state: who may do what, since when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.state import Grant, State


def _authority_updated(state: State, event: events.AuthorityUpdated, block: BlockRef) -> None:
    state.authorities[event.contract] = event.authority


def _role_granted(state: State, event: events.RoleGranted, block: BlockRef) -> None:
    members = state.roles.setdefault(event.role_id, {})
    before = members.get(event.account)
    # A grant to a member changes its delay only: it is one since it first was.
    since = event.since if event.new_member or before is None else before.since
    members[event.account] = Grant(since=since, delay=event.delay)


def _role_revoked(state: State, event: events.RoleRevoked, block: BlockRef) -> None:
    state.roles.get(event.role_id, {}).pop(event.account, None)


def _role_label(state: State, event: events.RoleLabel, block: BlockRef) -> None:
    state.role_labels[event.role_id] = event.label


def _role_admin_changed(state: State, event: events.RoleAdminChanged, block: BlockRef) -> None:
    state.role_admins[event.role_id] = event.admin


def _role_guardian_changed(
    state: State, event: events.RoleGuardianChanged, block: BlockRef
) -> None:
    state.role_guardians[event.role_id] = event.guardian


def _role_grant_delay_changed(
    state: State, event: events.RoleGrantDelayChanged, block: BlockRef
) -> None:
    state.role_grant_delays[event.role_id] = event.delay


def _target_closed(state: State, event: events.TargetClosed, block: BlockRef) -> None:
    if event.closed:
        state.closed_targets.add(event.target)
    else:
        state.closed_targets.discard(event.target)


def _target_function_role_updated(
    state: State, event: events.TargetFunctionRoleUpdated, block: BlockRef
) -> None:
    state.function_roles[event.target, event.selector] = event.role_id


def _target_admin_delay_updated(
    state: State, event: events.TargetAdminDelayUpdated, block: BlockRef
) -> None:
    state.target_delays[event.target] = event.delay


def _operation_scheduled(state: State, event: events.OperationScheduled, block: BlockRef) -> None:
    state.scheduled[event.operation_id] = event.schedule


def _operation_ended(
    state: State, event: events.OperationExecuted | events.OperationCanceled, block: BlockRef
) -> None:
    state.scheduled.pop(event.operation_id, None)


ACCESS_HANDLERS: Final[dict[type[events.Event], Callable[[State, Any, BlockRef], None]]] = {
    events.AuthorityUpdated: _authority_updated,
    events.RoleGranted: _role_granted,
    events.RoleRevoked: _role_revoked,
    events.RoleLabel: _role_label,
    events.RoleAdminChanged: _role_admin_changed,
    events.RoleGuardianChanged: _role_guardian_changed,
    events.RoleGrantDelayChanged: _role_grant_delay_changed,
    events.TargetClosed: _target_closed,
    events.TargetFunctionRoleUpdated: _target_function_role_updated,
    events.TargetAdminDelayUpdated: _target_admin_delay_updated,
    events.OperationScheduled: _operation_scheduled,
    events.OperationExecuted: _operation_ended,
    events.OperationCanceled: _operation_ended,
}
