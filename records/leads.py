"""Leads as people know them: what the partner wrote, joined with where the process stands."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Engine, Select, and_, bindparam, delete, func, or_, select, union, update
from sqlalchemy.engine import RowMapping

from records.database import reading, writing
from records.history import Happening, history_of
from records.refusal import Refused
from records.tables import claims, lead_details, notes, processes
from records.upsert import chosen, insert_if_new

PREFIX = "lead:"
"""What the process id of a lead begins with; the lead id follows."""

_SUBMIT = insert_if_new(lead_details)
_OPEN_ONE = select(lead_details.c.lead_id, lead_details.c.pending).where(
    lead_details.c.partner_id == bindparam("of_partner"),
    lead_details.c.domain == bindparam("with_domain"),
    lead_details.c.open,
)
_WITH_PROJECTION = (
    select(
        lead_details,
        processes.c.state,
        processes.c.outcome,
        processes.c.final,
        processes.c.since,
        processes.c.waits_for,
        processes.c.overdue,
        processes.c.due_at,
        processes.c.due_summary,
        processes.c.facts,
        processes.c.updated_at,
    )
    .select_from(lead_details.outerjoin(processes, processes.c.process == PREFIX + lead_details.c.lead_id))
    .where(or_(lead_details.c.pending.is_(False), processes.c.process.is_not(None)))
)


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead. `state` is "received" until the process has written its first change; instants in UTC."""

    lead_id: str
    partner_id: str
    company: str
    domain: str
    contact_name: str
    contact_email: str
    note: str
    received_at: datetime
    state: str
    outcome: str
    final: bool
    since: datetime
    waits_for: str
    overdue: bool
    due_at: datetime | None
    due_summary: str
    facts: dict[str, Any]
    updated_at: datetime | None

    @property
    def process(self) -> str:
        """The id of the lead's process."""
        return PREFIX + self.lead_id


@dataclass(frozen=True, slots=True)
class Page:
    """Some leads, the newest first; `next` is the token of the page after, empty on the last one."""

    leads: tuple[Lead, ...]
    next: str


def submit(
    engine: Engine,
    *,
    partner_id: str,
    company: str,
    domain: str,
    contact_name: str,
    contact_email: str,
    note: str,
    received_at: datetime,
    pending: bool = False,
) -> tuple[str, bool]:
    """Keep a submission, and say under which lead id: a new one, or (then True) that of the partner's open lead.

    `domain` is the prospect's normalised registrable web domain. A `pending` submission shows nowhere until
    `acknowledge`; sent again before that it is the same one, with what was written last.
    """
    lead_id = token_hex(6)
    written = {"company": company, "contact_name": contact_name, "contact_email": contact_email, "note": note}
    with writing(engine) as connection:
        connection.execute(
            chosen(_SUBMIT, connection),
            {
                "lead_id": lead_id,
                **written,
                "partner_id": partner_id,
                "domain": domain,
                "received_at": received_at,
                "open": True,
                "pending": pending,
            },
        )
        kept = connection.execute(_OPEN_ONE, {"of_partner": partner_id, "with_domain": domain}).one()
        if kept.pending and kept.lead_id != lead_id:
            connection.execute(update(lead_details).where(lead_details.c.lead_id == kept.lead_id).values(written))
    return kept.lead_id, kept.lead_id != lead_id and not kept.pending


def acknowledge(engine: Engine, lead_id: str, *, received_at: datetime | None = None) -> None:
    """Temporal holds the lead's process: it is no longer pending. `received_at` is its stamp where that is another."""
    changed: dict[str, Any] = {"pending": False}
    if received_at is not None:
        changed["received_at"] = received_at
    with writing(engine) as connection:
        connection.execute(
            update(lead_details).where(lead_details.c.lead_id == lead_id, lead_details.c.pending).values(changed)
        )


def sign_up_of(engine: Engine, partner_id: str, domain: str, opened_at: datetime) -> str | None:
    """The lead id of a sign-up that was reported before, open or not: an account is opened once at an instant."""
    with reading(engine) as connection:
        found: str | None = connection.execute(
            select(lead_details.c.lead_id).where(
                lead_details.c.partner_id == partner_id,
                lead_details.c.domain == domain,
                lead_details.c.received_at == opened_at,
                lead_details.c.pending.is_(False),
            )
        ).scalar()
    return found


