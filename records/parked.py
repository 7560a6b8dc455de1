"""Commits that the database refused for good, kept for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, null, select, update

from records.database import reading, writing
from records.tables import parked
from records.upsert import chosen, insert_if_new
from states.effects import Commit

_PARK = insert_if_new(parked)


@dataclass(frozen=True, slots=True)
class Parked:
    """A commit that waits for a person; instants in UTC (program time)."""

    commit: Commit
    why: str
    parked_at: datetime


def park(engine: Engine, commit: Commit, why: str, *, now: datetime) -> None:
    """Put a commit aside; the same one again is nothing."""
    with writing(engine) as connection:
        connection.execute(
            chosen(_PARK, connection),
            {
                "process": commit.process,
                "chain": commit.chain,
                "number": commit.number,
                "why": why,
                "commit": commit.model_dump(mode="json"),
                "parked_at": now,
            },
        )


def parked_commits(engine: Engine) -> list[Parked]:
    """What nobody has resolved yet, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(parked).where(parked.c.resolved_at.is_(null())).order_by(parked.c.parked_at)
        ).all()
    return [Parked(Commit.model_validate(row.commit), row.why, row.parked_at) for row in rows]


def how_many_parked(engine: Engine) -> int:
    """How many nobody has resolved yet."""
    wanted = select(func.count()).select_from(parked).where(parked.c.resolved_at.is_(null()))
    with reading(engine) as connection:
        return connection.execute(wanted).scalar_one()


def resolve(engine: Engine, process: str, chain: str, number: int, *, now: datetime) -> bool:
    """Note that a person has dealt with a parked commit; False when none waits under this key."""
    with writing(engine) as connection:
        changed = connection.execute(
            update(parked)
            .where(
                parked.c.process == process,
                parked.c.chain == chain,
                parked.c.number == number,
                parked.c.resolved_at.is_(null()),
            )
            .values(resolved_at=now)
        )
    return changed.rowcount == 1
