"""Which language a run speaks, and texts that carry both."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

BOUNDARY: Final = "\ue000"
"""Stands between the Thai and the English half of a text. A private-use character: never typed."""


class Language(StrEnum):
    """Thai, English, or, where nobody said which, both with Thai first."""

    TH = "th"
    EN = "en"
    BOTH = "both"


def both(th: str, en: str) -> str:
    """One text that holds the same thing twice, to be taken apart by `spoken`."""
    return f"{th}{BOUNDARY}{en}"


def spoken(text: str, language: Language, *, between: str = "\n\n") -> str:
    """The part of a two-language text to show. A text of one language is shown as it is."""
    thai, boundary, english = text.partition(BOUNDARY)
    if not boundary:
        return text
    match language:
        case Language.TH:
            return thai
        case Language.EN:
            return english
        case Language.BOTH:
            return f"{thai}{between}{english}"


def take_language(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> tuple[Language, list[str]]:
    """The language of this run, and the arguments without the option that chose it.

    `--lang th|en|both` may stand anywhere before a bare `--`. Without it the locale decides
    (`LC_ALL`, `LC_MESSAGES`, `LANG`, in that order): Thai where it begins with `th`, else both.
    Raises ValueError for any other value of `--lang`.
    """
    chosen: str | None = None
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            rest += [argument, *remaining]
        elif argument == "--lang":
            chosen = next(remaining, "")
        elif argument.startswith("--lang="):
            chosen = argument.removeprefix("--lang=")
        else:
            rest.append(argument)
    if chosen is not None:
        return Language(chosen), rest
    return language_of_locale(environment), rest


def language_of_locale(environment: Mapping[str, str]) -> Language:
    """Thai for a Thai locale, both languages for every other one."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = environment.get(name, "")
        if locale:
            return Language.TH if locale.lower().startswith("th") else Language.BOTH
    return Language.BOTH
