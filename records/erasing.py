"""Erasing a person: whatever is kept of somebody by their mail address, and every text that mentions it.

What money and audit need stays without the person: accounts, leads and applications with their companies, domains and
instants, credits, managements, acknowledged versions, and that a mail of some kind was sent. What staff signed keeps
their address, because the audit must say who decided.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    Text,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.engine import RowMapping

from program.addresses import address_key
from records.applications import PREFIX as APPLICATION_PREFIX
from records.database import reading, take_time, writing
from records.erased_mails import Letters, mails_that_name
from records.leads import PREFIX as LEAD_PREFIX
from records.mentions import Mentions
from records.people import ERASED, NOBODY
from records.standing import PREFIX as PARTNER_PREFIX
from records.tables import (
    account_contacts,
    acknowledgements,
    application_details,
    audit,
    further_applications,
    idempotency,
    lead_details,
    mailbox,
    mergers,
    metadata,
    nomination_cases,
    notes,
    partner_people,
    partners,
    sessions,
    sign_ins,
)

_CONTACT = {"contact_name": NOBODY, "contact_email": ERASED}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person stands by their address. `becomes` is what is written there instead; None deletes the row.

    `process` gives the process that the row belongs to, whose texts may speak of the person by name; with
    `and_notes` everything that people wrote about that process goes as well.
    """

    what: str
    table: Table
    address: str
    name: str
    becomes: Mapping[str, str | None] | None
    process: Callable[[RowMapping], str] = lambda _row: ""
    and_notes: bool = False


PLACES = (
    Place(
        "contacts of leads, with the partner's notes",
        lead_details,
        "contact_email",
        "contact_name",
        {**_CONTACT, "note": ""},
        lambda row: f"{LEAD_PREFIX}{row['lead_id']}",
        and_notes=True,
    ),
    Place(
        "contacts of managed accounts",
        account_contacts,
        "email",
        "name",
        {"name": NOBODY, "email": ERASED},
        lambda row: str(row["process"]),
        and_notes=True,
    ),
    Place(
        "applications, with what the applicant wrote",
        application_details,
        "contact_email",
        "contact_name",
        {
            **_CONTACT,
            "tax_number": "",
            "service_offerings": "",
            "technology_partners": "",
            "client_profile": "",
        },
        lambda row: f"{APPLICATION_PREFIX}{row['application_id']}",
        and_notes=True,
    ),
    Place(
        "further applications of the same company",
        further_applications,
        "contact_email",
        "contact_name",
        _CONTACT,
        lambda row: f"{APPLICATION_PREFIX}{row['application_id']}",
    ),
    Place(
        "contacts of partners, who get no mail until another is named",
        partners,
        "contact_email",
        "contact_name",
        _CONTACT,
        lambda row: f"{PARTNER_PREFIX}{row['id']}",
    ),
    Place("managers of partners", partners, "manager_address", "", {"manager_address": None}),
    Place("people of partners", partner_people, "address", "name", None),
    Place("links to sign in", sign_ins, "address", "", None),
    Place("sessions", sessions, "address", "", None),
)

# Who signed is what the audit is for.
_SIGNED = (audit.c.by, notes.c.by, nomination_cases.c.by, mergers.c.proposed_by)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: how many of which kind. `without_contact` are partners who have nobody now whom mails reach.

    `signed` counts what the person signed as staff, which stays.
    """

    done: tuple[tuple[str, int], ...]
    without_contact: tuple[str, ...]
    signed: int

    @property
    def nothing(self) -> bool:
        """Whether the address was nowhere."""
        return not self.done


@dataclass(slots=True)
class _Found:
    """What a look through the records has found, by the place and the primary key.

    A text is found with its columns, and with whether it is about a process whose texts speak of the person by name.
    """

    rows: list[tuple[Place, RowMapping]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    about: set[str] = field(default_factory=set)
    texts: list[tuple[Table, list[Column[Any]], RowMapping, bool]] = field(default_factory=list)
    answers: list[RowMapping] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


def erase_person(engine: Engine, address: str, *, mail_folder: Path) -> Erased:
    """Remove the person of a mail address; a second time there is nothing left to do.

    The records are searched first, and then changed in one short transaction, so that no process waits for the search.
    What was written during the search stays, without the person.
    """
    key = address_key(address)
    if key == ERASED:
        return Erased((), (), 0)
    found = _Found()
    with reading(engine) as connection:
        take_time(connection)
        _find_rows(connection, key, found)
        mentions = Mentions.of(key, found.names)
        found.mails = mails_that_name(connection, mentions, found.about)
        _find_texts(connection, mentions, found)
        signed = sum(_how_many(connection, column, key) for column in _SIGNED)
    # First the files: if this ends here, the records still tell the next attempt which ones.
    files = Letters(mail_folder).erase(found.mails, mentions)
    with writing(engine) as connection:
        take_time(connection)
        found.rows = _still_theirs(connection, key, found.rows)
        done = [*_erase(connection, mentions, found), (".eml files in the mail directory", files)]
    named = [str(row["id"]) for place, row in found.rows if place.table is partners and place.name]
    return Erased(tuple((what, many) for what, many in done if many), tuple(sorted(named)), signed)


def _find_rows(connection: Connection, key: str, found: _Found) -> None:
    for place in PLACES:
        column = place.table.c[place.address]
        wanted = select(place.table).where(Mentions.of(key).may_be_in(column))
        for row in connection.execute(wanted).mappings():
            if address_key(row[place.address]) != key:
                continue
            found.rows.append((place, row))
            if process := place.process(row):
                found.about.add(process)
            if place.name and row[place.name]:
                found.names.add(row[place.name])


def _find_texts(connection: Connection, mentions: Mentions, found: _Found) -> None:
    for table, columns in _texts():
        which = or_(*(mentions.may_be_in(cast(column, Text)) for column in columns))
        by_name = found.about if "process" in table.c else set()
        if by_name:
            which = or_(which, table.c.process.in_(by_name))
        for row in connection.execute(select(*table.primary_key, *columns, *_process(table)).where(which)).mappings():
            names = "process" in table.c and row["process"] in by_name
            if not _changed(mentions, columns, row, names=names):
                continue
            if table is idempotency:
                found.answers.append(row)
            else:
                found.texts.append((table, columns, row, names))


def _changed(mentions: Mentions, columns: Iterable[Column[Any]], row: RowMapping, *, names: bool) -> dict[str, Any]:
    """The columns of a row that mention the person, without the mentions."""
    without = {column.name: mentions.without(row[column.name], names=names) for column in columns}
    return {name: value for name, value in without.items() if value != row[name]}


def _texts() -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Every column in which a text may stand, whatever table will be added; those of `PLACES` are seen to."""
    seen_to = {(place.table, name) for place in PLACES for name in (place.address, place.name)}
    whole = {place.table for place in PLACES if place.becomes is None} | {mailbox}
    for table in metadata.sorted_tables:
        columns = [
            column
            for column in table.columns
            if isinstance(column.type, Text | JSON)
            and column not in set(_SIGNED)
            and (table, column.name) not in seen_to
            and not column.primary_key
        ]
        if columns and table not in whole:
            yield table, columns


