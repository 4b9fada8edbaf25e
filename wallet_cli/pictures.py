"""QR codes of a command: read from a picture or a text, shown in the terminal, written as PNG."""

from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.desk import Desk
from wallet_cli.files import read_file, unwritable
from wallet_cli.language import both
from wallet_cli.output import OutputFormat

PNG_MAGIC: Final = b"\x89PNG"
_CODE_STARTS: Final = ("HTTP://", "HTTPS://", "000201")

CodeSource = Annotated[
    str,
    typer.Argument(
        metavar="PNG|TEXT",
        help=both("ไฟล์ภาพ PNG หรือข้อความในคิวอาร์", "a PNG picture, or the text of the code"),
    ),
]
PngOption = Annotated[
    Path | None,
    typer.Option("--png", metavar="FILE", help=both("บันทึกเป็นภาพ PNG", "write a PNG picture")),
]
InvertOption = Annotated[
    bool,
    typer.Option("--light", help=both("จอพื้นสว่าง", "for black letters on a light terminal")),
]


def text_of(source: str) -> str:
    """The text of a code: `source` itself where it is one, or the letters under a paper's, else
    what its picture or file holds.

    Raises QrInvalid for a picture without a code of any kind.
    """
    from ledger.qr.codec import body_of_letters

    if source.upper().startswith(_CODE_STARTS) or body_of_letters(source):
        return source
    raw = read_file(Path(source))
    if raw.startswith(PNG_MAGIC):
        from ledger.qr.image import read_png

        return read_png(raw)
    return raw[:1_000].decode("utf-8", "replace").strip()


def write_png(path: Path, text: str) -> None:
    """Write a code's picture in place of whatever is there, whole or not at all."""
    from deploy.atomic_file import replace_file
    from ledger.qr.image import png

    try:
        replace_file(path, png(text))
    except OSError as problem:
        raise unwritable(path, problem) from problem


def show_code(desk: Desk, text: str, png: Path | None, *, light: bool) -> None:
    """Write the picture where asked, and draw it for a person (never among data for programs)."""
    if png is not None:
        write_png(png, text)
    if desk.printer.form is OutputFormat.TABLE:
        from ledger.qr.image import terminal

        desk.printer.raw(terminal(text, dark_background=not light))
        desk.printer.raw(text)
