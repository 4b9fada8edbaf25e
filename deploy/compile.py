"""The committed artifacts: how they are made, and the proof that they still match the sources.

`python -m deploy.compile` writes `ledger/chain/artifacts/*.json`; with `--check` it compiles again
and fails, naming each artifact that is not byte for byte what the sources give. The compiler's
settings are read from `foundry.toml`, so what forge tests is what is deployed.
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import solcx
from packaging.version import Version
from solcx.exceptions import SolcError
from solcx.wrapper import get_solc_version

from deploy.checksums import CHECKSUMS, checksums_of
from ledger.errors import ToolMissing

ROOT: Final = Path(__file__).resolve().parent.parent
ARTIFACTS: Final = ROOT / "ledger" / "chain" / "artifacts"
WRAPPER: Final = ROOT / "deploy" / "solc-js"
NODE_MODULES: Final = ROOT / "node_modules"

OPENZEPPELIN: Final = "@openzeppelin/contracts"
SOURCES: Final[dict[str, str]] = {
    "AccessManager": f"{OPENZEPPELIN}/access/manager/AccessManager.sol",
    "AnchorLog": "contracts/AnchorLog.sol",
    "CityPass": "contracts/CityPass.sol",
    "CityToken": "contracts/CityToken.sol",
    "CouponBook": "contracts/CouponBook.sol",
    "MerchantRegistry": "contracts/MerchantRegistry.sol",
    "SettlementBook": "contracts/SettlementBook.sol",
}

CODE_BYTES_MAX: Final = 24_576

_IMPORT: Final = re.compile(r"""^\s*import\s[^;"']*["']([^"']+)["']""", re.MULTILINE)
_OUTPUTS: Final = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
]


class CodeTooLarge(Exception):
    """A contract's runtime code is above what a chain accepts (EIP-170)."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__(f"{name}: {size} bytes of code, the chain takes {CODE_BYTES_MAX}")


class ArtifactMismatch(Exception):
    """Committed artifacts are not what the compiler gives for the sources; `names` says which."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """A solc executable of exactly the pinned version."""

    binary: Path
    version: str  # "0.8.37+commit.f401782d"


def pinned_version(root: Path = ROOT) -> str:
    """The one compiler version of the project: that of npm's `solc` in `package.json`."""
    manifest = json.loads((root / "package.json").read_text(encoding="utf-8"))
    return str(manifest["devDependencies"]["solc"])


def find_compiler() -> Compiler:
    """A native solc if py-solc-x has the pinned version installed, else npm's behind the wrapper.

    Raises ToolMissing when neither runs, or when what runs is not the pinned version.
    """
    wanted = Version(pinned_version())
    native = wanted in solcx.get_installed_solc_versions()
    binary = solcx.install.get_executable(wanted) if native else WRAPPER
    if not native and not (NODE_MODULES / "solc").is_dir():
        raise ToolMissing(tool="solc", why="npm's compiler is not installed here; run `make setup`")
    found = get_solc_version(binary, with_commit_hash=True)
    if Version(found.base_version) != wanted:
        why = f"package.json wants {wanted}, installed is {found}; run `make setup`"
        raise ToolMissing(tool="solc", why=why)
    return Compiler(binary=binary, version=_with_commit(found))


def _with_commit(version: Version) -> str:
    return f"{version.base_version}+{version.local}"


def compiler_settings(root: Path = ROOT) -> dict[str, Any]:
    """Standard-JSON settings as `foundry.toml` states them."""
    profile = tomllib.loads((root / "foundry.toml").read_text(encoding="utf-8"))
    chosen = profile["profile"]["default"]
    return {
        "evmVersion": chosen["evm_version"],
        "metadata": {
            "appendCBOR": chosen["cbor_metadata"],
            "bytecodeHash": chosen["bytecode_hash"],
        },
        "optimizer": {"enabled": chosen["optimizer"], "runs": chosen["optimizer_runs"]},
        "viaIR": chosen["via_ir"],
    }


