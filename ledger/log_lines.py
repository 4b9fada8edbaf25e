"""The log of a process: one JSON object a line, with the ids that lead from one to the next.

`request` is the id an answer carries, `redemption` what it took, `transaction` what brought it to
the chain. Nobody is named: a line has no more than these ids and a sentence (DESIGN P7).
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final, TextIO

IDS: Final = (
    "request", "redemption", "redemptions", "transaction", "replaces", "campaign", "code",
    "repeated",
)  # fmt: skip
"""What a line may carry besides its sentence, given to the logger as `extra`."""

AGAIN_SECONDS: Final = 60
SAID_MAX: Final = 512

ROOT: Final = "nakhon"


class JsonLines(logging.Formatter):
    """A record as one line: `time`, `level`, `logger`, `text`, and those of `IDS` it has."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; what was raised stands in it as `error`."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in IDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class OnceAMinute(logging.Filter):
    """Lets the same warning or alarm through once a minute; the next one says how often it was left
    out meanwhile (`repeated`). A loop that tries again five times a second must not bury the rest.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[int, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written."""
        if record.levelno < logging.WARNING:
            return True
        key = record.name, record.getMessage()
        now = int(record.created)
        before, left_out = self._said.get(key, (now - AGAIN_SECONDS, 0))
        if now - before < AGAIN_SECONDS:
            self._said[key] = before, left_out + 1
            return False
        if len(self._said) >= SAID_MAX:
            self._said.clear()
        self._said[key] = now, 0
        if left_out:
            record.repeated = left_out
        return True


def write_log(stream: TextIO) -> logging.Handler:
    """Write this process's own log to a stream from now on; the handler, to take it away again."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(OnceAMinute())
    logger = logging.getLogger(ROOT)
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return handler
