"""What people see of the open processes when they come to work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, select, tuple_

from program.calendar import business_days_between, program_date
from records.database import reading
from records.tables import processes

_WANTED = (
    processes.c.process, processes.c.kind, processes.c.state, processes.c.partner_id, processes.c.subject,
    processes.c.edition, processes.c.since, processes.c.waits_for, processes.c.facts,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Open:
    """An open process as its row shows it. `key` names it in every run of a seed, whatever its id is."""

    process: str
    kind: str
    state: str
    partner: str
    subject: str
    edition: str
    since: datetime
    waits_for: str
    facts: dict[str, Any]

    @property
    def key(self) -> str:
        """Leads have ids by chance; partner and prospect tell them apart."""
        return f"{self.kind}:{self.partner}:{self.subject}"

    def days_waiting(self, today: date) -> int:
        """The business days since it came to stand as it stands."""
        return business_days_between(program_date(self.since), today)

    def instant(self, label: str) -> datetime | None:
        """An instant among the facts."""
        found = self.facts.get(label)
        return datetime.fromisoformat(found) if isinstance(found, str) else None


def open_processes(engine: Engine, states: Iterable[tuple[str, str]]) -> list[Open]:
    """The processes that stand in one of these states, by kind and state; always in the same order."""
    wanted = select(*_WANTED).where(
        processes.c.final.is_(False), tuple_(processes.c.kind, processes.c.state).in_(list(states))
    )
    with reading(engine) as connection:
        found = [Open(*row) for row in connection.execute(wanted)]
    return sorted(found, key=lambda each: each.key)
