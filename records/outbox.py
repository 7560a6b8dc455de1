"""What waits to leave: taken by one relay at a time, and marked when it has left.

Back-off and leases are real time (`real`, aware); `now` and everything people read is program time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import Engine, Select, and_, bindparam, exists, func, null, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.sql.dml import ReturningUpdate

from records.columns import word
from records.database import reading, writing
from records.tables import outbox

Kind = Literal["mail", "signal"]

_due = outbox.alias("due")
_earlier = outbox.alias("earlier")
_REAL = bindparam("real", type_=outbox.c.not_before.type)


def _due_ids(kind: Kind) -> Select[Any]:
    due = select(_due.c.id).where(
        _due.c.kind == word(kind),
        _due.c.status == word("waiting"),
        or_(_due.c.not_before.is_(null()), _due.c.not_before <= _REAL),
        or_(_due.c.lease_until.is_(null()), _due.c.lease_until <= _REAL),
    )
    if kind == "signal":
        # Signals to one process leave in order: "come up" must not overtake the "stand in line" before it.
        due = due.where(
            ~exists().where(
                _earlier.c.target == _due.c.target,
                _earlier.c.id < _due.c.id,
                _earlier.c.status == word("waiting"),
                _earlier.c.kind == word("signal"),
            )
        )
    return due.order_by(_due.c.id).limit(bindparam("at_most"))


def _lease(kind: Kind) -> ReturningUpdate[Any]:
    # Another relay's rows are skipped, not waited for. SQLite has one writer and knows no such words.
    free = _due_ids(kind).with_for_update(skip_locked=True).scalar_subquery()
    return (
        update(outbox)
        .where(outbox.c.id.in_(free))
        .values(lease_until=bindparam("until"), attempts=outbox.c.attempts + 1)
        .returning(outbox)
    )


_KINDS: tuple[Kind, ...] = get_args(Kind)
_ANY_DUE = {kind: select(exists(_due_ids(kind))) for kind in _KINDS}
_LEASE = {kind: _lease(kind) for kind in _KINDS}
# Only the lease that is still ours may be settled: one that ran out may be in another relay's hands.
_OURS = and_(
    outbox.c.id == bindparam("of_id"),
    outbox.c.status == word("waiting"),
    outbox.c.attempts == bindparam("at_attempt"),
)
_KEEP = update(outbox).where(_OURS, outbox.c.lease_until.is_not(null())).values(lease_until=bindparam("until"))


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail that is to leave: `message_id` is the left part of its Message-ID, `attempts` counts this one."""

    id: int
    key: str
    process: str
    attempts: int
    template: str
    to: str
    about: dict[str, Any]
    only_while: tuple[str, ...]
    message_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal that is to leave, to the process `target`."""

    id: int
    key: str
    process: str
    attempts: int
    target: str
    signal: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, for metrics and `doctor`: counts by kind, the oldest `created_at`, and the last errors."""

    mails: int
    signals: int
    oldest: datetime | None
    errors: tuple[str, ...]


def lease_mails(engine: Engine, *, real: datetime, lease: timedelta, at_most: int) -> list[MailRow]:
    """Take mails that are due; nobody else gets them until the lease is over."""
    return [
        MailRow(
            row.id,
            row.key,
            row.process,
            row.attempts,
            row.template,
            row.to,
            row.about,
            tuple(row.only_while),
            row.message_id,
            row.created_at,
        )
        for row in _leased(engine, "mail", real, lease, at_most)
    ]


def lease_signals(engine: Engine, *, real: datetime, lease: timedelta, at_most: int) -> list[SignalRow]:
    """Take signals that are due, of each target the first one only."""
    return [
        SignalRow(row.id, row.key, row.process, row.attempts, row.target, row.signal, row.payload)
        for row in _leased(engine, "signal", real, lease, at_most)
    ]


def keep(engine: Engine, rows: Iterable[MailRow | SignalRow], *, until: datetime) -> None:
    """Prolong the leases of those rows that are still in the hands of whoever took them."""
    with writing(engine) as connection:
        connection.execute(_KEEP, [{"of_id": row.id, "at_attempt": row.attempts, "until": until} for row in rows])


def settle(
    engine: Engine,
    row: MailRow | SignalRow,
    status: Literal["sent", "superseded", "dropped"],
    *,
    now: datetime,
    remark: str = "",
) -> bool:
    """Note what became of a leased row; False when the lease had run out and somebody else took it."""
    return _change(
        engine,
        row,
        status=status,
        sent_at=now if status == "sent" else None,
        last_error=remark,
        lease_until=None,
    )


def try_later(engine: Engine, row: MailRow | SignalRow, *, not_before: datetime, error: str) -> bool:
    """Give a leased row back, not to be tried before an instant (real time)."""
    return _change(engine, row, not_before=not_before, last_error=error, lease_until=None)


def backlog(engine: Engine) -> Backlog:
    """How much waits to leave."""
    waiting = outbox.c.status == word("waiting")
    with reading(engine) as connection:
        counts = {
            row.kind: row.many
            for row in connection.execute(
                select(outbox.c.kind, func.count().label("many")).where(waiting).group_by(outbox.c.kind)
            )
        }
        oldest = connection.execute(select(func.min(outbox.c.created_at)).where(waiting)).scalar()
        errors = connection.execute(
            select(outbox.c.last_error).where(waiting, outbox.c.last_error != "").distinct().limit(5)
        ).scalars()
        return Backlog(counts.get("mail", 0), counts.get("signal", 0), oldest, tuple(errors))


def _leased(engine: Engine, kind: Kind, real: datetime, lease: timedelta, at_most: int) -> list[Row[Any]]:
    wanted = {"real": real, "at_most": at_most}
    # Mostly there is nothing, and looking makes no writer wait.
    with reading(engine) as connection:
        if not connection.execute(_ANY_DUE[kind], wanted).scalar():
            return []
    with writing(engine) as connection:
        rows = connection.execute(_LEASE[kind], {**wanted, "until": real + lease}).all()
    return sorted(rows, key=lambda row: int(row.id))


def _change(engine: Engine, row: MailRow | SignalRow, **values: Any) -> bool:
    with writing(engine) as connection:
        changed = connection.execute(
            update(outbox).where(_OURS).values(**values), {"of_id": row.id, "at_attempt": row.attempts}
        )
    return changed.rowcount == 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A mail to the contact of a client: the process that waits for the answer, and the contact's number."""

    process: str
    contact: int


def mail_to_client(engine: Engine, message_id: str) -> Asked | None:
    """The mail to a client whose Message-ID begins so, up to the sign @."""
    wanted = select(outbox.c.process, outbox.c.about).where(
        outbox.c.message_id == message_id, outbox.c.to == word("client")
    )
    with reading(engine) as connection:
        row = connection.execute(wanted).first()
    return None if row is None else Asked(row.process, int(row.about.get("contact", 0)))
