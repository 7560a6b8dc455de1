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
from records.database import reading_at_once
from records.jobs import Job, Page
from records.partner_facts import PARTNERS_AT_ONCE, facts_on_days
from records.posting import Postings
from records.standing import PREFIX, outlook
from records.tables import partners, processes

_PAGE = (
    select(
        partners.c.id,
        partners.c.country,
        partners.c.track,
        partners.c.tier,
        processes.c.state,
        processes.c.edition,
        processes.c.facts,
    )
    .join(processes, processes.c.process == PREFIX + partners.c.id)
    .where(
        partners.c.id > bindparam("after"),
        processes.c.final.is_(False),
        processes.c.state.not_in(("left", "received")),
        # Its process hears of it a moment later.
        partners.c.merged_into.is_(None),
    )
    .order_by(partners.c.id)
    .limit(PARTNERS_AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class Member:
    """A partner as its process has last recorded it."""

    id: str
    country: str
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
    connection: Connection, members: Sequence[Member], days: Sequence[tuple[date, datetime]], *, known_by: datetime
) -> Iterator[tuple[Member, Edition, list[Facts]]]:
    """The members' facts of some days, with the edition of each. With a day stands by when its MRR had been loaded.

    One question and one more for each day; as many again only where editions count referrals for different times.
    """
    rules = {name: edition(name) for name in sorted({member.edition for member in members})}
    for months in sorted({each.tiers.referred_months for each in rules.values()}):
        mine = [member for member in members if rules[member.edition].tiers.referred_months == months]
        countries = {member.id: member.country for member in mine}
        found = facts_on_days(connection, countries, days, referred_months=months, known_by=known_by)
        for member in mine:
            yield member, rules[member.edition], [facts[member.id] for facts in found]


def look_page(engine: Engine, job: Job, now: datetime) -> Page:
    """MRR has come in for many: tell the partners for whom it changes something."""
    today = program_date(now)
    with reading_at_once(engine) as connection:
        members, following = members_after(connection, job.cursor)
        changed = []
        for member, rules, (facts,) in facts_of(connection, members, [(today, now)], known_by=now):
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
    return Member(row.id, row.country, row.state, row.edition, held, since, shown.get("downtier held") or "")
