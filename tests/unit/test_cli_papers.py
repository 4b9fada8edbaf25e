"""A batch of papers comes back from its encrypted file, and from nothing else."""

import json
import stat
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from ledger.domain.signatures import address_of, sign
from ledger.domain.typed_data import domain_separator, move_digest, move_typed_data
from ledger.qr.paper import derive_key, key_of
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure
from wallet_cli.papers import PIN_DIGITS, Batch, read_batch, write_batch

SECRET = bytes(range(1, 33))
BOOK = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def test_a_batch_gives_the_same_different_papers_each_time() -> None:
    batch = Batch(secret=SECRET, count=500, pin=True)
    papers = list(batch.papers())
    assert papers == list(batch.papers())
    assert len({paper.seed for paper in papers}) == len({p.address for p in papers}) == 500
    assert all(len(paper.pin) == PIN_DIGITS and paper.pin.isdigit() for paper in papers)
    first = papers[0]
    assert first.address == address_of(key_of(first.code, first.pin))
    assert first.address != address_of(derive_key(first.seed))


def test_papers_without_a_pin_ask_for_none() -> None:
    (paper,) = Batch(secret=SECRET, count=1, pin=False).papers()
    assert not paper.code.pin_needed
    assert paper.address == address_of(key_of(paper.code))


def test_no_message_shows_a_seed_or_a_pin() -> None:
    batch = Batch(secret=SECRET, count=1, pin=True)
    (paper,) = batch.papers()
    for shown in (repr(batch), repr(paper)):
        for secret in (SECRET.hex(), repr(SECRET), paper.seed.hex(), repr(paper.seed), paper.pin):
            assert secret not in shown


def test_a_file_of_papers_opens_with_its_password_alone(tmp_path: Path) -> None:
    path, batch = tmp_path / "papers", Batch(secret=SECRET, count=7, pin=True)
    write_batch(path, batch, "a long password")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET.hex() not in path.read_text()
    assert read_batch(path, "a long password") == batch
    with pytest.raises(CommandFailure) as closed:
        read_batch(path, "another password")
    assert closed.value.exit_code is ExitCode.NOT_ALLOWED
    with pytest.raises(CommandFailure) as there:
        write_batch(path, batch, "a long password")
    assert there.value.exit_code is ExitCode.CONFLICT


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "other"},
        {"count": 0},
        {"count": 10**9},
        {"count": True},
        {"pin": 1},
        {"secret": []},
    ],
)
def test_another_file_is_told_from_papers(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "papers"
    document = {"kind": "nakhon papers 1", "count": 1, "pin": False, "secret": {}}
    path.write_text(json.dumps(document | changes))
    with pytest.raises(CommandFailure) as other:
        read_batch(path, "a long password")
    assert other.value.exit_code is ExitCode.USAGE


def test_any_wallet_can_consent_to_a_move() -> None:
    key = derive_key(bytes(16))
    move = {
        "pass_number": 17,
        "from_address": BOOK,
        "to_address": address_of(key),
        "signed_at": 1_761_706_800,
    }
    signable = encode_typed_data(full_message=move_typed_data(31_337, BOOK, **move))  # type: ignore[arg-type]
    theirs = Account.sign_message(signable, key).signature
    r, vs = sign(move_digest(domain_separator(31_337, BOOK), **move), key)  # type: ignore[arg-type]
    assert (r, vs[1:]) == (theirs[:32], theirs[33:64])
