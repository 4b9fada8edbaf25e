"""The `nakhon` command: parses, calls, prints, and turns every failure into an exit code."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import typer

from ledger.domain.harmless_text import neutralise
from ledger.errors import LedgerError
from wallet_cli.command import HelpOption
from wallet_cli.commands import (
    audit_staff,
    backup,
    campaign,
    city,
    deploy,
    doctor,
    merchant_webhooks,
    messages,
    passes_households,
    policy_replay,
    settle_prints,
    up,
    wallet_verdicts,
)
from wallet_cli.desk import Surroundings
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, Explanation, exit_code_of, explain
from wallet_cli.help_text import in_language
from wallet_cli.language import Language, both, language_of_locale, take_language

PROGRAM: Final = "nakhon"
COMPLETING: Final = "_NAKHON_COMPLETE"
"""Set by the shell when it asks for completions."""
SENTENCE_LETTERS_MAX: Final = 2_000


def build(*, completion: bool = True) -> typer.Typer:
    """Every group and command, with help in both languages.

    The options that install shell completion stand at the root alone, and cost a quarter of a
    second where another command is asked for its help: such a run leaves them out.
    """
    app = typer.Typer(
        name=PROGRAM,
        rich_markup_mode=None,
        add_completion=completion,
        add_help_option=False,
        pretty_exceptions_enable=False,
    )

    @app.callback(
        invoke_without_command=True,
        help=both(
            "นคร: บัญชีเงินสวัสดิการของเมืองที่ใครก็ตรวจสอบได้\n\n"
            "ทุกคำสั่งรับ --lang th, --lang en หรือ --lang both ตรงไหนก็ได้ ปกติตามภาษาของเครื่อง",
            "Nakhon: a ledger for civic money that anybody can audit\n\n"
            "Every command takes --lang th, --lang en or --lang both, anywhere in the line;\n"
            "without it the locale decides.",
        ),
    )
    def start(context: typer.Context, asked: HelpOption = False) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    up.declare(app)
    deploy.declare(app)
    backup.declare(app)
    doctor.declare(app)
    for name, commands in (
        ("city", city.app),
        ("pass", passes_households.app),
        ("merchant", merchant_webhooks.app),
        ("campaign", campaign.app),
        ("policy", policy_replay.app),
        ("settle", settle_prints.app),
        ("messages", messages.app),
        ("wallet", wallet_verdicts.app),
        ("audit", audit_staff.app),
    ):
        app.add_typer(commands, name=name)
    return app


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    out: IO[str] | None = None,
    err: IO[str] | None = None,
) -> ExitCode:
    """Run one command line and return its exit code. Prints sentences, never a stack trace."""
    err = err or sys.stderr
    try:
        language, rest = take_language(arguments, environment)
    except ValueError:
        language = language_of_locale(environment)
        _complain(err, language, _usage("--lang: th, en, both"))
        return ExitCode.USAGE
    surroundings = Surroundings(
        language=language, environment=environment, out=out or sys.stdout, err=err
    )
    try:
        return _dispatch(rest, surroundings)
    except CommandFailure as known:
        _complain(err, language, known.explanation)
        return known.exit_code
    except LedgerError as known:
        _complain(err, language, explain(known))
        return exit_code_of(known)


def _dispatch(arguments: Sequence[str], surroundings: Surroundings) -> ExitCode:
    at_root = not arguments or arguments[0].startswith("-")
    app = build(completion=at_root or COMPLETING in surroundings.environment)
    command = in_language(typer.main.get_command(app), surroundings.language)
    try:
        result = command.main(
            args=list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=surroundings
        )
    except typer.TyperException as mistake:
        _complain(surroundings.err, surroundings.language, _usage(mistake.format_message()))
        return ExitCode.USAGE
    except (typer.Abort, KeyboardInterrupt):
        surroundings.err.write("\n")
        return ExitCode.INTERRUPTED
    return ExitCode(result) if isinstance(result, int) else ExitCode.OK


def _usage(message: str) -> Explanation:
    return Explanation(
        code="usage",
        th="คำสั่งไม่ถูกต้อง",
        en=message,
        action_th="ดูวิธีใช้ด้วย --help",
        action_en="see how with --help",
    )


def _complain(err: IO[str], language: Language, why: Explanation) -> None:
    thai = [why.th, why.action_th] if language is not Language.EN else []
    english = [why.en, why.action_en] if language is not Language.TH else []
    if why.code == "usage" and language is Language.TH:
        thai.insert(1, why.en)
    lines = [line for line in (*thai, *english, *why.lines) if line]
    for line in lines:
        err.write(neutralise(line, letters_max=SENTENCE_LETTERS_MAX) + "\n")
    err.write(f"({neutralise(why.code)})\n")
    err.flush()


def _report_defect(
    kind: type[BaseException], defect: BaseException, trace: TracebackType | None
) -> None:
    """What nobody expected, without a stack trace; Python then exits with 1."""
    where = trace
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
    why = Explanation(
        code="unexpected",
        th="เกิดความผิดพลาดที่ไม่คาดไว้ นี่เป็นข้อบกพร่องของโปรแกรม",
        en="An unexpected failure: a defect of this program.",
        action_th="แจ้งผู้พัฒนาพร้อมบรรทัดถัดไป ตั้ง NAKHON_TRACE=1 เพื่อดูรายละเอียด",
        action_en="Report it with the next line; NAKHON_TRACE=1 shows the details.",
        lines=(f"{kind.__name__}: {str(defect)[:300]} ({place})",),
    )
    _complain(sys.stderr, language_of_locale(os.environ), why)


def main() -> None:
    """Entry point of the `nakhon` command."""
    if not os.environ.get("NAKHON_TRACE"):
        sys.excepthook = _report_defect
    raise SystemExit(run(sys.argv[1:], os.environ))


if __name__ == "__main__":
    main()
