"""What `partnerflow doctor` asks: where records and processes might disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    exists,
    false,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.engine import RowMapping

from records.accounts import ITS_REQUEST
from records.applications import PREFIX as APPLICATION_PREFIX
from records.columns import word
from records.database import reading, writing
from records.leads import PREFIX as LEAD_PREFIX
from records.posting import BEGIN, Postings
from records.standing import PREFIX as STANDING_PREFIX
from records.tables import account_requests, application_details, claims, lead_details, outbox, partners, processes
from states.effects import Projection


@dataclass(frozen=True, slots=True)
class Shown:
    """A projection as it stands in the database, with the key of the commit that wrote it."""

    process: str
    chain: str
    number: int
    projection: Projection


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which processes begin: how to find what was accepted and lost, and how to take that back."""

    lost: Select[Any]
    back: Update
    by_outbox: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """Something from which a process was to begin: the request `number` of it, where there may be several."""

    process: str
    number: int
    at: datetime
    way: Way


def _submitted(table: Table, process: ColumnElement[str], number: ColumnElement[int], spoken_of: Any, over: Any) -> Way:
    """By a submission, which is kept in a table, and pending until Temporal acknowledges it."""
    told = exists().where(processes.c.process == process, spoken_of)
    lost = select(process.label("process"), number.label("number"), table.c.received_at.label("at")).where(
        table.c.received_at < _BEFORE, table.c.pending.is_(False), ~over, ~told
    )
    one = and_(process == bindparam("of"), number == bindparam("with_number"))
    return Way(lost, update(table).where(one).values(pending=True))


_BEFORE = bindparam("before", type_=outbox.c.created_at.type)
_ONE = literal(1)
_BEGUN = and_(outbox.c.kind == word("signal"), outbox.c.signal == word(BEGIN))
WAYS = (
    _submitted(lead_details, LEAD_PREFIX + lead_details.c.lead_id, _ONE, true(), ~lead_details.c.open),
    _submitted(
        application_details,
        APPLICATION_PREFIX + application_details.c.application_id,
        _ONE,
        true(),
        ~application_details.c.open,
    ),
    _submitted(
        account_requests,
        account_requests.c.process,
        account_requests.c.number,
        account_requests.c.number <= ITS_REQUEST,
        false(),
    ),
    # By another process, by the calendar or by an entry: through the outbox, from which it can begin once more.
    Way(
        select(outbox.c.target.label("process"), _ONE.label("number"), outbox.c.sent_at.label("at")).where(
            _BEGUN,
            outbox.c.status == word("sent"),
            outbox.c.sent_at < _BEFORE,
            ~exists().where(processes.c.process == outbox.c.target),
        ),
        update(outbox)
        .where(_BEGUN, outbox.c.target == bindparam("of"), bindparam("with_number") == 1)
        .values(status="waiting", sent_at=None, created_at=bindparam("anew", type_=outbox.c.created_at.type)),
        by_outbox=True,
    ),
)


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


def accepted_without_process(engine: Engine, *, before: datetime) -> list[Accepted]:
    """What was accepted before an instant, and of which no process has ever recorded anything; the oldest first.

    What Temporal never acknowledged is not among it: whoever sent it was told so, and it shows nowhere.
    """
    with reading(engine) as connection:
        found = [
            Accepted(row.process, row.number, row.at, way)
            for way in WAYS
            for row in connection.execute(way.lost, {"before": before})
        ]
    return sorted(found, key=lambda each: (each.at, each.process))


def take_back(engine: Engine, accepted: Accepted, *, now: datetime) -> None:
    """Take back that it was accepted, so that it begins when it is sent again, by a person or, from now on, by us."""
    which: dict[str, Any] = {"of": accepted.process, "with_number": accepted.number}
    if accepted.way.by_outbox:
        which["anew"] = now
    with writing(engine) as connection:
        connection.execute(accepted.way.back, which)


@dataclass(frozen=True, slots=True)
class Unaware:
    """A partner that was merged into another one at an instant, and whose process goes on as if it had not been."""

    process: str
    into: str
    at: datetime


def unaware_of_merger(engine: Engine, *, before: datetime) -> list[Unaware]:
    """The partners that were merged before an instant, and whose processes neither know it nor are about to hear it."""
    process = STANDING_PREFIX + partners.c.id
    waiting = exists().where(outbox.c.target == processes.c.process, outbox.c.status == word("waiting"))
    wanted = (
        select(processes.c.process, partners.c.merged_into, partners.c.left_at)
        .join(processes, processes.c.process == process)
        .where(partners.c.merged_into.is_not(None), partners.c.left_at < before, processes.c.final.is_(False), ~waiting)
        .order_by(processes.c.process)
    )
    with reading(engine) as connection:
        return [Unaware(row.process, row.merged_into, row.left_at) for row in connection.execute(wanted)]


def tell_of_merger(engine: Engine, unaware: Unaware, *, now: datetime) -> None:
    """Tell a partner's process once more that it was merged."""
    postings = Postings(unaware.process, now)
    key = f"{unaware.process}/merged/{now.isoformat()}"
    postings.signal(key, unaware.process, "merge", unaware.at, {"into": unaware.into})
    with writing(engine) as connection:
        postings.write(connection)


def _shown(row: RowMapping) -> Shown:
    fields = {name: row[name] for name in Projection.model_fields}
    return Shown(row["process"], row["chain"], row["number"], Projection.model_validate(fields))
