"""docs/faults.md against the tests: every fault has its row, and every test it names exists."""

import re
from typing import Final

from tests.unit.test_invariants_page import ROOT, existing_tests

PAGE: Final = ROOT.joinpath("docs", "faults.md").read_text(encoding="utf-8")
ROW: Final = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NAME: Final = re.compile(r"`((?:test|invariant)_\w+)`")
LISTED: Final = [*range(1, 9), 10, 11, *range(13, 28), 30, 31, 32, 36, 37]


def test_every_fault_has_one_row_in_order() -> None:
    assert [int(number) for number, *_rest in ROW.findall(PAGE)] == LISTED


def test_every_fault_names_a_test_or_says_that_there_is_none() -> None:
    for number, _fault, tests, missing in ROW.findall(PAGE):
        assert NAME.search(tests) or missing != "–", f"fault {number} names no test"


def test_every_test_named_on_the_page_exists() -> None:
    assert set(NAME.findall(PAGE)) - existing_tests() == set()
