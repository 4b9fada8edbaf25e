"""What a contract's custom error means: selector to a domain error, never a guess from text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from ledger.chain.artifacts import CONTRACTS, load_artifact
from ledger.chain.encoding import SELECTOR_BYTES, canonical_type, signature_of
from ledger.domain.campaign import CampaignStatus
from ledger.domain.hashing import checksum_address, keccak
from ledger.domain.reasons import Reason
from ledger.errors import (
    InputInvalid,
    LedgerError,
    RedemptionRefused,
    RoleMissing,
    SignatureInvalid,
    TransactionReverted,
    UnknownCampaign,
    UnknownMerchant,
    UnknownPass,
    WrongState,
)

Arguments = Mapping[str, Any]
Reader = Callable[[str, Arguments], LedgerError]

ROUND_STATUSES: Final = ("none", "made", "approved", "settled", "withdrawn")
"""As the settlement book numbers them, from 0."""

ERROR_STRING: Final = keccak(b"Error(string)")[:SELECTOR_BYTES]
PANIC: Final = keccak(b"Panic(uint256)")[:SELECTOR_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomError:
    """One custom error of the ABI."""

    name: str
    input_names: tuple[str, ...]
    input_types: tuple[str, ...]


@cache
def custom_errors() -> dict[bytes, CustomError]:
    """Every custom error of every contract by its selector."""
    found: dict[bytes, CustomError] = {}
    for contract in CONTRACTS:
        for entry in load_artifact(contract).entries("error"):
            selector = keccak(signature_of(entry).encode())[:SELECTOR_BYTES]
            found[selector] = CustomError(
                name=entry["name"],
                input_names=tuple(part["name"] for part in entry["inputs"]),
                input_types=tuple(canonical_type(part) for part in entry["inputs"]),
            )
    return found


def revert_of(data: str, message: str) -> TransactionReverted:
    """What a reverted call returned, named: `error`, its `arguments`, the raw `data`, and the
    node's own `message`. Bytes that are no error of ours give the message as the error."""
    try:
        raw = bytes.fromhex(data.removeprefix("0x"))
    except ValueError:
        raw = b""
    name, arguments = _named(raw[:SELECTOR_BYTES], raw[SELECTOR_BYTES:])
    return TransactionReverted(
        error=name or message or "no reason given",
        arguments=arguments,
        data=data,
        message=message,
    )


def read_revert(data: str, message: str) -> LedgerError:
    """The domain error for the bytes a reverted call returned.

    Every one keeps `error` and `arguments` among its details. Errors that say no more than that the
    contract refused stay TransactionReverted.
    """
    reverted = revert_of(data, message)
    name, arguments = reverted.details["error"], reverted.details["arguments"]
    reader = READERS.get(name)
    if reader is None or "undecoded" in arguments:
        return reverted
    meaning = reader(name, arguments)
    meaning.details |= {"error": name, "arguments": arguments}
    return meaning


def _named(selector: bytes, body: bytes) -> tuple[str, dict[str, Any]]:
    if selector == ERROR_STRING:
        return "Error", _values(("reason",), ("string",), body)
    if selector == PANIC:
        return "Panic", _values(("code",), ("uint256",), body)
    error = custom_errors().get(selector)
    if error is None:
        return "", {}
    return error.name, _values(error.input_names, error.input_types, body)


def _values(names: tuple[str, ...], types: tuple[str, ...], body: bytes) -> dict[str, Any]:
    try:
        values = decode(types, body)
    except DecodingError:
        return {"undecoded": "0x" + body.hex()}
    return {n: _plain(t, v) for n, t, v in zip(names, types, values, strict=True)}


def _plain(kind: str, value: Any) -> Any:
    if kind == "address":
        return checksum_address(bytes.fromhex(value.removeprefix("0x")))
    return "0x" + value.hex() if isinstance(value, bytes) else value


# What each error means


