"""Everything a process may be told from outside, read once, here and nowhere else.

Every variable begins with `NAKHON_`. An empty variable counts as unset. A value that cannot be
read raises `InputInvalid`, naming the variable, before anything is opened or bound.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ledger.errors import InputInvalid

_T = TypeVar("_T")


class ClockKind(StrEnum):
    """Whose time the till keeps: the machine's, or (a devnet that is moved by hand) the chain's."""

    SYSTEM = "system"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One process's configuration. Times are seconds, amounts of gas price are wei."""

    home: Path = Path(".nakhon")
    database_url: str = "sqlite+aiosqlite:///.nakhon/nakhon.sqlite3"
    rpc_url: str = "http://127.0.0.1:8545"
    deployment: Path = Path(".nakhon/deployments/31337.json")
    keys: Path = Path(".nakhon/keys")
    key_password_file: Path | None = None
    clock: ClockKind = ClockKind.SYSTEM
    host: str = "127.0.0.1"
    port: int = 8000
    api_url: str = "http://127.0.0.1:8000"
    origin: str = "HTTPS://MAEHIA.EXAMPLE"
    city_th: str = "เทศบาลเมืองแม่เหียะ"
    city_en: str = "Mae Hia Town"
    confirmations: int = 12
    batch_entries_max: int = 300
    batch_wait_seconds: int = 2
    stuck_after_seconds: int = 30
    fee_wei_max: int = 500_000_000_000
    idempotency_seconds: int = 86_400
    body_bytes_max: int = 1_048_576
    csv_bytes_max: int = 5_242_880
    failpoint: str = ""

    def keyfile(self, role: str) -> Path:
        """Where the encrypted V3 key of one role lies."""
        return self.keys / f"{role}.json"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, from `environment` (the process's own when not given).

    Paths that are not given follow `NAKHON_HOME`; the API's address follows host and port.
    Raises InputInvalid for a value that cannot be read.
    """
    source = os.environ if environment is None else environment
    defaults = Settings()

    def read(name: str, parse: Callable[[str], _T], default: _T) -> _T:
        text = source.get(f"NAKHON_{name}", "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            raise InputInvalid(what=f"NAKHON_{name}", why=str(error)) from error

    home = read("HOME", Path, defaults.home)
    host = read("HOST", str, defaults.host)
    port = read("PORT", _port, defaults.port)
    return Settings(
        home=home,
        database_url=read("DATABASE_URL", str, f"sqlite+aiosqlite:///{home / 'nakhon.sqlite3'}"),
        rpc_url=read("RPC_URL", _http_url, defaults.rpc_url),
        deployment=read("DEPLOYMENT", Path, home / "deployments" / "31337.json"),
        keys=read("KEYS", Path, home / "keys"),
        key_password_file=read("KEY_PASSWORD_FILE", _optional_path, None),
        clock=read("CLOCK", ClockKind, defaults.clock),
        host=host,
        port=port,
        api_url=read("API_URL", _http_url, f"http://{host}:{port}"),
        origin=read("ORIGIN", _origin, defaults.origin),
        city_th=read("CITY_TH", str, defaults.city_th),
        city_en=read("CITY_EN", str, defaults.city_en),
        confirmations=read("CONFIRMATIONS", _between(0, 10_000), defaults.confirmations),
        batch_entries_max=read("BATCH_ENTRIES_MAX", _between(1, 300), defaults.batch_entries_max),
        batch_wait_seconds=read(
            "BATCH_WAIT_SECONDS", _between(0, 600), defaults.batch_wait_seconds
        ),
        stuck_after_seconds=read(
            "STUCK_AFTER_SECONDS", _between(1, 3_600), defaults.stuck_after_seconds
        ),
        fee_wei_max=read("FEE_WEI_MAX", _between(1, 10**15), defaults.fee_wei_max),
        idempotency_seconds=read(
            "IDEMPOTENCY_SECONDS", _between(60, 31_536_000), defaults.idempotency_seconds
        ),
        failpoint=read("FAILPOINT", str, defaults.failpoint),
    )


def _optional_path(text: str) -> Path | None:
    return Path(text)


def _between(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text) if text.isascii() else _refuse(text)
        if not low <= value <= high:
            raise ValueError(f"{value} is not between {low} and {high}")
        return value

    return parse


def _refuse(text: str) -> int:
    raise ValueError(f"{text!r} is not a number in plain digits")


_port = _between(0, 65_535)


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"{text!r} is not an http or https address")
    return text.rstrip("/")


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise ValueError(f"{text!r} is not an origin: scheme and host, nothing after")
    return text.rstrip("/").upper()
