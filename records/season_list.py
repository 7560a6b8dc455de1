"""The list of an elite season: partners that meet the MRR thresholds, and those whose elite is evaluated again.

A season asks for a look through all partners; a runner in the worker takes it page by page, each page in a transaction
of its own, and tells the season when it has ended. A look that is carried out twice lists nobody twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Engine, and_, bindparam, func, null, select, update
from sqlalchemy.engine import Row

from program.calendar import program_date
from program.edition import Edition, Tier, edition
from program.elite_checklist import Checklist, elite_checklist
from program.elite_words import shortfall, told
from program.facts import Facts
from program.season import Timetable, due_again, retained_until
from records.database import reading, writing
from records.partner_facts import read_facts
from records.posting import Postings
from records.tables import elite_years, partners, season_list, season_looks, tier_intervals
from records.upsert import chosen, insert_if_new, insert_or_replace
from states.effects import LookThroughPartners, YearOfElite
from states.nomination import NOMINATION
from states.nomination_data import PREFIX as NOMINATION_PREFIX
from states.nomination_data import Nomination
from states.season_data import PREFIX

PAGE = 500

_ASK = insert_if_new(season_looks)
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
_NEXT_LOOK = (
    select(season_looks)
    .where(season_looks.c.done.is_(False))
    .order_by(season_looks.c.season, season_looks.c.number)
    .limit(1)
)
_THIS_LOOK = and_(season_looks.c.season == bindparam("of_season"), season_looks.c.number == bindparam("with_number"))
_GO_ON = update(season_looks).where(
    _THIS_LOOK, season_looks.c.after == bindparam("before"), season_looks.c.done.is_(False)
)
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


def ask_for_look(connection: Connection, effect: LookThroughPartners, edition_name: str, *, at: datetime) -> None:
    """Have all partners looked through; the same look asked for again changes nothing."""
    row = effect.model_dump(exclude={"do"}) | {"roster": list(effect.roster)}
    more = {"edition": edition_name, "asked_at": at, "after": "", "done": False}
    connection.execute(chosen(_ASK, connection), {**row, **more})


def look_on(engine: Engine, *, now: datetime, page: int = PAGE) -> bool:
    """Take one page of the oldest look that has not ended; False when there is none.

    Whoever takes a page moves the look on in the same transaction: of two that take the same one, one changes nothing.
    """
    with writing(engine) as connection:
        look = connection.execute(_NEXT_LOOK).mappings().first()
        if look is None:
            return False
        rows = connection.execute(_PARTNERS, {"after": look["after"], "at_most": page}).all()
        ended = len(rows) < page
        moved = connection.execute(
            _GO_ON.values(after=rows[-1].id if rows else look["after"], done=ended),
            {"of_season": look["season"], "with_number": look["number"], "before": look["after"]},
        )
        if moved.rowcount != 1:
            return True
        postings = Postings(f"{PREFIX}{look['season']}", now)
        _Look(connection, look, postings, now).take(rows)
        if ended:
            _conclude(connection, look, postings)
        postings.write(connection)
    return True


class _Look:
    """The taking of one page of a look."""

    def __init__(self, connection: Connection, look: Mapping[Any, Any], postings: Postings, now: datetime) -> None:
        self._connection = connection
        self._look = look
        self._postings = postings
        self._now = now
        self._rules = edition(look["edition"])

    def take(self, rows: Sequence[Row[Any, Any]]) -> None:
        """List who belongs on the list, check again who is on it, and begin nominations where it is time for that."""
        these = [row.id for row in rows]
        listed = {row.partner_id: row for row in self._connection.execute(_LISTED, self._season(these=these))}
        facts = read_facts(
            self._connection,
            these,
            self._look["on"],
            known_by=self._now,
            referred_months=self._rules.tiers.referred_months,
        )
        elites = [row.id for row in rows if row.tier == Tier.ELITE.value]
        again = self._due_again(elites)
        for partner_id in these:
            found = elite_checklist(self._rules, facts[partner_id], self._look["on"])
            known = listed.get(partner_id)
            belongs = partner_id in again if partner_id in elites else found.meets_mrr
            if known is None and not belongs:
                continue
            self._list(partner_id, found, known, reevaluation=partner_id in again)

    def _list(self, partner_id: str, found: Checklist, known: Row[Any] | None, *, reevaluation: bool) -> None:
        begins = bool(self._look["begins"])
        checked = {
            "met": found.met,
            "missing": shortfall(found),
            "points": [[told(point), point.met] for point in found.points],
            "on": self._look["on"],
        }
        if known is None:
            row = {"season": self._look["season"], "partner_id": partner_id, "look": self._look["number"]}
            row |= {**checked, "reevaluation": reevaluation, "begun": begins}
            self._connection.execute(chosen(_LIST, self._connection), row)
        else:
            values = {**checked, "begun": begins or known.begun}
            self._connection.execute(_CHECKED.values(values), self._season(of_partner=partner_id))
        if begins and (known is None or not known.begun):
            self._begin(partner_id, reevaluation=known.reevaluation if known else reevaluation)

    def _begin(self, partner_id: str, *, reevaluation: bool) -> None:
        nomination = Nomination.of(
            self._look["season"],
            partner_id,
            Timetable.model_validate(self._look["times"]),
            self._look["asked_at"],
            edition_name=self._rules.name,
            lifecycle_version=NOMINATION.version,
            roster=tuple(self._look["roster"]),
            reevaluation=reevaluation,
        )
        process = f"{NOMINATION_PREFIX}{nomination.id}"
        data = nomination.model_dump(mode="json", exclude_none=True)
        self._postings.begin(f"{process}/begin", process, NOMINATION.name, data)

    def _due_again(self, elites: list[str]) -> set[str]:
        """The elite partners whose retention ends on the grant date, or has ended without a decision."""
        until: dict[str, date] = {}
        for row in self._connection.execute(_ELITE_SINCE, {"these": elites}).mappings():
            until[row["partner_id"]] = retained_until(self._rules, program_date(row["from"]))
        until |= {row.partner_id: row.until for row in self._connection.execute(_YEARS, {"these": elites})}
        return {partner for partner in elites if due_again(until.get(partner), self._look["grant_date"])}

    def _season(self, **more: Any) -> dict[str, Any]:
        return {"of_season": self._look["season"], **more}


def _conclude(connection: Connection, look: Mapping[Any, Any], postings: Postings) -> None:
    """Each manager with new partners on the list gets one mail, and the season is told that the look has ended."""
    season, number = look["season"], look["number"]
    named = {"of_season": season, "with_number": number}
    by_manager: dict[str, str] = {}
    for row in connection.execute(_NEW, named):
        by_manager.setdefault(row.manager_address or "", row.partner_id)
    for first in by_manager.values():
        key = f"{PREFIX}{season}/look/{number}/{first}"
        about = {"season": season, "look": number, "grant_date": look["grant_date"].isoformat()}
        postings.mail(key, "season_list", f"manager-of:{first}", about, ())
    counted = connection.execute(_COUNTED, named).mappings().one()
    payload = {"number": number, **counted}
    postings.signal(f"{PREFIX}{season}/look/{number}", f"{PREFIX}{season}", "listed", postings.now, payload)


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
    }


def _facts(connection: Connection, partner_id: str, rules: Edition, on: date, now: datetime) -> Facts:
    months = rules.tiers.referred_months
    return read_facts(connection, [partner_id], on, known_by=now, referred_months=months)[partner_id]


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
