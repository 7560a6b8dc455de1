"""Two partners become one: what the one had is the other's from an instant on, all of it in one transaction.

Leads, places in line, referrals, accounts and managements change hands as they are, with all that they have been.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, null, select, true, update
from sqlalchemy.engine import RowMapping

from program.calendar import program_date
from records.accounts import GOING_ON
from records.columns import holds
from records.database import reading
from records.jobs import Job, Page, begin_job
from records.leads import PREFIX as LEAD_PREFIX
from records.merged_facts import ADDED_UP, move_facts
from records.partners import end_standing
from records.posting import Postings
from records.standing import PREFIX
from records.survivors import tell_new_partner
from records.tables import (
    account_requests,
    api_keys,
    claims,
    client_lines,
    elite_years,
    judgements,
    lead_details,
    managements,
    partner_facts,
    partner_people,
    partners,
    processes,
    referrals,
    tier_intervals,
)
from records.upsert import chosen, insert_if_new
from states.account import ACCOUNT
from states.lead import LEAD
from states.lead_data import PROSPECT

MOVES = (LEAD.name, ACCOUNT.name)
"""The kinds of processes that go on under the other partner."""

TELL = "tell_of_merger"
"""The kind of the job that tells them so."""

PAGE = 500

# What belongs to a partner by nothing but its id.
_OWNED = (lead_details, account_requests, claims, referrals, managements)

_theirs = lead_details.alias("theirs")
_BOTH_HAVE = (
    select(lead_details.c.lead_id, _theirs.c.lead_id.label("other"), lead_details.c.domain)
    .join(_theirs, _theirs.c.domain == lead_details.c.domain)
    .where(
        lead_details.c.partner_id == bindparam("merged"),
        holds(lead_details.c.open),
        _theirs.c.partner_id == bindparam("into"),
        holds(_theirs.c.open),
    )
    .order_by(lead_details.c.domain)
)
_PLACES = select(claims).where(
    claims.c.kind == PROSPECT,
    claims.c.subject == bindparam("of_subject"),
    claims.c.process.in_(bindparam("these", expanding=True)),
)
_GO_ON = (
    select(processes.c.process, processes.c.partner_id, processes.c.subject, processes.c.state)
    .where(
        processes.c.kind == ACCOUNT.name,
        processes.c.state.in_(GOING_ON),
        processes.c.partner_id.in_((bindparam("merged"), bindparam("into"))),
    )
    .order_by(processes.c.subject, processes.c.process)
)
_HELD = select(tier_intervals).where(tier_intervals.c.partner_id == bindparam("of"), tier_intervals.c.to.is_(null()))
_SHOWN = select(processes.c.facts).where(processes.c.process == bindparam("of"))
_PEOPLE = (
    select(partner_people).where(partner_people.c.partner_id == bindparam("of")).order_by(partner_people.c.person_id)
)
_NEW_PERSON = insert_if_new(partner_people)
_TOLD_OF_LINE = insert_if_new(client_lines)
_YEAR = insert_if_new(elite_years)
# What a process says of itself names the partner that it had, until it is told.
_WAS = processes.c.facts["partner"].as_string()
_TO_TELL = (
    select(processes.c.process, _WAS.label("was"))
    .where(
        processes.c.partner_id == bindparam("into"),
        processes.c.kind.in_(MOVES),
        processes.c.final.is_(False),
        bindparam("into") != _WAS,
        processes.c.process > bindparam("after"),
    )
    .order_by(processes.c.process)
    .limit(PAGE)
)


@dataclass(frozen=True, slots=True)
class Merged:
    """A merger that both have confirmed: `partner_id` goes `into` another at an instant; `key` names it."""

    key: str
    partner_id: str
    into: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of what a partner has, in words for people."""

    what: str
    many: int


