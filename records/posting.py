"""Outbox rows, as the transaction that causes a mail or a signal writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, select

from records.columns import word
from records.database import writing
from records.tables import outbox, processes
from records.upsert import chosen, insert_if_new
from states.messages import MAX_ID

_POST = insert_if_new(outbox)

BEGIN = "begin"
"""Where a signal's name stands in the outbox: start the process."""

MANAGER_OF = "manager-of:"
"""How a mail names the manager of a partner that it is not about; the partner's id follows."""


@dataclass(slots=True)
class Postings:
    """What one transaction posts, in order, at `now` (program time); all of it is due at once.

    The key of a row says which effect of which step caused it, so that no effect is ever posted twice.
    """

    process: str
    now: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)

    def mail(self, key: str, template: str, to: str, about: dict[str, Any], only_while: tuple[str, ...]) -> None:
        """A mail that leaves while the process is in one of the states `only_while` (empty: in any)."""
        row = self._row("mail", key)
        row.update(template=template, to=to, about=about, only_while=list(only_while))
        self.rows.append(row)

    def signal(self, key: str, target: str, signal: str, at: datetime, payload: dict[str, Any]) -> None:
        """A signal to the process `target`. Its `id` and `at` are stable, so the receiver recognises a repetition."""
        row = self._row("signal", key)
        message_id = key if len(key) <= MAX_ID else sha256(key.encode()).hexdigest()
        stamp = {"id": message_id, "at": at.astimezone(UTC).isoformat()}
        row.update(target=target, signal=signal, payload={**stamp, **payload})
        self.rows.append(row)

    def begin(self, key: str, target: str, kind: str, data: dict[str, Any]) -> None:
        """The start of the process `target`. To the relay it is the first thing that the process is told."""
        row = self._row("signal", key)
        row.update(target=target, signal=BEGIN, payload={"kind": kind, "data": data})
        self.rows.append(row)

    def begins(self, target: str) -> bool:
        """Whether the process `target` begins with what is posted here."""
        return any(row["target"] == target and row["signal"] == BEGIN for row in self.rows)

    def write(self, connection: Connection) -> None:
        """Insert all rows; one that is there already stays as it is."""
        post(connection, [self])

    def _row(self, kind: str, key: str) -> dict[str, Any]:
        return {
            "kind": kind,
            "key": key,
            "process": self.process,
            "template": "",
            "to": "",
            "about": {},
            "only_while": [],
            "target": "",
            "signal": "",
            "payload": {},
            "created_at": self.now,
            "attempts": 0,
            "last_error": "",
            "status": "waiting",
            # The left part of the mail's Message-ID; the relay adds the sender's domain.
            "message_id": sha256(key.encode()).hexdigest()[:32],
        }


def has_begun(connection: Connection, process: str) -> bool:
    """Whether a process has recorded anything, or is about to begin."""
    known = select(processes.c.process).where(processes.c.process == process)
    begins = select(outbox.c.id).where(outbox.c.target == process, outbox.c.signal == word(BEGIN))
    return bool(connection.execute(known).first() or connection.execute(begins).first())


def post(connection: Connection, postings: Iterable[Postings]) -> None:
    """Insert the rows of several processes; one that is there already stays as it is."""
    if rows := [row for each in postings for row in each.rows]:
        connection.execute(chosen(_POST, connection), rows)


def post_mail(
    engine: Engine,
    *,
    key: str,
    process: str,
    template: str,
    to: str,
    now: datetime,
    about: dict[str, Any] | None = None,
    only_while: tuple[str, ...] = (),
) -> None:
    """Post a mail that no commit causes, such as a daily digest; under the same key it is posted once."""
    postings = Postings(process, now)
    postings.mail(key, template, to, about or {}, only_while)
    with writing(engine) as connection:
        postings.write(connection)
