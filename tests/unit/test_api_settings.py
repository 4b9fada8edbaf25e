"""The environment is read once, and a value that cannot be read names its variable."""

from pathlib import Path

import pytest

from ledger.errors import InputInvalid
from ledger.settings import ClockKind, Settings, read_settings


def test_an_empty_environment_gives_the_embedded_city() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"NAKHON_PORT": "  "}) == Settings()


def test_paths_follow_the_home_and_the_address_follows_host_and_port() -> None:
    settings = read_settings({"NAKHON_HOME": "/srv/city", "NAKHON_PORT": "9000"})
    assert settings.database_url == "sqlite+aiosqlite:////srv/city/nakhon.sqlite3"
    assert settings.keyfile("registrar") == Path("/srv/city/keys/registrar.json")
    assert settings.api_url == "http://127.0.0.1:9000"


def test_an_origin_is_kept_as_it_stands_in_a_qr() -> None:
    assert read_settings({"NAKHON_ORIGIN": "https://maehia.example/"}).origin == (
        "HTTPS://MAEHIA.EXAMPLE"
    )
    assert read_settings({"NAKHON_CLOCK": "chain"}).clock is ClockKind.CHAIN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80a"),
        ("PORT", "๘๐"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("CLOCK", "sundial"),
        ("ORIGIN", "maehia"),
        ("ORIGIN", "https://maehia.example/path"),
        ("RPC_URL", "ftp://node"),
        ("RPC_URL", "localhost:8545"),
        ("BATCH_ENTRIES_MAX", "301"),
        ("BATCH_ENTRIES_MAX", "0"),
        ("FEE_WEI_MAX", "1.5"),
    ],
)
def test_a_value_that_cannot_be_read_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(InputInvalid) as invalid:
        read_settings({f"NAKHON_{name}": value})
    assert invalid.value.details["what"] == f"NAKHON_{name}"
