"""How a command is declared: its two-language help, and the options a whole family shares.

A command function takes the `Desk` first, then its own parameters. The shared options it asks for
(`Takes`) are added to what typer sees and reach the function only through the desk.
"""

import inspect
import os
import sys
import typing
from collections.abc import Callable
from enum import Flag, auto
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec

import typer

from wallet_cli.desk import Desk, Options, Surroundings
from wallet_cli.help_text import with_example
from wallet_cli.language import both
from wallet_cli.output import OutputFormat

P = ParamSpec("P")


class Takes(Flag):
    """Families of shared options."""

    NOTHING = 0
    OUTPUT = auto()
    CITY = auto()
    OFFICER = auto()
    KEYFILE = auto()
    WAIT = auto()
    CHAIN = auto()
    PASSWORD = auto()


def _show_help(context: typer.Context, value: bool) -> None:
    if value:
        typer.echo(context.get_help())
        raise typer.Exit


HelpOption = Annotated[
    bool,
    typer.Option(
        "--help",
        is_eager=True,
        callback=_show_help,
        show_default=False,
        help=both("แสดงวิธีใช้", "show this help"),
    ),
]
"""Our own `--help`, in two languages. Typer's loads pydantic before it says a word."""


def _option(*names: str, th: str, en: str, **more: Any) -> Any:
    return typer.Option(*names, help=both(th, en), **more)


_SHARED: Final[dict[Takes, dict[str, tuple[Any, Any]]]] = {
    Takes.OUTPUT: {
        "output": (
            Annotated[
                OutputFormat | None,
                _option("-o", "--output", th="รูปแบบผลลัพธ์", en="shape of the output"),
            ],
            None,
        ),
        "as_json": (
            Annotated[bool, _option("--json", th="เหมือน -o json", en="the same as -o json")],
            False,
        ),
    },
    Takes.CITY: {
        "api_url": (
            Annotated[
                str | None,
                _option(
                    "--api",
                    metavar="URL",
                    th="ที่อยู่เซิร์ฟเวอร์ของเมือง [NAKHON_API_URL]",
                    en="address of the city's server [NAKHON_API_URL]",
                ),
            ],
            None,
        ),
    },
    Takes.OFFICER: {
        "key_file": (
            Annotated[
                Path | None,
                _option(
                    "--key-file",
                    metavar="FILE",
                    th="ไฟล์ที่เก็บกุญแจ API ของเจ้าหน้าที่ หรือตั้งตัวแปร NAKHON_KEY",
                    en="file with the officer's API key, or the variable NAKHON_KEY",
                ),
            ],
            None,
        ),
    },
    Takes.KEYFILE: {
        "keyfile": (
            Annotated[
                Path | None,
                _option(
                    "--keyfile",
                    "-k",
                    metavar="FILE",
                    th="ไฟล์กุญแจ V3 ที่เข้ารหัสไว้ [NAKHON_KEYFILE]",
                    en="encrypted V3 keyfile [NAKHON_KEYFILE]",
                ),
            ],
            None,
        ),
        "password_file": (
            Annotated[
                Path | None,
                _option(
                    "--password-file",
                    metavar="FILE",
                    th="ไฟล์รหัสผ่านของไฟล์กุญแจ [NAKHON_PASSWORD_FILE]",
                    en="file with the keyfile's password [NAKHON_PASSWORD_FILE]",
                ),
            ],
            None,
        ),
    },
    Takes.PASSWORD: {
        "password_file": (
            Annotated[
                Path | None,
                _option(
                    "--password-file",
                    metavar="FILE",
                    th="ไฟล์รหัสผ่าน [NAKHON_PASSWORD_FILE]",
                    en="file with the password [NAKHON_PASSWORD_FILE]",
                ),
            ],
            None,
        ),
    },
    Takes.WAIT: {
        "wait_seconds": (
            Annotated[
                int,
                _option(
                    "--wait",
                    metavar="SECONDS",
                    min=0,
                    max=3_600,
                    th="รอให้ขึ้นเชนไม่เกินกี่วินาที 0 คือไม่รอ",
                    en="seconds to wait for the chain, 0 = do not wait",
                ),
            ],
            60,
        ),
    },
    Takes.CHAIN: {
        "rpc_url": (
            Annotated[
                str | None,
                _option(
                    "--rpc",
                    metavar="URL",
                    th="ที่อยู่ RPC ของโหนด [NAKHON_RPC_URL]",
                    en="RPC address of a node [NAKHON_RPC_URL]",
                ),
            ],
            None,
        ),
        "deployment": (
            Annotated[
                Path | None,
                _option(
                    "--deployment",
                    metavar="FILE",
                    th="ไฟล์ที่อยู่สัญญาของเมือง [NAKHON_DEPLOYMENT]",
                    en="the city's deployment record [NAKHON_DEPLOYMENT]",
                ),
            ],
            None,
        ),
    },
}


def group(*, th: str, en: str) -> typer.Typer:
    """A family of commands. Without a command it shows its help."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False, add_help_option=False)

    @app.callback(invoke_without_command=True, help=both(th, en))
    def show_help(context: typer.Context, asked: HelpOption = False) -> None:
        if context.invoked_subcommand is None:
            _show_help(context, True)

    return app


def command(
    app: typer.Typer,
    name: str,
    *,
    th: str,
    en: str,
    example: str,
    takes: Takes = Takes.NOTHING,
) -> Callable[[Callable[Concatenate[Desk, P], None]], Callable[Concatenate[Desk, P], None]]:
    """Declare a command of `app`. `example` is a whole command line that works."""

    def declare(
        function: Callable[Concatenate[Desk, P], None],
    ) -> Callable[Concatenate[Desk, P], None]:
        text = with_example(th, en, example)
        app.command(name, help=text, add_help_option=False)(_for_typer(function, takes))
        return function

    return declare


def _for_typer(function: Callable[..., None], takes: Takes) -> Callable[..., None]:
    hints = typing.get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]
    shared = {
        key: declared
        for family, options in _SHARED.items()
        if family in takes
        for key, declared in options.items()
    }

    def invoke(context: typer.Context, asked: bool, **values: Any) -> None:
        assert not asked, "the help was shown and the run ended"
        surroundings = context.find_object(Surroundings)
        assert surroundings is not None, "main() puts the surroundings into the context"
        options = Options(**{key: values.pop(key) for key in shared})
        try:
            function(Desk(surroundings, options), **values)
        except BrokenPipeError:
            _forget_stdout()

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(each.replace(kind=keyword, annotation=hints[each.name]) for each in own),
        *(
            inspect.Parameter(key, keyword, annotation=annotation, default=default)
            for key, (annotation, default) in shared.items()
        ),
        inspect.Parameter("asked", keyword, annotation=HelpOption, default=False),
    ]
    invoke.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    invoke.__annotations__ = {each.name: each.annotation for each in parameters}
    invoke.__name__ = function.__name__
    return invoke


def _forget_stdout() -> None:
    """Whoever read our data has left, as `head` does: there is nobody to complain to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