def _process(table: Table) -> list[Column[Any]]:
    return [table.c.process] if "process" in table.c and not table.c.process.primary_key else []


def _still_theirs(
    connection: Connection, key: str, rows: Collection[tuple[Place, RowMapping]]
) -> list[tuple[Place, RowMapping]]:
    """The rows in which the person stands by now, and does until the transaction ends."""
    # As everybody else does, partners first and in their order: nobody then waits for us while we wait for them.
    ids = [row["id"] for place, row in rows if place.table is partners]
    in_order = select(partners.c.id).where(partners.c.id.in_(ids)).order_by(partners.c.id)
    connection.execute(in_order.with_for_update(key_share=True)).all()
    found = []
    for place, row in rows:
        wanted = select(place.table).where(_is_row(place.table, row)).with_for_update(key_share=True)
        held = connection.execute(wanted).mappings().first()
        if held is not None and address_key(held[place.address] or "") == key:
            found.append((place, held))
    return found


def _erase(connection: Connection, mentions: Mentions, found: _Found) -> Iterator[tuple[str, int]]:
    # Before the rows of which more than a mention goes.
    yield "texts that mentioned the person", sum(_erase_text(connection, mentions, *each) for each in found.texts)
    for place in PLACES:
        these = [row for of, row in found.rows if of is place]
        for row in these:
            where = _is_row(place.table, row)
            gone = delete(place.table) if place.becomes is None else update(place.table).values(dict(place.becomes))
            connection.execute(gone.where(where))
        yield place.what, len(these)
    whose_notes = {place.process(row) for place, row in found.rows if place.and_notes}
    its_notes = delete(notes).where(notes.c.process.in_(whose_notes))
    yield "notes that were written about them", connection.execute(its_notes).rowcount
    ids = [each.removeprefix(APPLICATION_PREFIX) for each in whose_notes if each.startswith(APPLICATION_PREFIX)]
    signed = and_(acknowledgements.c.application_id.in_(ids), acknowledgements.c.name != NOBODY)
    unnamed = update(acknowledgements).where(signed).values(name=NOBODY)
    yield "names under acknowledged agreements", connection.execute(unnamed).rowcount
    gone = delete(mailbox).where(mailbox.c.message_id.in_(found.mails))
    yield "mails in the mailbox", connection.execute(gone).rowcount
    for row in found.answers:
        connection.execute(delete(idempotency).where(_is_row(idempotency, row)))
    yield "answers that the portal kept for repeated requests", len(found.answers)


def _erase_text(
    connection: Connection, mentions: Mentions, table: Table, columns: list[Column[Any]], row: RowMapping, names: bool
) -> bool:
    """Take the person out of a row as it is by now; False where nothing mentions them any more."""
    where = _is_row(table, row)
    held = connection.execute(select(*columns).where(where).with_for_update()).mappings().first()
    changed = _changed(mentions, columns, held, names=names) if held is not None else {}
    if changed:
        connection.execute(update(table).where(where).values(changed))
    return bool(changed)


def _is_row(table: Table, row: RowMapping) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key))


def _how_many(connection: Connection, column: ColumnElement[str], key: str) -> int:
    return connection.execute(select(func.count()).where(func.lower(column) == key)).scalar_one()
