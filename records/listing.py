"""What the lists of every kind of process have in common: where a process stands, and pages of some at a time."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.engine import RowMapping

from records.refusal import Refused
from records.tables import processes

T = TypeVar("T")

# What a list selects of the projection, by an outer join: a process that has not spoken yet has none.
STANDING = (
    processes.c.state,
    processes.c.outcome,
    processes.c.final,
    processes.c.since,
    processes.c.waits_for,
    processes.c.overdue,
    processes.c.due_at,
    processes.c.due_summary,
    processes.c.facts,
    processes.c.updated_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a process stands, by its projection. `state` is "received" until it has written its first change; UTC."""

    state: str
    outcome: str
    final: bool
    since: datetime
    waits_for: str
    overdue: bool
    due_at: datetime | None
    due_summary: str
    facts: dict[str, Any]
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list, the newest first; `next` is the token of the page after, empty on the last one."""

    found: tuple[T, ...]
    next: str


def standing_of(row: RowMapping, received_at: datetime) -> dict[str, Any]:
    """The fields of `Standing` in a row that has the columns `STANDING`; until it has spoken, since `received_at`."""
    return {
        "state": row["state"] or "received",
        "outcome": row["outcome"] or "",
        "final": bool(row["final"]),
        "since": row["since"] or received_at,
        "waits_for": row["waits_for"] or "",
        "overdue": bool(row["overdue"]),
        "due_at": row["due_at"],
        "due_summary": row["due_summary"] or "",
        "facts": row["facts"] or {},
        "updated_at": row["updated_at"],
    }


def newest_first(
    wanted: Select[Any], received_at: ColumnElement[datetime], key: ColumnElement[str], page: str
) -> Select[Any]:
    """Order by the moment of receipt, the newest first, beginning after the page whose token this is.

    Raises `Refused` for a token that is none.
    """
    ordered = wanted.order_by(received_at.desc(), key.desc())
    if not page:
        return ordered
    at, last = _read(page)
    return ordered.where(or_(received_at < at, and_(received_at == at, key < last)))


def page_of(found: Sequence[T], at_most: int, place: Callable[[T], tuple[datetime, str]]) -> Page[T]:
    """A page of what was found, one more than `at_most` where there are more; `place` is by what it is ordered."""
    shown = tuple(found[:at_most])
    return Page(shown, _token(*place(shown[-1])) if len(found) > at_most else "")


def _token(at: datetime, key: str) -> str:
    return urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode()


def _read(page: str) -> tuple[datetime, str]:
    try:
        at, key = json.loads(urlsafe_b64decode(page.encode()))
        instant = datetime.fromisoformat(at).astimezone(UTC)
        if not str(key).isprintable():
            raise ValueError(key)
    except (ValueError, TypeError, OverflowError):
        raise Refused("The page token is none of ours; leave it out to begin with the first page.") from None
    return instant, str(key)
