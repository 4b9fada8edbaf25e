"""What a deployment has signed so far: written before it is sent, read after a crash."""

import json
from dataclasses import dataclass
from pathlib import Path

from deploy.atomic_file import replace_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """One signed transaction that creates a contract; it may or may not have reached the chain."""

    raw: bytes
    hash: str
    account_nonce: int
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The creations of one unfinished deployment, in a file beside the record to come."""

    path: Path

    def read(self) -> dict[str, Creation]:
        """The creations by contract name, in the order signed."""
        if not self.path.exists():
            return {}
        raw = json.loads(self.path.read_bytes())
        return {
            name: Creation(
                raw=bytes.fromhex(entry["raw"]),
                hash=entry["hash"],
                account_nonce=entry["account_nonce"],
                arguments=tuple(entry["arguments"]),
            )
            for name, entry in raw.items()
        }

    def add(self, name: str, creation: Creation) -> None:
        """Store one more, durable before this returns."""
        entries = {**self.read(), name: creation}
        raw = {
            name: {
                "raw": entry.raw.hex(),
                "hash": entry.hash,
                "account_nonce": entry.account_nonce,
                "arguments": list(entry.arguments),
            }
            for name, entry in entries.items()
        }
        replace_file(self.path, (json.dumps(raw, indent=2) + "\n").encode())

    def clear(self) -> None:
        """Forget: the deployment is recorded, or its chain is gone."""
        self.path.unlink(missing_ok=True)
