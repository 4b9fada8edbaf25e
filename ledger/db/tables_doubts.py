"""What the index's own reconciliation found wrong, until it finds nothing any more."""

from sqlmodel import SQLModel

from ledger.db.columns import big, long_text, unix_time


class IndexDoubt(SQLModel, table=True):
    """The index of a chain is not what the chain says: `what` differs, found out at `since`.

    While the row stands nothing is issued. It goes when the whole index agrees again.
    """

    __tablename__ = "index_doubts"

    chain_id: int = big(primary_key=True)
    what: str = long_text()
    since: int = unix_time()
