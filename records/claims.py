"""Who holds a subject that only one process may hold, who stands in line for it, and who was credited with it.

Whatever the order in which processes come here, a subject that anybody claims has exactly one holder. Changes of one
subject happen one after the other (`serialise`), so the constraint behind that is never run into.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.sql.dml import ReturningDelete

from records.columns import word
from records.facts import paid_before
from records.leads import left_line_after
from records.posting import Postings
from records.refusal import Refused
from records.tables import claims, referrals, terms
from states.effects import Claim, ClaimAnswer, Credit, Release
from states.lead_data import PROSPECT

_ON_SUBJECT = (claims.c.kind == bindparam("on_kind")) & (claims.c.subject == bindparam("on_subject"))
_OF = _ON_SUBJECT & (claims.c.process == bindparam("of"))

# One question: who stands where, and who was credited, which then is all there is.
_LINE = union_all(
    select(claims.c.process, claims.c.status, claims.c.since, claims.c.firm, claims.c.kind, claims.c.subject).where(
        _ON_SUBJECT
    ),
    select(
        referrals.c.process,
        literal("credited"),
        referrals.c.credited_at,
        true(),
        referrals.c.kind,
        referrals.c.subject,
    ).where(referrals.c.kind == bindparam("on_kind"), referrals.c.subject == bindparam("on_subject")),
)
_INSERT = insert(claims)
_PLACE = update(claims).where(_OF).values(status=bindparam("to_status"), firm=bindparam("to_firm"))
_DELETE = delete(claims).where(_OF)
_CLOSE: ReturningDelete[Any] = delete(claims).where(_ON_SUBJECT).returning(claims.c.process, claims.c.since)
_CREDITED = exists().where(referrals.c.kind == bindparam("on_kind"), referrals.c.subject == bindparam("on_subject"))

# What mostly happens takes one statement, whose row count says whether it did happen: SQLAlchemy has to be told to ask
# PostgreSQL for it.
_COUNTED = {"preserve_rowcount": True}
# A subject that nobody has asked for.
_TAKE_FREE = (
    insert(claims)
    .from_select(
        ["kind", "subject", "process", "partner_id", "since", "status", "firm"],
        select(
            bindparam("on_kind", type_=claims.c.kind.type),
            bindparam("on_subject", type_=claims.c.subject.type),
            *(bindparam(name, type_=claims.c[name].type) for name in ("process", "partner_id", "since")),
            literal("held"),
            false(),
        ).where(~exists().where(_ON_SUBJECT), ~_CREDITED),
    )
    .execution_options(**_COUNTED)
)
# A claim that is held already.
_MAKE_FIRM = (
    update(claims)
    .where(_OF, claims.c.status == word("held"), ~_CREDITED)
    .values(firm=True)
    .execution_options(**_COUNTED)
)
_GIVEN = ("process", "partner_id", "edition", "first_payment_at", "credited_at")
_PINNED = ("percent", "months", "track", "tier")
# The referral of the process that holds the claim, with the terms that were pinned for it.
_CREDIT = (
    insert(referrals)
    .from_select(
        ["kind", "subject", *_GIVEN, *_PINNED],
        select(
            claims.c.kind,
            claims.c.subject,
            *(bindparam(name, type_=referrals.c[name].type) for name in _GIVEN),
            *(terms.c[name] for name in _PINNED),
        ).where(
            _ON_SUBJECT,
            claims.c.process == bindparam("process", type_=claims.c.process.type),
            claims.c.status == word("held"),
            terms.c.process == claims.c.process,
            ~_CREDITED,
        ),
    )
    .execution_options(**_COUNTED)
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a claim or a credit; `by` is the process that has what was asked for."""

    granted: bool
    claim: ClaimAnswer
    by: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """The process that asks, for its partner, by a step that counts from the instant `at`; `key` names the effect."""

    process: str
    partner_id: str
    edition: str
    at: datetime
    key: str


def serialise(connection: Connection, subjects: Iterable[tuple[str, str]]) -> None:
    """Wait until nobody else changes these (kind, subject) pairs; others then wait until the transaction ends."""
    if connection.dialect.name == "sqlite":
        return  # A writer of SQLite is alone anyway.
    # In one order everywhere: two transactions that wait for each other's subject would be a deadlock.
    for kind, subject in sorted(set(subjects)):
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{kind}\x1f{subject}", 0))))


def take(connection: Connection, asker: Asker, claim: Claim, postings: Postings) -> Answer:
    """Ask for the subject; a displaced holder is told. The rules are those of `states.effects.Claim`."""
    if (answer := _granted_at_once(connection, asker, claim)) is not None:
        return answer
    rows = _line(connection, claim.kind, claim.subject)
    if over := _answer_after_credit(rows, asker):
        return over
    holder = next((row for row in rows if row.status == "held"), None)
    own = next((row for row in rows if row.process == asker.process), None)
    if own is not None and own is holder:
        if claim.firm and not own.firm:
            _place(connection, own, "held", firm=True)
        return Answer(True, "held")
    if claim.net_new:
        if holder is not None:
            return Answer(False, "taken", holder.process)
        if paid_before(connection, claim.subject, claim.since):
            return Answer(False, "taken")
    if holder is None:
        _enter(connection, asker, claim, own, "held")
        return Answer(True, "held")
    if claim.takes_over:
        return _take_over(connection, asker, claim, own, holder, postings)
    since = claim.since if own is None else own.since
    if holder.firm or holder.since <= since:
        if own is None:
            _enter(connection, asker, claim, own, "in_line")
        return Answer(False, "behind", holder.process)
    _place(connection, holder, "in_line", firm=False)
    _enter(connection, asker, claim, own, "held")
    postings.signal(f"{asker.key}/displaced", holder.process, "stand_in_line", asker.at, {"behind": asker.process})
    return Answer(True, "held")


