"""Leads as people know them: what the partner wrote, joined with where the process stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, exists, func, or_, select, union, update
from sqlalchemy.engine import Row, RowMapping

from records.columns import holds
from records.database import reading, writing
from records.history import Happening, history_of
from records.listing import STANDING, Page, Standing, newest_first, page_of, standing_of
from records.survivors import survivor_held
from records.tables import audit, claims, lead_details, processes, referrals
from records.upsert import chosen, insert_if_new
from states.lead_data import PROSPECT

PREFIX = "lead:"
"""What the process id of a lead begins with; the lead id follows."""

_SUBMIT = insert_if_new(lead_details)
_OPEN_ONE = select(lead_details.c.lead_id, lead_details.c.pending).where(
    lead_details.c.partner_id == bindparam("of_partner"),
    lead_details.c.domain == bindparam("with_domain"),
    holds(lead_details.c.open),
)
_CREDITED_TO = select(referrals.c.process).where(
    referrals.c.kind == PROSPECT,
    referrals.c.subject == bindparam("with_domain"),
    referrals.c.partner_id == bindparam("of_partner"),
)
_WITH_PROJECTION = (
    select(lead_details, *STANDING)
    .select_from(lead_details.outerjoin(processes, processes.c.process == PREFIX + lead_details.c.lead_id))
    .where(or_(lead_details.c.pending.is_(False), processes.c.process.is_not(None)))
)

_left = audit.alias("left_line")
_told = audit.alias("told_since")
_LEFT_LINE: Select[Any] = (
    select(processes.c.process, lead_details.c.partner_id, lead_details.c.received_at.label("since"))
    .select_from(
        lead_details.join(processes, processes.c.process == PREFIX + lead_details.c.lead_id).join(
            _left,
            (_left.c.process == processes.c.process)
            & (_left.c.trigger == "expire")
            & (_left.c.source == "in_line")
            & (_left.c.at == processes.c.since),
        )
    )
    .where(
        lead_details.c.domain == bindparam("of_domain"),
        processes.c.process != bindparam("besides"),
        processes.c.state == "expired",
        processes.c.since > bindparam("after", type_=processes.c.since.type),
        ~exists().where(
            _told.c.process == processes.c.process,
            _told.c.trigger == "come_up",
            _told.c.handled_at >= _left.c.handled_at,
        ),
    )
    .order_by(lead_details.c.received_at, processes.c.process)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead(Standing):
    """A lead, and where it stands."""

    lead_id: str
    partner_id: str
    company: str
    domain: str
    contact_name: str
    contact_email: str
    note: str
    received_at: datetime

    @property
    def process(self) -> str:
        """The id of the lead's process."""
        return PREFIX + self.lead_id


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
    """Keep a submission, and say under which lead id: a new one, or (then True) that of the lead the partner has.

    That is its open lead of this prospect, or the one that was credited with it.

    `domain` is the prospect's normalised registrable web domain. A `pending` submission shows nowhere until
    `acknowledge`; sent again before that it is the same one, with what was written last.
    """
    lead_id = token_hex(6)
    written = {"company": company, "contact_name": contact_name, "contact_email": contact_email, "note": note}
    with writing(engine) as connection:
        partner_id = survivor_held(connection, partner_id)
        whose = {"of_partner": partner_id, "with_domain": domain}
        if credited := connection.execute(_CREDITED_TO, whose).scalar():
            return credited.removeprefix(PREFIX), True
        new = {
            "lead_id": lead_id,
            **written,
            "partner_id": partner_id,
            "domain": domain,
            "received_at": received_at,
            "open": True,
            "pending": pending,
        }
        kept = None
        while kept is None:  # the lead that stood in the way may be over before it is read
            connection.execute(chosen(_SUBMIT, connection), new)
            kept = connection.execute(_OPEN_ONE, whose).first()
        if kept.pending and kept.lead_id != lead_id:
            connection.execute(update(lead_details).where(lead_details.c.lead_id == kept.lead_id).values(written))
    return kept.lead_id, kept.lead_id != lead_id and not kept.pending


def acknowledge(engine: Engine, lead_id: str, *, received_at: datetime | None = None) -> None:
    """Temporal holds the lead's process: it is no longer pending. `received_at` is its stamp where that is another."""
    changed: dict[str, object] = {"pending": False}
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
) -> Page[Lead]:
    """Leads, the newest first. `page` is the `next` of the page before; `Refused` when it is none."""
    wanted = newest_first(_WITH_PROJECTION, lead_details.c.received_at, lead_details.c.lead_id, page)
    if partner_id is not None:
        wanted = wanted.where(lead_details.c.partner_id == partner_id)
    if state is not None:
        wanted = wanted.where(func.coalesce(processes.c.state, "received") == state)
    with reading(engine) as connection:
        rows = connection.execute(wanted.limit(at_most + 1)).mappings().all()
    return page_of([_lead(row) for row in rows], at_most, lambda each: (each.received_at, each.lead_id))


def left_line_after(connection: Connection, domain: str, after: datetime, *, besides: str) -> Row[Any] | None:
    """The earliest registered lead that expired in line after an instant, and may come up after all; or None.

    It has been told of no claim's end since, and its process is there still. `besides` is left out.
    """
    return connection.execute(_LEFT_LINE, {"of_domain": domain, "after": after, "besides": besides}).first()


def open_processes_for(engine: Engine, domain: str) -> list[str]:
    """The processes that a fact about a prospect concerns: all that claim it, and all its leads that are not final."""
    holding = select(claims.c.process).where(claims.c.kind == PROSPECT, claims.c.subject == domain)
    leads = (
        select((PREFIX + lead_details.c.lead_id).label("process"))
        .select_from(lead_details.outerjoin(processes, processes.c.process == PREFIX + lead_details.c.lead_id))
        .where(lead_details.c.domain == domain, func.coalesce(processes.c.final, False).is_(False))
    )
    with reading(engine) as connection:
        return sorted(connection.execute(union(holding, leads)).scalars())


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
        **standing_of(row, row["received_at"]),
    )
