"""Calldata out and in: every function of every contract, named as in its interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError

from ledger.chain.artifacts import CONTRACTS, load_artifact
from ledger.domain.campaign import Terms
from ledger.domain.hashing import address_bytes, keccak
from ledger.errors import InputInvalid, NodeLied

SELECTOR_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function of one contract, ready to encode and decode."""

    contract: str
    name: str
    selector: bytes
    input_names: tuple[str, ...]
    input_types: tuple[str, ...]
    output_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Calldata read back: which function, with which arguments by name."""

    function: Function
    arguments: Mapping[str, Any]


def canonical_type(parameter: Mapping[str, Any]) -> str:
    """The type of an ABI parameter as it is hashed: structs become tuples."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    inside = ",".join(canonical_type(part) for part in parameter["components"])
    return f"({inside}){kind.removeprefix('tuple')}"


def signature_of(entry: Mapping[str, Any]) -> str:
    """`name(type,…)` of a function, an event or an error of the ABI."""
    return f"{entry['name']}({','.join(canonical_type(part) for part in entry['inputs'])})"


@cache
def functions(contract: str) -> dict[str, Function]:
    """The functions of a contract by name; of overloads also, and only, by full signature."""
    entries = load_artifact(contract).entries("function")
    names = [entry["name"] for entry in entries]
    found: dict[str, Function] = {}
    for entry in entries:
        signature = signature_of(entry)
        key = entry["name"] if names.count(entry["name"]) == 1 else signature
        found[key] = Function(
            contract=contract,
            name=entry["name"],
            selector=keccak(signature.encode())[:SELECTOR_BYTES],
            input_names=tuple(part["name"] for part in entry["inputs"]),
            input_types=tuple(canonical_type(part) for part in entry["inputs"]),
            output_types=tuple(canonical_type(part) for part in entry["outputs"]),
        )
    return found


def encode_call(contract: str, function: str, *arguments: Any) -> bytes:
    """Calldata of a call. Structs are tuples, or `Terms`.

    Raises InputInvalid for an unknown function or arguments that do not fit its types.
    """
    try:
        form = functions(contract)[function]
    except KeyError:
        raise InputInvalid(what=f"{contract}.{function}", why="no such function") from None
    return form.selector + encode_values(form.input_types, arguments, what=function)


def encode_constructor(contract: str, *arguments: Any) -> bytes:
    """The data of the transaction that creates a contract: its code and its arguments."""
    artifact = load_artifact(contract)
    (constructor,) = artifact.entries("constructor") or [{"inputs": []}]
    types = [canonical_type(part) for part in constructor["inputs"]]
    return artifact.bytecode + encode_values(types, arguments, what=contract)


def encode_values(types: Sequence[str], values: Sequence[Any], *, what: str) -> bytes:
    """ABI-encode values, refusing what does not fit with InputInvalid."""
    plain = [terms_tuple(value) if isinstance(value, Terms) else value for value in values]
    try:
        return encode(types, plain)
    except (EncodingError, ValueError, TypeError) as error:
        raise InputInvalid(what=what, why=str(error)) from error


def decode_result(contract: str, function: str, data: bytes) -> tuple[Any, ...]:
    """The values a call returned. NodeLied when the bytes are not of the function's types."""
    form = functions(contract)[function]
    try:
        return decode(form.output_types, data)
    except DecodingError as error:
        raise NodeLied(what=f"{contract}.{function} returned other types: {error}") from error


def decode_call(contract: str, data: bytes) -> Call | None:
    """Read calldata back; None when it calls no function of this contract."""
    form = _by_selector(contract).get(data[:SELECTOR_BYTES])
    if form is None:
        return None
    try:
        values = decode(form.input_types, data[SELECTOR_BYTES:], strict=False)
    except DecodingError:
        return None
    return Call(function=form, arguments=dict(zip(form.input_names, values, strict=True)))


@cache
def _by_selector(contract: str) -> dict[bytes, Function]:
    return {function.selector: function for function in functions(contract).values()}


@cache
def selectors() -> dict[bytes, tuple[str, ...]]:
    """Every selector of every contract, with the names of the functions that have it."""
    found: dict[bytes, tuple[str, ...]] = {}
    for contract in CONTRACTS:
        for function in functions(contract).values():
            name = f"{contract}.{function.name}"
            found[function.selector] = (*found.get(function.selector, ()), name)
    return found


def terms_tuple(terms: Terms) -> tuple[Any, ...]:
    """The `Terms` struct in the order of its fields."""
    return (
        terms.policy_hash,
        address_bytes(terms.token),
        terms.starts,
        terms.ends,
        terms.first_use_by,
        terms.share_basis_points,
        terms.allowance,
        terms.per_use_max,
        terms.per_day_max,
        terms.bill_min,
        terms.audience,
        terms.categories,
        terms.districts,
        terms.open_hours,
        terms.same_district,
        terms.list_hash,
        terms.list_count,
    )
