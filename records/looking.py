"""Going through all partners' standings: who they are, page by page, and who would have to be looked at again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Engine, and_, bindparam, select

from program.calendar import program_date
from program.edition import Edition, Tier, Track, edition
from program.evaluation import Standing
from program.facts import Facts
from program.moves import Held
from records.database import reading_patiently
from records.jobs import Job, Page
from records.partner_facts import PARTNERS_AT_ONCE, facts_on_days
from records.posting import Postings
from records.standing import PREFIX, Outlook, outlook, told
from records.tables import commits, partners, processes
from states.effects import Evaluate
from states.partner import FREE
from states.partner_data import STANDING

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
_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_RECEIPTS = (
    select(commits.c.process, commits.c.receipt)
    .join(
        processes,
        and_(
            processes.c.process == commits.c.process,
            processes.c.chain == commits.c.chain,
            processes.c.number == commits.c.number,
        ),
    )
    .where(processes.c.process.in_(_THESE))
)
_SHOWN_AS = {"checklist": "next", "at_risk": "at risk", "falls_to": "would fall to", "as_master": "could be"}
"""What a process is told of an outlook and shows on its card: the names in a receipt, and those on the card."""

_DOLLARS = re.compile(r"\$[\d,.]+")


@dataclass(frozen=True, slots=True)
class Member:
    """A partner as its process has last recorded it; `shown` is what its card says."""

    id: str
    country: str
    state: str
    edition: str
    held: Held
    since: datetime
    shown: Mapping[str, Any]


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
    with reading_patiently(engine) as connection:
        members, following = members_after(connection, job.cursor)
        receipts = _receipts(connection, members)
        changed = []
        for member, rules, (facts,) in facts_of(connection, members, [(today, now)], known_by=now):
            found = outlook(rules, facts, today, member.held)
            moves = found.up.moves or found.down.moves != (member.state == "at_risk")
            if (moves and member.state in FREE) or _says_something_new(rules, found, today, _knows(member, receipts)):
                changed.append(member.id)

    def write(connection: Connection, postings: Postings) -> None:  # noqa: ARG001
        for each in changed:
            # Done anew, it may have to tell a partner again what has changed since.
            key = f"{job.id}/{job.pages}/{each}"
            postings.signal(key, f"{PREFIX}{each}", "facts_changed", now, {"kinds": str(job.args.get("what", "MRR"))})

    return Page(following, Counter(seen=len(members), told=len(changed)), write)


def _receipts(connection: Connection, members: Sequence[Member]) -> dict[str, Mapping[str, Any]]:
    """What the processes of these members were told with their last commits, where that was an evaluation."""
    rows = connection.execute(_RECEIPTS, {"these": [PREFIX + member.id for member in members]})
    found = {row.process.removeprefix(PREFIX): row.receipt.get("found", {}) for row in rows}
    return {partner: answers[STANDING] for partner, answers in found.items() if STANDING in answers}


def _knows(member: Member, receipts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What a process knows of its outlook, by the names of a receipt; of what it was never told, nothing is next.

    Its last commit was written before it heard the answer, so that what it recorded may be older than what it knows.
    """
    if receipt := receipts.get(member.id):
        return {name: receipt.get(name, "") for name in _SHOWN_AS}
    knows = {name: member.shown.get(label) or "" for name, label in _SHOWN_AS.items()}
    if not member.shown.get("evaluated"):
        del knows["checklist"]
    return knows


def _says_something_new(rules: Edition, found: Outlook, today: date, knows: Mapping[str, str]) -> bool:
    """Whether an outlook says other things than a process knows; the same with other amounts is nothing new."""
    says = told(rules, found, Evaluate(on=today, held=str(found.held.standing)))
    return any(_DOLLARS.sub("$", says[name]) != _DOLLARS.sub("$", known) for name, known in knows.items())


def _member(row: Any) -> Member:
    shown: dict[str, Any] = row.facts
    retained = shown.get("elite retained until")
    held = Held(
        Standing(Track(row.track), Tier(row.tier)),
        elite_until=program_date(datetime.fromisoformat(retained)) if retained else None,
        asked_to_be_master=bool(shown.get("asked to be a master")),
    )
    since = datetime.fromisoformat(shown["since"])
    return Member(row.id, row.country, row.state, row.edition, held, since, shown)
