"""The files of the pages: our own and those brought from npm, under one address a version.

`/assets/VERSION/path`: VERSION is the hash of all of them, so a browser may keep each for good, and
modules find one another by their paths on the disk as on the web.
"""

import gzip
import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).resolve().parent / "web" / "static"
NEEDED: Final = "vendor/.installed"
"""Written last when the parts from npm were copied."""

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
_COMPRESSED: Final = frozenset({".png", ".woff2"})
_IMPORTED: Final = re.compile(
    r"""^(?:import|export)\b(?:[^'"();]*?\bfrom)?\s*['"](\.[^'"]+)['"]""", re.MULTILINE
)
"""A module that is needed before this one runs; `import(…)` is another thing."""


class Asset:
    """One file, as it is and compressed."""

    def __init__(self, path: Path) -> None:
        self.media_type = MEDIA_TYPES[path.suffix]
        self.body = path.read_bytes()
        self.packable = path.suffix not in _COMPRESSED

    @cached_property
    def packed(self) -> bytes:
        """The body in gzip, the same bytes every time."""
        return gzip.compress(self.body, 9, mtime=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """All files of the pages by their path, and the version they make together."""

    version: str
    files: Mapping[str, Asset]
    complete: bool

    def address(self, path: str) -> str:
        """Where a browser finds a file. Raises KeyError for one that is not there."""
        assert path in self.files, path
        return f"/assets/{self.version}/{path}"

    def needs(self, program: str) -> tuple[str, ...]:
        """Every module that a program needs before it runs, by the way they name one another.

        A page names them all at once, so that a browser need not read one to hear of the next.
        Raises KeyError for a module that is not there.
        """
        found: dict[str, None] = {}
        waiting = [program]
        while waiting:
            for name in self._imports(waiting.pop(0)):
                if name not in found and name != program:
                    found[name] = None
                    waiting.append(name)
        return tuple(found)

    def _imports(self, name: str) -> Iterator[str]:
        text = self.files[name].body.decode("utf-8")
        for told in _IMPORTED.findall(text):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(name), told))


@cache
def load_assets(static: Path = STATIC) -> Assets:
    """Read every file once a process. `complete` is False where set-up has not brought npm's."""
    paths = sorted(path for path in static.rglob("*") if path.suffix in MEDIA_TYPES)
    files = {path.relative_to(static).as_posix(): Asset(path) for path in paths}
    digest = hashlib.sha256()
    for name, asset in files.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(asset.body).digest())
    return Assets(version=digest.hexdigest()[:16], files=files, complete=(static / NEEDED).exists())
