"""What a half-year was like, in figures: the one place from which its report takes them.

All of it is counted as of an instant, by what happened (`at`) in the half-year until then. Nothing here is personal:
partners are named by their ids.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, or_, select

from program.calendar import Half, end_of_day, months_from, program_date, start_of_day
from program.edition import Edition
from records.columns import word
from records.database import reading, take_time
from records.mrr import mrr_in
from records.season_events import EVENTS, Accounts, Happening, Leads, Lines, accounts, leads, lines
from records.tables import audit, claims, partners, processes, tier_intervals
from states.nomination_data import PREFIX as NOMINATION

_HELD = (
    select(tier_intervals)
    .where(
        tier_intervals.c["from"] < bindparam("before"),
        or_(tier_intervals.c.to.is_(None), tier_intervals.c.to > bindparam("after")),
    )
    .order_by(tier_intervals.c.partner_id, tier_intervals.c["from"])
)
_HAPPENED = (
    select(processes.c.kind, audit.c.process, audit.c.trigger, audit.c.source, audit.c.dest, audit.c.at)
    .join(processes, processes.c.process == audit.c.process)
    .where(audit.c.at >= bindparam("after"), audit.c.at < bindparam("before"))
    .order_by(audit.c.at, audit.c.process, audit.c.number, audit.c.index)
)
_WAITING = (
    select(processes.c.waits_for, processes.c.overdue, func.count().label("many"))
    .where(processes.c.waits_for != "", processes.c.final.is_(False))
    .group_by(processes.c.waits_for, processes.c.overdue)
)
_IN_LINE = select(func.count()).where(claims.c.status == word("in_line"))
_NOMINATIONS = (
    select(processes.c.partner_id, processes.c.state, processes.c.outcome, processes.c.facts)
    .where(processes.c.kind == "nomination", processes.c.process.like(bindparam("of_season")))
    .order_by(processes.c.partner_id)
)
_EVERYBODY = select(partners.c.id).order_by(partners.c.id)

# How the reasons begin that intervals are recorded with, and what a reader calls them.
BECAUSE = (
    ("Adjustment of ", "the half-yearly adjustment"),
    ("corrected by staff", "corrected by staff at the adjustment"),
    ("set by hand", "set by staff"),
    ("asked to move", "the partner asked for its track"),
    ("entered by administration", "entered by administration"),
    ("joined again", "joined again"),
    ("On ", "what its facts give"),
)
ELITE = "the committee's season"


@dataclass(frozen=True, slots=True)
class Movement:
    """One partner that moved: when, from where (empty: it joined), to where, and why in a few words."""

    partner_id: str
    at: datetime
    before: str
    after: str
    because: str


@dataclass(frozen=True, slots=True)
class TierMrr:
    """What the partners of one standing bring, in dollars a month."""

    partners: int
    referred: Decimal
    referred_sms: Decimal
    managed: Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a role, and what of it is overdue."""

    role: str
    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Nominated:
    """A nomination: what became of it, its average, and the averages of the areas in the rubric's order."""

    partner_id: str
    became: str
    average: Decimal | None
    areas: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class SeasonFigures:
    """A half-year in figures, until an instant."""

    half: Half
    until: datetime
    rules: Edition
    tiers: tuple[tuple[date, dict[str, int]], ...]
    movements: tuple[Movement, ...]
    mrr: dict[str, TierMrr]
    leads: Leads
    lines: Lines
    accounts: Accounts
    waiting: tuple[Waiting, ...]
    became_overdue: dict[str, int]
    nominations: tuple[Nominated, ...]
    days: tuple[tuple[date, dict[str, int]], ...]

    @property
    def standings(self) -> tuple[str, ...]:
        """The standings that anybody held, in the order of the edition's table; behind them those it does not have."""
        held = {name for _, counted in self.tiers for name in counted} | set(self.mrr)
        known = [name for row in self.rules.tiers.requirements if (name := f"{row.track} {row.tier}") in held]
        return (*known, *sorted(held.difference(known)))


