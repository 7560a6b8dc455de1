"""Mergers that staff propose and both partners confirm. The second word is the merger: no process is between them.

A proposal names two partners, and neither may be part of another one. What is said to it counts in the order in which
it comes: partners' rows are locked before it is looked at, so that two words at once are two words after each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Engine, bindparam, func, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from records.claims import Asker
from records.columns import word
from records.database import reading, writing
from records.links import make_link
from records.merging import Merged, merge
from records.posting import Postings
from records.standing import PREFIX
from records.tables import client_links, mergers, partners
from states.effects import EndMerger, Link, ProposeMerger

Side = Literal["merge_from", "merge_into"]
SIDES: tuple[Side, ...] = ("merge_from", "merge_into")
"""What a link is for by which a partner says whether it is merged into another one, or another one into it."""

Said = Literal["confirm", "decline"]

_THESE = (mergers.c.process == bindparam("of")) & (mergers.c.number == bindparam("with_number"))
_ONE = select(mergers).where(_THESE)
_PROPOSED = mergers.c.state == word("proposed")
_OF_PROCESS = select(mergers).where(mergers.c.process == bindparam("of"), _PROPOSED)
_INVOLVING = select(mergers).where(
    _PROPOSED,
    or_(
        mergers.c.partner_id.in_(bindparam("these", expanding=True)),
        mergers.c.into.in_(bindparam("these", expanding=True)),
    ),
)
_LAST = select(func.max(mergers.c.number)).where(mergers.c.process == bindparam("of"))
_PARTNERS = select(partners).where(partners.c.id.in_(bindparam("these", expanding=True))).order_by(partners.c.id)
_CHANGE = update(mergers).where(_THESE)
_LINKS_DIE = (
    update(client_links)
    .where(client_links.c.process == bindparam("of"), client_links.c.request == bindparam("in_request"))
    .values(dead=True)
)


@dataclass(frozen=True, slots=True)
class Merger:
    """A proposal: `partner_id` is merged into `into`, once both have confirmed it before `lapses_at` (UTC).

    `state` is proposed, done, declined, withdrawn or lapsed; `ended_by` is who ended it: a side, staff or the clock.
    """

    process: str
    number: int
    partner_id: str
    into: str
    proposed_at: datetime
    proposed_by: str
    reason: str
    lapses_at: datetime
    link: int
    partner_confirmed_at: datetime | None
    into_confirmed_at: datetime | None
    state: str
    ended_at: datetime | None
    ended_by: str
    why: str

    @property
    def key(self) -> str:
        """Its name in what it causes."""
        return f"merger/{self.process}/{self.number}"

    def confirmed_at(self, side: Side) -> datetime | None:
        """When one of the two confirmed it."""
        return self.partner_confirmed_at if side == "merge_from" else self.into_confirmed_at

    def whose(self, side: Side) -> str:
        """The id of the partner that is asked on a side."""
        return self.partner_id if side == "merge_from" else self.into


# -- what staff do, inside the transaction of the partner's process ----------------------------------------------------


def propose(connection: Connection, postings: Postings, asker: Asker, effect: ProposeMerger) -> str:
    """Ask both partners; or why not, in a sentence. Asked for again by the same step, it is the same proposal."""
    known = _lock(connection, (asker.partner_id, effect.into))
    if said := _in_the_way(connection, known, asker.partner_id, effect.into):
        about = {"reason": said, "other": effect.into}
        postings.mail(f"{asker.key}/refused", "merger_refused", "manager", about, ())
        return said
    number = (connection.execute(_LAST, {"of": asker.process}).scalar() or 0) + 1
    row = {
        "process": asker.process, "number": number, "partner_id": asker.partner_id, "into": effect.into,
        "proposed_at": asker.at, "proposed_by": effect.by, "reason": effect.reason, "lapses_at": effect.lapses_at,
        "link": 1, "state": "proposed", "ended_by": "", "why": "",
    }  # fmt: skip
    connection.execute(insert(mergers), row)
    merger = _merger(connection, asker.process, number)
    _ask(connection, merger, SIDES, asker.at, postings.now)
    return ""


def ask_again(connection: Connection, asker: Asker, *, now: datetime) -> None:
    """Send a new link to each that has not confirmed; nothing where nothing is proposed any more."""
    found = connection.execute(_OF_PROCESS, {"of": asker.process}).mappings().first()
    if found is None:
        return
    merger = Merger(**found)
    connection.execute(_CHANGE.values(link=merger.link + 1), _named(merger))
    merger = _merger(connection, merger.process, merger.number)
    waiting = [side for side in SIDES if merger.confirmed_at(side) is None]
    _ask(connection, merger, waiting, asker.at, now)


def end(connection: Connection, asker: Asker, effect: EndMerger, *, now: datetime) -> None:
    """What was proposed comes to nothing; what is over already stays as it is."""
    _lock(connection, [asker.partner_id])
    found = connection.execute(_OF_PROCESS, {"of": asker.process}).mappings().first()
    if found is not None:
        by = "staff" if effect.how == "withdrawn" else "clock"
        _end(connection, Merger(**found), effect.how, by, effect.reason, at=asker.at, now=now)


def end_of_leaving(connection: Connection, partner_id: str, *, at: datetime, now: datetime) -> None:
    """A partner has left: what was proposed with it comes to nothing, and the other one's process hears of it."""
    for found in connection.execute(_INVOLVING, {"these": [partner_id]}).mappings().all():
        merger = Merger(**found)
        why = f"{partner_id} has left the program."
        _end(connection, merger, "withdrawn", "staff", why, at=at, now=now)
        if merger.partner_id != partner_id:
            _tell_process(connection, merger, why, at=at, now=now)


