"""What waits for whom: the daily digest, and queues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, case, func, literal_column, select

from records.applications import PREFIX as APPLICATION_PREFIX
from records.database import reading
from records.leads import PREFIX
from records.tables import application_details, lead_details, partners, processes

# As it stands in the index of those that wait.
_SOMEBODY = processes.c.waits_for != literal_column("''")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One process that waits for a role. `title` is the company, or the subject where there is none; UTC."""

    process: str
    kind: str
    state: str
    title: str
    partner_id: str
    partner_name: str
    since: datetime
    due_at: datetime | None
    due_summary: str
    overdue: bool


def _behind(prefix: str) -> ColumnElement[str | None]:
    """What follows a prefix in a process's id, for a join that finds its row by key."""
    return case((processes.c.process.startswith(prefix), func.substr(processes.c.process, len(prefix) + 1)))


def waiting_for(engine: Engine, role: str) -> list[Waiting]:
    """What waits for a role, by what is due first; without a due date last."""
    wanted = (
        select(
            processes,
            func.coalesce(lead_details.c.company, processes.c.subject).label("title"),
            func.coalesce(partners.c.name, application_details.c.company, processes.c.partner_id).label("partner_name"),
        )
        .select_from(
            processes.outerjoin(lead_details, lead_details.c.lead_id == _behind(PREFIX))
            .outerjoin(partners, partners.c.id == processes.c.partner_id)
            .outerjoin(application_details, application_details.c.application_id == _behind(APPLICATION_PREFIX))
        )
        .where(processes.c.waits_for == role, _SOMEBODY, processes.c.final.is_(False))
        .order_by(processes.c.due_at.is_(None), processes.c.due_at, processes.c.since, processes.c.process)
    )
    with reading(engine) as connection:
        return [
            Waiting(
                row.process,
                row.kind,
                row.state,
                row.title,
                row.partner_id,
                row.partner_name,
                row.since,
                row.due_at,
                row.due_summary,
                row.overdue,
            )
            for row in connection.execute(wanted)
        ]


def how_many_wait(engine: Engine) -> dict[str, int]:
    """How many processes wait for each role."""
    wanted = (
        select(processes.c.waits_for, func.count().label("many"))
        .where(_SOMEBODY, processes.c.final.is_(False))
        .group_by(processes.c.waits_for)
    )
    with reading(engine) as connection:
        return {row.waits_for: row.many for row in connection.execute(wanted)}


def queue_lengths(engine: Engine) -> dict[str, tuple[int, int]]:
    """By role: how many processes wait for it, and how many of them are overdue."""
    late = func.sum(case((processes.c.overdue, 1), else_=0)).label("late")
    wanted = (
        select(processes.c.waits_for, func.count().label("many"), late)
        .where(_SOMEBODY, processes.c.final.is_(False))
        .group_by(processes.c.waits_for)
    )
    with reading(engine) as connection:
        return {row.waits_for: (row.many, row.late) for row in connection.execute(wanted)}