def season_figures(engine: Engine, half: Half, *, now: datetime, rules: Edition) -> SeasonFigures:
    """Everything that the report of a half-year shows, as of its end, or as of `now` while it runs.

    `rules` say in which order tiers stand and how many months of MRR count.
    """
    begins, ends = start_of_day(half.first_day), end_of_day(half.last_day)
    until = max(begins, min(now, ends))
    with reading(engine) as connection:
        take_time(connection)
        held = connection.execute(_HELD, {"before": until, "after": begins}).all()
        happened = [Happening(*row) for row in connection.execute(_HAPPENED, {"after": begins, "before": until})]
        still_in_line = connection.execute(_IN_LINE).scalar_one()
        waiting = connection.execute(_WAITING).all()
        nominated = connection.execute(_NOMINATIONS, {"of_season": f"{NOMINATION}{half}:%"}).all()
        mrr = _mrr(connection, held, until, rules)
    months = [
        (day, _standings(held, start_of_day(day)))
        for day in months_from(half.first_day, 6)
        if start_of_day(day) < until
    ]
    return SeasonFigures(
        half,
        until,
        rules,
        (*months, (program_date(until), _standings(held, until))),
        tuple(_movements(held, begins)),
        mrr,
        leads(happened),
        lines(happened, still_in_line),
        accounts(happened),
        tuple(_waiting(waiting)),
        dict(sorted(Counter(each.kind for each in happened if each.trigger.endswith("_overdue")).items())),
        tuple(_nominated(row) for row in nominated),
        tuple(_days(happened)),
    )  # fmt: skip


def _standings(held: Sequence[Any], at: datetime) -> dict[str, int]:
    """How many partners held what just before an instant (at the first one, at it)."""
    counted = Counter(
        f"{row.track} {row.tier}" for row in held if row._mapping["from"] <= at and (row.to is None or row.to > at)
    )
    return dict(sorted(counted.items()))


def _movements(held: Sequence[Any], begins: datetime) -> Iterable[Movement]:
    before: dict[str, Any] = {}
    for row in held:
        since, last = row._mapping["from"], before.get(row.partner_id)
        came_from = f"{last.track} {last.tier}" if last is not None and last.to == since else ""
        if since >= begins:
            yield Movement(row.partner_id, since, came_from, f"{row.track} {row.tier}", _because(row, came_from))
        before[row.partner_id] = row


def _because(row: Any, came_from: str) -> str:
    if row.tier == "elite":
        return ELITE
    for beginning, words in BECAUSE:
        if row.why.startswith(beginning):
            return words
    return "joined" if not came_from else "another reason"


def _mrr(connection: Connection, held: Sequence[Any], until: datetime, rules: Edition) -> dict[str, TierMrr]:
    now_held = {row.partner_id: f"{row.track} {row.tier}" for row in held if row.to is None or row.to > until}
    known = [row.id for row in connection.execute(_EVERYBODY) if row.id in now_held]
    found = mrr_in(connection, known, as_of=until, known_by=until, months=rules.tiers.referred_months)
    grouped: dict[str, list[Any]] = defaultdict(list)
    for partner_id in known:
        grouped[now_held[partner_id]].append(found[partner_id])
    return {
        standing: TierMrr(
            len(each),
            sum((one.referred for one in each), Decimal(0)),
            sum((one.referred_sms for one in each), Decimal(0)),
            sum((one.managed for one in each), Decimal(0)),
        )
        for standing, each in sorted(grouped.items())
    }


def _waiting(rows: Sequence[Any]) -> Iterable[Waiting]:
    counted: dict[str, Counter[bool]] = defaultdict(Counter)
    for row in rows:
        counted[row.waits_for][bool(row.overdue)] += row.many
    for role, many in sorted(counted.items()):
        yield Waiting(role, many[True] + many[False], many[True])


def _nominated(row: Any) -> Nominated:
    marks = row.facts.get("marks") or {}
    average = marks.get("average")
    areas = {area: Decimal(str(found[0])) for area, found in (marks.get("areas") or {}).items()}
    became = (row.outcome or row.state).replace("_", " ")
    return Nominated(row.partner_id, became, None if average is None else Decimal(str(average)), areas)


def _days(happened: Sequence[Happening]) -> Iterable[tuple[date, dict[str, int]]]:
    counted: dict[date, Counter[str]] = defaultdict(Counter)
    for each in happened:
        if words := EVENTS.get((each.kind, each.trigger)):
            counted[program_date(each.at)][words] += 1
    for day in sorted(counted):
        yield day, dict(counted[day])
