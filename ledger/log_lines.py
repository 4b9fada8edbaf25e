"""The log of a process: one JSON object a line, with the ids that lead from one to the next.

`request` is the id an answer carries, `redemption` what it took, `transaction` what brought it to
the chain. Nobody is named: a line has no more than these ids and a sentence (DESIGN P7).
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final, TextIO

IDS: Final = ("request", "redemption", "redemptions", "transaction", "replaces", "campaign", "code")
"""What a line may carry besides its sentence, given to the logger as `extra`."""

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


def write_log(stream: TextIO) -> logging.Handler:
    """Write this process's own log to a stream from now on; the handler, to take it away again."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(ROOT)
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return handler
