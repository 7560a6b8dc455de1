"""What `partnerflow doctor` asks: where records and processes might disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.engine import RowMapping

from records.database import reading
from records.leads import PREFIX
from records.tables import claims, lead_details, processes
from states.effects import Projection


@dataclass(frozen=True, slots=True)
class Shown:
    """A projection as it stands in the database, with the key of the commit that wrote it."""

    process: str
    chain: str
    number: int
    projection: Projection


def open_projections(engine: Engine) -> dict[str, Shown]:
    """Everything that the records take for open, by process."""
    wanted = select(processes).where(processes.c.final.is_(False))
    with reading(engine) as connection:
        return {row["process"]: _shown(row) for row in connection.execute(wanted).mappings()}


def projection_of(engine: Engine, process: str) -> Shown | None:
    """What the records show of a process."""
    with reading(engine) as connection:
        row = connection.execute(select(processes).where(processes.c.process == process)).mappings().first()
    return None if row is None else _shown(row)


def claims_of(engine: Engine, process: str) -> list[tuple[str, str]]:
    """The (kind, subject) pairs that a process holds or stands in line for."""
    wanted = select(claims.c.kind, claims.c.subject).where(claims.c.process == process)
    with reading(engine) as connection:
        return [(row.kind, row.subject) for row in connection.execute(wanted)]


def leads_without_process(engine: Engine, *, before: datetime) -> list[str]:
    """The processes of submissions received before an instant of which no change was ever recorded.

    Those that Temporal never acknowledged are not among them: the partner was told so, and they show nowhere.
    """
    known = select(processes.c.process).where(processes.c.process == PREFIX + lead_details.c.lead_id)
    wanted = (
        select((PREFIX + lead_details.c.lead_id).label("process"))
        .where(
            lead_details.c.received_at < before, lead_details.c.open, lead_details.c.pending.is_(False), ~known.exists()
        )
        .order_by(lead_details.c.received_at)
    )
    with reading(engine) as connection:
        return list(connection.execute(wanted).scalars())


def _shown(row: RowMapping) -> Shown:
    fields = {name: row[name] for name in Projection.model_fields}
    return Shown(row["process"], row["chain"], row["number"], Projection.model_validate(fields))
