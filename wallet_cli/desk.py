"""What a command has at hand: the language, the printer, and its collaborators, made on demand."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.language import Language
from wallet_cli.output import OutputFormat, Printer

if TYPE_CHECKING:
    from ledger.settings import Settings
    from wallet_cli.client import CityClient
    from wallet_cli.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a run happens: passed in by `main`, so that a test can run a command in its own."""

    language: Language
    environment: Mapping[str, str]
    out: IO[str]
    err: IO[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The shared options of one run; those the command does not take keep their defaults."""

    output: OutputFormat | None = None
    as_json: bool = False
    api_url: str | None = None
    key_file: Path | None = None
    keyfile: Path | None = None
    password_file: Path | None = None
    wait_seconds: int = 60
    rpc_url: str | None = None
    deployment: Path | None = None


class Advance(Protocol):
    """Moves a progress bar."""

    def __call__(self, done: int, /) -> None:
        """So much of the whole is done now."""
        ...


def _form(options: Options) -> OutputFormat:
    asked = options.output
    if not options.as_json:
        return asked or OutputFormat.TABLE
    if asked not in (None, OutputFormat.JSON):
        raise failure(
            ExitCode.USAGE,
            "two_output_formats",
            th=f"ขอทั้ง --json และ -o {asked} พร้อมกันไม่ได้",
            en=f"--json and -o {asked} ask for two shapes at once",
        )
    return OutputFormat.JSON


class Desk:
    """The collaborators of one command, each made when it is first asked for.

    Raises CommandFailure (USAGE) where the options contradict each other.
    """

    def __init__(self, surroundings: Surroundings, options: Options) -> None:
        self.surroundings = surroundings
        self.options = options
        self.printer = Printer(
            form=_form(options),
            language=surroundings.language,
            out=surroundings.out,
            err=surroundings.err,
        )

    @property
    def language(self) -> Language:
        """The language of this run."""
        return self.surroundings.language

    @cached_property
    def settings(self) -> "Settings":
        """What the environment says, where no option said otherwise."""
        from ledger.settings import read_settings

        return read_settings(self.surroundings.environment)

    @property
    def rpc_url(self) -> str:
        """The node: `--rpc`, else NAKHON_RPC_URL, else this machine's."""
        return self.options.rpc_url or self.settings.rpc_url

    @property
    def deployment(self) -> Path:
        """The deployment record: `--deployment`, else NAKHON_DEPLOYMENT, else the devnet's."""
        return self.options.deployment or self.settings.deployment

    def public(self) -> "CityClient":
        """A client of the city that shows no key."""
        from wallet_cli.client import CityClient

        return CityClient(self.options.api_url or self.settings.api_url)

    def officer(self) -> "CityClient":
        """A client with the officer's API key. NOT_ALLOWED where there is none."""
        from wallet_cli.client import CityClient
        from wallet_cli.keys import officer_key

        key = officer_key(self.options.key_file, self.surroundings.environment)
        return CityClient(self.options.api_url or self.settings.api_url, bearer=key)

    @cached_property
    def key(self) -> "Key":
        """The holder's or merchant's key, out of its keyfile; asks for the password if need be."""
        from wallet_cli.keys import open_key

        return open_key(self.keyfile_path(), self._password_file(), self.printer)

    def keyfile_path(self) -> Path:
        """The keyfile: `--keyfile`, else NAKHON_KEYFILE, else `wallet.json` in the home."""
        named = self.surroundings.environment.get("NAKHON_KEYFILE")
        return self.options.keyfile or (
            Path(named) if named else self.settings.home / "wallet.json"
        )

    def new_password(self) -> str:
        """The password of a keyfile to be written: from its file, or asked twice."""
        from wallet_cli.keys import choose_password

        return choose_password(self._password_file(), self.printer)

    def old_password(self) -> str:
        """The password of a file that is there: from its file, or asked once."""
        from wallet_cli.keys import known_password

        return known_password(self._password_file(), self.printer)

    def bearer_of(self, key: "Key") -> "CityClient":
        """A client that signs its requests with a key out of no keyfile, such as a paper's."""
        from wallet_cli.client import CityClient

        return CityClient(self.options.api_url or self.settings.api_url, key=key)

    def holder(self) -> "CityClient":
        """A client that signs its requests with the keyfile."""
        from wallet_cli.client import CityClient

        return CityClient(self.options.api_url or self.settings.api_url, key=self.key)

    def _password_file(self) -> Path | None:
        named = self.surroundings.environment.get("NAKHON_PASSWORD_FILE")
        return self.options.password_file or (Path(named) if named else None)

    def confirm(self, th: str, en: str, *, yes: bool) -> None:
        """Go on only after a yes. Without a person to ask (no tty), `--yes` is needed."""
        if yes:
            return
        import sys

        import typer

        if not sys.stdin.isatty():
            raise failure(
                ExitCode.USAGE,
                "confirmation_needed",
                th="ต้องยืนยันก่อน และไม่มีใครให้ถามที่นี่ ใส่ --yes หากแน่ใจ",
                en="this needs a yes and there is nobody to ask here: add --yes",
            )
        typer.confirm(" / ".join(self.printer.sentences(th, en)), abort=True, err=True)

    @contextlib.contextmanager
    def progress(self, th: str, en: str, total: int) -> Iterator[Advance]:
        """A bar on stderr for long work, where stderr is a terminal; otherwise nothing."""
        if not self.surroundings.err.isatty():
            yield lambda done: None
            return
        from rich.console import Console
        from rich.progress import Progress

        console = Console(file=self.surroundings.err)
        title = " / ".join(self.printer.sentences(th, en))
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(title, total=total or None)
            yield lambda done: bar.update(task, completed=done)