def collect_sources(names: Iterable[str], root: Path = ROOT) -> dict[str, str]:
    """The named source units and everything they import, by source unit name, sorted.

    Names are relative to the checkout or to `node_modules`, never absolute: artifacts do not depend
    on where the checkout lies.
    """
    waiting, found = list(names), dict[str, str]()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        home = root / "node_modules" if name.startswith("@") else root
        found[name] = (home / name).read_text(encoding="utf-8")
        waiting.extend(_resolve(name, imported) for imported in _IMPORT.findall(found[name]))
    return dict(sorted(found.items()))


def _resolve(importer: str, imported: str) -> str:
    if not imported.startswith("."):
        return imported
    parts = importer.split("/")[:-1]
    for part in imported.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def build(root: Path = ROOT) -> dict[str, bytes]:
    """Compile every contract; the artifacts' bytes by contract name.

    The same sources give the same bytes on every machine, whichever solc of the pinned version
    runs. Raises ToolMissing without a compiler, SolcError with the compiler's messages, and
    CodeTooLarge.
    """
    compiler, settings = find_compiler(), compiler_settings(root)
    sources = collect_sources(SOURCES.values(), root)
    output = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sources.items()},
            "settings": {
                **settings,
                "outputSelection": {path: {name: _OUTPUTS} for name, path in SOURCES.items()},
            },
        },
        solc_binary=compiler.binary,
    )
    return {
        name: _artifact(name, output["contracts"][path][name], compiler, settings)
        for name, path in SOURCES.items()
    }


def _artifact(
    name: str, contract: dict[str, Any], compiler: Compiler, settings: dict[str, Any]
) -> bytes:
    evm = contract["evm"]
    size = len(evm["deployedBytecode"]["object"]) // 2
    if size > CODE_BYTES_MAX:
        raise CodeTooLarge(name, size)
    fields = {
        "name": name,
        "abi": contract["abi"],
        "bytecode": "0x" + evm["bytecode"]["object"],
        "deployedBytecode": "0x" + evm["deployedBytecode"]["object"],
        "immutableReferences": evm["deployedBytecode"]["immutableReferences"],
        "compiler": compiler.version,
        "settings": settings,
    }
    return (json.dumps(fields, indent=2, ensure_ascii=False) + "\n").encode()


def write(built: dict[str, bytes], directory: Path = ARTIFACTS) -> list[Path]:
    """Write the artifacts that changed; the paths written."""
    directory.mkdir(parents=True, exist_ok=True)
    changed = []
    files = {f"{name}.json": content for name, content in built.items()}
    for name, content in {**files, CHECKSUMS: checksums_of(built)}.items():
        path = directory / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            changed.append(path)
    return changed


def check(built: dict[str, bytes], directory: Path = ARTIFACTS) -> None:
    """Raise ArtifactMismatch naming every artifact that is missing, extra or differs by a byte."""
    present = {path.stem: path.read_bytes() for path in directory.glob("*.json")}
    names = sorted(
        name for name in present.keys() | built.keys() if present.get(name) != built.get(name)
    )
    sums = directory / CHECKSUMS
    if not names and (not sums.exists() or sums.read_bytes() != checksums_of(built)):
        names = [CHECKSUMS]
    if names:
        raise ArtifactMismatch(names)


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 when the artifacts are written or agree, 1 with one line per difference or error."""
    parser = argparse.ArgumentParser(prog="python -m deploy.compile", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    checking = parser.parse_args(arguments).check
    try:
        built = build()
        if checking:
            check(built)
        else:
            for path in write(built):
                sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    except SolcError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    except ArtifactMismatch as error:
        for name in error.names:
            sys.stderr.write(f"{name}: the artifact differs; run `python -m deploy.compile`\n")
        return 1
    except (ToolMissing, CodeTooLarge, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
