"""What every file of the house keeps to: its size, and what must not stand in it."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

SOURCES = (".py", ".sol", ".js", ".mjs", ".ts", ".html", ".css")
REGISTRIES = re.compile(r"(npmjs|pypi|pythonhosted|debian)\.(org|com|io|net)")
MACHINE_PATHS = re.compile(r"(^|[^\w.*/-])/(work|root|farm|home|tmp|Users)/", re.MULTILINE)
PRIVATE_KEYS = re.compile(r"BEGIN [A-Z ]*PRIVATE KEY")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
VAGUE_NAMES = ("utils", "helpers", "manager", "common", "misc")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def sources(*suffixes: str) -> Iterator[Path]:
    return (path for path in tracked() if path.suffix in suffixes)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every tracked text file but this one, which names what it forbids."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content and path != Path(__file__).resolve():
            yield name_of(path), content.decode("utf-8")


def found_in_texts(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}: {match.group()!r}" for name, text in texts() if (match := pattern.search(text))
    ]


def test_a_file_is_for_one_noun() -> None:
    lengths = {name_of(path): path.read_bytes().count(b"\n") for path in sources(*SOURCES)}
    assert {name: n for name, n in lengths.items() if n > FILE_LINES_MAX} == {}


def test_a_function_does_one_thing() -> None:
    long = []
    for path in sources(".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(f"{name_of(path)}:{node.lineno} {node.name}: {lines} lines")
    assert long == []


def test_money_is_never_a_float_in_the_ledger() -> None:
    floats = []
    for path in sources(".py"):
        if not name_of(path).startswith("ledger/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            named = isinstance(node, ast.Name) and node.id in {"float", "Float"}
            if isinstance(node, ast.expr) and (literal or named):
                floats.append(f"{name_of(path)}:{node.lineno}")
    assert floats == []


def test_no_file_names_a_registry() -> None:
    assert found_in_texts(REGISTRIES) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert found_in_texts(MACHINE_PATHS) == []


def test_no_file_holds_a_private_key() -> None:
    assert found_in_texts(PRIVATE_KEYS) == []


def test_nothing_is_left_unfinished() -> None:
    assert found_in_texts(UNFINISHED) == []


def test_modules_are_named_after_what_they_hold() -> None:
    vague = [name_of(path) for path in sources(".py", ".sol") if path.stem in VAGUE_NAMES]
    assert vague == []


@pytest.mark.parametrize("name", ["package-lock.json", "requirements.lock"])
def test_lock_files_exist_and_say_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "index-url" not in text


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-test.lock", "requirements-node.lock"]
)
def test_every_locked_package_has_a_version_and_a_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")
    for line in text.splitlines():
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+ ", line), line
        assert "--hash=sha256:" in line, line
