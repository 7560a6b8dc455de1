"""Managed accounts as people know them: what partners submitted and whom they named, joined with where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.engine import RowMapping

from records.claims import serialise
from records.database import reading, writing
from records.listing import STANDING, Page, Standing, newest_first, page_of, standing_of
from records.managements import PREFIX, manager_of
from records.survivors import survivor_held, survivor_of
from records.tables import account_contacts, account_requests, processes
from records.upsert import chosen, insert_if_new

_KEEP = insert_if_new(account_requests)
_NAME = insert_if_new(account_contacts)
_NEWEST = (
    select(account_requests)
    .where(account_requests.c.process == bindparam("of"))
    .order_by(account_requests.c.number.desc())
    .limit(1)
)
_CONTACT = select(account_contacts).where(
    account_contacts.c.process == bindparam("of"), account_contacts.c.number == bindparam("with_number")
)
_LAST_CONTACT = select(func.max(account_contacts.c.number)).where(account_contacts.c.process == bindparam("of"))

ITS_REQUEST = func.coalesce(processes.c.facts["last request"].as_integer(), processes.c.facts["request"].as_integer())
"""A projection speaks of the request with this number, and of those before it."""

# A process that ended after it was told of a later request has not taken it up: then that one is over as well.
_ENDED_SINCE = processes.c.final & (processes.c.updated_at > account_requests.c.received_at)
_SPEAKS = (processes.c.process == account_requests.c.process) & or_(
    account_requests.c.number <= ITS_REQUEST, _ENDED_SINCE
)
_other = account_requests.alias("other")
_NEWEST_HELD = (
    select(func.max(_other.c.number))
    .where(
        _other.c.process == account_requests.c.process,
        or_(
            _other.c.pending.is_(False),
            exists().where(processes.c.process == _other.c.process, _other.c.number <= ITS_REQUEST),
        ),
    )
    .correlate(account_requests)
    .scalar_subquery()
)
_SHOWN_CONTACT = func.coalesce(processes.c.facts["contact"].as_integer(), account_requests.c.contact)
_ACCOUNTS = (
    select(
        account_requests,
        *STANDING,
        _SHOWN_CONTACT.label("shown_contact"),
        account_contacts.c.name,
        account_contacts.c.email,
    )
    .select_from(
        account_requests.outerjoin(processes, _SPEAKS).outerjoin(
            account_contacts,
            (account_contacts.c.process == account_requests.c.process) & (account_contacts.c.number == _SHOWN_CONTACT),
        )
    )
    .where(account_requests.c.number == _NEWEST_HELD)
)
_STATE = (
    select(processes.c.state)
    .select_from(processes.join(account_requests, _SPEAKS))
    .where(account_requests.c.process == bindparam("of"), account_requests.c.number == bindparam("with_number"))
)

_UNDER = (
    select(
        account_requests.c.process,
        func.coalesce(processes.c.state, "received").label("state"),
        func.max(account_requests.c.received_at).label("last"),
    )
    .outerjoin(processes, processes.c.process == account_requests.c.process)
    .where(
        account_requests.c.api_key == bindparam("with_key"), account_requests.c.partner_id == bindparam("of_partner")
    )
    .group_by(account_requests.c.process, processes.c.state)
)

# The states in which a request goes on: whoever submits the account again is told so.
GOING_ON = ("received", "waiting", "active")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the client names for an account."""

    number: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission is: the request `number` of `process`, whose contact is number `contact`.

    `existing` says that it changed nothing, because that request goes on in `state`; `again`, that an earlier one
    is over. `managed_by` is another partner that manages the account now, if one does.
    """

    process: str
    number: int
    contact: int
    received_at: datetime
    existing: bool
    state: str
    managed_by: str

    @property
    def again(self) -> bool:
        """Whether there was a request before this one."""
        return self.number > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Standing):
    """An account that a partner submitted, and where it stands; `number` is that of the newest request."""

    api_key: str
    partner_id: str
    process: str
    number: int
    received_at: datetime
    contact: Contact


def process_of(api_key: str, partner_id: str) -> str:
    """The id of the process that begins when a partner submits an account; it keeps it when the partner is merged."""
    return f"{PREFIX}{api_key}:{partner_id}"


def account_of(engine: Engine, api_key: str, partner_id: str) -> Account | None:
    """An account under a partner, or under the one into which that was merged; None where there is none."""
    with reading(engine) as connection:
        process = _process_under(connection, api_key, survivor_of(connection, partner_id))
        row = connection.execute(_ACCOUNTS.where(account_requests.c.process == process)).mappings().first()
    return None if row is None else _account(row)


def submit(
    engine: Engine,
    *,
    api_key: str,
    partner_id: str,
    contact_name: str,
    contact_email: str,
    received_at: datetime,
) -> Submission:
    """Keep a submission, pending until `acknowledge`, unless a request of this partner for this account goes on.

    Sent again before it is acknowledged, it is the same request with the contact that was written last.
    """
    with writing(engine) as connection:
        partner_id = survivor_held(connection, partner_id)
        process = _process_under(connection, api_key, partner_id)
        _number_alone(connection, process)
        newest = connection.execute(_NEWEST, {"of": process}).first()
        state = _state(connection, process, newest.number) if newest else ""
        managing = manager_of(connection, api_key)
        managed_by = managing.partner_id if managing and managing.partner_id != partner_id else ""
        if newest is not None and not newest.pending and state in GOING_ON:
            return Submission(process, newest.number, newest.contact, newest.received_at, True, state, managed_by)
        number = newest.number + (0 if newest.pending else 1) if newest else 1
        contact = newest.contact if newest and newest.pending else _next_contact(connection, process)
        row = {
            "process": process,
            "number": number,
            "api_key": api_key,
            "partner_id": partner_id,
            "contact": contact,
            "received_at": received_at,
            "pending": True,
        }
        connection.execute(chosen(_KEEP, connection), row)
        named = {"name": contact_name, "email": contact_email}
        written = {"process": process, "number": contact, **named, "at": received_at}
        written["message_id"] = f"{process}/{number}"
        connection.execute(chosen(_NAME, connection), written)
        if newest and newest.pending:
            connection.execute(update(account_contacts).where(_is_contact(process, contact)).values(named))
    return Submission(process, number, contact, received_at, False, "received", managed_by)


def acknowledge(engine: Engine, process: str, number: int, *, received_at: datetime | None = None) -> None:
    """Temporal holds the request: it is no longer pending. `received_at` is its stamp where that is another."""
    changed: dict[str, object] = {"pending": False}
    if received_at is not None:
        changed["received_at"] = received_at
    its_own = (account_requests.c.process == process) & (account_requests.c.number == number)
    with writing(engine) as connection:
        connection.execute(update(account_requests).where(its_own, account_requests.c.pending).values(changed))


def name_contact(engine: Engine, process: str, *, name: str, email: str, at: datetime, message_id: str) -> int:
    """Keep a corrected contact, and say under which number; under the same message id it is the same one."""
    with writing(engine) as connection:
        named = {"name": name, "email": email, "at": at, "message_id": message_id}
        _number_alone(connection, process)
        number = _next_contact(connection, process)
        connection.execute(chosen(_NAME, connection), {"process": process, "number": number, **named})
        by_message = select(account_contacts.c.number).where(account_contacts.c.message_id == message_id)
        kept: int = connection.execute(by_message).scalar_one()
        return kept


def corrections_since(engine: Engine, process: str, instant: datetime, *, besides: str) -> int:
    """How often the contact has been corrected since an instant, beside what was submitted and one message."""
    corrected = select(func.count()).where(
        account_contacts.c.process == process,
        account_contacts.c.at >= instant,
        account_contacts.c.message_id != besides,
        ~account_contacts.c.message_id.startswith(f"{process}/", autoescape=True),
    )
    with reading(engine) as connection:
        return connection.execute(corrected).scalar_one()


def drop_contact(engine: Engine, message_id: str) -> None:
    """Delete a corrected contact whose message did not arrive."""
    with writing(engine) as connection:
        connection.execute(delete(account_contacts).where(account_contacts.c.message_id == message_id))


def contact_of(connection: Connection, process: str, number: int) -> Contact | None:
    """The contact of that number, if there is one."""
    row = connection.execute(_CONTACT, {"of": process, "with_number": number}).first()
    return None if row is None else Contact(row.number, row.name, row.email)


def account(engine: Engine, process: str) -> Account | None:
    """The account of that process, as it was submitted last; None when Temporal holds no request for it."""
    with reading(engine) as connection:
        row = connection.execute(_ACCOUNTS.where(account_requests.c.process == process)).mappings().first()
    return None if row is None else _account(row)


def list_accounts(
    engine: Engine,
    *,
    partner_id: str | None = None,
    state: str | None = None,
    api_key: str | None = None,
    page: str = "",
    at_most: int = 50,
) -> Page[Account]:
    """Accounts as they were submitted last, the newest first. Raises `Refused` for a page token that is none."""
    wanted = _ACCOUNTS
    if partner_id is not None:
        wanted = wanted.where(account_requests.c.partner_id == partner_id)
    if api_key is not None:
        wanted = wanted.where(account_requests.c.api_key == api_key)
    if state is not None:
        wanted = wanted.where(func.coalesce(processes.c.state, "received") == state)
    wanted = newest_first(wanted, account_requests.c.received_at, account_requests.c.process, page)
    with reading(engine) as connection:
        rows = connection.execute(wanted.limit(at_most + 1)).mappings().all()
    return page_of([_account(row) for row in rows], at_most, lambda each: (each.received_at, each.process))


def _process_under(connection: Connection, api_key: str, partner_id: str) -> str:
    """The process of an account under a partner: its own, or one that came to it with a partner that was merged.

    Of several it is the one that its client has confirmed, or that goes on, or else the one that was submitted last.
    """
    own = process_of(api_key, partner_id)

    def standing(row: RowMapping) -> tuple[bool, bool, bool, datetime]:
        goes_on = row["state"] in GOING_ON
        return row["state"] == "active", goes_on, goes_on and row["process"] == own, row["last"]

    found = connection.execute(_UNDER, {"with_key": api_key, "of_partner": partner_id}).mappings().all()
    return str(max(found, key=standing)["process"]) if found else own


def _state(connection: Connection, process: str, number: int) -> str:
    return connection.execute(_STATE, {"of": process, "with_number": number}).scalar() or "received"


def _number_alone(connection: Connection, process: str) -> None:
    """Nobody else numbers contacts or requests of this process until the transaction ends."""
    serialise(connection, [("contact", process)])


def _next_contact(connection: Connection, process: str) -> int:
    return (connection.execute(_LAST_CONTACT, {"of": process}).scalar() or 0) + 1


def _is_contact(process: str, number: int) -> ColumnElement[bool]:
    return and_(account_contacts.c.process == process, account_contacts.c.number == number)


def _account(row: RowMapping) -> Account:
    return Account(
        api_key=row["api_key"],
        partner_id=row["partner_id"],
        process=row["process"],
        number=row["number"],
        received_at=row["received_at"],
        contact=Contact(row["shown_contact"], row["name"] or "", row["email"] or ""),
        **standing_of(row, row["received_at"]),
    )
