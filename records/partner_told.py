"""Telling a partner's standing that something it depends on has changed, in the transaction that changes it."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, and_, bindparam, exists, or_, select, union_all

from program.fact_kinds import Said, what_it_says
from records.columns import word
from records.database import writing
from records.facts import Recorded
from records.partner_facts import PartnerFact, digest_of, take_fact
from records.posting import BEGIN, Postings
from records.refusal import Refused
from records.standing import PREFIX
from records.survivors import merged_into_it, says_merged, survivor_held
from records.tables import outbox, processes, season_list
from states.nomination import NOMINATION
from states.nomination_data import PREFIX as NOMINATION_PREFIX

# A process that was begun a moment ago may have read what it depends on, and not recorded anything yet.
_HAS_STANDING = select(
    or_(
        exists().where(processes.c.process == bindparam("of"), processes.c.final.is_(False)),
        and_(
            exists().where(outbox.c.target == bindparam("of"), outbox.c.signal == word(BEGIN)),
            ~exists().where(processes.c.process == bindparam("of")),
        ),
    )
)

SUSPENSION = "suspension"

# Without an agreement a partner is out of a season, and suspended it does not become elite, whatever else is so.
_CONCERNS = ("agreement", SUSPENSION)
_BEGUN = (NOMINATION_PREFIX + season_list.c.season + ":" + season_list.c.partner_id).label("process")
_NOMINATIONS = union_all(
    select(processes.c.process).where(
        processes.c.partner_id == bindparam("of_partner"),
        processes.c.kind == NOMINATION.name,
        processes.c.final.is_(False),
    ),
    select(_BEGUN).where(
        season_list.c.partner_id == bindparam("of_partner"),
        season_list.c.begun,
        ~exists().where(processes.c.process == _BEGUN.element),
    ),
)


def tell_standing(
    connection: Connection, postings: Postings, partner_id: str, key: str, at: datetime, what: str
) -> None:
    """Have a partner's standing looked at again, where it has a process; `what` names what has changed."""
    process = f"{PREFIX}{partner_id}"
    if connection.execute(_HAS_STANDING, {"of": process}).scalar():
        postings.signal(f"{key}/standing", process, "facts_changed", at, {"kinds": what})


def tell_nominations(
    connection: Connection, postings: Postings, partner_id: str, key: str, at: datetime, what: str
) -> None:
    """Have a partner's nominations look at it again after a fact of the kind `what`, or a `SUSPENSION`."""
    if what in _CONCERNS:
        for process in connection.execute(_NOMINATIONS, {"of_partner": partner_id}).scalars().all():
            postings.signal(f"{key}/{process}", process, "facts_changed", at, {})


def take_partner_fact(
    engine: Engine, *, source: str, fact_id: str, partner_id: str, said: Said, at: datetime, now: datetime
) -> Recorded:
    """Take a fact of a partner and tell its standing; `conflict` when other content came under its id before.

    `at` is from when it is so, `now` when it came. Raises `Refused` for a partner that was merged, and
    `sqlalchemy.exc.IntegrityError` for an unknown one.
    """
    with writing(engine) as connection:
        return take_in(connection, PartnerFact(source, fact_id, partner_id, *_content(said), at, now))


def take_in(connection: Connection, fact: PartnerFact) -> Recorded:
    """The same inside somebody's transaction.

    What was told of a partner before it was merged is known, told again of it or of the one that has taken it over.
    Raises `Refused` for what is new of one that was merged.
    """
    into = survivor_held(connection, fact.partner_id)
    if into != fact.partner_id:
        if digest_of(connection, fact.source, fact.fact_id) == _digest(fact, fact.partner_id):
            return "same"
        raise Refused(says_merged(fact.partner_id, into, "report what is new of"))
    recorded = take_fact(connection, fact, _digest(fact, into))
    if recorded == "conflict":
        before = digest_of(connection, fact.source, fact.fact_id)
        if before in [_digest(fact, each) for each in merged_into_it(connection, into)]:
            return "same"
    if recorded == "new":
        postings = Postings(f"{PREFIX}{fact.partner_id}", fact.received_at)
        key = f"fact/{fact.source}/{fact.fact_id}"
        tell_standing(connection, postings, fact.partner_id, key, fact.received_at, fact.kind)
        tell_nominations(connection, postings, fact.partner_id, key, fact.received_at, fact.kind)
        postings.write(connection)
    return recorded


def _digest(fact: PartnerFact, partner_id: str) -> str:
    content = f"{partner_id}\n{fact.kind}\n{fact.said!r}\n{fact.at.isoformat()}"
    return sha256(content.encode()).hexdigest()


def _content(said: Said) -> tuple[str, dict[str, object]]:
    return str(getattr(said, "kind")), what_it_says(said)  # noqa: B009 - every member of the union has one