def _role(name: str, arguments: Arguments) -> LedgerError:
    caller = arguments.get("caller") or arguments.get("msgsender")
    return RoleMissing(role=arguments.get("roleId", "of this function"), account=caller)


def _campaign(name: str, arguments: Arguments) -> LedgerError:
    return UnknownCampaign(campaign=arguments["campaign"])


def _pass(name: str, arguments: Arguments) -> LedgerError:
    return UnknownPass(**arguments)


def _merchant(name: str, arguments: Arguments) -> LedgerError:
    return UnknownMerchant(merchant=arguments["number"])


def _refused(name: str, arguments: Arguments) -> LedgerError:
    try:
        reason = Reason(arguments["reason"])
    except ValueError:
        return TransactionReverted(error=name, arguments=dict(arguments))
    return RedemptionRefused(reason.code, {"index": arguments["index"]})


def _status(name: str, arguments: Arguments) -> LedgerError:
    state = CampaignStatus(arguments["status"]).name.lower()
    return WrongState(what=f"campaign {arguments['campaign']}", state=state, needs=None)


def _round_status(name: str, arguments: Arguments) -> LedgerError:
    status = arguments["status"]
    state = ROUND_STATUSES[status] if status < len(ROUND_STATUSES) else str(status)
    return WrongState(what=f"round {arguments['round']}", state=state, needs=None)


def _state(name: str, arguments: Arguments) -> LedgerError:
    return WrongState(what=_subject(name), state=_words(name), needs=None)


def _signature(name: str, arguments: Arguments) -> LedgerError:
    return SignatureInvalid(why=_words(name))


def _input(name: str, arguments: Arguments) -> LedgerError:
    evidence = ", ".join(f"{key} {value}" for key, value in arguments.items())
    return InputInvalid(what=_subject(name), why=f"{_words(name)} ({evidence or 'none given'})")


def _subject(name: str) -> str:
    return name.partition("_")[0]


def _words(name: str) -> str:
    """`CouponBook_WindowInvalid` in words: `window invalid`."""
    said = name.rpartition("_")[2]
    return "".join(f" {c.lower()}" if c.isupper() else c for c in said).strip()


