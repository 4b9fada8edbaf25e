"""What of the database's errors is a failure of the database, and what a defect of ours."""

import sqlite3

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from ledger.db.failures import FAILURES, database_failed

FAILED = [
    pg.AdminShutdown("terminated"),
    pg.CrashShutdown("another process crashed"),
    pg.CannotConnectNow("starting up"),
    pg.IdleInTransactionSessionTimeout("idle for too long"),
    pg.DiskFull("no space left on device"),
    pg.IoError("could not fsync"),
    pg.OutOfMemory("out of memory"),
    pg.TooManyConnections("too many clients"),
    pg.LockNotAvailable("lock timeout"),
    pg.DeadlockDetected("deadlock"),
    pg.SerializationFailure("concurrent update"),
    pg.InternalError_("could not extend file: File too large"),
    psycopg.OperationalError("consuming input failed"),
    psycopg.InterfaceError("the connection is closed"),
    sqlite3.OperationalError("database or disk is full"),
]
OURS = [
    pg.UndefinedTable("no such table"),
    pg.UniqueViolation("twice"),
    pg.InFailedSqlTransaction("current transaction is aborted"),
    pg.NumericValueOutOfRange("too large"),
]


def wrapped(error: Exception) -> DBAPIError:
    base = sqlite3.Error if isinstance(error, sqlite3.Error) else psycopg.Error
    made = DBAPIError.instance("SELECT 1", None, error, base)
    assert isinstance(made, DBAPIError)
    return made


@pytest.mark.parametrize("error", FAILED, ids=lambda error: type(error).__name__)
def test_a_database_that_failed_may_be_asked_again(error: Exception) -> None:
    assert isinstance(wrapped(error), FAILURES)
    assert database_failed(wrapped(error))


@pytest.mark.parametrize("error", OURS, ids=lambda error: type(error).__name__)
def test_a_statement_that_is_wrong_is_a_defect_of_ours(error: Exception) -> None:
    assert not database_failed(wrapped(error))


def test_a_pool_a_session_and_a_driver_that_lost_their_connection_failed_as_well() -> None:
    bare = (
        NoConnectionLeft("QueuePool limit reached"),
        PendingRollbackError("can't reconnect until invalid transaction is rolled back"),
        psycopg.ProgrammingError("can't change 'read_only' now: connection in status UNKNOWN"),
    )
    for error in bare:
        assert isinstance(error, FAILURES) and database_failed(error)


def test_a_wrong_statement_is_a_defect_on_sqlite_too() -> None:
    with sqlite3.connect(":memory:") as connection, pytest.raises(sqlite3.Error) as caught:
        connection.execute("SELECT nothing FROM nowhere")
    connection.close()
    assert not database_failed(wrapped(caught.value))
    assert not database_failed(IntegrityError("INSERT", None, Exception("twice")))
