"""What people wrote about nominations, and how the nominations of a season stand side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, func, insert, select
from sqlalchemy.engine import RowMapping

from program.addresses import address_key
from records.claims import serialise
from records.database import reading, writing
from records.notes import Note, drop_note, keep_note
from records.tables import audit, nomination_cases, partners, processes
from states.nomination_data import PREFIX

_OF_PROCESS = nomination_cases.c.process == bindparam("of")
_LAST_CASE = select(nomination_cases).where(_OF_PROCESS).order_by(nomination_cases.c.number.desc()).limit(1)
_CASES = select(nomination_cases).where(_OF_PROCESS).order_by(nomination_cases.c.number)
_SHOWN = (
    select(processes, func.coalesce(partners.c.name, processes.c.partner_id).label("name"))
    .outerjoin(partners, partners.c.id == processes.c.partner_id)
    .where(processes.c.kind == "nomination")
)
_SCORED = (
    select(audit.c.details)
    .where(
        audit.c.process == bindparam("of"), audit.c.trigger == "score", func.lower(audit.c.by) == bindparam("member")
    )
    .order_by(audit.c.at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Case:
    """A case in writing, with links to its evidence."""

    number: int
    by: str
    at: datetime
    text: str
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NominationStands:
    """A nomination as its process last recorded it; `facts` as the card shows them."""

    id: str
    process: str
    partner_id: str
    name: str
    state: str
    outcome: str
    final: bool
    due_at: datetime | None
    due_summary: str
    facts: dict[str, Any]


def keep_case(engine: Engine, process: str, *, by: str, text: str, links: list[str], now: datetime) -> int:
    """Keep a case and return its number; the same as the last one again is that one."""
    with writing(engine) as connection:
        serialise(connection, [("case", process)])
        last = connection.execute(_LAST_CASE, {"of": process}).mappings().first()
        if last is not None and (last["by"], last["text"], last["links"]) == (by, text, links):
            return int(last["number"])
        number = 1 if last is None else int(last["number"]) + 1
        row = {"process": process, "number": number, "by": by, "at": now, "text": text, "links": links}
        connection.execute(insert(nomination_cases), row)
    return number


def cases_of(engine: Engine, process: str) -> list[Case]:
    """The cases that were written for a nomination, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(_CASES, {"of": process}).mappings()
        return [Case(row["number"], row["by"], row["at"], row["text"], tuple(row["links"])) for row in rows]


def keep_remarks(engine: Engine, process: str, *, by: str, remarks: dict[str, tuple[str, str]], now: datetime) -> None:
    """Keep what a member remarks on areas: (area, text) by the remark's id; the same id again changes nothing."""
    for remark, (area, text) in remarks.items():
        keep_note(engine, Note(remark, process, f"remark_{area}", by, now, text))


def drop_remarks(engine: Engine, remarks: list[str]) -> None:
    """Delete the remarks of a sheet that was refused."""
    for remark in remarks:
        drop_note(engine, remark)


def last_sheet(engine: Engine, process: str, member: str) -> dict[str, Any] | None:
    """What a member last scored, as the message said it: `sheet` in the short form or `scores` by area."""
    with reading(engine) as connection:
        found: dict[str, Any] | None = connection.execute(
            _SCORED, {"of": process, "member": address_key(member)}
        ).scalar()
    return found


def nomination(engine: Engine, nomination_id: str) -> NominationStands | None:
    """The nomination of that id, such as 2027-H1:isar."""
    with reading(engine) as connection:
        row = connection.execute(_SHOWN.where(processes.c.process == f"{PREFIX}{nomination_id}")).mappings().first()
    return None if row is None else _stands(row)


def nominations_of(engine: Engine, half: str) -> list[NominationStands]:
    """The nominations of a season, by the partners' names."""
    wanted = _SHOWN.where(processes.c.process.startswith(f"{PREFIX}{half}:", autoescape=True)).order_by("name")
    with reading(engine) as connection:
        return [_stands(row) for row in connection.execute(wanted).mappings()]


def seasons(engine: Engine) -> list[tuple[str, str, dict[str, Any]]]:
    """Every season with its state and its facts, the newest first."""
    wanted = select(processes).where(processes.c.kind == "season").order_by(processes.c.subject.desc())
    with reading(engine) as connection:
        return [(row.subject, row.state, row.facts) for row in connection.execute(wanted)]


def _stands(row: RowMapping) -> NominationStands:
    return NominationStands(
        id=str(row["process"]).removeprefix(PREFIX),
        process=row["process"],
        partner_id=row["partner_id"],
        name=row["name"],
        state=row["state"],
        outcome=row["outcome"],
        final=row["final"],
        due_at=row["due_at"],
        due_summary=row["due_summary"],
        facts=row["facts"],
    )
