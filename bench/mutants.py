"""Try changes one by one: `mutants.py JOBS RESULTS` in the directory that mutmut laid out.

Each change gets a process of its own, forked from one that has everything loaded, and the test
files that reach the changed function. mutmut's own worker counts a test it cannot find by name as a
change that was noticed; here only a failed test is. First the unchanged code must pass.
"""

import importlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CPU_SECONDS_MAX: Final = 60
PASSED, FAILED = 0, 1
KEY: Final = "MUTANT_UNDER_TEST"


def changes() -> list[str]:
    """Return the names of all changes, as mutmut gave them."""
    metas = sorted(Path("ledger/domain").glob("*.py.meta"))
    return [name for meta in metas for name in json.loads(meta.read_text())["exit_code_by_key"]]


def files_reaching() -> dict[str, list[str]]:
    """Return the test files that reach each function, by the function's name."""
    stats = json.loads(Path("mutmut-stats.json").read_text())
    reached = stats["tests_by_mangled_function_name"]
    return {
        name: sorted({test.split("::")[0] for test in tests}) for name, tests in reached.items()
    }


def outcome(status: int) -> str:
    """Return what a process that tried a change found."""
    if os.WIFSIGNALED(status):
        return "hung"
    code = os.waitstatus_to_exitcode(status)
    return {PASSED: "survived", FAILED: "noticed"}.get(code, f"not tried, exit {code}")


def attempt(name: str, files: list[str]) -> int:
    """Begin to try a change in a process of its own; return its number."""
    number = os.fork()
    if number:
        return number
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX + 1))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.environ[KEY] = name
    pytest = importlib.import_module("pytest")
    os._exit(int(pytest.main(["--rootdir=.", "-x", "-q", *files])))


def attempts(jobs: int) -> Iterator[tuple[str, str]]:
    """Yield each change and what became of it."""
    reaching = files_reaching()
    every = sorted({file for files in reaching.values() for file in files})
    running: dict[int, str] = {}
    for name in changes():
        if len(running) >= jobs:
            number, status = os.wait()
            yield running.pop(number), outcome(status)
        files = reaching.get(name.partition("__mutmut_")[0]) or every
        running[attempt(name, files)] = name
    while running:
        number, status = os.wait()
        yield running.pop(number), outcome(status)


def main() -> int:
    """Try them all and write a line for each; 1 when the unchanged code does not pass."""
    jobs, results = int(sys.argv[1]), Path(sys.argv[2])
    sys.path.insert(0, ".")
    os.environ[KEY] = ""
    every = sorted({file for files in files_reaching().values() for file in files})
    importlib.import_module("pytest").main(["--rootdir=.", "-qq", "--collect-only", *every])
    if outcome(os.waitpid(attempt("", every), 0)[1]) != "survived":
        sys.stderr.write("the tests fail on the unchanged rules: nothing can be said of changes\n")
        return 1
    with results.open("w") as file:
        for name, found in attempts(jobs):
            file.write(f"{name}: {found}\n")
            file.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
