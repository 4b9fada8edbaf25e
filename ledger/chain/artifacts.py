"""The compiled contracts as committed: interface, code and where immutables sit in it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

ARTIFACTS_DIRECTORY: Final = Path(__file__).with_name("artifacts")

CONTRACTS: Final = (
    "AccessManager",
    "CityToken",
    "CityPass",
    "MerchantRegistry",
    "CouponBook",
    "SettlementBook",
    "AnchorLog",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Immutable:
    """One place of the runtime code that the constructor fills in."""

    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One compiled contract. `bytecode` creates it, `runtime` is what the chain then holds."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    runtime: bytes
    immutables: tuple[Immutable, ...]
    compiler: str
    settings: dict[str, Any]

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The ABI entries of one kind: `function`, `event`, `error` or `constructor`."""
        return [entry for entry in self.abi if entry["type"] == kind]

    def runtime_without_immutables(self, code: bytes) -> bytes:
        """`code` with every immutable zeroed, so that it can be compared with `runtime`."""
        blank = bytearray(code)
        for place in self.immutables:
            blank[place.start : place.start + place.length] = bytes(place.length)
        return bytes(blank)


def parse_artifact(document: bytes) -> Artifact:
    """Read one artifact file as the compiler step writes it."""
    raw = orjson.loads(document)
    places = [
        Immutable(start=place["start"], length=place["length"])
        for positions in (raw.get("immutableReferences") or {}).values()
        for place in positions
    ]
    return Artifact(
        name=raw["name"],
        abi=raw["abi"],
        bytecode=bytes.fromhex(raw["bytecode"].removeprefix("0x")),
        runtime=bytes.fromhex(raw["deployedBytecode"].removeprefix("0x")),
        immutables=tuple(sorted(places, key=lambda place: place.start)),
        compiler=raw["compiler"],
        settings=raw["settings"],
    )


@cache
def load_artifact(name: str) -> Artifact:
    """The committed artifact of one contract of `CONTRACTS`; read once per process."""
    return parse_artifact((ARTIFACTS_DIRECTORY / f"{name}.json").read_bytes())
