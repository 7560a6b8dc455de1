"""Who manages which account, from when to when, and what the vendor says to it: the facts that shares are paid on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, null, or_, select, update

from records.database import reading
from records.tables import managements, vendor_words
from records.upsert import chosen, insert_or_replace
from states.effects import EndManagement, Manage, VendorsWord

PREFIX = "account:"
"""What the process id of a managed account begins with; its public API key and the partner's id follow."""

_AT = bindparam("at", type_=managements.c.ended_at.type)
_MANAGE = insert_or_replace(managements, fixed=("account", "partner_id", "edition"))
_ITS_OWN = (managements.c.process == bindparam("of")) & (managements.c.number == bindparam("with_number"))
# An end that happened before one that is known already is the one that counts.
_STANDS_AT = or_(managements.c.ended_at.is_(null()), managements.c.ended_at > _AT)
_END = update(managements).where(_ITS_OWN, _STANDS_AT).values(ended_at=_AT, why=bindparam("because"))
_END_OTHERS = (
    update(managements)
    .where(managements.c.account == bindparam("of_account"), managements.c.process != bindparam("of"), _STANDS_AT)
    .where(managements.c.client_confirmed_at <= _AT)
    .values(ended_at=_AT, why="superseded")
)
_NEWER = (
    select(managements.c.process, managements.c.client_confirmed_at)
    .where(managements.c.account == bindparam("of_account"), managements.c.process != bindparam("of"))
    .where(managements.c.client_confirmed_at > _AT)
    .order_by(managements.c.client_confirmed_at)
    .limit(1)
)
_END_ALL_OF = (
    update(managements)
    .where(managements.c.process == bindparam("of"), managements.c.ended_at.is_(null()))
    .values(ended_at=_AT, why=bindparam("because"))
)
_SAY = insert_or_replace(vendor_words)


@dataclass(frozen=True, slots=True)
class Management:
    """One interval in which a client had confirmed a partner; instants in UTC, `ended_at` None while it goes on."""

    process: str
    number: int
    account: str
    partner_id: str
    edition: str
    client_confirmed_at: datetime
    ended_at: datetime | None
    why: str


# -- written inside the transaction of the process that changes it -----------------------------------------------------


def manage(connection: Connection, process: str, partner_id: str, edition: str, effect: Manage) -> str:
    """The partner manages the account since then, and nobody else does any more.

    The process of the partner whom the client has confirmed since, if there is one: then it was so only until that.
    """
    others = {"of_account": effect.account, "of": process, "at": effect.since}
    connection.execute(_END_OTHERS, others)
    newer = connection.execute(_NEWER, others).first()
    row = {
        "process": process,
        "number": effect.request,
        "account": effect.account,
        "partner_id": partner_id,
        "edition": edition,
        "client_confirmed_at": effect.since,
        "ended_at": newer.client_confirmed_at if newer else None,
        "why": "superseded" if newer else "",
    }
    connection.execute(chosen(_MANAGE, connection), row)
    return newer.process if newer else ""


def end_management(connection: Connection, process: str, effect: EndManagement) -> None:
    """The management of a request ended, unless it had ended before; where there was none, nothing changes."""
    connection.execute(_END, {"of": process, "with_number": effect.request, "at": effect.at, "because": effect.because})


def end_all_of(connection: Connection, process: str, *, at: datetime, because: str) -> None:
    """Whatever a process still manages ends with it, also where somebody ended the process from outside."""
    connection.execute(_END_ALL_OF, {"of": process, "at": at, "because": because})


def say_for_vendor(connection: Connection, process: str, effect: VendorsWord) -> None:
    """Keep a word of the vendor; said at the same instant again, the last one counts."""
    row = {"process": process, "number": effect.request, "at": effect.at, "word": effect.word}
    connection.execute(chosen(_SAY, connection), row)


# -- read --------------------------------------------------------------------------------------------------------------


def manager_of(connection: Connection, account: str) -> Management | None:
    """Who manages an account now."""
    found = (
        connection.execute(select(managements).where(managements.c.account == account, _GOING_ON)).mappings().first()
    )
    return None if found is None else Management(**found)


def managed_at(
    engine: Engine, instant: datetime | None = None, *, partner_id: str | None = None, account: str | None = None
) -> list[Management]:
    """The managements at an instant (None: now), of one partner or one account where that is said; by account."""
    wanted = select(managements).where(_at(instant)).order_by(managements.c.account)
    if partner_id is not None:
        wanted = wanted.where(managements.c.partner_id == partner_id)
    if account is not None:
        wanted = wanted.where(managements.c.account == account)
    with reading(engine) as connection:
        return [Management(**row) for row in connection.execute(wanted).mappings()]


_GOING_ON = managements.c.ended_at.is_(null())


def _at(instant: datetime | None) -> ColumnElement[bool]:
    if instant is None:
        return _GOING_ON
    return (managements.c.client_confirmed_at <= instant) & or_(_GOING_ON, managements.c.ended_at > instant)
