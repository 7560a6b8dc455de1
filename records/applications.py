"""Applications as people know them: what the applicant wrote, joined with where the process stands.

Of one company, by its web domain or its tax number, one application is open at a time: the database holds to that.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, or_, select, update
from sqlalchemy.engine import RowMapping

from records.columns import holds
from records.database import reading, writing
from records.listing import STANDING, Page, Standing, newest_first, page_of, standing_of
from records.partners import Partner, join
from records.people import ERASED, NOBODY
from records.tables import acknowledgements, application_details, further_applications, partners, processes
from records.upsert import chosen, insert_if_new
from states.effects import Enrol

PREFIX = "application:"
"""What the process id of an application begins with; the application's id follows."""

_SUBMIT = insert_if_new(application_details)
_FURTHER = insert_if_new(further_applications)
_ACKNOWLEDGE = insert_if_new(acknowledgements)
_WITH_PROJECTION = (
    select(application_details, *STANDING)
    .select_from(
        application_details.outerjoin(processes, processes.c.process == PREFIX + application_details.c.application_id)
    )
    .where(or_(application_details.c.pending.is_(False), processes.c.process.is_not(None)))
)


@dataclass(frozen=True, slots=True)
class Form:
    """What an applicant writes. `domain` is normalised and registrable; `tax_number` may be empty."""

    company: str
    domain: str
    tax_number: str
    country: str
    contact_name: str
    contact_email: str
    service_offerings: str
    technology_partners: str
    client_profile: str

    def row(self) -> dict[str, str]:
        """Its columns."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission is: a new application, the same once more, or (`further`, a message id) a company's second."""

    application_id: str
    existing: bool
    further: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Standing):
    """An application and where it stands; UTC."""

    application_id: str
    form: Form
    received_at: datetime

    @property
    def process(self) -> str:
        """The id of the application's process."""
        return PREFIX + self.application_id


