"""Going through all partners' standings: who they are, page by page, and who would have to be looked at again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select

from program.calendar import program_date
from program.edition import Edition, Tier, Track, edition
from program.evaluation import Standing
from program.facts import Facts
from program.moves import Held
from records.database import reading
from records.jobs import Job, Page
from records.partner_facts import PARTNERS_AT_ONCE, read_facts
from records.posting import Postings
from records.standing import PREFIX, outlook
from records.tables import partners, processes

_PAGE = (
    select(partners.c.id, partners.c.track, partners.c.tier, processes.c.state, processes.c.edition, processes.c.facts)
    .join(processes, processes.c.process == PREFIX + partners.c.id)
    .where(
        partners.c.id > bindparam("after"),
        processes.c.final.is_(False),
        processes.c.state.not_in(("left", "received")),
    )
    .order_by(partners.c.id)
    .limit(PARTNERS_AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class Member:
    """A partner as its process has last recorded it."""

    id: str
    state: str
    edition: str
    held: Held
    since: datetime
    downtier_held: str


def members_after(connection: Connection, cursor: str) -> tuple[list[Member], str | None]:
    """The next page of partners that have a standing, and where the one after it begins; one question."""
    rows: Sequence[Any] = connection.execute(_PAGE, {"after": cursor}).all()
    return [_member(row) for row in rows], rows[-1].id if len(rows) == PARTNERS_AT_ONCE else None


def facts_of(
    connection: Connection,
    members: Sequence[Member],
    on: date,
    *,
    known_by: datetime,
    mrr_known_by: datetime | None = None,
) -> Iterator[tuple[Member, Edition, Facts]]:
    """The members' facts of a day, with the edition of each; four questions for an edition."""
    for name in sorted({member.edition for member in members}):
        rules = edition(name)
        mine = [member for member in members if member.edition == name]
        found = read_facts(
            connection,
            [member.id for member in mine],
            on,
            referred_months=rules.tiers.referred_months,
            known_by=known_by,
            mrr_known_by=mrr_known_by,
        )
        for member in mine:
            if member.id in found:
                yield member, rules, found[member.id]


def look_page(engine: Engine, job: Job, now: datetime) -> Page:
    """MRR has come in for many: tell the partners for whom it changes something."""
    today = program_date(now)
    with reading(engine) as connection:
        members, following = members_after(connection, job.cursor)
        changed = []
        for member, rules, facts in facts_of(connection, members, today, known_by=now):
            found = outlook(rules, facts, today, member.held)
            if found.up.moves or found.down.moves != (member.state == "at_risk"):
                changed.append(member.id)

    def write(connection: Connection, postings: Postings) -> None:  # noqa: ARG001
        for each in changed:
            # Done anew, it may have to tell a partner again what has changed since.
            key = f"{job.id}/{job.pages}/{each}"
            postings.signal(key, f"{PREFIX}{each}", "facts_changed", now, {"kinds": str(job.args.get("what", "MRR"))})

    return Page(following, Counter(seen=len(members), told=len(changed)), write)


def _member(row: Any) -> Member:
    shown: dict[str, Any] = row.facts
    retained = shown.get("elite retained until")
    held = Held(
        Standing(Track(row.track), Tier(row.tier)),
        elite_until=program_date(datetime.fromisoformat(retained)) if retained else None,
        asked_to_be_master=bool(shown.get("asked to be a master")),
    )
    since = datetime.fromisoformat(shown["since"])
    return Member(row.id, row.state, row.edition, held, since, shown.get("downtier held") or "")
