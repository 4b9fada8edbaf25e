"""How many blocks to ask for at once: as many as the node bears and memory allows."""

from dataclasses import dataclass
from typing import Final

SPAN_BLOCKS_MAX: Final = 2_000
SPAN_WORDS_TARGET: Final = 30_000
"""A span of this many words of 32 bytes is worth a transaction of its own, and small in memory. One
redemption alone in its event is some six words, one of three hundred less than one."""


@dataclass(slots=True)
class SpanSize:
    """The length of the next span, in blocks: halved by every failure, grown by light spans."""

    blocks: int = 32
    words_target: int = SPAN_WORDS_TARGET
    blocks_max: int = SPAN_BLOCKS_MAX

    def shrink(self) -> bool:
        """Halve after a failure; False when one block already is too much."""
        if self.blocks == 1:
            return False
        self.blocks //= 2
        return True

    def learn(self, blocks: int, words: int) -> None:
        """Aim at `words_target`, from a span of `blocks` whose events said `words`."""
        if words > self.words_target:
            self.blocks = max(1, blocks * self.words_target // words)
        elif 2 * words < self.words_target:
            self.blocks = min(self.blocks_max, 2 * max(blocks, self.blocks))

    def after(self, first: int, head: int) -> tuple[int, int]:
        """The span from `first`, not beyond `head`: both ends belong to it."""
        return first, min(head, first + self.blocks - 1)
