"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Numeric,
    String,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine


class Instant(TypeDecorator[datetime]):
    """An aware instant, in UTC outwards.

    SQLite knows no time zones: there it is text of one fixed width, so that text order is time order.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, `timestamptz` on PostgreSQL."""
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """ValueError for a datetime that names no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} names no time zone; the database keeps instants only.")
        if dialect.name != "sqlite":
            return value
        # isoformat is "…+00:00" for UTC whatever object stands for it.
        return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back in UTC."""
        if value is None:
            return None
        read = datetime.fromisoformat(value) if isinstance(value, str) else value
        return read.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal number that never passes through a float: text on SQLite, `numeric` on PostgreSQL.

    Not to be compared or summed in SQL on SQLite.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, `numeric` on PostgreSQL."""
        return dialect.type_descriptor(String(40) if dialect.name == "sqlite" else Numeric(20, 6))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """As text where the database has no decimals."""
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Without the zeros that `numeric` adds behind the point."""
        if value is None:
            return None
        number = Decimal(value)
        whole = number.to_integral_value()
        return whole if number == whole else number.normalize()


Json = JSON().with_variant(JSONB(), "postgresql")
"""A JSON document; `jsonb` on PostgreSQL."""

Serial = BigInteger().with_variant(Integer(), "sqlite")
"""A number that counts up; SQLite counts only in INTEGER keys."""


def word(value: str) -> ColumnElement[str]:
    """A word of ours as a part of the statement itself, for columns by which a partial index chooses its rows.

    As a parameter it could be any: SQLite plans the statement anew each time, which takes longer than most statements,
    and PostgreSQL has to as well.
    """
    if not value.isidentifier():
        raise ValueError(f"«{value}» is no word.")
    return literal_column(f"'{value}'", String())


def holds(column: ColumnElement[bool]) -> ColumnElement[bool]:
    """A boolean column as a condition, written as in the partial index that chooses its rows by it.

    SQLAlchemy writes `= 1` for SQLite, which is another condition to it: the index is not used.
    """
    if not isinstance(column, Column) or not column.name.isidentifier():
        raise ValueError(f"«{column}» is no column.")
    return literal_column(f'{column.table.name}."{column.name}"')
