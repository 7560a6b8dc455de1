"""What is on record of each process of a rehearsal, step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from program.calendar import Half
from program.edition import Edition, edition
from records.tables import audit, lead_details, processes


@dataclass(frozen=True, slots=True)
class Happened:
    """One step: `at` is when it counts from, `handled_at` when it was handled."""

    trigger: str
    source: str
    dest: str
    at: datetime
    handled_at: datetime
    since: datetime | None = None
    """What a message said of when the standing that it brings begins."""

    def enters(self, *states: str) -> bool:
        """Whether the step leads into one of these states from another."""
        return self.dest in states and self.source != self.dest

    @property
    def known_at(self) -> datetime:
        """From when people could do something about it."""
        return max(self.at, self.handled_at)


@dataclass(frozen=True, slots=True)
class Life:
    """A process with its steps in order. `since` is the instant from which its days are counted."""

    process: str
    kind: str
    rules: Edition
    since: datetime
    steps: list[Happened]

    @property
    def half(self) -> Half:
        """The half-year in its name, for those that have one."""
        return Half.parse(self.process.split(":")[1])


@dataclass(frozen=True, slots=True)
class Expected:
    """What the clock did in a step, when it did, and the instants at which it may have been due."""

    step: Happened
    found: datetime
    due: frozenset[datetime]


def due(step: Happened, *instants: datetime) -> Expected:
    """A step that was due at one of these instants."""
    return Expected(step, step.at, frozenset(instants))


def lives(connection: Connection) -> Iterator[Life]:
    """Every process on record."""
    known = {row.process: row for row in connection.execute(select(processes))}
    # What a lead's window is counted from is the moment of receipt, which its record has and not its first step.
    received = {
        f"lead:{row.lead_id}": row.received_at
        for row in connection.execute(select(lead_details.c.lead_id, lead_details.c.received_at))
    }
    steps: dict[str, list[Happened]] = defaultdict(list)
    columns = (audit.c.process, audit.c.trigger, audit.c.source, audit.c.dest, audit.c.at, audit.c.handled_at)
    ordered = select(*columns, audit.c.details).order_by(audit.c.process, audit.c.number, audit.c.index)
    for row in connection.execute(ordered):
        said = row.details.get("since")
        since = datetime.fromisoformat(said) if isinstance(said, str) else None
        steps[row.process].append(Happened(row.trigger, row.source, row.dest, row.at, row.handled_at, since))
    for process, life in steps.items():
        row = known[process]
        yield Life(process, row.kind, edition(row.edition), received.get(process, life[0].at), life)