def what_moves(connection: Connection, partner_id: str) -> list[Counted]:
    """What a partner has that would be another's, as far as there is any of it."""
    of = "partner_id"
    asked = {
        "leads": (lead_details, lead_details.c.pending.is_(False)),
        "managed accounts, with the words of their clients": (managements, managements.c.ended_at.is_(null())),
        "referrals, with the shares that are fixed for them": (referrals, true()),
        "certifications and case studies": (
            partner_facts,
            partner_facts.c.kind.in_(ADDED_UP) & partner_facts.c.struck_at.is_(null()),
        ),
        "people who sign in": (partner_people, true()),
    }
    found = []
    for what, (table, which) in asked.items():
        wanted = select(func.count()).select_from(table).where(table.c[of] == partner_id, which)
        found.append(Counted(what, connection.execute(wanted).scalar_one()))
    return [each for each in found if each.many]


def merge(connection: Connection, merged: Merged, *, now: datetime) -> None:
    """Let everything be the other partner's, and tell both processes. Both partners' rows are locked by then."""
    held = connection.execute(_HELD, {"of": merged.partner_id}).mappings().one()
    at = max(merged.at, held["from"])
    postings = Postings(f"{PREFIX}{merged.partner_id}", now)
    for process, signal in (*_twice_registered(connection, merged), *_twice_managed(connection, merged)):
        because = f"{merged.partner_id} was merged into {merged.into}, which has it already."
        postings.signal(f"{merged.key}/{process}", process, signal, at, {"by": "partner", "reason": because})
    for table in _OWNED:
        _hand_over(connection, merged, table)
    _hand_over(connection, merged, processes, processes.c.kind.in_(MOVES))
    move_facts(connection, merged.key, merged.partner_id, merged.into, now=now)
    _move_people(connection, merged)
    _move_lines(connection, merged)
    until = _move_elite(connection, merged, at)
    _end(connection, merged, at)
    _tell_both(postings, merged, held, until, at)
    postings.write(connection)
    begin_job(connection, f"{merged.key}/tell", TELL, {"into": merged.into, "at": at.isoformat()}, now=now)


def _hand_over(connection: Connection, merged: Merged, table: Table, *which: Any) -> None:
    theirs = table.c.partner_id == merged.partner_id
    connection.execute(update(table).where(theirs, *which).values(partner_id=merged.into))


def _twice_registered(connection: Connection, merged: Merged) -> Iterator[tuple[str, str]]:
    """Of two open leads for one prospect the one goes on that holds it, or stands before the other in line."""
    both = {"merged": merged.partner_id, "into": merged.into}
    for row in connection.execute(_BOTH_HAVE, both).all():
        own, other = f"{LEAD_PREFIX}{row.lead_id}", f"{LEAD_PREFIX}{row.other}"
        places = connection.execute(_PLACES, {"of_subject": row.domain, "these": [own, other]}).all()
        first = min(places, key=lambda place: (place.status != "held", place.since, place.process == own), default=None)
        ends = other if first is not None and first.process == own else own
        lead_id = ends.removeprefix(LEAD_PREFIX)
        connection.execute(update(lead_details).where(lead_details.c.lead_id == lead_id).values(open=False))
        yield ends, "withdraw"


def _twice_managed(connection: Connection, merged: Merged) -> Iterator[tuple[str, str]]:
    """Of two requests for one account the one goes on that its client has confirmed, or the other partner's own."""
    by_account: dict[str, list[RowMapping]] = {}
    for row in connection.execute(_GO_ON, {"merged": merged.partner_id, "into": merged.into}).mappings():
        by_account.setdefault(row["subject"], []).append(row)
    for rows in by_account.values():
        goes_on = min(rows, key=lambda row: (row["state"] != "active", row["partner_id"] != merged.into))
        yield from ((row["process"], "end_management") for row in rows if row is not goes_on)


