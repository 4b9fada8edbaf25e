"""The events of OpenZeppelin's AccessManager and AccessManaged: who may do what, since when."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityUpdated(Event):
    """A contract obeys this AccessManager."""

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(Event):
    """An account has a role from `since` on, with a delay on what it does."""

    role_id: int
    account: str
    delay: int
    since: int
    new_member: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRevoked(Event):
    """An account lost a role."""

    role_id: int
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLabel(Event):
    """A role got a name for people."""

    role_id: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAdminChanged(Event):
    """Another role may grant this one."""

    role_id: int
    admin: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGuardianChanged(Event):
    """Another role may cancel what this one scheduled."""

    role_id: int
    guardian: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrantDelayChanged(Event):
    """Grants of this role wait longer or shorter."""

    role_id: int
    delay: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetClosed(Event):
    """A contract was closed to all managed calls, or opened again."""

    target: str
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFunctionRoleUpdated(Event):
    """A function needs this role."""

    target: str
    selector: bytes
    role_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAdminDelayUpdated(Event):
    """Changes to a contract's roles wait longer or shorter."""

    target: str
    delay: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationScheduled(Event):
    """A delayed call was announced."""

    operation_id: bytes
    nonce: int
    schedule: int
    caller: str
    target: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationExecuted(Event):
    """A delayed call was carried out."""

    operation_id: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationCanceled(Event):
    """A delayed call was cancelled."""

    operation_id: bytes
    nonce: int
