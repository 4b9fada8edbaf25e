"""Mutation testing of the rules: `python -m bench.mutation` says which changes no test notices.

mutmut changes one operator, constant or word at a time in the files of RULES, and mutants.py runs
the quick tests of the domain against each change. All of it happens in a copy below
.nakhon/mutation, so that a killed run leaves no changed rule behind. KILLED_PERCENT_MIN of all
changes must be noticed; the survivors and why they may survive stand in docs/mutation.md.
`RULES="rules usage"` takes some of the files, `JOBS=` is the number of processes, `JSON=file`
writes the figures.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACE: Final = ROOT / ".nakhon" / "mutation"
KILLED_PERCENT_MIN: Final = 95
RULES: Final = (
    "policy", "policy_reading", "policy_till", "reading", "rules", "till_rules", "till_terms",
    "usage", "verdict",
)  # fmt: skip
TESTS: Final = (
    "tests/unit/test_domain_figures.py",
    "tests/unit/test_domain_instalments.py",
    "tests/unit/test_domain_policy.py",
    "tests/unit/test_domain_policy_reading.py",
    "tests/unit/test_domain_policy_refusals.py",
    "tests/unit/test_domain_till.py",
    "tests/unit/test_domain_usage.py",
    "tests/unit/test_domain_verdict.py",
    "tests/unit/test_policy_files.py",
    "tests/unit/test_policy_schema.py",
)
NEEDED: Final = ("tests/property/domain_city.py", "tests/vectors/policy_refusals.json")
NOTICED: Final = {"noticed", "hung"}

SETTINGS: Final = """\
[mutmut]
source_paths=ledger
only_mutate=
    {rules}
also_copy=
    policies
    data
pytest_add_cli_args_test_selection=
    {tests}
"""
PYTEST: Final = """\
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = [
    "--import-mode=importlib", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:asyncio",
]
"""
CONFTEST: Final = """\
from hypothesis import settings

settings.register_profile("mutation", max_examples=20, derandomize=True, deadline=None)
settings.load_profile("mutation")
"""


def prepare(rules: tuple[str, ...]) -> None:
    """Lay out the copy that mutmut may change."""
    shutil.rmtree(PLACE, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("ledger", "policies", "data"):
        shutil.copytree(ROOT / name, PLACE / name, ignore=ignored)
    for name in (*TESTS, *NEEDED):
        (PLACE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, PLACE / name)
    (PLACE / "tests" / "conftest.py").write_text(CONFTEST)
    (PLACE / "pyproject.toml").write_text(PYTEST)
    paths = [f"ledger/domain/{rule}.py" for rule in rules]
    (PLACE / "setup.cfg").write_text(
        SETTINGS.format(rules="\n    ".join(paths), tests="\n    ".join(TESTS))
    )


def outcomes(jobs: str) -> dict[str, str]:
    """Make every change, try each, and return what became of it, by its name."""
    # The name fits no change: mutmut makes them all, notes which tests reach which function, and
    # has nothing to try.
    _run(PLACE, "-m", "mutmut", "run", "none", check=False)
    results = PLACE / "results.txt"
    trier = ROOT / "bench" / "mutants.py"
    _run(PLACE / "mutants", "-P", str(trier), jobs, str(results))
    return dict(re.findall(r"^(\S+): (.+)$", results.read_text(), re.MULTILINE))


def _run(place: Path, *arguments: str, check: bool = True) -> None:
    environment = {**os.environ, "ETH_HASH_BACKEND": "pysha3"}
    # Each change is a process: without compiled modules every one of them would compile the tests.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.pop("PYTHONPATH", None)
    subprocess.run([sys.executable, *arguments], cwd=place, env=environment, check=check)


def table(found: dict[str, str]) -> list[tuple[str, int, int, int]]:
    """Return a row per file: its changes, those noticed, and those never tried; the sum is last."""
    rows: list[tuple[str, int, int, int]] = []
    for rule in sorted({name.split(".")[2] for name in found}):
        outcomes_of = [end for name, end in found.items() if name.split(".")[2] == rule]
        noticed = sum(end in NOTICED for end in outcomes_of)
        untried = sum(end.startswith("not tried") for end in outcomes_of)
        rows.append((rule, len(outcomes_of), noticed, untried))
    changes, noticed, untried = (
        sum(counts) for counts in zip(*(row[1:] for row in rows), strict=True)
    )
    return [*rows, ("all", changes, noticed, untried)]


def main() -> int:
    """Mutate, count, print, write; 1 when too many survive."""
    prepare(tuple(os.environ.get("RULES", " ".join(RULES)).split()))
    found = outcomes(os.environ.get("JOBS", "2"))
    sys.stdout.write(f"\n{'file':<16}{'changes':>9}{'noticed':>9}{'not tried':>11}{'':>9}\n")
    rows = table(found)
    for rule, changes, noticed, untried in rows:
        percent = f"{noticed * 100 / max(changes, 1):.1f} %"
        sys.stdout.write(f"{rule:<16}{changes:>9,}{noticed:>9,}{untried:>11,}{percent:>9}\n")
    for name, outcome in sorted(found.items()):
        if outcome not in NOTICED:
            sys.stdout.write(f"{outcome}: {name}\n")
    if os.environ.get("JSON"):
        figures = {"outcomes": Counter(found.values()), "files": rows}
        Path(os.environ["JSON"]).write_text(json.dumps(figures, indent=2) + "\n")
    _rule, changes, noticed, _untried = rows[-1]
    return 1 if noticed * 100 < KILLED_PERCENT_MIN * changes or not changes else 0


if __name__ == "__main__":
    sys.exit(main())
