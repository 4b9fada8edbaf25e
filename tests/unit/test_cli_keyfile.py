"""A key on its own machine: encrypted, private, and never shown."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.chain.signer import keyfile_of
from ledger.domain.signatures import address_of
from tests.unit.cli_people import (
    HOLDER,
    NOON,
    PASSWORD,
    SEQUENCER,
    coupon,
    holds,
)
from tests.unit.cli_teller import Teller, answering, deployment, ended
from wallet_cli.exit_codes import ExitCode


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A keyfile of HOLDER and its password, in a directory of their own."""
    directory = tmp_path_factory.mktemp("keys")
    (directory / "password").write_text(PASSWORD + "\n", "utf-8")
    (directory / "holder.json").write_bytes(keyfile_of(HOLDER, PASSWORD, iterations=2**10))
    return directory


@pytest.fixture
def teller() -> Iterator[Teller]:
    with answering() as listening:
        said = deployment(sequencer=address_of(SEQUENCER))
        listening.answers["/v1/deployment"] = (200, said)
        listening.answers["/v1/time"] = (200, json.dumps({"now": NOON}).encode())
        yield listening


def test_a_new_keyfile_is_encrypted_private_and_never_overwritten(
    tmp_path: Path, secrets: Path
) -> None:
    path = tmp_path / "new" / "wallet.json"
    arguments = ["wallet", "create", "-k", str(path), "--password-file", str(secrets / "password")]
    code, out, _ = ended([*arguments, "--json"])
    assert code is ExitCode.OK
    made = json.loads(out)
    keyfile = json.loads(path.read_bytes())
    assert keyfile["version"] == 3
    assert keyfile["crypto"]["kdf"] == "scrypt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, out, _ = ended(["wallet", "address", "-k", str(path), "--json"])
    assert (code, json.loads(out)["address"]) == (ExitCode.OK, made["address"])
    before = path.read_bytes()
    code, _, err = ended(arguments)
    assert code is ExitCode.CONFLICT and "(keyfile_exists)" in err
    assert path.read_bytes() == before


def test_two_new_keys_differ(tmp_path: Path, secrets: Path) -> None:
    addresses = set()
    for name in ("a.json", "b.json"):
        password = str(secrets / "password")
        arguments = ["wallet", "create", "-k", str(tmp_path / name), "--password-file", password]
        addresses.add(json.loads(ended([*arguments, "--json"])[1])["address"])
    assert len(addresses) == 2


def test_a_short_password_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    short = tmp_path / "password"
    short.write_text("1234567\n")
    path = tmp_path / "wallet.json"
    arguments = ["wallet", "create", "-k", str(path), "--password-file", str(short)]
    code, _, err = ended(arguments)
    assert code is ExitCode.USAGE and "(password_short)" in err
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 5_000])
def test_a_password_file_that_holds_none_is_refused(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "password"
    bad.write_bytes(content)
    arguments = ["wallet", "create", "-k", str(tmp_path / "w.json"), "--password-file", str(bad)]
    assert ended(arguments)[0] is ExitCode.USAGE


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_password_file_may_end_its_line_as_it_likes(
    tmp_path: Path, secrets: Path, teller: Teller, end: str, mark: str
) -> None:
    holds(teller, coupon())
    file = tmp_path / "password"
    file.write_bytes((mark + PASSWORD + end).encode())
    arguments = ["wallet", "coupons", "--api", teller.url, "-k", str(secrets / "holder.json")]
    assert ended([*arguments, "--password-file", str(file)])[0] is ExitCode.OK


def test_a_wrong_password_is_not_allowed_and_says_nothing_of_the_key(
    tmp_path: Path, secrets: Path, teller: Teller
) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("not this one")
    arguments = ["wallet", "coupons", "--api", teller.url, "-k", str(secrets / "holder.json")]
    code, out, err = ended([*arguments, "--password-file", str(wrong)])
    assert code is ExitCode.NOT_ALLOWED
    assert HOLDER.hex() not in out + err
    assert teller.asked == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"not json", b'{"version": 3}'])
def test_a_file_that_is_no_keyfile_is_refused(
    tmp_path: Path, secrets: Path, content: bytes
) -> None:
    file = tmp_path / "holder.json"
    file.write_bytes(content)
    password = str(secrets / "password")
    code, _, err = ended(["wallet", "coupons", "-k", str(file), "--password-file", password])
    assert code is ExitCode.NOT_ALLOWED
    assert "Traceback" not in err


def test_a_missing_keyfile_is_not_found() -> None:
    code, _, err = ended(["wallet", "coupons", "-k", "/nowhere/wallet.json"])
    assert code is ExitCode.NOT_FOUND and "(keyfile_missing)" in err


def test_without_a_password_file_and_without_a_person_it_ends_with_usage(secrets: Path) -> None:
    code, _, err = ended(["wallet", "coupons", "-k", str(secrets / "holder.json")])
    assert code is ExitCode.USAGE and "(password_needed)" in err
