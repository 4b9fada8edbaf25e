"""A campaign's book whose records lie in a file: an audit of years needs the memory of a day's."""

import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast, overload

from ledger.domain.blocks import BlockRef
from ledger.domain.ranges import U21
from ledger.domain.redemption import RECORD, RECORD_BYTES
from ledger.domain.state import CampaignBook, RedeemedBatch, RefusedBatch, State


@dataclass(frozen=True, slots=True)
class _Card:
    """Where the records of one batch lie, and what is said of it."""

    at: int
    block: BlockRef
    offset: int
    size: int


class _Shelf:
    """The batches of a book, in order: appended and read like the list it stands for."""

    def __init__(self) -> None:
        self._cards: list[_Card] = []
        # Without a name, so that it is gone with the process whatever happens.
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="nakhon-audit-")  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._end = 0

    def __len__(self) -> int:
        return len(self._cards)

    def __iter__(self) -> Iterator[RedeemedBatch]:
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> RedeemedBatch: ...
    @overload
    def __getitem__(self, index: slice) -> list[RedeemedBatch]: ...
    def __getitem__(self, index: int | slice) -> RedeemedBatch | list[RedeemedBatch]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        card = self._cards[index]
        self._file.seek(card.offset)
        return RedeemedBatch(
            number=index % len(self) + 1,
            at=card.at,
            records=self._file.read(card.size),
            block=card.block,
        )

    def append(self, batch: RedeemedBatch) -> None:
        """File the records of one more batch."""
        self._file.seek(self._end)
        size = self._file.write(batch.records)
        self._cards.append(_Card(batch.at, batch.block, self._end, size))
        self._end += size


class _Unkept(list[RefusedBatch]):
    """Refusals are judged when they are met, and no sum depends on them."""

    def append(self, batch: RefusedBatch) -> None:
        """Let it go."""


class FiledBook(CampaignBook):
    """As a CampaignBook; `expected` is the (batch, index) that the next void names by itself."""

    def __init__(self) -> None:
        super().__init__(batches=cast("list[RedeemedBatch]", _Shelf()), refused=_Unkept())
        self.expected: tuple[int, int] | None = None

    def place_of(self, pass_number: int, step: int) -> tuple[RedeemedBatch, int] | None:
        """The batch and the index in it of a redemption: where it is expected, else looked for."""
        if self.expected is not None:
            number, index = self.expected
            if 1 <= number <= len(self.batches) and (
                _has(self.batches[number - 1].records, index, pass_number, step)
            ):
                return self.batches[number - 1], index
        for batch in self.batches:
            for index in range(len(batch.records) // RECORD_BYTES):
                if _has(batch.records, index, pass_number, step):
                    return batch, index
        return None


def _has(records: bytes, index: int, pass_number: int, step: int) -> bool:
    if (index + 1) * RECORD_BYTES > len(records):
        return False
    number, _, _, _, _, _, high, low = RECORD.unpack_from(records, index * RECORD_BYTES)
    return bool(number == pass_number and (high << 8 | low) & U21 == step)


def file_books(state: State) -> None:
    """Give every campaign that has just been drafted a filed book."""
    for number, book in state.books.items():
        if not isinstance(book, FiledBook) and not book.batches:
            state.books[number] = FiledBook()
