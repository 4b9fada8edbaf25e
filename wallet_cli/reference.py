"""The reference part of docs/cli.md, written from the commands themselves.

`python -m wallet_cli.reference` rewrites the page; a test compares it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from wallet_cli.exit_codes import MEANINGS
from wallet_cli.help_text import EXAMPLE
from wallet_cli.language import BOUNDARY
from wallet_cli.main import PROGRAM, build

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
_BEGIN: Final = "<!-- generated: {name} -->"
_END: Final = "<!-- end: {name} -->"


def rewritten(page: str) -> str:
    """The page with its generated parts as they are today."""
    for name, lines in (("exit codes", exit_code_lines()), ("commands", command_lines())):
        begin, end = _BEGIN.format(name=name), _END.format(name=name)
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        assert found, f"the page has no part {name!r}"
        page = "\n".join([before + begin, "", *lines, "", end + after])
    return page


def exit_code_lines() -> Iterator[str]:
    """The table of exit codes."""
    yield "| Code | Name | ความหมาย | Meaning |"
    yield "|---|---|---|---|"
    for code, (th, en) in MEANINGS.items():
        yield f"| {code.value} | `{code.name.lower()}` | {th} | {en} |"


def command_lines() -> Iterator[str]:
    """Every command with its two sentences, its example and its options."""
    root = typer.main.get_command(build())
    yield from _below(PROGRAM, root)


def leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with the words that call it."""
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, each in below.items():
        yield from leaves(f"{path} {name}", each)


def _below(path: str, command: Any) -> Iterator[str]:
    for words, leaf in leaves(path, command):
        said, _, example = (leaf.help or "").partition(EXAMPLE)
        thai, _, english = said.partition(BOUNDARY)
        yield f"### {words}"
        yield ""
        yield _flowing(thai)
        yield ""
        yield _flowing(english)
        yield ""
        yield "```sh"
        yield example
        yield "```"
        yield ""
        yield "| | ความหมาย | Meaning |"
        yield "|---|---|---|"
        for parameter in leaf.params:
            thai, _, english = (getattr(parameter, "help", None) or "").partition(BOUNDARY)
            yield f"| {_called(parameter)} | {thai} | {english} |"
        yield ""


def _called(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    return f"{names} (required)" if parameter.required else names


def _flowing(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
