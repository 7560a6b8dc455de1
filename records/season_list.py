"""The list of an elite season: partners that meet the MRR thresholds, and those whose elite is evaluated again.

A season asks for a look through all partners, which is a job that tells the season when it has ended. A look that is
carried out twice lists nobody twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Engine, bindparam, func, null, select, update
from sqlalchemy.engine import Row

from program.calendar import end_of_day, program_date
from program.edition import Edition, Tier, edition
from program.elite_checklist import Checklist, elite_checklist
from program.elite_words import shortfall, told
from program.facts import Facts
from program.season import Timetable, due_again, retained_until
from records.database import reading, reading_patiently
from records.jobs import Job, Page
from records.partner_facts import read_facts
from records.posting import MANAGER_OF, Postings
from records.tables import elite_years, partners, season_list, tier_intervals
from records.upsert import chosen, insert_if_new, insert_or_replace
from states.effects import YearOfElite
from states.nomination import NOMINATION
from states.nomination_data import PREFIX as NOMINATION_PREFIX
from states.nomination_data import Nomination
from states.season_data import PREFIX

PAGE = 500

_LIST = insert_if_new(season_list)
_YEAR = insert_or_replace(elite_years)
_OF_SEASON = season_list.c.season == bindparam("of_season")
_PARTNERS = (
    select(partners.c.id, partners.c.tier)
    .where(partners.c.id > bindparam("after"), partners.c.active, partners.c.left_at.is_(null()))
    .order_by(partners.c.id)
    .limit(bindparam("at_most"))
)
_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_YEARS = (
    select(elite_years.c.partner_id, func.max(elite_years.c.until).label("until"))
    .where(elite_years.c.partner_id.in_(_THESE))
    .group_by(elite_years.c.partner_id)
)
_ELITE_SINCE = select(tier_intervals.c.partner_id, tier_intervals.c["from"]).where(
    tier_intervals.c.partner_id.in_(_THESE), tier_intervals.c.to.is_(null()), tier_intervals.c.tier == Tier.ELITE.value
)
_LISTED = select(season_list).where(_OF_SEASON, season_list.c.partner_id.in_(_THESE))
_CHECKED = update(season_list).where(_OF_SEASON, season_list.c.partner_id == bindparam("of_partner"))
_COUNTED = select(
    func.count().label("listed"),
    func.count().filter(season_list.c.reevaluation).label("again"),
    func.count().filter(season_list.c.look == bindparam("with_number")).label("new"),
).where(_OF_SEASON)
_NEW = (
    select(season_list.c.partner_id, partners.c.manager_address)
    .join(partners, partners.c.id == season_list.c.partner_id)
    .where(_OF_SEASON, season_list.c.look == bindparam("with_number"))
    .order_by(season_list.c.partner_id)
)
_PARTNER = select(partners).where(partners.c.id == bindparam("of_partner"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed partner, its manager's address, and the whole checklist in words with whether each point is met."""

    partner_id: str
    name: str
    tier: str
    manager: str
    look: int
    reevaluation: bool
    met: bool
    missing: str
    points: tuple[tuple[str, bool], ...]