def _granted_at_once(connection: Connection, asker: Asker, claim: Claim) -> Answer | None:
    """The answer to what is mostly asked: the first claim finds its subject free, and is held when it is made firm.

    Otherwise None, and nothing is changed.
    """
    if claim.net_new or claim.takes_over:
        return None
    on = {"on_kind": claim.kind, "on_subject": claim.subject}
    if claim.firm:
        made = connection.execute(_MAKE_FIRM, {**on, "of": asker.process}).rowcount
    else:
        new = {"process": asker.process, "partner_id": asker.partner_id, "since": claim.since}
        made = connection.execute(_TAKE_FREE, {**on, **new}).rowcount
    return Answer(True, "held") if made else None


def _take_over(
    connection: Connection, asker: Asker, claim: Claim, own: Row[Any] | None, holder: Row[Any], postings: Postings
) -> Answer:
    if holder.since > claim.since:
        return Answer(False, "taken", holder.process)
    connection.execute(_DELETE, {"on_kind": claim.kind, "on_subject": claim.subject, "of": holder.process})
    _enter(connection, asker, claim, own, "held")
    postings.signal(f"{asker.key}/ended", holder.process, "superseded", asker.at, {"by_process": asker.process})
    return Answer(True, "held")


def as_it_stands(connection: Connection, kind: str, subject: str, process: str) -> Answer | None:
    """How a claim stands that was answered before; None where it is over."""
    rows = _line(connection, kind, subject)
    own = next((row for row in rows if row.process == process and row.status != "credited"), None)
    if own is None:
        return None
    if own.status == "held":
        return Answer(True, "held")
    return Answer(False, "behind", next((row.process for row in rows if row.status == "held"), ""))


def give_up(connection: Connection, asker: Asker, release: Release, postings: Postings) -> None:
    """End a claim or a place in line; where a claim ends, the first in line comes up and is told.

    That may be one whose window ended in line after the claim did, and which was handled before it.
    """
    rows = _line(connection, release.kind, release.subject)
    own = next((row for row in rows if row.process == asker.process), None)
    if own is None:
        return
    connection.execute(_DELETE, {"on_kind": release.kind, "on_subject": release.subject, "of": asker.process})
    if own.status != "held":
        return
    first = next((row for row in rows if row.status == "in_line"), None)
    left = None
    if release.kind == PROSPECT:
        left = left_line_after(connection, release.subject, asker.at, besides=asker.process)
    if left is not None and (first is None or _rank(left) < _rank(first)):
        _insert(connection, release, left, left.since, "held", firm=False)
        first = left
    elif first is not None:
        _place(connection, first, "held", firm=False)
    if first is not None:
        postings.signal(f"{asker.key}/next", first.process, "come_up", asker.at, {})


def give_credit(connection: Connection, asker: Asker, credit: Credit, postings: Postings) -> Answer:
    """Write the referral, once per subject, and close the line; everybody else with a claim is told.

    Raises `Refused` when no terms were pinned.
    """
    on = {"on_kind": credit.kind, "on_subject": credit.subject}
    given = {
        "process": asker.process,
        "partner_id": asker.partner_id,
        "edition": asker.edition,
        "first_payment_at": credit.first_payment_at,
        "credited_at": asker.at,
    }
    if connection.execute(_CREDIT, {**on, **given}).rowcount == 0:
        return _why_not_credited(_line(connection, credit.kind, credit.subject), asker)
    for other in sorted(connection.execute(_CLOSE, on), key=_rank):
        if other.process != asker.process:
            key = f"{asker.key}/line/{other.process}"
            postings.signal(key, other.process, "close_line", asker.at, {"to": asker.process})
    return Answer(True, "held")


def _why_not_credited(rows: list[Row[Any]], asker: Asker) -> Answer:
    if over := _answer_after_credit(rows, asker):
        return over
    holder = next((row.process for row in rows if row.status == "held"), "")
    if holder != asker.process:
        return Answer(False, "behind", holder)
    raise Refused(f"{asker.process} has no pinned terms, so nothing can be credited to it.")


def _line(connection: Connection, kind: str, subject: str) -> list[Row[Any]]:
    rows = connection.execute(_LINE, {"on_kind": kind, "on_subject": subject}).all()
    return sorted(rows, key=_rank)


def _rank(row: Row[Any]) -> tuple[datetime, str]:
    return row.since, row.process


def _answer_after_credit(rows: list[Row[Any]], asker: Asker) -> Answer | None:
    credited = next((row.process for row in rows if row.status == "credited"), None)
    if credited is None:
        return None
    return Answer(True, "held") if credited == asker.process else Answer(False, "taken", credited)


def _enter(connection: Connection, asker: Asker, claim: Claim, own: Row[Any] | None, status: str) -> None:
    firm = claim.firm and status == "held"
    if own is not None:
        _place(connection, own, status, firm=firm)
        return
    _insert(connection, claim, asker, claim.since, status, firm=firm)


def _insert(
    connection: Connection, on: Claim | Release, whose: Asker | Row[Any], since: datetime, status: str, *, firm: bool
) -> None:
    connection.execute(
        _INSERT,
        {
            "kind": on.kind,
            "subject": on.subject,
            "process": whose.process,
            "partner_id": whose.partner_id,
            "since": since,
            "status": status,
            "firm": firm,
        },
    )


def _place(connection: Connection, row: Row[Any], status: str, *, firm: bool) -> None:
    connection.execute(
        _PLACE,
        {
            "on_kind": row.kind,
            "on_subject": row.subject,
            "of": row.process,
            "to_status": status,
            "to_firm": firm,
        },
    )