# -- what partners say -------------------------------------------------------------------------------------------------


def say(engine: Engine, merger: Merger, side: Side, said: Said, *, at: datetime, now: datetime) -> Merger:
    """Take a partner's word, received at an instant; what the merger is then. The second confirmation merges.

    Where there is something in the way, where it is over, or where it lapsed before, it is as it was.
    """
    with writing(engine) as connection:
        known = _lock(connection, (merger.partner_id, merger.into))
        merger = _merger(connection, merger.process, merger.number)
        if merger.state != "proposed" or at > merger.lapses_at:
            return merger
        if said == "decline":
            why = f"{merger.whose(side)} has declined it."
            _end(connection, merger, "declined", side, why, at=at, now=now)
            _tell_process(connection, merger, why, at=at, now=now)
        elif merger.confirmed_at(side) is None and not _stands_in_the_way(known, merger.partner_id, merger.into):
            column = "partner_confirmed_at" if side == "merge_from" else "into_confirmed_at"
            connection.execute(_CHANGE.values({column: at}), _named(merger))
            merger = _merger(connection, merger.process, merger.number)
            if merger.partner_confirmed_at and merger.into_confirmed_at:
                _done(connection, merger, at=at, now=now)
        return _merger(connection, merger.process, merger.number)


def merger_of(connection: Connection, process: str, number: int) -> Merger | None:
    """The merger of that number of a partner's process."""
    found = connection.execute(_ONE, {"of": process, "with_number": number}).mappings().first()
    return None if found is None else Merger(**found)


def in_the_way(connection: Connection, merger: Merger) -> str:
    """What keeps a proposed merger from being confirmed now, in a sentence; "" where nothing does."""
    known = connection.execute(_PARTNERS, {"these": [merger.partner_id, merger.into]}).mappings()
    return _stands_in_the_way({row["id"]: row for row in known}, merger.partner_id, merger.into)


def mergers_with(engine: Engine, partner_id: str) -> list[Merger]:
    """Every merger that a partner is or was part of, the newest first."""
    of_it = or_(mergers.c.partner_id == partner_id, mergers.c.into == partner_id)
    wanted = select(mergers).where(of_it).order_by(mergers.c.proposed_at.desc(), mergers.c.process)
    with reading(engine) as connection:
        return [Merger(**row) for row in connection.execute(wanted).mappings()]


