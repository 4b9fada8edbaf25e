"""Which errors say that the database failed, and not that we asked it something wrong."""

from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

FAILURES: Final[tuple[type[Exception], ...]] = (
    DBAPIError,
    NoConnectionLeft,
    PendingRollbackError,
    psycopg.Error,
)
"""What a session, a pool or a connection raises. The driver's own errors come bare where a
connection is made ready or given back, and not while a statement runs."""

GONE_STATES: Final = ("08", "25P03", "25P04", "53", "57P", "58", "XX000")
"""SQLSTATEs whose class in the driver's tree is not always OperationalError: a transaction that the
server ended, a resource that ran out, a file it could not write, a failure of its own."""


def database_failed(error: Exception) -> bool:
    """Whether the same request may be asked again: the database was gone, busy, full, or broke off.

    False for a statement that is wrong in itself, which a repetition does not mend.
    """
    if isinstance(error, NoConnectionLeft | PendingRollbackError):
        return True
    if not isinstance(error, DBAPIError):
        return isinstance(error, psycopg.Error)
    if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR":
        # SQLite calls a wrong statement an operational error too.
        return False
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return True
    return str(getattr(error.orig, "sqlstate", None) or "").startswith(GONE_STATES)