def look_through_page(engine: Engine, job: Job, now: datetime, page: int = PAGE) -> Page:
    """One page of a look: list who belongs on the list, check again who is on it, and begin nominations in time."""
    with reading_patiently(engine) as connection:
        rows = connection.execute(_PARTNERS, {"after": job.cursor, "at_most": page}).all()
        look = _Look(connection, job.args, now)
        found = look.take(rows)
        following = rows[-1].id if len(rows) == page else None
        counted = Counter[str]() if following else look.counted(found)

    def write(connection: Connection, postings: Postings) -> None:
        for each in found:
            look.write(connection, postings, each)
        if following is None:
            _tell_managers(connection, job.args, postings)

    return Page(following, counted, write)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look has found of a partner that belongs on the list; `listed` says that it stood there before."""

    partner_id: str
    checked: dict[str, Any]
    listed: bool
    begins: bool
    reevaluation: bool


class _Look:
    """The taking of one page of a look, as the season has asked for it."""

    def __init__(self, connection: Connection, asked: Mapping[str, Any], now: datetime) -> None:
        self._connection = connection
        self._asked = asked
        self._now = now
        self._on = date.fromisoformat(asked["on"])
        self._rules = edition(asked["edition"])

    def take(self, rows: Sequence[Row[Any, Any]]) -> list[_Found]:
        """Who of a page belongs on the list."""
        these = [row.id for row in rows]
        listed = {row.partner_id: row for row in self._connection.execute(_LISTED, self._season(these=these))}
        months = self._rules.tiers.referred_months
        facts = read_facts(self._connection, these, self._on, known_by=self._now, referred_months=months)
        elites = [row.id for row in rows if row.tier == Tier.ELITE.value]
        again = self._due_again(elites)
        found = []
        for partner_id in these:
            checklist = elite_checklist(self._rules, facts[partner_id], self._on)
            known = listed.get(partner_id)
            belongs = partner_id in again if partner_id in elites else checklist.meets_mrr
            if known is not None or belongs:
                found.append(self._found(partner_id, checklist, known, reevaluation=partner_id in again))
        return found

    def _found(self, partner_id: str, found: Checklist, known: Row[Any] | None, *, reevaluation: bool) -> _Found:
        begins = bool(self._asked["begins"])
        checked = {
            "met": found.met,
            "missing": shortfall(found),
            "points": [[told(point), point.met] for point in found.points],
            "on": self._on,
            "begun": begins or (known is not None and known.begun),
        }
        return _Found(
            partner_id,
            checked,
            listed=known is not None,
            begins=begins and (known is None or not known.begun),
            reevaluation=known.reevaluation if known else reevaluation,
        )

    def counted(self, found: Sequence[_Found]) -> Counter[str]:
        """What the season is told in the end: who was on the list already, and who comes with the last page."""
        number = self._asked["number"]
        before = self._connection.execute(_COUNTED, self._season(with_number=number)).mappings().one()
        new = [each for each in found if not each.listed]
        more = {"listed": len(new), "again": sum(each.reevaluation for each in new), "new": len(new)}
        return Counter({"number": number} | {name: before[name] + more[name] for name in more})

    def write(self, connection: Connection, postings: Postings, found: _Found) -> None:
        """Write one partner onto the list, or what was checked again, and begin its nomination where it is time."""
        if found.listed:
            named = self._season(of_partner=found.partner_id)
            connection.execute(_CHECKED.values(found.checked), named)
        else:
            row = {"season": self._asked["season"], "partner_id": found.partner_id, "look": self._asked["number"]}
            row |= {**found.checked, "reevaluation": found.reevaluation}
            connection.execute(chosen(_LIST, connection), row)
        if found.begins:
            self._begin(postings, found.partner_id, reevaluation=found.reevaluation)

    def _begin(self, postings: Postings, partner_id: str, *, reevaluation: bool) -> None:
        nomination = Nomination.of(
            self._asked["season"],
            partner_id,
            Timetable.model_validate(self._asked["times"]),
            datetime.fromisoformat(self._asked["asked_at"]),
            edition_name=self._rules.name,
            lifecycle_version=NOMINATION.version,
            roster=tuple(self._asked["roster"]),
            reevaluation=reevaluation,
        )
        process = f"{NOMINATION_PREFIX}{nomination.id}"
        data = nomination.model_dump(mode="json", exclude_none=True)
        postings.begin(f"{process}/begin", process, NOMINATION.name, data)

    def _due_again(self, elites: list[str]) -> set[str]:
        """The elite partners whose retention ends on the grant date, or has ended without a decision."""
        until: dict[str, date] = {}
        for row in self._connection.execute(_ELITE_SINCE, {"these": elites}).mappings():
            until[row["partner_id"]] = retained_until(self._rules, program_date(row["from"]))
        until |= {row.partner_id: row.until for row in self._connection.execute(_YEARS, {"these": elites})}
        grant_date = date.fromisoformat(self._asked["grant_date"])
        return {partner for partner in elites if due_again(until.get(partner), grant_date)}

    def _season(self, **more: Any) -> dict[str, Any]:
        return {"of_season": self._asked["season"], **more}


def _tell_managers(connection: Connection, asked: Mapping[str, Any], postings: Postings) -> None:
    """Each manager with new partners on the list gets one mail."""
    season, number = asked["season"], asked["number"]
    by_manager: dict[str, str] = {}
    for row in connection.execute(_NEW, {"of_season": season, "with_number": number}):
        by_manager.setdefault(row.manager_address or "", row.partner_id)
    for first in by_manager.values():
        key = f"{PREFIX}{season}/look/{number}/{first}"
        about = {"season": season, "look": number, "grant_date": asked["grant_date"]}
        postings.mail(key, "season_list", f"{MANAGER_OF}{first}", about, ())


def look_at(connection: Connection, partner_id: str, edition_name: str, on: date, *, now: datetime) -> dict[str, Any]:
    """What the records say of a partner for elite, on the facts of a day; `gone` is a sentence where it is out."""
    rules = edition(edition_name)
    partner = connection.execute(_PARTNER, {"of_partner": partner_id}).mappings().first()
    if partner is None or not partner["active"] or partner["left_at"] is not None:
        return {"gone": "The partner has left the program."}
    facts = _facts(connection, partner_id, rules, on, now)
    if not _facts(connection, partner_id, rules, program_date(now), now).agreement_signed:
        return {"gone": "The partner has no signed agreement any more."}
    found = elite_checklist(rules, facts, on)
    return {
        "on": on.isoformat(),
        "manager": partner["manager_address"] or "",
        "met": found.met,
        "missing": shortfall(found),
        "suspended": bool(partner["suspended"]),
    }


def _facts(connection: Connection, partner_id: str, rules: Edition, on: date, now: datetime) -> Facts:
    months, loaded_by = rules.tiers.referred_months, min(now, end_of_day(on))
    facts = read_facts(connection, [partner_id], on, known_by=now, mrr_known_by=loaded_by, referred_months=months)
    return facts[partner_id]


def keep_year(connection: Connection, partner_id: str, effect: YearOfElite) -> None:
    """Keep that elite was granted or confirmed, and until when it is retained."""
    row = {"partner_id": partner_id, "season": effect.season, "granted_at": effect.at, "until": effect.until}
    connection.execute(chosen(_YEAR, connection), row)


def listed(engine: Engine, season: str, *, look: int | None = None, manager: str | None = None) -> list[Entry]:
    """The list of a season by partner; only what a look has found first, or one manager's ("" for nobody's)."""
    with reading(engine) as connection:
        return entries(connection, season, look=look, manager=manager)


def entries(connection: Connection, season: str, *, look: int | None = None, manager: str | None = None) -> list[Entry]:
    """See `listed`."""
    wanted = (
        select(season_list, partners.c.name, partners.c.tier, partners.c.manager_address)
        .join(partners, partners.c.id == season_list.c.partner_id)
        .where(season_list.c.season == season)
        .order_by(partners.c.name, season_list.c.partner_id)
    )
    if look is not None:
        wanted = wanted.where(season_list.c.look == look)
    if manager is not None:
        wanted = wanted.where(func.coalesce(partners.c.manager_address, "") == manager)
    return [_entry(row) for row in connection.execute(wanted)]


def _entry(row: Row[Any]) -> Entry:
    points: Iterable[tuple[str, bool]] = ((text, met) for text, met in row.points)
    return Entry(
        row.partner_id, row.name, row.tier, row.manager_address or "", row.look, row.reevaluation, row.met, row.missing,
        tuple(points),
    )  # fmt: skip
