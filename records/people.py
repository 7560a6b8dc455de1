"""The people of partners who may use their partner's pages, each by the address to which a link is sent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, delete, exists, select

from program.addresses import address_key
from records.database import reading, writing
from records.refusal import Refused
from records.survivors import says_merged, survivor_held
from records.tables import partner_people, partners
from records.upsert import chosen, insert_or_replace

CONTACT = "contact"
"""The person id of a partner's contact, to whom its mails go: entered and corrected with the partner itself."""

ERASED, NOBODY = "erased@partnerflow.invalid", "erased"
"""What stands for the address and the name of somebody who was erased. No mail is ever sent there: the top level
domain `invalid` is reserved for addresses that lead nowhere."""

_PUT = insert_or_replace(partner_people)
_KNOWS = select(exists().where(partner_people.c.address_key == bindparam("key")))
_PARTNER = select(exists().where(partners.c.id == bindparam("of")))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works for a partner. `id` is chosen by whoever adds them, unique for the partner."""

    id: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A partner for which an address may act."""

    partner_id: str
    partner_name: str


def put_person(engine: Engine, partner_id: str, person: Person) -> bool:
    """Add a person or correct one; whether they are new. `Refused` for a partner that there is not, and its contact."""
    _insist_on_other(person.id, partner_id)
    with writing(engine) as connection:
        if not connection.execute(_PARTNER, {"of": partner_id}).scalar():
            raise Refused(f"There is no partner {partner_id}.")
        if (into := survivor_held(connection, partner_id)) != partner_id:
            raise Refused(says_merged(partner_id, into, "enter its people for"))
        known = connection.execute(select(exists().where(_is(partner_id, person.id)))).scalar()
        write_person(connection, partner_id, person)
    return not known


def write_person(connection: Connection, partner_id: str, person: Person) -> None:
    """Write a person inside somebody else's transaction; whoever was erased is nobody who signs in."""
    if person.address == ERASED:
        return
    row = {"partner_id": partner_id, "person_id": person.id, "name": person.name, "address": person.address}
    connection.execute(chosen(_PUT, connection), {**row, "address_key": address_key(person.address)})


def remove_person(engine: Engine, partner_id: str, person_id: str) -> Person | None:
    """Remove a person, who sees nothing of the partner from now on; None when there is nobody of that id."""
    _insist_on_other(person_id, partner_id)
    with writing(engine) as connection:
        row = connection.execute(select(partner_people).where(_is(partner_id, person_id))).first()
        connection.execute(delete(partner_people).where(_is(partner_id, person_id)))
    return None if row is None else Person(row.person_id, row.name, row.address)


def people_of(engine: Engine, partner_id: str) -> list[Person]:
    """Everybody who may use a partner's pages, its contact first."""
    wanted = (
        select(partner_people)
        .where(partner_people.c.partner_id == partner_id)
        .order_by(partner_people.c.person_id != CONTACT, partner_people.c.person_id)
    )
    with reading(engine) as connection:
        return [Person(row.person_id, row.name, row.address) for row in connection.execute(wanted)]


def memberships_of(engine: Engine, address: str) -> list[Membership]:
    """The partners for which an address may act, by name."""
    wanted = (
        select(partners.c.id, partners.c.name)
        .where(
            partners.c.id.in_(
                select(partner_people.c.partner_id).where(partner_people.c.address_key == address_key(address))
            )
        )
        .order_by(partners.c.name, partners.c.id)
    )
    with reading(engine) as connection:
        return [Membership(row.id, row.name) for row in connection.execute(wanted)]


def knows_address(connection: Connection, key: str) -> bool:
    """Whether somebody of a partner has the address whose key this is."""
    return bool(connection.execute(_KNOWS, {"key": key}).scalar())


def _is(partner_id: str, person_id: str) -> ColumnElement[bool]:
    return and_(partner_people.c.partner_id == partner_id, partner_people.c.person_id == person_id)


def _insist_on_other(person_id: str, partner_id: str) -> None:
    if person_id == CONTACT:
        raise Refused(f"«{CONTACT}» is the partner's own contact: PUT /v1/partners/{partner_id} says who that is.")
