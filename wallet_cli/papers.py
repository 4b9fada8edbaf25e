"""A batch of papers: one secret in an encrypted file, from which every seed and PIN is derived.

The file is all there is to keep: with its password it prints the same papers again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ledger.domain.hashing import keccak
from ledger.domain.signatures import address_of
from ledger.errors import InputInvalid
from ledger.qr.codec import PaperCode
from ledger.qr.paper import SEED_BYTES, derive_key
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, failure
from wallet_cli.files import read_file, write_private
from wallet_cli.output import JsonObject

PAPERS_MAX: Final = 5_000
PIN_DIGITS: Final = 6
_KIND: Final = "nakhon papers 1"
_SEED: Final = b"nakhon paper seed 1"
_PIN: Final = b"nakhon paper pin 1"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper before it is printed. No message shows its seed or PIN."""

    seed: bytes = field(repr=False)
    pin: str = field(repr=False)

    @property
    def code(self) -> PaperCode:
        """What its QR says."""
        return PaperCode(pin_needed=bool(self.pin), seed=self.seed)

    @property
    def address(self) -> str:
        """The address its pass is enrolled under."""
        return address_of(derive_key(self.seed, self.pin))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How many papers, whether each has a PIN, and the one secret of all."""

    secret: bytes = field(repr=False)
    count: int
    pin: bool

    def papers(self) -> Iterator[Paper]:
        """The papers in their order, the same each time."""
        for index in range(self.count):
            place = self.secret + index.to_bytes(4, "big")
            drawn = int.from_bytes(keccak(_PIN + place), "big") % 10**PIN_DIGITS
            yield Paper(
                seed=keccak(_SEED + place)[:SEED_BYTES],
                pin=f"{drawn:0{PIN_DIGITS}d}" if self.pin else "",
            )


def write_batch(path: Path, batch: Batch, password: str) -> None:
    """Write a batch, encrypted, for its owner alone. An existing file is not touched (CONFLICT)."""
    from ledger.chain.signer import keyfile_of

    document = {
        "kind": _KIND,
        "count": batch.count,
        "pin": batch.pin,
        "secret": json.loads(keyfile_of(batch.secret, password)),
    }
    write_new(path, json.dumps(document, indent=1).encode() + b"\n")


def read_batch(path: Path, password: str) -> Batch:
    """Read a batch. USAGE for another file; NOT_ALLOWED for a wrong password."""
    from ledger.chain.signer import keyfile_in

    said = _document(path)
    try:
        secret = keyfile_in(json.dumps(said["secret"]).encode(), password)
    except InputInvalid as closed:
        raise failure(
            ExitCode.NOT_ALLOWED,
            "papers_closed",
            th=f"เปิดไฟล์ {path} ไม่ได้ รหัสผ่านไม่ถูกต้อง",
            en=f"{path} does not open: wrong password",
        ) from closed
    return Batch(secret=secret, count=said["count"], pin=said["pin"])


def _document(path: Path) -> JsonObject:
    try:
        said = json.loads(read_file(path))
        good = (
            said["kind"] == _KIND
            and isinstance(said["secret"], dict)
            and isinstance(said["pin"], bool)
            and type(said["count"]) is int
            and 1 <= said["count"] <= PAPERS_MAX
        )
    except (ValueError, TypeError, KeyError):
        good = False
    if not good:
        raise failure(
            ExitCode.USAGE,
            "papers_unreadable",
            th=f"{path} ไม่ใช่ไฟล์คูปองกระดาษของ nakhon pass paper",
            en=f"{path} is no file of papers made by: nakhon pass paper",
        )
    return dict(said)


def write_new(path: Path, content: bytes) -> None:
    """Write a new file for its owner alone; CONFLICT where it is there already."""
    try:
        write_private(path, content)
    except FileExistsError:
        raise there_already(path) from None


def refuse_existing(*paths: Path | None) -> None:
    """CONFLICT where one of the files is there: better told before a password is asked for."""
    for path in paths:
        if path is not None and path.exists():
            raise there_already(path)


def there_already(path: Path) -> CommandFailure:
    """The failure of a file that would be overwritten."""
    return failure(
        ExitCode.CONFLICT,
        "file_exists",
        th=f"มีไฟล์ {path} อยู่แล้ว จะไม่เขียนทับ",
        en=f"{path} is there already and is not overwritten",
    )
