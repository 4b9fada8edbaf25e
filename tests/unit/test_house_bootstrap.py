"""Setting up: once, resumable after any cut, and with a sentence when it cannot be done."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import bootstrap

REAL_ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "requirements.lock",
    "requirements-test.lock",
    "requirements-node.lock",
    "pyproject.toml",
    "package.json",
    "package-lock.json",
    "deploy/bootstrap.py",
)


class Killed(BaseException):
    """SIGKILL arrives during this command."""


class Machine:
    """A checkout of its own whose commands are recorded instead of run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.commands: list[str] = []
        self.killed_at = 0
        for name in FILES:
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes((REAL_ROOT / name).read_bytes())

    def run(self, command: list[str], what: str) -> None:
        """Do what the command leaves behind; die at the command chosen."""
        self.commands.append(what)
        if len(self.commands) == self.killed_at:
            raise Killed
        if what == "creating .venv":
            python = self.root / ".venv" / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.symlink_to(sys.executable)
        if what == "npm ci":
            (self.root / "node_modules").mkdir(exist_ok=True)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "UNFINISHED", tmp_path / ".venv" / ".unfinished")
    monkeypatch.setattr(bootstrap, "NODE_MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(bootstrap, "LIBRARIES", {})
    monkeypatch.setattr(bootstrap, "DEBIAN_PROGRAMS", {})
    monkeypatch.setattr(bootstrap, "WEB_PARTS", ())
    monkeypatch.setattr(bootstrap, "WEB_VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(bootstrap, "node_major", lambda: bootstrap.NODE_MAJOR_MIN)
    # The Python of an environment made without pip runs these tests.
    monkeypatch.setattr(bootstrap, "check_python", lambda: None)
    made = Machine(tmp_path)
    monkeypatch.setattr(bootstrap, "run", made.run)
    return made


DEMO = ["creating .venv", "installing requirements.lock", "installing nakhon", "npm ci"]


def test_a_second_run_does_nothing(machine: Machine) -> None:
    bootstrap.main(["demo"])
    assert machine.commands == DEMO
    bootstrap.main(["demo"])
    assert machine.commands == DEMO


@pytest.mark.parametrize("number", range(1, len(DEMO) + 1))
def test_a_run_after_a_kill_installs_what_was_cut_off(machine: Machine, number: int) -> None:
    machine.killed_at = number
    with pytest.raises(Killed):
        bootstrap.main(["demo"])
    done = len(machine.commands)
    bootstrap.main(["demo"])
    python_was_finished = number == len(DEMO)
    assert machine.commands[done:] == (DEMO[-1:] if python_was_finished else DEMO)


def test_a_changed_lock_is_installed_again(machine: Machine) -> None:
    bootstrap.main(["demo"])
    lock = machine.root / "package-lock.json"
    lock.write_text(lock.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    bootstrap.main(["demo"])
    assert machine.commands == [*DEMO, "npm ci"]


def test_a_checkout_that_was_moved_is_installed_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = bootstrap.digest("requirements.lock")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (moved / "requirements.lock").write_bytes((tmp_path / "requirements.lock").read_bytes())
    monkeypatch.setattr(bootstrap, "ROOT", moved)
    assert bootstrap.digest("requirements.lock") != before


def test_the_tests_add_to_what_the_demo_installed(machine: Machine) -> None:
    bootstrap.main(["demo"])
    bootstrap.main(["test"])
    added = machine.commands[len(DEMO) :]
    assert added == [
        "installing requirements-test.lock",
        "installing requirements-node.lock",
        "installing nakhon",
    ]


@pytest.fixture
def without_zbar(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def as_user(number: int) -> None:
        monkeypatch.setattr(bootstrap, "LIBRARIES", {"no-such-library": "libno0"})
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: number)
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name: name)

    return as_user


def test_root_gets_a_missing_library_from_apt(
    machine: Machine, without_zbar: Callable[[int], None]
) -> None:
    without_zbar(0)
    bootstrap.install_debian()
    assert machine.commands == ["apt-get update", "apt-get install libno0"]


def test_others_are_told_what_to_install(
    machine: Machine, without_zbar: Callable[[int], None]
) -> None:
    without_zbar(1000)
    with pytest.raises(SystemExit, match="apt-get install libno0"):
        bootstrap.install_debian()
    assert machine.commands == []


def test_a_command_that_fails_is_shown_in_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    failing = [sys.executable, "-c", "import sys; print('no route'); sys.exit(3)"]
    with pytest.raises(SystemExit, match=r"the download failed \(exit 3\)"):
        bootstrap.run(failing, "the download")
    assert "no route" in capsys.readouterr().err


def test_an_unknown_stage_and_an_old_python_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="demo, test"):
        bootstrap.main(["all"])
    monkeypatch.setattr(bootstrap, "PYTHON_MIN", (9, 0))
    with pytest.raises(SystemExit, match=r"Python 9\.0 or later is needed"):
        bootstrap.main(["demo"])


def test_what_sets_up_needs_nothing_but_the_standard_library() -> None:
    isolated = [sys.executable, "-I", "-S", "-c", "import runpy; runpy.run_path('bootstrap.py')"]
    subprocess.run(isolated, cwd=REAL_ROOT / "deploy", check=True)


@pytest.mark.parametrize("program", bootstrap.PROGRAMS)
def test_a_failing_foundry_program_says_so_with_its_exit_code(program: str) -> None:
    done = subprocess.run(
        [str(REAL_ROOT / "node_modules" / ".bin" / program), "--no-such-option"],
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0


def test_every_optional_npm_package_has_its_entry_in_the_lock() -> None:
    for lock in ("package-lock.json", "deploy/hardhat/package-lock.json"):
        packages = json.loads((REAL_ROOT / lock).read_bytes())["packages"]
        for entry in packages.values():
            for name in entry.get("optionalDependencies", {}):
                assert f"node_modules/{name}" in packages, f"{lock}: npm ci needs {name}"
