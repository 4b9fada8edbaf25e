"""The tool chain says the same everywhere: make, CI, pre-commit, locks, compiler settings."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    assert set(re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE)) == targets()


def test_every_target_is_phony() -> None:
    assert set(re.findall(r"^\.PHONY: ([a-z-]+)$", read("Makefile"), re.MULTILINE)) == targets()


def test_ci_calls_the_checks_and_then_the_tests() -> None:
    script = read(".ci/run")
    assert script.index("make check") < script.index("make test")
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_hooks_before_a_commit_run_tools_of_the_checkout() -> None:
    config = yaml.safe_load(read(".pre-commit-config.yaml"))
    [repository] = config["repos"]
    assert repository["repo"] == "local"
    ids = {hook["id"] for hook in repository["hooks"]}
    assert {"ruff", "ruff-format", "mypy", "import-linter", "forge-fmt"} <= ids
    for hook in repository["hooks"]:
        assert hook["entry"].startswith((".venv/bin/", "node_modules/.bin/")), hook["id"]


def locked(name: str) -> dict[str, str]:
    lines = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.+!]+)", read(name), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in lines}


def required(*groups: list[str]) -> dict[str, Requirement]:
    requirements = (Requirement(text) for group in groups for text in group)
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def test_every_requirement_is_locked_at_a_version_it_allows() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    optional = project["optional-dependencies"]
    stages = {
        "requirements.lock": required(project["dependencies"], optional["build"]),
        "requirements-test.lock": required(
            project["dependencies"], optional["build"], optional["test"]
        ),
    }
    for lock, requirements in stages.items():
        versions = locked(lock)
        for name, requirement in requirements.items():
            assert name in versions, f"{name} is not in {lock}; run `make lock`"
            assert requirement.specifier.contains(versions[name]), f"{name} in {lock}"


def test_the_demo_and_the_tests_use_the_same_versions() -> None:
    demo, tests = locked("requirements.lock"), locked("requirements-test.lock")
    assert demo.items() <= tests.items()


def test_npm_packages_are_pinned_exactly_and_locked() -> None:
    manifest = json.loads(read("package.json"))["devDependencies"]
    packages = json.loads(read("package-lock.json"))["packages"]
    for name, version in manifest.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert packages[f"node_modules/{name}"]["version"] == version


def test_npm_packages_for_this_kind_of_machine_are_locked_by_hash() -> None:
    packages = json.loads(read("package-lock.json"))["packages"]
    for name, entry in packages.items():
        elsewhere = entry.get("os", ["linux"]) != ["linux"] or entry.get("cpu", ["x64"]) != ["x64"]
        assert name == "" or elsewhere or entry["integrity"].startswith("sha512-"), name


def test_the_contracts_ask_for_the_compiler_that_is_installed() -> None:
    version = json.loads(read("package.json"))["devDependencies"]["solc"]
    for source in [*ROOT.glob("contracts/**/*.sol"), *ROOT.glob("tests/contracts/**/*.sol")]:
        assert f"pragma solidity {version};" in source.read_text(encoding="utf-8"), source.name


def test_generated_and_private_files_stay_out_of_the_repository() -> None:
    ignored = [".venv/x", "node_modules/x", ".nakhon/keys/admin.json", "contracts-out/x"]
    for name in ignored:
        done = subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT, check=False)
        assert done.returncode == 0, name
