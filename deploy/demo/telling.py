"""How the demo speaks: Thai first, English second, one line a fact, figures in baht."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ledger.domain.amounts import format_baht


class Telling:
    """Prints the story. Chapters are numbered; nothing is printed that was not measured."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._chapter = 0

    def chapter(self, th: str, en: str) -> None:
        """Begin the next step of the story."""
        self._chapter += 1
        self.console.print()
        self.console.print(Text(f"{self._chapter}. {th}", style="bold green"))
        self.console.print(Text(f"   {en}", style="green"))

    def fact(self, th: str, en: str) -> None:
        """One thing that happened, in both languages."""
        self.console.print(Text(f"   · {th}"))
        self.console.print(Text(f"     {en}", style="dim"))

    def money(self, th: str, en: str, satang: int) -> None:
        """One amount of money, in baht, aligned."""
        line = Text(f"   {format_baht(satang):>14}  ", style="bold")
        line.append(th, style="not bold")
        line.append(f"  {en}", style="dim not bold")
        self.console.print(line)

    def lines(self, text: str) -> None:
        """What another program printed, set in."""
        for line in text.rstrip().splitlines():
            self.console.print(Text(f"   │ {line}"))
