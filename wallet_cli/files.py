"""Files a person names: read whole within a limit, and what is said when that fails."""

import os
from pathlib import Path
from typing import Final

from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, failure

FILE_BYTES_MAX: Final = 16 * 1024 * 1024


def read_file(path: Path, *, bytes_max: int = FILE_BYTES_MAX) -> bytes:
    """The bytes of a file a person named; at most `bytes_max`."""
    try:
        with path.open("rb") as file:
            raw = file.read(bytes_max + 1)
    except OSError as problem:
        raise unreadable(path, problem) from problem
    if len(raw) > bytes_max:
        raise failure(
            ExitCode.USAGE,
            "file_too_large",
            th=f"ไฟล์ {path} ใหญ่เกินไป",
            en=f"{path} is too large",
        )
    return raw


def unwritable(path: Path, problem: OSError) -> CommandFailure:
    """The failure of a file this machine will not write."""
    why = problem.strerror or type(problem).__name__
    return failure(
        ExitCode.MACHINE,
        "file_unwritable",
        th=f"เขียนไฟล์ {path} ไม่ได้ ({why})",
        en=f"{path} cannot be written ({why})",
    )


def unreadable(path: Path, problem: OSError) -> CommandFailure:
    """The failure of a file that is not there or may not be read."""
    why = problem.strerror or type(problem).__name__
    missing = isinstance(problem, FileNotFoundError)
    return failure(
        ExitCode.NOT_FOUND if missing else ExitCode.MACHINE,
        "file_unreadable",
        th=f"อ่านไฟล์ {path} ไม่ได้ ({why})",
        en=f"{path} cannot be read ({why})",
    )


def replace_file(path: Path, content: bytes) -> None:
    """Write a whole file, or leave the one that was there. Raises CommandFailure (MACHINE)."""
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as problem:
        raise unwritable(path, problem) from problem


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read, durably. An existing one is not touched.

    Raises FileExistsError, and CommandFailure (MACHINE) where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise
    except OSError as problem:
        raise unwritable(path, problem) from problem
