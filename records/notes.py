"""What partners wrote about their processes. Processes keep only the ids: texts may be personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, select

from records.database import reading, writing
from records.tables import notes
from records.upsert import chosen, insert_if_new

_KEEP = insert_if_new(notes)


@dataclass(frozen=True, slots=True)
class Note:
    """One text. `id` is that of the message it belongs to, `by` names who wrote it, `at` is program time (UTC)."""

    id: str
    process: str
    kind: str
    by: str
    at: datetime
    text: str


def keep_note(engine: Engine, note: Note) -> None:
    """Keep a note; the same id again changes nothing."""
    with writing(engine) as connection:
        connection.execute(
            chosen(_KEEP, connection),
            {
                "id": note.id,
                "process": note.process,
                "kind": note.kind,
                "by": note.by,
                "at": note.at,
                "text": note.text,
            },
        )


def drop_note(engine: Engine, note_id: str) -> None:
    """Delete a note whose message did not arrive."""
    with writing(engine) as connection:
        connection.execute(delete(notes).where(notes.c.id == note_id))


def notes_on(engine: Engine, process: str) -> list[Note]:
    """What was written about a process, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(select(notes).where(notes.c.process == process).order_by(notes.c.at, notes.c.id))
        return [Note(row.id, row.process, row.kind, row.by, row.at, row.text) for row in rows]