@dataclass(frozen=True, slots=True)
class Further:
    """A company that applied once more while its application was open."""

    company: str
    domain: str
    contact_name: str
    contact_email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who acknowledged which version of the agreement, and when."""

    version: str
    name: str
    at: datetime


def submit(engine: Engine, form: Form, *, received_at: datetime) -> Submission:
    """Keep a submission, pending until `acknowledge`, unless the company has an open application.

    Sent again before it is acknowledged, it is the same application with what was written last.
    """
    row = {"application_id": token_hex(6), **form.row(), "received_at": received_at, "open": True, "pending": True}
    same_company = _of_company(form)
    with writing(engine) as connection:
        # A partner that has left may apply again.
        left = select(partners.c.id).where(partners.c.active.is_(False))
        connection.execute(
            update(application_details)
            .where(same_company, application_details.c.application_id.in_(left))
            .values(open=False)
        )
        kept = None
        while kept is None:  # what stood in the way may be over before it is read
            if connection.execute(chosen(_SUBMIT, connection), row).rowcount == 1:
                return Submission(str(row["application_id"]), False, "")
            # By both marks a company may meet two others; the earlier one is its own.
            in_order = select(application_details).where(same_company).order_by(application_details.c.received_at)
            kept = connection.execute(in_order).mappings().first()
        application_id = str(kept["application_id"])
        if kept["pending"]:
            its_own = application_details.c.application_id == application_id
            connection.execute(update(application_details).where(its_own).values(form.row()))
            return Submission(application_id, False, "")
        if _form(kept) == form:
            return Submission(application_id, True, "")
        return Submission(application_id, True, _keep_further(connection, application_id, form, received_at))


def acknowledge(engine: Engine, application_id: str, *, received_at: datetime | None = None) -> None:
    """Temporal holds the process: it is no longer pending. `received_at` is its stamp where that is another."""
    changed: dict[str, Any] = {"pending": False}
    if received_at is not None:
        changed["received_at"] = received_at
    pending = (application_details.c.application_id == application_id) & application_details.c.pending
    with writing(engine) as connection:
        connection.execute(update(application_details).where(pending).values(changed))


def application(engine: Engine, application_id: str) -> Application | None:
    """The application of that id."""
    wanted = _WITH_PROJECTION.where(application_details.c.application_id == application_id)
    with reading(engine) as connection:
        row = connection.execute(wanted).mappings().first()
    return None if row is None else _application(row)


def list_applications(
    engine: Engine, *, state: str | None = None, page: str = "", at_most: int = 50
) -> Page[Application]:
    """Applications, the newest first. Raises `Refused` for a page token that is none."""
    wanted = _WITH_PROJECTION
    if state is not None:
        wanted = wanted.where(func.coalesce(processes.c.state, "received") == state)
    wanted = newest_first(wanted, application_details.c.received_at, application_details.c.application_id, page)
    with reading(engine) as connection:
        rows = connection.execute(wanted.limit(at_most + 1)).mappings().all()
    return page_of([_application(row) for row in rows], at_most, lambda each: (each.received_at, each.application_id))


def further_of(engine: Engine, application_id: str) -> list[Further]:
    """Who applied for the same company meanwhile, oldest first."""
    wanted = (
        select(further_applications)
        .where(further_applications.c.application_id == application_id)
        .order_by(further_applications.c.at)
    )
    with reading(engine) as connection:
        return [
            Further(row.company, row.domain, row.contact_name, row.contact_email, row.at)
            for row in connection.execute(wanted)
        ]


def keep_acknowledgement(
    engine: Engine, application_id: str, *, version: str, name: str, at: datetime, message_id: str
) -> None:
    """Keep who acknowledged a version of the agreement; under the same message id once."""
    row = {"message_id": message_id, "application_id": application_id, "version": version, "name": name, "at": at}
    with writing(engine) as connection:
        connection.execute(chosen(_ACKNOWLEDGE, connection), row)


def drop_acknowledgement(engine: Engine, message_id: str) -> None:
    """Delete an acknowledgement whose message did not arrive."""
    with writing(engine) as connection:
        connection.execute(delete(acknowledgements).where(acknowledgements.c.message_id == message_id))


def acknowledgements_of(engine: Engine, application_id: str) -> list[Acknowledgement]:
    """Who acknowledged the agreement, oldest first; the first one counts."""
    wanted = (
        select(acknowledgements)
        .where(acknowledgements.c.application_id == application_id)
        .order_by(acknowledgements.c.at)
    )
    with reading(engine) as connection:
        return [Acknowledgement(row.version, row.name, row.at) for row in connection.execute(wanted)]


def close_application(connection: Connection, process: str, because: str) -> None:
    """An application is over. A company that has become a partner need not apply again; another may."""
    if because != "member":
        its_own = application_details.c.application_id == process.removeprefix(PREFIX)
        connection.execute(update(application_details).where(its_own).values(open=False))


def enrol(connection: Connection, effect: Enrol) -> None:
    """Make a partner of a company that applied, once; it has the application's id."""
    its_own = application_details.c.application_id == effect.application
    row = connection.execute(select(application_details).where(its_own)).mappings().first()
    join(
        connection,
        Partner(
            id=effect.application,
            name=(row["company"] if row else "") or effect.application,
            # Erased meanwhile, there is nobody to name; administration can correct the entry.
            contact_name=row["contact_name"] if row else NOBODY,
            contact_email=row["contact_email"] if row else ERASED,
            country=row["country"] if row else "US",
            track=effect.track,
            tier=effect.tier,
            joined_at=effect.at,
        ),
    )


def _of_company(form: Form) -> ColumnElement[bool]:
    marks = application_details.c.domain == form.domain
    if form.tax_number:
        marks = or_(marks, application_details.c.tax_number == form.tax_number)
    return and_(holds(application_details.c.open), marks)


def _keep_further(connection: Connection, application_id: str, form: Form, at: datetime) -> str:
    # Named after its content, so that the same form sent twice is one.
    content = "\n".join((application_id, *form.row().values()))
    message_id = f"again:{sha256(content.encode()).hexdigest()[:24]}"
    row = {
        "message_id": message_id,
        "application_id": application_id,
        "company": form.company,
        "domain": form.domain,
        "contact_name": form.contact_name,
        "contact_email": form.contact_email,
        "at": at,
    }
    connection.execute(chosen(_FURTHER, connection), row)
    return message_id


def _form(row: RowMapping) -> Form:
    return Form(**{each.name: row[each.name] for each in fields(Form)})


def _application(row: RowMapping) -> Application:
    return Application(
        application_id=row["application_id"],
        form=_form(row),
        received_at=row["received_at"],
        **standing_of(row, row["received_at"]),
    )
