"""Where an event stands on the chain."""

from typing import Any, NamedTuple


class Place(NamedTuple):
    """Where an event stands: the key of every row it becomes."""

    chain_id: int
    block_hash: str
    log_index: int
    block_number: int

    def key(self) -> dict[str, Any]:
        """The key columns of a fact."""
        return self._asdict()
