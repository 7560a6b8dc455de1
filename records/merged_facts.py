"""What was told of a partner, once it is a part of another one.

Certifications and case studies count for the other one, and team and services of both are put together. What else was
told speaks of a company that is no more, and stays with it: the newest word of a kind would replace the other one's.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, bindparam, null, select, update

from records.partner_facts import PartnerFact, take_fact
from records.tables import partner_facts

ADDED_UP = ("certification", "case_study")
"""The kinds of facts that count for the partner that goes on."""

_LISTS = {"team": "people", "services": "services"}
_SOURCE = "merger"

_LATEST = (
    select(partner_facts)
    .where(
        partner_facts.c.partner_id == bindparam("of"),
        partner_facts.c.kind == bindparam("of_kind"),
        partner_facts.c.struck_at.is_(null()),
    )
    .order_by(partner_facts.c.at.desc(), partner_facts.c.received_at.desc())
    .limit(1)
)
_PASSED = select(partner_facts.c.said).where(
    partner_facts.c.partner_id == bindparam("of"),
    partner_facts.c.kind == "certification",
    partner_facts.c.struck_at.is_(null()),
)


def move_facts(connection: Connection, key: str, merged: str, into: str, *, now: datetime) -> None:
    """Let what was told of one partner count for another; `key` names the merger."""
    for kind in _LISTS:
        _put_together(connection, key, merged, into, kind, now)
    theirs = (partner_facts.c.partner_id == merged) & partner_facts.c.kind.in_(ADDED_UP)
    connection.execute(update(partner_facts).where(theirs).values(partner_id=into))


def _put_together(connection: Connection, key: str, merged: str, into: str, kind: str, now: datetime) -> None:
    """One list of both partners' people, or services, from when the later of the two was so."""
    field, whose = _LISTS[kind], (into, merged)
    told = [connection.execute(_LATEST, {"of": of, "of_kind": kind}).first() for of in whose]
    known = [row for row in told if row is not None]
    if not known:
        return
    listed: set[str] = set()
    for of, row in zip(whose, told, strict=True):
        if row is not None:
            listed.update(row.said[field])
        elif kind == "team":
            # Who has told of no team has one all the same: of those who passed something.
            listed.update(said["person"] for said in connection.execute(_PASSED, {"of": of}).scalars())
    if told[0] is not None and listed == set(told[0].said[field]):
        return
    said = {field: sorted(listed)}
    content = f"{into}\n{kind}\n{said!r}"
    at = max(row.at for row in known)
    fact = PartnerFact(_SOURCE, f"{key}/{kind}", into, kind, said, at, now)
    take_fact(connection, fact, sha256(content.encode()).hexdigest())
