"""Which screens a face has, by its own table, so that no tour can forget one."""

import re
from pathlib import Path

from playwright.sync_api import Page

STATIC = Path(__file__).resolve().parents[2] / "api" / "web" / "static"
LEAD_ON = {"receipt", "pair"}
"""Addresses in the wallet and at the till that lead to another screen as soon as they are read."""


def screens_of(face: str) -> set[str]:
    """The names in the table a face starts its screens from; `home` is the one without a name."""
    text = (STATIC / f"{face}.js").read_text("utf-8")
    table = text[text.index("startScreens(main, {") :].partition("});")[0]
    names = {name or "home" for name in re.findall(r"^  '?([a-z-]*)'?: ", table, re.MULTILINE)}
    assert len(names) >= 5
    return names - LEAD_ON if face in ("wallet", "shop") else names


def screen_of(page: Page) -> str:
    """The name of the screen that is shown."""
    name = page.locator("main").get_attribute("data-screen")
    assert name is not None
    return name
