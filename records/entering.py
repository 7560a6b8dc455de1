"""Entering partners: the list of partners and the beginning of each one's process, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from program.edition import Edition, Tier, Track
from program.edition import edition as edition_named
from records.database import writing
from records.partners import HEADING, Partner, put_in, read_partners
from records.posting import Postings
from records.refusal import Refused
from records.standing import PREFIX
from records.survivors import says_merged
from records.tables import partners
from states import partner_data
from states.partner import PARTNER


class NoSuchStanding(Refused):
    """The edition has no such tier on that track."""


def insist_on_standing(partner: Partner, rules: Edition) -> None:
    """Raises `NoSuchStanding` for a tier that the edition does not have on the partner's track."""
    if partner.tier not in rules.tiers_of(partner.track):
        there_are = ", ".join(rules.tiers_of(partner.track))
        raise NoSuchStanding(
            f"«tier» of {partner.id} can't be {partner.tier} on the {partner.track} track; there are {there_are}."
        )


def enter_partner(
    engine: Engine, partner: Partner, *, edition: str, now: datetime, left_out: Collection[str] = ()
) -> tuple[Partner, bool]:
    """Add a partner, or correct one, and tell its process; the partner as entered, and whether it is a new one.

    `left_out` names what the entry does not say, of `track`, `tier` and `joined_at`: of one that is known it stays as
    it is, and a new one starts where the edition lets members start. One that was merged into another stays so:
    entered as having left it changes nothing, and otherwise it is refused. Raises `Refused` as `put_partner` does, and
    `NoSuchStanding` for a tier that its track does not have.
    """
    with writing(engine) as connection:
        return _enter(connection, partner, edition, now, left_out)


def import_partners(engine: Engine, lines: Iterable[str], *, edition: str, now: datetime) -> int:
    """Add or correct partners from CSV lines (`read_partners`), as `enter_partner` does, all or none; how many."""
    read = read_partners(lines)
    if not read:
        raise Refused(f"There is no partner in it. {HEADING}")
    with writing(engine) as connection:
        for each in sorted(read, key=lambda one: one.id):  # the order in which everybody locks partners
            if each.joined_at > now:
                raise Refused(f"{each.id} can't have joined on {each.joined_at:%Y-%m-%d}, which lies in the future.")
            _enter(connection, each, edition, now, {"track", "tier"} - each.model_fields_set)
    return len(read)


def _enter(
    connection: Connection, partner: Partner, edition: str, now: datetime, left_out: Collection[str]
) -> tuple[Partner, bool]:
    wanted = select(*[partners.c[name] for name in ("active", "merged_into", "track", "tier", "joined_at")])
    known = connection.execute(wanted.where(partners.c.id == partner.id).with_for_update()).first()
    rules = edition_named(edition)
    if known is None:
        joins = rules.joining
        held: dict[str, Any] = {"track": joins.joins_track, "tier": joins.joins_tier}
    else:
        held = {"track": Track(known.track), "tier": Tier(known.tier), "joined_at": known.joined_at}
    partner = partner.model_copy(update={name: held[name] for name in left_out if name in held})
    insist_on_standing(partner, rules)
    was_active, into = (known.active, known.merged_into) if known else (None, None)
    if into is not None:
        if partner.active:
            raise Refused(says_merged(partner.id, into, "enter what is new for"))
        return partner, False
    put_in(connection, partner, now=now)
    if not (partner.active or was_active):
        return partner, known is None  # one that has left before anybody knew it
    process = f"{PREFIX}{partner.id}"
    postings = Postings(process, now)
    begun = partner_data.Partner.join(
        partner.id, partner.joined_at, edition_name=edition, lifecycle_version=PARTNER.version, track=partner.track,
        tier=partner.tier,
    )  # fmt: skip
    postings.begin(f"{process}/begin", process, PARTNER.name, begun.model_dump(mode="json", exclude_none=True))
    key = f"{process}/entered/{now.isoformat()}"
    if partner.active and was_active and {"track", "tier"} <= set(left_out):
        # What it holds may be changing right now, and its process knows it best.
        postings.signal(key, process, "facts_changed", now, {"kinds": "what is entered"})
    elif partner.active and was_active is not None:
        standing = {"track": partner.track.value, "tier": partner.tier.value}
        postings.signal(key, process, "entered", now, standing)
    elif not partner.active:
        postings.signal(key, process, "leave", now, {"by": "administration", "reason": "entered as having left"})
    postings.write(connection)
    return partner, known is None