def lead(engine: Engine, lead_id: str) -> Lead | None:
    """The lead of that id."""
    with reading(engine) as connection:
        row = connection.execute(_WITH_PROJECTION.where(lead_details.c.lead_id == lead_id)).mappings().first()
    return None if row is None else _lead(row)


def lead_with_history(engine: Engine, lead_id: str) -> tuple[Lead, list[Happening]] | None:
    """The lead of that id, and what happened to it, oldest first."""
    found = lead(engine, lead_id)
    return None if found is None else (found, history_of(engine, found.process))


def list_leads(
    engine: Engine,
    *,
    partner_id: str | None = None,
    state: str | None = None,
    page: str = "",
    at_most: int = 50,
) -> Page:
    """Leads, the newest first. `page` is the `next` of the page before; `Refused` when it is none."""
    wanted = _WITH_PROJECTION.order_by(lead_details.c.received_at.desc(), lead_details.c.lead_id.desc())
    if partner_id is not None:
        wanted = wanted.where(lead_details.c.partner_id == partner_id)
    if state is not None:
        wanted = wanted.where(func.coalesce(processes.c.state, "received") == state)
    if page:
        wanted = _after(wanted, page)
    with reading(engine) as connection:
        rows = connection.execute(wanted.limit(at_most + 1)).mappings().all()
    leads = tuple(_lead(row) for row in rows[:at_most])
    return Page(leads, _token(leads[-1]) if len(rows) > at_most else "")


def open_processes_for(engine: Engine, domain: str) -> list[str]:
    """The processes that a fact about a prospect concerns: all that claim it, and all its leads that are not final."""
    holding = select(claims.c.process).where(claims.c.subject == domain)
    leads = (
        select((PREFIX + lead_details.c.lead_id).label("process"))
        .select_from(lead_details.outerjoin(processes, processes.c.process == PREFIX + lead_details.c.lead_id))
        .where(lead_details.c.domain == domain, func.coalesce(processes.c.final, False).is_(False))
    )
    with reading(engine) as connection:
        return sorted(connection.execute(union(holding, leads)).scalars())


def erase_contact(engine: Engine, lead_id: str) -> bool:
    """Remove the person from a lead, and what was written about them; False when there is no such lead."""
    blank = {"contact_name": "", "contact_email": "", "note": ""}
    with writing(engine) as connection:
        connection.execute(delete(notes).where(notes.c.process == PREFIX + lead_id))
        changed = connection.execute(update(lead_details).where(lead_details.c.lead_id == lead_id).values(blank))
    return changed.rowcount == 1


def erase_lead(engine: Engine, lead_id: str) -> bool:
    """Delete what a partner wrote about a lead altogether; its process keeps ids only."""
    with writing(engine) as connection:
        connection.execute(delete(notes).where(notes.c.process == PREFIX + lead_id))
        return connection.execute(delete(lead_details).where(lead_details.c.lead_id == lead_id)).rowcount == 1


def _lead(row: RowMapping) -> Lead:
    return Lead(
        lead_id=row["lead_id"],
        partner_id=row["partner_id"],
        company=row["company"],
        domain=row["domain"],
        contact_name=row["contact_name"],
        contact_email=row["contact_email"],
        note=row["note"],
        received_at=row["received_at"],
        state=row["state"] or "received",
        outcome=row["outcome"] or "",
        final=bool(row["final"]),
        since=row["since"] or row["received_at"],
        waits_for=row["waits_for"] or "",
        overdue=bool(row["overdue"]),
        due_at=row["due_at"],
        due_summary=row["due_summary"] or "",
        facts=row["facts"] or {},
        updated_at=row["updated_at"],
    )


def _token(last: Lead) -> str:
    return urlsafe_b64encode(json.dumps([last.received_at.isoformat(), last.lead_id]).encode()).decode()


def _after(wanted: Select[Any], page: str) -> Select[Any]:
    try:
        at, lead_id = json.loads(urlsafe_b64decode(page.encode()))
        received_at = datetime.fromisoformat(at).astimezone(UTC)
        if not str(lead_id).isprintable():
            raise ValueError(lead_id)
    except (ValueError, TypeError, OverflowError):
        raise Refused("The page token is none of ours; leave it out to begin with the first page.") from None
    return wanted.where(
        or_(
            lead_details.c.received_at < received_at,
            and_(lead_details.c.received_at == received_at, lead_details.c.lead_id < str(lead_id)),
        )
    )