def _move_people(connection: Connection, merged: Merged) -> None:
    """Whoever signed in for the one signs in for the other; somebody who works for both is there once."""
    there = connection.execute(_PEOPLE, {"of": merged.into}).all()
    addresses = {row.address_key for row in there}
    for row in connection.execute(_PEOPLE, {"of": merged.partner_id}).mappings().all():
        if row["address_key"] not in addresses:
            # Their id may be another's there; so the id tells from where they come.
            person_id = f"{merged.partner_id}.{row['person_id']}"[:200]
            moved = {**row, "partner_id": merged.into, "person_id": person_id}
            connection.execute(chosen(_NEW_PERSON, connection), moved)
    connection.execute(delete(partner_people).where(partner_people.c.partner_id == merged.partner_id))


def _move_lines(connection: Connection, merged: Merged) -> None:
    """Of a client that has crossed a line managers have been told, and are not told once more."""
    theirs = client_lines.c.partner_id == merged.partner_id
    for row in connection.execute(select(client_lines).where(theirs)).mappings().all():
        connection.execute(chosen(_TOLD_OF_LINE, connection), {**row, "partner_id": merged.into})
    connection.execute(delete(client_lines).where(theirs))


def _move_elite(connection: Connection, merged: Merged, at: datetime) -> datetime | None:
    """Until when elite is retained that goes over; None where none does. Its years go with it."""
    shown = connection.execute(_SHOWN, {"of": f"{PREFIX}{merged.partner_id}"}).scalar() or {}
    retained = shown.get("elite retained until")
    until = datetime.fromisoformat(retained) if retained else None
    if until is None or until <= at:
        return None
    running = (elite_years.c.partner_id == merged.partner_id) & (elite_years.c.until > program_date(at))
    for row in connection.execute(select(elite_years).where(running)).mappings().all():
        moved = {**row, "partner_id": merged.into}
        if connection.execute(chosen(_YEAR, connection), moved).rowcount == 0:
            own = (elite_years.c.partner_id == merged.into) & (elite_years.c.season == row["season"])
            longer = update(elite_years).where(own, elite_years.c.until < row["until"])
            connection.execute(longer.values(until=row["until"]))
    return until


def _end(connection: Connection, merged: Merged, at: datetime) -> None:
    """The one is no partner any more, and what asks for it finds the other one; so do earlier mergers into it."""
    end_standing(connection, merged.partner_id, at=at)
    its_own = partners.c.id == merged.partner_id
    moved = update(partners).where(its_own | (partners.c.merged_into == merged.partner_id))
    connection.execute(moved.values(merged_into=merged.into))
    keys = (api_keys.c.partner_id == merged.partner_id) & api_keys.c.revoked_at.is_(null())
    connection.execute(update(api_keys).where(keys).values(revoked_at=at))
    undecided = (judgements.c.partner_id == merged.partner_id) & (judgements.c.outcome == "")
    connection.execute(update(judgements).where(undecided).values(outcome="merged", became=""))


def _tell_both(postings: Postings, merged: Merged, held: RowMapping, until: datetime | None, at: datetime) -> None:
    """The one process takes over, and the other one ends."""
    standing = {"track": held["track"], "tier": held["tier"]}
    retained = {"until": until.isoformat()} if until else {}
    told = {"merged": merged.partner_id, **standing, **retained}
    postings.signal(f"{merged.key}/take_over", f"{PREFIX}{merged.into}", "take_over", at, told)
    postings.signal(f"{merged.key}/merge", f"{PREFIX}{merged.partner_id}", "merge", at, {"into": merged.into})


def tell_page(engine: Engine, job: Job, now: datetime) -> Page:  # noqa: ARG001
    """One page of the processes that go on under another partner: they are told so, for what people see of them."""
    into, at = job.args["into"], datetime.fromisoformat(job.args["at"])
    with reading(engine) as connection:
        found = connection.execute(_TO_TELL, {"into": into, "after": job.cursor}).all()

    def write(connection: Connection, postings: Postings) -> None:  # noqa: ARG001
        for row in found:
            tell_new_partner(postings, row.process, was=row.was, into=into, at=at)

    return Page(found[-1].process if len(found) == PAGE else None, Counter(told=len(found)), write)
