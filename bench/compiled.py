"""Every contract that the gas benchmark measures, compiled from its source in the same run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import solcx

from deploy.compile import ROOT, SOURCES, collect_sources, compiler_settings, find_compiler
from ledger.chain.encoding import canonical_type, encode_values, signature_of
from ledger.domain.hashing import keccak

BASELINES: Final[dict[str, str]] = {
    "Voucher1155": "bench/contracts/Voucher1155.sol",
    "SpotMoney": "bench/contracts/PurposeBoundMoney.sol",
    "MerchantList": "bench/contracts/PurposeBoundMoney.sol",
    "PurposeBoundMoney": "bench/contracts/PurposeBoundMoney.sol",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A contract as the compiler gave it: its functions by name, and the code that creates it."""

    name: str
    functions: Mapping[str, dict[str, Any]]
    constructor: list[str]
    bytecode: bytes
    runtime_bytes: int

    def creation(self, *arguments: Any) -> bytes:
        """The data of the transaction that creates the contract."""
        return self.bytecode + encode_values(self.constructor, arguments, what=self.name)

    def call(self, function: str, *arguments: Any) -> bytes:
        """Calldata of a call. A name with two signatures means the last one."""
        entry = self.functions[function]
        types = [canonical_type(part) for part in entry["inputs"]]
        return self.selector(function) + encode_values(types, arguments, what=function)

    def selector(self, function: str) -> bytes:
        """The four bytes that name a function."""
        return keccak(signature_of(self.functions[function]).encode())[:4]


def compile_all(root: Path = ROOT) -> dict[str, Compiled]:
    """Compile the project's contracts and the baselines with the settings of `foundry.toml`."""
    compiler = find_compiler()
    wanted = {**SOURCES, **BASELINES}
    sources = collect_sources(wanted.values(), root)
    selection: dict[str, dict[str, list[str]]] = {}
    for name, path in wanted.items():
        selection.setdefault(path, {})[name] = [
            "abi", "evm.bytecode.object", "evm.deployedBytecode.object",
        ]  # fmt: skip
    output = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sources.items()},
            "settings": {**compiler_settings(root), "outputSelection": selection},
        },
        solc_binary=compiler.binary,
    )
    return {name: _read(name, output["contracts"][path][name]) for name, path in wanted.items()}


def _read(name: str, contract: dict[str, Any]) -> Compiled:
    entries = contract["abi"]
    constructors = [entry for entry in entries if entry["type"] == "constructor"]
    inputs = constructors[0]["inputs"] if constructors else []
    code = contract["evm"]["bytecode"]["object"]
    assert re.fullmatch(r"[0-9a-f]+", code), f"{name} has unlinked libraries"
    return Compiled(
        name=name,
        functions={entry["name"]: entry for entry in entries if entry["type"] == "function"},
        constructor=[canonical_type(part) for part in inputs],
        bytecode=bytes.fromhex(code),
        runtime_bytes=len(contract["evm"]["deployedBytecode"]["object"]) // 2,
    )
