"""How a failure ends a command: which exit code, and what the person reads."""

from dataclasses import dataclass
from typing import Final

from ledger import errors
from wallet_cli.exit_codes import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What happened and what to do about it, in both languages. A part may be empty."""

    code: str
    th: str
    en: str
    action_th: str = ""
    action_en: str = ""
    lines: tuple[str, ...] = ()
    """Particulars in one language only: bad rows by number, a request id."""


class CommandFailure(Exception):
    """A command that ends here, for a reason of its own or one the server gave."""

    def __init__(self, exit_code: ExitCode, explanation: Explanation) -> None:
        super().__init__(f"{explanation.code}: {explanation.en}")
        self.exit_code = exit_code
        self.explanation = explanation


def failure(
    exit_code: ExitCode,
    code: str,
    *,
    th: str,
    en: str,
    action_th: str = "",
    action_en: str = "",
) -> CommandFailure:
    """A CommandFailure of the command line's own making."""
    explanation = Explanation(code=code, th=th, en=en, action_th=action_th, action_en=action_en)
    return CommandFailure(exit_code, explanation)


EXIT_CODES: Final[tuple[tuple[type[errors.LedgerError], ExitCode], ...]] = (
    (errors.RedemptionRefused, ExitCode.REFUSED),
    (errors.InputInvalid, ExitCode.USAGE),
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.Conflict, ExitCode.CONFLICT),
    (errors.Unauthorised, ExitCode.NOT_ALLOWED),
    (errors.DevelopmentKeyRefused, ExitCode.NOT_ALLOWED),
    (errors.NodeUnreachable, ExitCode.UNREACHABLE),
    (errors.ChainFailure, ExitCode.CHAIN),
    (errors.ToolMissing, ExitCode.MACHINE),
    (errors.PortBusy, ExitCode.MACHINE),
)
"""The edge's one table from the tree of errors; the first class that fits decides."""

_BY_STATUS: Final[dict[int, ExitCode]] = {
    401: ExitCode.NOT_ALLOWED,
    403: ExitCode.NOT_ALLOWED,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.CONFLICT,
    429: ExitCode.UNREACHABLE,
    502: ExitCode.UNREACHABLE,
    503: ExitCode.UNREACHABLE,
    504: ExitCode.UNREACHABLE,
}


def exit_code_of(error: errors.LedgerError) -> ExitCode:
    """The exit code of an expected failure."""
    return _of_class(type(error))


def _of_class(kind: type[errors.LedgerError]) -> ExitCode:
    for base, exit_code in EXIT_CODES:
        if issubclass(kind, base):
            return exit_code
    return ExitCode.UNEXPECTED


def exit_code_of_problem(code: str, status: int, rule: str | None = None) -> ExitCode:
    """The exit code for a problem the server reported: by its code, else by its HTTP status."""
    if rule:
        return ExitCode.REFUSED
    for kind in errors.every_error():
        if kind.code == code and (found := _of_class(kind)) is not ExitCode.UNEXPECTED:
            return found
    if code in _reasons():
        return ExitCode.REFUSED
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return ExitCode.USAGE if 400 <= status < 500 else ExitCode.UNEXPECTED


def _reasons() -> frozenset[str]:
    from ledger.domain.reasons import Reason

    return frozenset(reason.code for reason in Reason)


def explain(error: errors.LedgerError) -> Explanation:
    """The sentences of an expected failure, filled with its details; every bad row is named."""
    from ledger.domain.sentences import speak

    spoken = speak(error)
    if isinstance(error, errors.QrInvalid) and "why_th" in error.details:
        return Explanation(
            code=str(error.details["reason"]),
            th=str(error.details["why_th"]),
            en=str(error.details["why"]),
            action_th=spoken.action_th,
            action_en=spoken.action_en,
        )
    code = error.reason if isinstance(error, errors.RedemptionRefused) else error.code
    rows = error.details.get("rows") or ()
    return Explanation(
        code=code,
        th=spoken.th,
        en=spoken.en,
        action_th=spoken.action_th,
        action_en=spoken.action_en,
        lines=tuple(f"{row.get('row', '')}: {row.get('why', '')}" for row in rows),
    )
