"""What an exception means for the person who called a command."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from records.database import open_database
from records.migrate import is_current
from records.refusal import Refused
from settings import WrongSetting, load

# PostgreSQL's codes for a table and a column that it does not have, and how SQLite, which has no code for them, begins.
_MISSING_CODES = ("42P01", "42703")
_MISSING_WORDS = ("no such table: ", "no such column: ")
_DEADLOCK = "40P01"
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def sentence_for(problem: Exception) -> str:
    """What is wrong and what to do; "" for a mistake of our own, which nobody who calls a command can mend."""
    if isinstance(problem, WrongSetting | Refused):
        return str(problem)
    return _of_database(problem) if isinstance(problem, DBAPIError) else ""


def _of_database(problem: DBAPIError) -> str:
    if _code(problem) in _DAMAGED:
        return (
            f"The records' file can't be read: {problem.orig}. It is damaged, or no database of ours; "
            "docs/operations.md says under «Copies of the data» how to bring a copy back."
        )
    if _lacks_something(problem) and not _has_our_tables():
        return (
            "The database does not have the tables of this version. Run `partnerflow setup` first; "
            "`partnerflow up` does the same for the stack of its directory."
        )
    if getattr(problem.orig, "sqlstate", None) == _DEADLOCK:
        return "Somebody else was writing at the same moment, and the database took this back. Run it again."
    if isinstance(problem, OperationalError) and _code(problem) != sqlite3.SQLITE_ERROR:
        return (
            f"The database does not answer ({type(problem.orig).__name__}). PARTNERFLOW_DATABASE_URL names it; "
            "is it running, and has `partnerflow setup` been run?"
        )
    return ""


def _code(problem: DBAPIError) -> int | None:
    """SQLite's code without its details; None where the problem is not SQLite's."""
    code = getattr(problem.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _lacks_something(problem: DBAPIError) -> bool:
    return getattr(problem.orig, "sqlstate", None) in _MISSING_CODES or (
        _code(problem) == sqlite3.SQLITE_ERROR and str(problem.orig).startswith(_MISSING_WORDS)
    )


def _has_our_tables() -> bool:
    engine = open_database(load().database_url)
    try:
        return is_current(engine)
    finally:
        engine.dispose()