def _lock(connection: Connection, these: Iterable[str]) -> dict[str, RowMapping]:
    """The partners' rows, which nobody else changes until the transaction ends; in one order everywhere."""
    rows = connection.execute(_PARTNERS.with_for_update(), {"these": list(these)}).mappings().all()
    return {row["id"]: row for row in rows}


def _in_the_way(connection: Connection, known: dict[str, RowMapping], partner_id: str, into: str) -> str:
    if said := _stands_in_the_way(known, partner_id, into):
        return said
    other = connection.execute(_INVOLVING, {"these": [partner_id, into]}).mappings().first()
    if other is None:
        return ""
    return f"It is proposed already to merge {other['partner_id']} into {other['into']}; withdraw that first."


def _stands_in_the_way(known: dict[str, RowMapping], partner_id: str, into: str) -> str:
    for each in (partner_id, into):
        row = known.get(each)
        if row is None:
            return f"There is no partner {each}."
        if row["merged_into"] is not None:
            return f"{each} was merged into {row['merged_into']}."
        if not row["active"] or row["left_at"] is not None:
            return f"{each} has left the program."
        if row["suspended"]:
            return f"{each} is suspended; the suspension has to be lifted before."
    return ""


def _ask(connection: Connection, merger: Merger, sides: Iterable[Side], at: datetime, now: datetime) -> None:
    for side in sides:
        link = Link(request=merger.number, purpose=side, number=merger.link, dies_at=merger.lapses_at)
        make_link(connection, merger.process, at, link)
        about = {**_about(merger), "purpose": side, "link_number": merger.link}
        _mail(connection, merger, merger.whose(side), "merger_asked", ("partner",), about, now)


def _done(connection: Connection, merger: Merger, *, at: datetime, now: datetime) -> None:
    merge(connection, Merged(merger.key, merger.partner_id, merger.into, at), now=now)
    _close(connection, merger, "done", "", "", at)
    for each in (merger.partner_id, merger.into):
        _mail(connection, merger, each, "merger_done", ("partner", "manager"), _about(merger), now)


def _end(connection: Connection, merger: Merger, state: str, by: str, why: str, *, at: datetime, now: datetime) -> None:
    _close(connection, merger, state, by, why, at)
    for each, to in ((merger.partner_id, ("partner", "manager")), (merger.into, ("partner",))):
        _mail(connection, merger, each, "merger_over", to, {**_about(merger), "reason": why}, now)


def _close(connection: Connection, merger: Merger, state: str, by: str, why: str, at: datetime) -> None:
    values = {"state": state, "ended_at": at, "ended_by": by, "why": why}
    connection.execute(_CHANGE.values(values), _named(merger))
    connection.execute(_LINKS_DIE, {"of": merger.process, "in_request": merger.number})


def _tell_process(connection: Connection, merger: Merger, why: str, *, at: datetime, now: datetime) -> None:
    postings = Postings(merger.process, now)
    said = {"proposed_at": merger.proposed_at.isoformat(), "reason": why}
    postings.signal(f"{merger.key}/over", merger.process, "merger_over", at, said)
    postings.write(connection)


def _mail(
    connection: Connection, merger: Merger, partner_id: str, template: str, to: Iterable[str], about: dict[str, object],
    now: datetime,
) -> None:  # fmt: skip
    # Each partner is written to as the one of its own process, so that its contact and its manager are found.
    postings = Postings(f"{PREFIX}{partner_id}", now)
    for each in to:
        key = f"{merger.key}/{template}/{merger.link}/{partner_id}/{each}"
        postings.mail(key, template, each, about, ())
    postings.write(connection)


def _about(merger: Merger) -> dict[str, object]:
    return {"merger": merger.process, "request": merger.number}


def _merger(connection: Connection, process: str, number: int) -> Merger:
    return Merger(**connection.execute(_ONE, {"of": process, "with_number": number}).mappings().one())


def _named(merger: Merger) -> dict[str, object]:
    return {"of": merger.process, "with_number": merger.number}