_MEANINGS: Final[tuple[tuple[Reader, tuple[str, ...]], ...]] = (
    (
        _role,
        (
            "AccessManagedUnauthorized",
            "AccessManagerUnauthorizedAccount",
            "AccessManagerUnauthorizedCall",
            "AccessManagerUnauthorizedCancel",
        ),
    ),
    (_campaign, ("CouponBook_CampaignUnknown",)),
    (_pass, ("CityPass_HolderUnknown", "CityPass_NumberUnknown")),
    (_merchant, ("MerchantRegistry_MerchantUnknown",)),
    (_refused, ("CouponBook_RedemptionRefused",)),
    (_status, ("CouponBook_WrongStatus",)),
    (_round_status, ("SettlementBook_WrongStatus",)),
    (
        _signature,
        (
            "CouponBook_VoidNotSigned",
            "CityToken_AuthorizationInvalid",
            "ECDSAInvalidSignature",
            "ECDSAInvalidSignatureLength",
            "ECDSAInvalidSignatureS",
            "ERC2612InvalidSigner",
        ),
    ),
    (
        _state,
        (
            "AnchorLog_DayNotOver",
            "AnchorLog_DayOutOfOrder",
            "CityPass_HolderHasPass",
            "CityToken_AuthorizationExpired",
            "CityToken_AuthorizationSpent",
            "CityToken_AuthorizationTooEarly",
            "CouponBook_CampaignListed",
            "CouponBook_CampaignNotListed",
            "CouponBook_ListMismatch",
            "CouponBook_ListOutOfOrder",
            "CouponBook_NothingToSweep",
            "CouponBook_SamePerson",
            "CouponBook_ShopsOwe",
            "CouponBook_SweepTooEarly",
            "CouponBook_VoidExceeds",
            "CouponBook_VoidOutOfTime",
            "CouponBook_VoidUnfunded",
            "ERC2612ExpiredSignature",
            "EnforcedPause",
            "ExpectedPause",
            "MerchantRegistry_PayoutTaken",
            "SettlementBook_AlreadyReturned",
            "SettlementBook_PagesSettled",
            "SettlementBook_RoundOpen",
            "SettlementBook_SamePerson",
        ),
    ),
    (
        _input,
        (
            "AnchorLog_RootInvalid",
            "CityPass_ClassTooLarge",
            "CityPass_DistrictTooLarge",
            "CityPass_HolderZero",
            "CityPass_HoldersMalformed",
            "CityPass_NumbersExhausted",
            "CityPass_StatusUnknown",
            "CityPass_TooManyHolders",
            "CityPass_ValidityEmpty",
            "CityToken_AccountZero",
            "CityToken_AmountZero",
            "CouponBook_AllowanceZero",
            "CouponBook_AmountZero",
            "CouponBook_BatchMalformed",
            "CouponBook_CoverExceeds",
            "CouponBook_DayQuotaTooLarge",
            "CouponBook_FirstUseByInvalid",
            "CouponBook_HolderMismatch",
            "CouponBook_ListTermsInvalid",
            "CouponBook_MaskEmpty",
            "CouponBook_PaidOutOfRange",
            "CouponBook_PolicyMissing",
            "CouponBook_RecordUnknown",
            "CouponBook_RecordsUnknown",
            "CouponBook_ShareInvalid",
            "CouponBook_TokenOther",
            "CouponBook_TokenUnknown",
            "CouponBook_WindowInvalid",
            "MerchantRegistry_CategoryTooLarge",
            "MerchantRegistry_DistrictTooLarge",
            "MerchantRegistry_NumbersExhausted",
            "MerchantRegistry_PayoutZero",
            "MerchantRegistry_StatusUnknown",
            "SettlementBook_DocumentOther",
            "SettlementBook_FileInvalid",
            "SettlementBook_MerchantUnknown",
            "SettlementBook_PageOther",
            "SettlementBook_PagesMismatch",
            "SettlementBook_RoundEmpty",
            "SettlementBook_RoundUnknown",
            "SettlementBook_TotalMismatch",
            "SettlementLines_Malformed",
            "SettlementLines_NothingToPay",
            "SettlementLines_OutOfOrder",
        ),
    ),
)

READERS: Final[dict[str, Reader]] = {name: reader for reader, names in _MEANINGS for name in names}

PLAIN: Final = frozenset(
    {
        "AccessManagedInvalidAuthority",
        "AccessManagedRequiredDelay",
        "AccessManagerAlreadyScheduled",
        "AccessManagerBadConfirmation",
        "AccessManagerExpired",
        "AccessManagerInvalidInitialAdmin",
        "AccessManagerLockedFunction",
        "AccessManagerLockedRole",
        "AccessManagerNotReady",
        "AccessManagerNotScheduled",
        "AccessManagerUnauthorizedConsume",
        "AddressEmptyCode",
        "CityToken_CallerNotPayee",
        "CityToken_PathRefused",
        "CouponBook_TokenShort",
        "ERC20InsufficientAllowance",
        "ERC20InsufficientBalance",
        "ERC20InvalidApprover",
        "ERC20InvalidReceiver",
        "ERC20InvalidSender",
        "ERC20InvalidSpender",
        "FailedCall",
        "InsufficientBalance",
        "InvalidAccountNonce",
        "InvalidShortString",
        "ReentrancyGuardReentrantCall",
        "SafeCastOverflowedUintDowncast",
        "SafeERC20FailedOperation",
        "SettlementBook_TokenShort",
        "StringTooLong",
    }
)
"""Errors whose name and evidence say it all: they stay TransactionReverted."""
