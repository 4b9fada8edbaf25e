"""Write the vectors of the wire format: `python -m tests.vectors.generate [folder]`.

Pytest, forge and the front end read the files, so that three implementations cannot drift. A test
runs this file and compares: what is committed is what the code says. Numbers beyond 2^53 and all
bytes are `0x` text; lists carry their length in `count` for readers that cannot ask for it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.vectors.anchor_vectors import anchors_file
from tests.vectors.message_vectors import redemption_file
from tests.vectors.usage_vectors import usage_file
from tests.vectors.word_vectors import records_file, words_file

FILES = {
    "redemption.json": redemption_file,
    "usage.json": usage_file,
    "words.json": words_file,
    "records.json": records_file,
    "anchors.json": anchors_file,
}


def write(folder: Path) -> None:
    """Write every file of vectors into a folder."""
    for name, make in FILES.items():
        written = json.dumps(make(), indent=1, ensure_ascii=False) + "\n"
        (folder / name).write_text(written, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
