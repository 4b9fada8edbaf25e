"""docs/runbook.md against the code: whatever calls itself an alarm is there, with what to do."""

import ast
import re
from typing import Final

from tests.unit.test_invariants_page import ROOT

PAGE: Final = ROOT.joinpath("docs", "runbook.md").read_text(encoding="utf-8")
ROW: Final = re.compile(r"^\| `(alarm: [^`]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROOMS: Final = ("ledger", "api", "wallet_cli", "deploy")


def said_in_the_code() -> set[str]:
    """Every sentence that begins with `alarm:`, its figures left open."""
    found = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and str(node.value).startswith("alarm: "):
                    found.add(re.sub(r"%[sd]", "…", str(node.value)))
    return found


def test_every_alarm_of_the_log_is_on_the_page_with_what_to_do_and_no_other() -> None:
    told = {line: (means, remedy) for line, means, remedy in ROW.findall(PAGE)}
    assert set(told) == said_in_the_code()
    assert all(means.strip() and remedy.strip() for means, remedy in told.values())


def test_every_code_the_table_of_alarms_points_to_has_its_paragraph() -> None:
    headings = set(re.findall(r"^## (\w+_\w+)$", PAGE, re.MULTILINE))
    for _line, _means, remedy in ROW.findall(PAGE):
        named = set(re.findall(r"`([a-z]+_[a-z]+)`", remedy))
        assert named <= headings, remedy
