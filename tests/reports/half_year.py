"""A small half-year in the records, made at random, and what must be said of it, counted while it is made."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, insert

from records.database import writing
from records.tables import audit, claims, partners, processes, tier_intervals
from tests.records.telling import manage, refer

BEGINS = datetime(2027, 1, 1, 5, tzinfo=UTC)
NAMES = [f"partner-{number}" for number in range(12)]
LADDER = ["partner", "silver", "gold", "platinum"]
LIVES = {
    "credited": ("accept", "accepted", "client_paid", "credited"),
    "by opportunity": ("accept", "accepted", "opportunity_opened", "opportunity", "client_paid", "credited"),
    "rejected": ("reject", "rejected"),
    "still accepted": ("accept", "accepted"),
    "in review": (),
}
ANSWERS = {"client_confirms": "active", "client_denies": "denied", "lapse": "lapsed"}


@dataclass
class HalfYear:
    """What was put into the records, as a reader would count it by hand."""

    leads: Counter[str] = field(default_factory=Counter)
    decided: list[timedelta] = field(default_factory=list)
    accounts: Counter[str] = field(default_factory=Counter)
    confirmed: list[timedelta] = field(default_factory=list)
    at_the_end: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    referred: Counter[str] = field(default_factory=Counter)
    managed: Counter[str] = field(default_factory=Counter)
    overdue: Counter[str] = field(default_factory=Counter)
    days: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def make(engine: Engine, seed: int) -> HalfYear:
    """Partners that move, leads, accounts and nominations of the first half of 2027."""
    chance, year = Random(seed), HalfYear()
    for name in NAMES:
        _partner(engine, chance, name, year)
    for number in range(40):
        _lead(engine, chance, number, year)
    for number in range(25):
        _account(engine, chance, number, year)
    _nominations(engine)
    return year


def _partner(engine: Engine, chance: Random, name: str, year: HalfYear) -> None:
    tier = chance.choice(LADDER)
    turns = sorted(chance.sample(range(10, 170), chance.randrange(3)))
    since, last = BEGINS - timedelta(days=300), "joined"
    rows: list[dict[str, Any]] = []
    for day in turns:
        at = BEGINS + timedelta(days=day)
        after = chance.choice([each for each in LADDER if each != tier])
        because, why = chance.choice([("what its facts give", "On 2027-02-01: meets all."),
                                      ("the half-yearly adjustment", "Adjustment of 2027-H1: misses."),
                                      ("set by staff", "set by hand until 2027-12-31: agreed")])  # fmt: skip
        rows.append({"partner_id": name, "from": since, "to": at, "track": "advisor", "tier": tier, "why": last})
        year.moves[f"advisor {tier}", f"advisor {after}", because] += 1
        tier, since, last = after, at, why
    rows.append({"partner_id": name, "from": since, "to": None, "track": "advisor", "tier": tier, "why": last})
    standing = f"advisor {tier}"
    year.at_the_end[standing] += 1
    with writing(engine) as connection:
        connection.execute(insert(partners), {
            "id": name, "name": name, "contact_name": "Desk", "contact_email": "desk@partner.example", "country": "US",
            "track": "advisor", "tier": tier, "joined_at": BEGINS, "active": True})  # fmt: skip
        connection.execute(insert(tier_intervals), rows)
    for _ in range(chance.randrange(3)):
        dollars = chance.randrange(50, 900)
        refer(engine, name, dollars, paid=BEGINS + timedelta(days=5))
        year.referred[standing] += dollars
    for _ in range(chance.randrange(2)):
        dollars = chance.randrange(50, 900)
        manage(engine, name, dollars, since=BEGINS + timedelta(days=5))
        year.managed[standing] += dollars


def _lead(engine: Engine, chance: Random, number: int, year: HalfYear) -> None:
    at = BEGINS + timedelta(days=chance.randrange(100), hours=chance.randrange(8, 18))
    life = chance.choice(list(LIVES))
    steps = [("begin", "received", "in_review", at)]
    year.days[at.date()]["leads registered"] += 1
    decided, state = at + timedelta(hours=chance.randrange(1, 400)), "in_review"
    words = LIVES[life]
    for place in range(0, len(words), 2):
        trigger, dest = words[place], words[place + 1]
        steps.append((trigger, state, dest, decided + timedelta(hours=place)))
        state = dest
    year.leads["registered"] += 1
    if life != "in review":
        year.decided.append(decided - at)
    year.leads["accepted"] += life in ("credited", "by opportunity", "still accepted")
    year.leads["credited"] += life in ("credited", "by opportunity")
    year.leads["working opportunity"] += life == "by opportunity"
    year.leads["rejected"] += life == "rejected"
    waits = {"waits_for": "reviewer", "overdue": chance.random() < 0.5} if life == "in review" else {}
    if waits:
        year.overdue["waiting"] += 1
        year.overdue["overdue"] += bool(waits["overdue"])
    _record(engine, "lead", f"lead:{number}", steps, **waits)


def _account(engine: Engine, chance: Random, number: int, year: HalfYear) -> None:
    at = BEGINS + timedelta(days=chance.randrange(100), hours=12)
    steps = [("begin", "received", "waiting", at)]
    year.accounts["asked"] += 1
    trigger = chance.choice([*ANSWERS, ""])
    if trigger:
        after = timedelta(days=30) if trigger == "lapse" else timedelta(hours=chance.randrange(1, 500))
        steps.append((trigger, "waiting", ANSWERS[trigger], at + after))
        year.accounts[ANSWERS[trigger]] += 1
        if trigger == "client_confirms":
            year.confirmed.append(after)
    _record(engine, "account", f"account:K{number:05}:partner-1", steps)


def _nominations(engine: Engine) -> None:
    marks = {"average": "3.10", "areas": {"leadership": ["3.00", 3], "health": ["3.20", 3]}}
    for name, outcome in (("partner-1", "granted"), ("partner-2", "not_granted")):
        _record(engine, "nomination", f"nomination:2027-H1:{name}",
                [("begin", "received", "nominated", BEGINS + timedelta(days=31, hours=12))],
                outcome=outcome, partner_id=name, facts={"marks": marks})  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(claims), {
            "kind": "prospect", "subject": "shop.example", "process": "lead:1", "partner_id": "partner-1",
            "since": BEGINS, "status": "in_line", "firm": False})  # fmt: skip


def _record(engine: Engine, kind: str, process: str, steps: list[tuple[str, str, str, datetime]], **more: Any) -> None:
    row = {
        "process": process, "kind": kind, "state": steps[-1][2], "outcome": "", "final": False,
        "partner_id": "partner-1", "subject": process, "edition": "2022", "lifecycle_version": 1, "since": steps[0][3],
        "waits_for": "", "overdue": False, "due_summary": "", "facts": {}, "chain": "run", "number": 1,
        "updated_at": steps[-1][3],
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(processes), row | more)
        connection.execute(insert(audit), [
            {"process": process, "chain": "run", "number": number, "index": 0, "trigger": trigger, "source": source,
             "dest": dest, "at": at, "handled_at": at, "by": "", "reason": "", "message_id": "", "details": {}}
            for number, (trigger, source, dest, at) in enumerate(steps)])  # fmt: skip
