"""`INSERT … ON CONFLICT`, which SQLAlchemy words once per database although both databases read it alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Table, and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

Statements = Mapping[str, Insert]
"""The same statement for each database, by the name of its dialect."""


def insert_if_new(table: Table) -> Statements:
    """Insert a row, or nothing when any unique key of it is there already (then the row count is 0)."""
    # Left to itself, SQLAlchemy forgets how many rows an INSERT made.
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
    }


def insert_or_replace(
    table: Table, *, fixed: Iterable[str] = (), unless_newer: tuple[str, str] | None = None
) -> Statements:
    """Insert a row, or overwrite the one with its primary key, except its `fixed` columns.

    `unless_newer` names two columns (series, number): a row of the same series with a higher number stays.
    """
    fixed = set(fixed)
    key = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if not column.primary_key and column.name not in fixed]
    statements: dict[str, Insert] = {}
    for dialect in (sqlite, postgresql):
        statement = dialect.insert(table)
        new = statement.excluded
        where = None
        if unless_newer is not None:
            series, number = unless_newer
            where = or_(table.c[series] != new[series], and_(table.c[number] <= new[number]))
        statements[dialect.__name__.rpartition(".")[2]] = statement.on_conflict_do_update(
            index_elements=key, set_={name: new[name] for name in rest}, where=where
        )
    return statements


def chosen(statements: Statements, connection: Connection) -> Insert:
    """The statement for the database that `connection` speaks to."""
    return statements[connection.dialect.name]
