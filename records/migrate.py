"""Bringing a database to the tables of this version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from records.database import open_database, reading, take_time, writing
from records.refusal import Refused


def migrate(database: Engine | str, to: str = "head") -> None:
    """Bring a database (an engine, or its address) forward to the newest revision, or to the one named.

    Raises `Refused` when a newer version of the program has already changed it: then nothing is touched.
    """
    with _opened(database) as engine, writing(engine) as connection:
        _be_alone(connection)
        _refuse_unknown(connection)
        command.upgrade(_config(connection), to)


def go_back(database: Engine | str, to: str) -> None:
    """Take a database back to an earlier revision ("base": no tables at all). What the later ones held is lost."""
    with _opened(database) as engine, writing(engine) as connection:
        _be_alone(connection)
        _refuse_unknown(connection)
        command.downgrade(_config(connection), to)


def current_revision(engine: Engine) -> str | None:
    """The revision that the database is at; None when it has never been migrated."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision that this version of the program needs."""
    head = _scripts().get_current_head()
    assert head is not None, "The program has no migrations."  # noqa: S101 - a packaging mistake
    return head


def is_current(engine: Engine) -> bool:
    """Whether the database has the tables of this version."""
    return current_revision(engine) == newest_revision()


@contextmanager
def _opened(database: Engine | str) -> Iterator[Engine]:
    if isinstance(database, Engine):
        yield database
        return
    engine = open_database(database)
    try:
        yield engine
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def _be_alone(connection: Connection) -> None:
    take_time(connection)
    if connection.dialect.name == "postgresql":
        # Two workers that start together take turns.
        connection.execute(text("SELECT pg_advisory_xact_lock(7236001)"))


def _refuse_unknown(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in _scripts().walk_revisions()}
    if current is not None and current not in known:
        raise Refused(
            f"The database is at revision {current}, which this version does not know: a newer one has changed it. "
            "Start that newer version, or restore the copy of the database from before."
        )
