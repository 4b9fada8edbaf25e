"""Keys a person holds: an encrypted keyfile for a holder or a shop, an API key for an officer."""

import getpass
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ledger.domain.hashing import checksum_address
from ledger.domain.signatures import ORDER, address_of, sign
from ledger.errors import InputInvalid
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, failure
from wallet_cli.files import unreadable, write_private
from wallet_cli.output import Printer

PASSWORD_LETTERS_MIN: Final = 8
SECRET_BYTES_MAX: Final = 4_096


@dataclass(frozen=True, slots=True)
class Key:
    """A private key in memory. Neither `repr` nor any message shows it."""

    private_key: bytes = field(repr=False)

    @property
    def address(self) -> str:
        """Checksummed address of the key."""
        return address_of(self.private_key)

    def sign(self, digest: bytes) -> bytes:
        """Sign 32 bytes: the 64 bytes of EIP-2098."""
        return b"".join(sign(digest, self.private_key))


def new_private_key() -> bytes:
    """A fresh key from the operating system's randomness."""
    while True:
        candidate = secrets.token_bytes(32)
        if 0 < int.from_bytes(candidate, "big") < ORDER:
            return candidate


def write_keyfile(path: Path, private_key: bytes, password: str) -> Key:
    """Write an encrypted V3 keyfile that only its owner may read. An existing file is not touched.

    Raises CommandFailure: CONFLICT for a file that is there, MACHINE where it cannot be written.
    """
    from ledger.chain.signer import keyfile_of

    refuse_existing(path)
    document = keyfile_of(private_key, password)
    try:
        write_private(path, document)
    except FileExistsError:
        raise _keyfile_exists(path) from None
    return Key(private_key)


def refuse_existing(path: Path) -> None:
    """CONFLICT where a keyfile is there already: better told before a password is asked for."""
    if path.exists():
        raise _keyfile_exists(path)


def address_in(path: Path) -> str | None:
    """The address a keyfile says it is of, without opening it; None where it does not say."""
    try:
        said = json.loads(path.read_bytes()).get("address")
        raw = bytes.fromhex(str(said).removeprefix("0x"))
    except (OSError, ValueError, AttributeError):
        return None
    return checksum_address(raw) if len(raw) == 20 else None


def open_key(path: Path, password_file: Path | None, printer: Printer) -> Key:
    """Decrypt a keyfile. NOT_FOUND without the file; a wrong password is NOT_ALLOWED."""
    from ledger.chain.signer import read_keyfile

    if not path.is_file():
        raise failure(
            ExitCode.NOT_FOUND,
            "keyfile_missing",
            th=f"ไม่พบไฟล์กุญแจ {path}",
            en=f"there is no keyfile {path}",
            action_th="สร้างด้วย nakhon wallet create หรือระบุ --keyfile",
            action_en="create one with: nakhon wallet create, or name it with --keyfile",
        )
    password = known_password(password_file, printer)
    try:
        return Key(read_keyfile(path, password))
    except InputInvalid as closed:
        raise failure(
            ExitCode.NOT_ALLOWED,
            "keyfile_closed",
            th=f"เปิดไฟล์กุญแจ {path} ไม่ได้ รหัสผ่านไม่ถูกต้อง หรือไฟล์ไม่ใช่กุญแจ V3",
            en=f"the keyfile {path} does not open: wrong password, or not a V3 keyfile",
        ) from closed


def known_password(password_file: Path | None, printer: Printer) -> str:
    """The password of a keyfile that is there: from its file, or asked once."""
    if password_file is not None:
        return secret_in(password_file)
    return ask_secret(printer, "รหัสผ่านไฟล์กุญแจ", "Password of the keyfile")


def choose_password(password_file: Path | None, printer: Printer) -> str:
    """The password for a new keyfile: at least eight letters, typed twice the same."""
    if password_file is not None:
        password = secret_in(password_file)
    else:
        password = ask_secret(printer, "ตั้งรหัสผ่านใหม่", "New password")
        again = ask_secret(printer, "พิมพ์อีกครั้ง", "Once more")
        if again != password:
            raise failure(
                ExitCode.USAGE,
                "passwords_differ",
                th="รหัสผ่านสองครั้งไม่ตรงกัน",
                en="the two passwords differ",
            )
    if len(password) < PASSWORD_LETTERS_MIN:
        raise failure(
            ExitCode.USAGE,
            "password_short",
            th=f"รหัสผ่านต้องยาวอย่างน้อย {PASSWORD_LETTERS_MIN} ตัว",
            en=f"a password needs at least {PASSWORD_LETTERS_MIN} letters",
        )
    return password


def officer_key(key_file: Path | None, environment: Mapping[str, str]) -> str:
    """The officer's API key from its file or NAKHON_KEY; NOT_ALLOWED where there is neither."""
    key = secret_in(key_file) if key_file else environment.get("NAKHON_KEY", "").strip()
    if not key:
        raise failure(
            ExitCode.NOT_ALLOWED,
            "key_missing",
            th="คำสั่งนี้ต้องใช้กุญแจ API ของเจ้าหน้าที่",
            en="this command needs an officer's API key",
            action_th="ตั้งตัวแปร NAKHON_KEY หรือระบุ --key-file",
            action_en="set NAKHON_KEY, or name a file with --key-file",
        )
    if not key.isascii() or not key.isprintable():
        raise failure(
            ExitCode.NOT_ALLOWED,
            "key_unreadable",
            th="กุญแจ API มีตัวอักษรที่ไม่ถูกต้อง",
            en="the API key holds letters no key has",
        )
    return key


def _keyfile_exists(path: Path) -> CommandFailure:
    return failure(
        ExitCode.CONFLICT,
        "keyfile_exists",
        th=f"มีไฟล์ {path} อยู่แล้ว จะไม่เขียนทับ เพราะกุญแจเดิมจะหาย",
        en=f"{path} is there already and is not overwritten: its key would be lost",
    )


def secret_in(path: Path) -> str:
    """The first line of a file that holds a secret. USAGE where there is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(SECRET_BYTES_MAX + 1)
    except OSError as problem:
        raise unreadable(path, problem) from problem
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = []
    if len(raw) > SECRET_BYTES_MAX or not lines or not lines[0]:
        raise failure(
            ExitCode.USAGE,
            "secret_unreadable",
            th=f"บรรทัดแรกของ {path} ต้องเป็นรหัสผ่านหรือกุญแจ",
            en=f"the first line of {path} must be the password or key",
        )
    return lines[0]


def ask_secret(printer: Printer, th: str, en: str) -> str:
    """Ask for a secret without showing it. USAGE where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise failure(
            ExitCode.USAGE,
            "password_needed",
            th="ต้องใช้รหัสผ่าน และไม่มีใครให้ถามที่นี่ ใส่ --password-file",
            en="a password is needed and there is nobody to ask here: add --password-file",
        )
    return getpass.getpass(" / ".join(printer.sentences(th, en)) + ": ")
