"""Every command has help in both languages with an example that parses, and it comes fast."""

import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from wallet_cli.help_text import EXAMPLE, in_language, walk
from wallet_cli.language import BOUNDARY, Language
from wallet_cli.main import PROGRAM, build, run
from wallet_cli.reference import PAGE, leaves, rewritten

ROOT = Path(__file__).resolve().parents[2]
TREE = typer.main.get_command(build())
LEAVES = dict(leaves(PROGRAM, TREE))
THAI = range(0x0E00, 0x0E80)

HEAVY = {"web3", "sqlalchemy", "sqlmodel", "fastapi", "httpx", "pydantic", "eth_account", "rich"}


def is_thai(text: str) -> bool:
    return any(ord(letter) in THAI for letter in text)


def halves(text: str) -> tuple[str, str]:
    thai, boundary, english = text.partition(BOUNDARY)
    assert boundary, f"one language only: {text!r}"
    return thai, english


@pytest.mark.parametrize("command", list(walk(TREE)), ids=lambda each: str(each.name))
def test_every_command_and_group_says_what_it_does_in_thai_and_english(command: Any) -> None:
    thai, english = halves((command.help or "").partition(EXAMPLE)[0])
    assert is_thai(thai)
    assert english.strip()
    assert not is_thai(english)


@pytest.mark.parametrize("words", LEAVES)
def test_every_option_and_argument_is_explained_in_both_languages(words: str) -> None:
    for parameter in LEAVES[words].params:
        thai, english = halves(getattr(parameter, "help", None) or "")
        assert is_thai(thai), (words, parameter.name)
        assert english and not is_thai(english), (words, parameter.name)


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_has_an_example_that_calls_it_and_parses(words: str) -> None:
    example = LEAVES[words].help.partition(EXAMPLE)[2]
    assert example.startswith(words + " ") or example == words
    arguments = shlex.split(example)[len(words.split()) :]
    context = LEAVES[words].make_context(words, arguments)
    assert context.params is not None


@pytest.mark.parametrize("words", LEAVES)
@pytest.mark.parametrize("language", ["th", "en", "both"])
def test_help_is_shown_in_the_language_asked_for(
    words: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*words.split()[1:], "--help", "--lang", language]
    assert run(arguments, {"LANG": "C"}, out=io.StringIO(), err=io.StringIO()) == 0
    shown = capsys.readouterr().out
    example = LEAVES[words].help.partition(EXAMPLE)[2]
    assert example in shown
    assert is_thai(shown.replace(example, "")) == (language != "en")
    assert BOUNDARY not in shown and EXAMPLE not in shown
    headings = {"th": "ตัวอย่าง:", "en": "Example:", "both": "ตัวอย่าง · Example:"}
    assert headings[language] in shown


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["wallet"], ["wallet", "--help"]):
        assert run(arguments, {}, out=io.StringIO(), err=io.StringIO()) == 0
        assert "Usage: nakhon" in capsys.readouterr().out


@pytest.mark.parametrize("words", [*LEAVES, PROGRAM, f"{PROGRAM} wallet", f"{PROGRAM} audit"])
def test_asking_for_help_loads_nothing_heavy(words: str) -> None:
    arguments = [*words.split()[1:], "--help"]
    script = (
        "import json, os, sys\n"
        "from wallet_cli.main import run\n"
        f"code = run({arguments!r}, os.environ)\n"
        "print(json.dumps([int(code), sorted(sys.modules)]), file=sys.stderr)\n"
    )
    asked = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(asked.stderr)
    assert code == 0
    assert asked.stdout.startswith("Usage: nakhon")
    assert not HEAVY & set(modules)


def test_the_reference_page_is_what_the_commands_say_today() -> None:
    page = PAGE.read_text("utf-8")
    assert rewritten(page) == page, "run: python -m wallet_cli.reference"


def test_no_boundary_is_left_in_a_tree_that_was_put_into_a_language() -> None:
    for language in Language:
        for command in walk(in_language(typer.main.get_command(build()), language)):
            texts = [command.help, command.short_help]
            texts += [getattr(parameter, "help", "") for parameter in command.params]
            assert not any(BOUNDARY in (text or "") for text in texts)


@pytest.mark.parametrize(
    ("typed", "offered"), [("nakhon wal", "wallet"), ("nakhon wallet hist", "history")]
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(typed: str, offered: str, shell: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "wallet_cli.main"],
        cwd=ROOT,
        env={
            **os.environ,
            "_NAKHON_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split()) - 1),
            "_TYPER_COMPLETE_ARGS": typed,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert offered in asked.stdout


def test_the_completion_script_is_shown_for_a_shell() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "wallet_cli.main", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--install-completion" in shown and "--show-completion" in shown
