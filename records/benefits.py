"""The benefits of a partner that people have to do with, as their processes last recorded them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from records.database import reading
from records.tables import processes

PREFIX = "benefit:"
"""What the process id of a benefit begins with; the partner's id, a colon and the benefit's code follow."""


@dataclass(frozen=True, slots=True)
class BenefitStands:
    """Where a benefit's process stands; UTC."""

    code: str
    process: str
    state: str
    since: datetime
    waits_for: str
    overdue: bool
    due_at: datetime | None
    due_summary: str
    facts: dict[str, Any]


def benefits_of(engine: Engine, partner_id: str) -> dict[str, BenefitStands]:
    """By code: where each benefit of a partner stands that has a process."""
    wanted = select(processes).where(processes.c.partner_id == partner_id, processes.c.kind == "benefit")
    with reading(engine) as connection:
        return {
            row.subject: BenefitStands(
                code=row.subject,
                process=row.process,
                state=row.state,
                since=row.since,
                waits_for=row.waits_for,
                overdue=row.overdue,
                due_at=row.due_at,
                due_summary=row.due_summary,
                facts=row.facts,
            )
            for row in connection.execute(wanted)
        }
