"""Artifacts: the same bytes from the same sources, and one altered byte is noticed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import solcx
from packaging.version import Version

from deploy import compile as compiling
from deploy.compile import (
    ARTIFACTS,
    WRAPPER,
    ArtifactMismatch,
    build,
    check,
    compiler_settings,
    find_compiler,
    main,
    pinned_version,
    write,
)
from ledger.chain.artifacts import CONTRACTS, parse_artifact
from ledger.errors import ToolMissing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def built() -> dict[str, bytes]:
    """The committed artifacts, which `make check` compares with a compilation of all sources."""
    return {path.stem: path.read_bytes() for path in ARTIFACTS.glob("*.json")}


def test_the_same_sources_give_the_same_bytes_wherever_the_checkout_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "MerchantRegistry"
    monkeypatch.setattr(compiling, "SOURCES", {name: compiling.SOURCES[name]})
    for part in ("node_modules", "foundry.toml", "package.json"):
        (tmp_path / part).symlink_to(ROOT / part)
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    registry = tmp_path / "contracts" / f"{name}.sol"
    registry.write_text(registry.read_text().replace(f"contract {name}", f"contract  {name}"))
    here, there = build(), build(tmp_path)
    assert here == there, "neither the place nor a space changes the code"
    assert str(ROOT) not in here[name].decode()


def test_an_altered_byte_anywhere_is_refused_and_named(
    built: dict[str, bytes], tmp_path: Path
) -> None:
    write(built, tmp_path)
    check(built, tmp_path)
    for name in CONTRACTS:
        path = tmp_path / f"{name}.json"
        whole = bytearray(path.read_bytes())
        whole[len(whole) // 2] ^= 1
        path.write_bytes(whole)
        with pytest.raises(ArtifactMismatch) as refused:
            check(built, tmp_path)
        assert refused.value.names == [name]
        assert write(built, tmp_path) == [path]


def test_a_missing_an_extra_and_a_checksum_are_named(
    built: dict[str, bytes], tmp_path: Path
) -> None:
    write(built, tmp_path)
    (tmp_path / "CityPass.json").rename(tmp_path / "Stray.json")
    with pytest.raises(ArtifactMismatch) as refused:
        check(built, tmp_path)
    assert refused.value.names == ["CityPass", "Stray"]
    (tmp_path / "Stray.json").unlink()
    write(built, tmp_path)
    (tmp_path / "SHA256SUMS").write_bytes(b"")
    with pytest.raises(ArtifactMismatch) as refused:
        check(built, tmp_path)
    assert refused.value.names == ["SHA256SUMS"]


def test_artifacts_hold_interface_code_and_settings(built: dict[str, bytes]) -> None:
    assert set(built) == set(CONTRACTS)
    for name, content in built.items():
        artifact = parse_artifact(content)
        assert artifact.name == name
        assert artifact.compiler == find_compiler().version
        assert artifact.settings == compiler_settings()
        assert artifact.settings["metadata"] == {"appendCBOR": False, "bytecodeHash": "none"}
        assert artifact.settings["evmVersion"] == "osaka"


def test_a_native_compiler_is_used_only_in_the_pinned_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solcx, "get_installed_solc_versions", lambda: [Version("0.8.30")])
    assert find_compiler().binary == WRAPPER
    pinned = Version(pinned_version())
    monkeypatch.setattr(solcx, "get_installed_solc_versions", lambda: [pinned])
    monkeypatch.setattr(solcx.install, "get_executable", lambda version: WRAPPER)
    assert find_compiler().version.startswith(f"{pinned}+commit.")


def test_without_a_compiler_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiling, "NODE_MODULES", tmp_path)
    monkeypatch.setattr(solcx, "get_installed_solc_versions", list)
    with pytest.raises(ToolMissing):
        find_compiler()
    assert main(["--check"]) == 1
    assert "make setup" in capsys.readouterr().err


def run_wrapper(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(WRAPPER), *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_the_wrapper_tells_its_version_as_a_native_compiler_does() -> None:
    told = run_wrapper("--version")
    assert told.returncode == 0
    assert f"Version: {pinned_version()}+commit." in told.stdout


def test_the_wrapper_prints_json_and_nothing_else_however_long() -> None:
    members = "".join(f"function f{number}() external {{}}" for number in range(3_000))
    source = f"pragma solidity {pinned_version()}; contract Long {{ {members} }}"
    asked = {
        "language": "Solidity",
        "sources": {"Long.sol": {"content": source}},
        "settings": {"outputSelection": {"*": {"*": ["abi"]}}},
    }
    told = run_wrapper("--standard-json", "--allow-paths", ".", text=json.dumps(asked))
    assert told.returncode == 0
    assert len(told.stdout) > 4 * 65_536
    assert len(json.loads(told.stdout)["contracts"]["Long.sol"]["Long"]["abi"]) == 3_000


@pytest.mark.parametrize("arguments", [[], ["--optimize"], ["--version", "--standard-json"]])
def test_the_wrapper_refuses_what_it_does_not_know(arguments: list[str]) -> None:
    told = run_wrapper(*arguments)
    assert told.returncode == 1
    assert told.stderr.startswith("solc-js: ")


def test_the_wrapper_says_what_to_do_when_the_compiler_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    moved = shutil.copy(WRAPPER, tmp_path / "deploy" / "solc-js")
    told = subprocess.run([moved, "--version"], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "make setup" in told.stderr
