"""docs/invariants.md against the tests: every promise has tests, and every test it names exists."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PAGE: Final = ROOT.joinpath("docs", "invariants.md").read_text(encoding="utf-8")
PROMISES: Final = [f"P{number}" for number in range(1, 11)]
NAME: Final = re.compile(r"`((?:test|invariant)_\w+)`")
DEFINITION: Final = re.compile(r"\b(?:def|function) ((?:test|invariant)_\w+)\(")


def sections() -> dict[str, str]:
    """The page cut at the heading of each promise."""
    parts = re.split(r"^## (P\d+) ", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def existing_tests() -> set[str]:
    """The name of every test function in Python and in Solidity."""
    sources = [
        *ROOT.joinpath("tests").rglob("test_*.py"),
        *ROOT.joinpath("tests", "contracts").rglob("*.t.sol"),
    ]
    return {name for path in sources for name in DEFINITION.findall(path.read_text("utf-8"))}


def test_every_numbered_promise_has_its_section_in_order() -> None:
    assert list(sections()) == PROMISES


def test_every_promise_names_a_test_and_says_what_is_not_covered() -> None:
    for promise, text in sections().items():
        assert NAME.search(text), f"{promise} names no test"
        assert "Not covered yet:" in text, f"{promise} does not say what is missing"


def test_every_test_named_on_the_page_exists() -> None:
    assert set(NAME.findall(PAGE)) - existing_tests() == set()
