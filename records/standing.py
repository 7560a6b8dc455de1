"""A partner's standing, evaluated inside a transaction: what the facts give, in the words that a process is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.engine import Row

from program.calendar import program_date, start_of_day
from program.edition import Edition, Tier, Track, edition
from program.evaluation import Evaluation, Standing
from program.facts import Facts
from program.moves import Decision, Held, adjusted, next_tier, possible_as_master, upward
from program.standing_words import checklist, reasons, shortfall, ticked
from records.database import reading
from records.partner_facts import changes_on, read_facts
from records.tables import processes, tier_intervals
from states.effects import Evaluate

PREFIX = "partner:"
"""What the process id of a partner's standing begins with; the partner's id follows."""

_HISTORY = (
    select(tier_intervals)
    .where(tier_intervals.c.partner_id == bindparam("of_partner"))
    .order_by(tier_intervals.c["from"].desc())
)
_PROCESS = select(processes).where(processes.c.process == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Interval:
    """A track and tier held from an instant to another (None: still), and why it began."""

    since: datetime
    until: datetime | None
    track: str
    tier: str
    why: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a partner stands today: what it holds, what its facts give, and what the next adjustment would do."""

    held: Held
    facts: Facts
    up: Decision
    down: Decision
    next: Standing | None
    as_master: Standing | None

    @property
    def evaluation(self) -> Evaluation:
        """Every standing held against the facts of today."""
        return self.up.evaluation


@dataclass(frozen=True, slots=True)
class StandingInFull:
    """All that is told of a standing: its process's state, the outlook, the next adjustment, and what was held."""

    partner_id: str
    state: str
    outlook: Outlook
    adjustment: date
    history: tuple[Interval, ...]


def outlook(rules: Edition, facts: Facts, on: date, held: Held) -> Outlook:
    """What a partner's facts of a day mean for what it holds."""
    up = upward(rules, facts, on, held)
    coming = rules.moves.adjustment_date(rules.moves.next_adjustment(start_of_day(on)))
    return Outlook(
        held,
        facts,
        up,
        adjusted(rules, facts, on, coming, held),
        next_tier(rules, up.evaluation, up.becomes),
        possible_as_master(rules, up.evaluation, held.standing),
    )


def evaluate_for(connection: Connection, partner_id: str, edition_name: str, asked: Evaluate, now: datetime) -> Any:
    """The answer to a process that asks what its partner's facts give; None for a partner that nobody knows."""
    rules = edition(edition_name)
    known = read_facts(connection, [partner_id], asked.on, known_by=now, referred_months=rules.tiers.referred_months)
    if partner_id not in known:
        return None
    held = Held(Standing.named(asked.held), asked.elite_until, asked.asked_to_be_master)
    found = outlook(rules, known[partner_id], asked.on, held)
    return told(rules, found, asked)


def told(rules: Edition, found: Outlook, asked: Evaluate) -> Mapping[str, Any]:
    """An outlook as a receipt brings it: JSON values, nothing personal."""
    evaluation, held = found.evaluation, found.held.standing
    # A master that asked to stay one is not moved to the other track.
    stays = found.held.asked_to_be_master and held.track is Track.MASTER
    gives = (evaluation.best(Track.MASTER) if stays else None) or evaluation.gives
    changes = changes_on(rules, found.facts, asked.on)
    answer = {
        "on": start_of_day(asked.on).isoformat(),
        "held": str(held),
        "rises_to": str(found.up.becomes) if found.up.moves else "",
        "falls_to": str(found.down.becomes) if found.down.moves else "",
        "at_risk": shortfall(found.down.evaluation.of(held)) if found.down.moves else "",
        "next_tier": str(found.next or ""),
        "checklist": checklist(evaluation.of(found.next)) if found.next else "",
        "way": ticked(evaluation.of(found.next)) if found.next else (),
        "as_master": str(found.as_master or ""),
        "changes_at": start_of_day(changes).isoformat() if changes else None,
    }
    if asked.settles:
        since = asked.since.isoformat() if asked.since else None
        answer |= {"settles_to": str(gives), "since": since, "why": reasons(rules, evaluation, gives)}
    elif found.up.moves:
        answer |= {"why": reasons(rules, evaluation, found.up.becomes)}
    return answer


def standing_in_full(engine: Engine, partner_id: str, *, now: datetime, otherwise: str) -> StandingInFull | None:
    """Where a partner stands now, by the edition of its process (`otherwise` where it has none yet).

    None for a partner that nobody knows, or that holds nothing.
    """
    with reading(engine) as connection:
        process = connection.execute(_PROCESS, {"of": f"{PREFIX}{partner_id}"}).first()
        history = _history(connection, partner_id)
        rules = edition(process.edition if process else otherwise)
        today = program_date(now)
        known = read_facts(connection, [partner_id], today, known_by=now, referred_months=rules.tiers.referred_months)
    if not history or partner_id not in known:
        return None
    shown = process.facts if process else {}
    retained = shown.get("elite retained until")
    held = Held(
        Standing(Track(history[0].track), Tier(history[0].tier)),
        elite_until=program_date(datetime.fromisoformat(retained)) if retained else None,
        asked_to_be_master=bool(shown.get("asked to be a master")),
    )
    coming = rules.moves.adjustment_date(rules.moves.next_adjustment(now))
    found = outlook(rules, known[partner_id], today, held)
    return StandingInFull(partner_id, process.state if process else "member", found, coming, tuple(history))


def process_of(engine: Engine, process: str) -> Row[Any] | None:
    """The projection of a process, if it has recorded one."""
    with reading(engine) as connection:
        return connection.execute(_PROCESS, {"of": process}).first()


def history_of_standing(engine: Engine, partner_id: str) -> list[Interval]:
    """Every track and tier that a partner has held, the newest first, with the reasons."""
    with reading(engine) as connection:
        return _history(connection, partner_id)


def _history(connection: Connection, partner_id: str) -> list[Interval]:
    rows = connection.execute(_HISTORY, {"of_partner": partner_id}).mappings()
    return [Interval(row["from"], row["to"], row["track"], row["tier"], row["why"]) for row in rows]
