"""What a city decides before it is deployed: who holds which role, and what its token is called."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain.hashing import address_bytes, checksum_address
from ledger.errors import InputInvalid

ROLES: Final[dict[str, int]] = {
    "ADMIN": 0,
    "TREASURER": 1,
    "CAMPAIGN_OFFICER": 2,
    "APPROVER": 3,
    "ISSUER": 4,
    "REGISTRAR": 5,
    "SEQUENCER": 6,
    "GUARDIAN": 7,
    "ATTESTOR": 8,
}
"""The roles that people hold."""

CONTRACT_ROLES: Final[dict[str, int]] = {"SETTLER": 9}
"""The roles that no key may hold."""

ROLE_NUMBERS: Final[dict[str, int]] = {**ROLES, **CONTRACT_ROLES}

CONTRACT_GRANTS: Final[dict[str, tuple[str, ...]]] = {"SettlementBook": ("TREASURER", "SETTLER")}
"""What contracts themselves are given: a round is burnt, and taken out of the coupon book, by the
settlement book and by nobody's hand."""

TERMS: Final = (
    "(bytes32,address,uint40,uint40,uint40,uint16,uint24,uint24,uint24,uint24,"
    "uint32,uint64,uint64,uint168,bool,bytes32,uint32)"
)

FUNCTIONS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "CityToken": {
        "ADMIN": ("setCityAccount(address,bool)",),
        "TREASURER": ("mint(address,uint256,bytes32)", "burn(uint256,bytes32)"),
        "GUARDIAN": ("pause()",),
        "APPROVER": ("unpause()",),
    },
    "CityPass": {
        "REGISTRAR": (
            "enrol(uint8,uint8,uint40,uint40,bytes)",
            "rebind(address,address)",
            "change(address,uint8,uint8,uint40,uint40,uint8)",
        ),
    },
    "MerchantRegistry": {
        "REGISTRAR": ("register(address,uint8,uint8)", "change(uint32,address,uint8,uint8,uint8)"),
    },
    "CouponBook": {
        "CAMPAIGN_OFFICER": (f"draft({TERMS})",),
        "APPROVER": ("approve(uint32)", "resume(uint32)"),
        "ISSUER": ("issue(uint32)", "issueList(uint32,uint32,uint256[])"),
        "GUARDIAN": ("pause(uint32)",),
        "SEQUENCER": ("redeem(uint32,bytes)",),
        "TREASURER": ("cover(uint32,uint32,uint64)",),
        "SETTLER": ("settle(address,bytes)", "unsettle(address,bytes)"),
    },
    "SettlementBook": {
        "TREASURER": (
            "make(uint32,uint32,uint96,bytes32,bytes32)",
            "withdraw(uint32)",
            "settle(uint32,bytes,bytes32)",
            "cut(uint32)",
            "recordFile(uint32,bytes32,uint32,uint96)",
            "recredit(uint32,uint32,bytes,uint32)",
        ),
        "APPROVER": ("approve(uint32,bytes32)",),
    },
    "AnchorLog": {
        "SEQUENCER": ("anchor(uint32,bytes32,uint32,uint96,uint96,bytes32)",),
    },
}
"""Which role may call which restricted function; the same table as `tests/vectors/roles.json`."""

DELAY_SECONDS_MAX: Final = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role given to an address: what it does is announced `delay_seconds` before it happens."""

    address: str
    delay_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChoices:
    """How the city's token is called, and whether residents may pay each other (default: no)."""

    name: str = "Mae Hia baht"
    symbol: str = "MHB"
    decimals: int = 2
    resident_transfers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployConfig:
    """Everything a deployment is told.

    `grants` may leave roles out; when it names an ADMIN other than the deployer, the deployer gives
    the role up as its last act. `city_accounts` (funders, the treasury) may send tokens to anyone.
    """

    grants: Mapping[str, tuple[Grant, ...]]
    token: TokenChoices = field(default_factory=TokenChoices)
    city_accounts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for role, grants in self.grants.items():
            if role not in ROLES:
                raise InputInvalid(what=f"roles.{role}", why=f"the roles are {', '.join(ROLES)}")
            for grant in grants:
                _check_address(f"roles.{role}", grant.address)
                if not 0 <= grant.delay_seconds <= DELAY_SECONDS_MAX:
                    why = f"a delay is 0 to {DELAY_SECONDS_MAX} seconds"
                    raise InputInvalid(what=f"roles.{role}", why=why)
        for account in self.city_accounts:
            _check_address("city_accounts", account)

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that the city trusts with something."""
        granted = {grant.address for grants in self.grants.values() for grant in grants}
        return frozenset(granted.union(self.city_accounts))


def _check_address(what: str, address: str) -> None:
    raw = address_bytes(address)
    if raw == bytes(20):
        raise InputInvalid(what=what, why="the zero address holds nothing")
    if address != checksum_address(raw):
        raise InputInvalid(what=what, why=f"{address} has a wrong checksum (ERC-55)")


def one_key_each(keys: Mapping[str, str], *, city_accounts: tuple[str, ...] = ()) -> DeployConfig:
    """The plain case: one address for each role named, no delays."""
    grants = {role: (Grant(address=address),) for role, address in keys.items()}
    return DeployConfig(grants=grants, city_accounts=city_accounts)


def parse_config(document: bytes) -> DeployConfig:
    """Read a deployment's JSON file. Raises InputInvalid, naming what is wrong.

    ::

        {"token": {"name": "Mae Hia baht", "symbol": "MHB", "decimals": 2,
                   "resident_transfers": false},
         "roles": {"APPROVER": ["0x…", {"address": "0x…", "delay_seconds": 86400}]},
         "city_accounts": ["0x…"]}
    """
    try:
        raw = json.loads(document)
        _only(raw, {"token", "roles", "city_accounts"}, "the configuration")
        return DeployConfig(
            grants={role: tuple(map(_grant, keys)) for role, keys in raw["roles"].items()},
            token=_token(raw.get("token", {})),
            city_accounts=tuple(map(str, raw.get("city_accounts", []))),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__} {error}"
        raise InputInvalid(what="deployment configuration", why=why) from error


def _grant(raw: Any) -> Grant:
    if isinstance(raw, str):
        return Grant(address=raw)
    _only(raw, {"address", "delay_seconds"}, "a grant")
    return Grant(address=str(raw["address"]), delay_seconds=int(raw.get("delay_seconds", 0)))


def _token(raw: Mapping[str, Any]) -> TokenChoices:
    _only(raw, {"name", "symbol", "decimals", "resident_transfers"}, "token")
    return TokenChoices(**raw)


def _only(raw: Mapping[str, Any], known: set[str], what: str) -> None:
    if unknown := raw.keys() - known:
        raise InputInvalid(what=what, why=f"unknown: {', '.join(sorted(unknown))}")
