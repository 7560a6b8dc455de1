"""Opening the database, and the two ways of using it: `reading` and `writing`."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

_BUSY_MS = 1000
_STATEMENT_MS = 1800
_POOL = 5
# PostgreSQL's word for a table that is not there, as in a database that was never migrated.
_UNDEFINED_TABLE = "42P01"
# A transaction that reads first and writes later can fail half-way with "locked": writers lock at once.
_AS_WRITER = "BEGIN IMMEDIATE"
_COMMON: dict[str, Any] = {
    # Parameters may be personal; they do not belong into messages and logs.
    "hide_parameters": True,
    "json_serializer": lambda document: to_json(document).decode(),
    "json_deserializer": from_json,
}


class WritersBusy(OperationalError):
    """The other writers of this process have not finished in a second: worth another try, and no sign of an outage."""


def is_away(error: SQLAlchemyError) -> bool:
    """Whether the database is not there, too busy or not migrated, as opposed to a mistake of ours."""
    if isinstance(error, OperationalError | InterfaceError | NoConnectionFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") == _UNDEFINED_TABLE


# SQLite has one writer. Threads of one process queue here in order, instead of polling the file with growing pauses.
_turns: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


def open_database(url: str, *, connect_timeout: float = 1.0) -> Engine:
    """The database at `sqlite:///path` or `postgresql+psycopg://…` (plain `postgresql://` is the same).

    `connect_timeout` is in seconds. Nothing is connected yet: a file and its folder are made by the first connection.
    A statement that takes longer than 1.8 s is given up, because the commit of a process may take 2 s altogether.
    Raises ValueError with a sentence for any other address.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise ValueError(f"{_SHAPES} The configured one is neither.") from None
    match address.get_backend_name():
        case "sqlite":
            return _sqlite(address)
        case "postgresql":
            return _postgresql(address, connect_timeout)
    raise ValueError(f"{_SHAPES} «{address.drivername}» is neither.")


_SHAPES = "A database address is sqlite:///path/of/file.db or postgresql+psycopg://user:password@host/name."


def file_of(url: str) -> Path | None:
    """The file in which the database at an address is, whether it exists or not; None for a server's."""
    address = make_url(url)
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: it never waits for a writer and makes none wait."""
    with engine.connect() as connection:
        yield _begun(connection.execution_options(reads_only=True), "BEGIN")


@contextmanager
def reading_at_once(engine: Engine) -> Iterator[Connection]:
    """A connection whose questions are all answered as of one moment, that of the first; it makes no writer wait."""
    # What SQLite reads in one transaction is of one moment anyway.
    isolation = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect() as connection:
        yield _begun(connection.execution_options(reads_only=True, **isolation), "BEGIN")


@contextmanager
def reading_patiently(engine: Engine) -> Iterator[Connection]:
    """As `reading_at_once`, for as long as it takes: no process waits for it."""
    with reading_at_once(engine) as connection:
        take_time(connection)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes all or, when its block raises, nothing.

    Raises `sqlalchemy.exc.OperationalError` when the database is away or another writer does not finish in a second.
    """
    with _turn(engine), engine.begin() as connection:
        yield _begun(connection, _AS_WRITER)


@contextmanager
def reading_on(connection: Connection) -> Iterator[None]:
    """A transaction that reads, and writes temporary tables at most, on a connection that is kept for several."""
    connection.execution_options(reads_only=True)
    try:
        with connection.begin():
            _begun(connection, "BEGIN")
            yield
    finally:
        connection.execution_options(reads_only=False)


@contextmanager
def writing_on(connection: Connection) -> Iterator[None]:
    """One transaction that writes all or nothing, on a connection that is kept for several."""
    with _turn(connection.engine), connection.begin():
        _begun(connection, _AS_WRITER)
        yield


def _begun(connection: Connection, how: str) -> Connection:
    """The connection, inside a transaction of SQLite's too, whose driver is kept from beginning any by itself.

    An event of the engine's could do it, but then every single statement pays for asking who listens.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(how)
    return connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    turn = _turns.get(engine)
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=_BUSY_MS / 1000):
        raise WritersBusy(_AS_WRITER, None, TimeoutError("the other writers of this process are still busy"))
    try:
        yield
    finally:
        turn.release()


def take_time(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they need: no process waits for it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise ValueError(
            "A database in memory is a different one in every thread: sqlite:///path/of/file.db names a file."
        )
    file = Path(address.database)
    if file.is_dir():
        raise ValueError(f"{file} is a directory; a database address names a file.")
    if (above := next((each for each in file.parents if each.exists()), None)) and not above.is_dir():
        raise ValueError(f"{above} is a file, so no database can lie below it.")
    engine = create_engine(
        address.set(drivername="sqlite+pysqlite"),
        **_COMMON,
        pool_size=_POOL,
        max_overflow=20,
        connect_args={"timeout": _BUSY_MS / 1000, "isolation_level": None, "cached_statements": 256},
    )

    @event.listens_for(engine, "do_connect")
    def _make_room(_dialect: Any, _record: Any, _args: Any, _parameters: Any) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(f"{file.parent} can't be made: {error.strerror}") from error

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        # NORMAL: after a power cut the last commits may be missing, the file is whole, and processes commit again.
        # A checkpoint waits for the disk. Every 16 MB and not every 4, it has fewer pages to write for each commit.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "wal_autocheckpoint=4000",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    _turns[engine] = threading.Lock()
    return engine


def _postgresql(address: URL, connect_timeout: float) -> Engine:
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        **_COMMON,
        pool_pre_ping=True,
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_timeout=connect_timeout,
        connect_args={
            # A host that vanished answers nothing at all: without this, the kernel would wait for a quarter of an hour.
            "tcp_user_timeout": _STATEMENT_MS,
            "options": f"-c statement_timeout={_STATEMENT_MS} -c timezone=UTC",
        },
    )

    @event.listens_for(engine, "do_connect")
    def _reach(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        # The driver cannot wait less than 2 s for a silent host, which is already all the time that a commit has.
        host = str(parameters.get("host") or "")
        if host and not host.startswith("/"):
            try:
                socket.create_connection((host, int(parameters.get("port") or 5432)), connect_timeout).close()
            except OSError as error:
                raise psycopg.OperationalError(f"the database server does not answer: {error}") from error

    return engine
