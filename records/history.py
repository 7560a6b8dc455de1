"""What happened to a process, as its commits recorded it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, select

from records.database import reading
from records.tables import audit

_HISTORY = (
    select(audit)
    .where(audit.c.process == bindparam("of"))
    # Run chains follow each other in time; inside one the numbers count.
    .order_by(audit.c.handled_at, audit.c.chain, audit.c.number, audit.c.index)
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One transition. `at` is when it counts from, `handled_at` when it was handled (UTC, program time)."""

    trigger: str
    source: str
    dest: str
    at: datetime
    handled_at: datetime
    by: str
    reason: str
    message_id: str
    details: dict[str, Any]
    chain: str
    number: int


def history_of(engine: Engine, process: str) -> list[Happening]:
    """Everything that happened to a process, oldest first."""
    with reading(engine) as connection:
        return [
            Happening(
                row.trigger,
                row.source,
                row.dest,
                row.at,
                row.handled_at,
                row.by,
                row.reason,
                row.message_id,
                row.details,
                row.chain,
                row.number,
            )
            for row in connection.execute(_HISTORY, {"of": process})
        ]
