"""Help in the language of the run: every text is declared in both and shown in one, or in both."""

from collections.abc import Iterator
from typing import Any, Final

from wallet_cli.language import BOUNDARY, Language, both, spoken

HELP_WIDTH: Final = 100
EXAMPLE: Final = "\ue001"
"""Stands before the example of a command. A private-use character: never typed."""

_TYPERS_OWN: Final = {
    "install_completion": both("ติดตั้งการเติมคำสั่งในเชลล์นี้", "install completion for this shell"),
    "show_completion": both("แสดงสคริปต์เติมคำสั่ง", "show the completion script"),
}


def in_language(command: Any, language: Language) -> Any:
    """Turn every help text below `command` into `language`, and give the command back."""
    for each in walk(command):
        each.short_help = spoken(summary(each.help or ""), language, between=" · ")
        each.help = whole(each.help or "", language)
        each.context_settings = {"max_content_width": HELP_WIDTH, **each.context_settings}
        for parameter in each.params:
            said = _TYPERS_OWN.get(parameter.name, getattr(parameter, "help", None))
            if said:
                parameter.help = spoken(said, language, between=" · ")
    return command


def with_example(th: str, en: str, example: str) -> str:
    """The help text of a command: both languages, and one command line that works."""
    return f"{both(th, en)}{EXAMPLE}{example}"


def whole(text: str, language: Language) -> str:
    """A help text as it is shown, its example last and unwrapped."""
    said, mark, example = text.partition(EXAMPLE)
    shown = spoken(said, language)
    if not mark:
        return shown
    heading = spoken(both("ตัวอย่าง", "Example"), language, between=" · ")
    return f"{shown}\n\n\b\n{heading}:\n  {example}"


def walk(command: Any) -> Iterator[Any]:
    """`command` and every command below it."""
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from walk(below)


def summary(text: str) -> str:
    """The first paragraph of each language: what a group lists a command with."""
    said = text.partition(EXAMPLE)[0]
    halves = [half.split("\n\n")[0].replace("\n", " ") for half in said.split(BOUNDARY)]
    return both(halves[0], halves[-1])
