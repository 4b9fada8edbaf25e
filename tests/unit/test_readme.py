"""The README can be followed: its commands exist, its links lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PAGES = ["README.md", "hardhat-local.md", "CHANGELOG.md", *ROOT.glob("docs/**/*.md")]


def read(page: str | Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_readme_names_the_two_commands() -> None:
    text = read("README.md")
    assert "make demo" in text
    assert "make test" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: Path(page).name)
def test_every_make_target_a_page_names_exists(page: str | Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))
    commands = re.findall(r"(?:^|`|\$ )make ([a-z][a-z-]*)", read(page), re.MULTILINE)
    assert set(commands) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: Path(page).name)
def test_every_link_of_a_page_leads_to_a_file(page: str | Path) -> None:
    home = (ROOT / page).parent
    broken = [link for link in LINK.findall(read(page)) if not (home / link).exists()]
    assert broken == []
