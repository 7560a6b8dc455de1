"""The pages of a half-year's adjustment: warn who is at risk, freeze and judge everybody, move who falls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, bindparam, func, select, update

from program.calendar import Half, last_day, program_date
from program.edition import EDITIONS, Edition
from program.evaluation import Standing
from program.facts import Facts
from program.moves import Decision, adjusted, recovered
from program.standing_words import reasons, shortfall
from records.database import reading, reading_patiently
from records.jobs import Job, Page
from records.looking import Member, facts_of, members_after
from records.partner_facts import PartnerFact, facts_that_came_late
from records.posting import Postings
from records.standing import PREFIX
from records.tables import judgements, partners, processes
from records.upsert import chosen, insert_if_new
from states.adjustment_data import BY_HAND, HELD, LISTED_ON_CARD

# Whom an adjustment can move by its facts: not a partner whose tier is set by hand.
WARNED = ("member", "at_risk", "suspended")
FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)

_JUDGE = insert_if_new(judgements)
_OF_HALF = select(judgements).where(judgements.c.half == bindparam("of_half"))
_MOVERS = (
    _OF_HALF.add_columns(processes.c.state, processes.c.facts.label("shown"))
    .outerjoin(processes, processes.c.process == PREFIX + judgements.c.partner_id)
    .where((judgements.c.becomes != judgements.c.held) | judgements.c.outcome.not_in(("", "kept")))
    .order_by(judgements.c.partner_id)
)
_FROZEN = select(func.max(judgements.c.judged_at)).where(judgements.c.half == bindparam("of_half"))
_THESE = _OF_HALF.where(judgements.c.partner_id.in_(bindparam("these", expanding=True)))
_BECAME = (
    update(judgements)
    .where(judgements.c.half == bindparam("of_half"), judgements.c.partner_id == bindparam("of_partner"))
    .values(outcome=bindparam("now_is"), became=bindparam("now_stands"))
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an adjustment found of a partner: held, what it would become, what is missing, and what became of it.

    `outcome` is moved, kept, held, set by hand, corrected, recovered or merged. Until it ran, it is empty but for those
    who are held, or set by hand, as things are now, and for the merged.
    """

    partner_id: str
    held: str
    becomes: str
    retained: bool
    missing: str
    why: str
    outcome: str
    became: str


def movers(engine: Engine, half: str) -> list[Judgement]:
    """Who would move at an adjustment, or was moved by it, in the order of their ids."""
    with reading(engine) as connection:
        return [
            Judgement(
                row.partner_id, row.held, row.becomes, row.retained, row.missing, row.why, _outcome(row), row.became
            )
            for row in connection.execute(_MOVERS, {"of_half": half})
        ]


def read_list(connection: Connection, half: str, decided: Sequence[str]) -> dict[str, Any]:
    """What an adjustment's process is told of its list: the first who move, and the decided whom nobody knows."""
    first = connection.execute(_MOVERS.limit(LISTED_ON_CARD), {"of_half": half})
    known = set(connection.execute(select(partners.c.id).where(partners.c.id.in_(decided))).scalars())
    return {
        "movers": [
            {
                "partner": row.partner_id,
                "held": row.held,
                "becomes": row.became or row.becomes,
                "missing": row.missing,
                "outcome": _outcome(row),
            }
            for row in first
        ],
        "strangers": [each for each in decided if each not in known],
    }


def late_facts(engine: Engine, half: str, *, cut_off: str) -> list[PartnerFact]:
    """The facts that were so at the cut-off and came only after the list was made: corrections beside it."""
    with reading(engine) as connection:
        frozen = connection.execute(_FROZEN, {"of_half": half}).scalar()
        if frozen is None:
            return []
        return facts_that_came_late(connection, so_before=datetime.fromisoformat(cut_off), came_after=frozen)


def warn_page(engine: Engine, job: Job, now: datetime) -> Page:
    """Write to the partners whose facts would not keep what they hold, with what is missing; too late, to nobody.

    The facts are those that are known now, as they will stand at the cut-off: what runs out before it is missing.
    """
    half, cut_off = Half.parse(job.args["half"]), datetime.fromisoformat(job.args["cut_off"])
    at_risk: list[tuple[Member, dict[str, str]]] = []
    with reading_patiently(engine) as connection:
        members, following = members_after(connection, job.cursor)
        for member, rules, (facts,) in facts_of(connection, members, [(last_day(cut_off), now)], known_by=now):
            day = rules.moves.adjustment_date(half)
            found = adjusted(rules, facts, rules.moves.cut_off_date(half), day, member.held)
            left_alone = member.id in job.args["holds"] or _stays(half, member.state, member.shown)
            if found.moves and not left_alone and member.state in WARNED and now < cut_off:
                about = {
                    "falls_to": str(found.becomes),
                    "standing": str(found.held),
                    "missing": shortfall(found.evaluation.of(found.held)),
                    "cut_off": cut_off.isoformat(),
                }
                at_risk.append((member, about))

    def write(connection: Connection, postings: Postings) -> None:
        for member, about in at_risk:
            theirs = Postings(f"{PREFIX}{member.id}", postings.now)
            # Under this key each warning leaves once, however often and under whatever name the adjustment is begun.
            key = f"adjustment/{half}/warning/{job.args['warning']}/{member.id}"
            # Whoever is known to be at risk, and recovers before the mail has left, needs none.
            only_while = ("at_risk",) if member.state == "at_risk" else WARNED
            theirs.mail(key, "tier_at_risk", "partner", about, only_while)
            theirs.write(connection)

    return Page(following, Counter(seen=len(members), warned=len(at_risk)), write)


def freeze_page(engine: Engine, job: Job, now: datetime) -> Page:
    """Judge everybody on the facts as they stood at the cut-off, and keep both."""
    half = Half.parse(job.args["half"])
    rows: list[dict[str, Any]] = []
    moves = 0
    with reading_patiently(engine) as connection:
        members, following = members_after(connection, job.cursor)
        cut_off = datetime.fromisoformat(job.args["cut_off"])
        for member, rules, (facts,) in facts_of(connection, members, [(last_day(cut_off), cut_off)], known_by=now):
            day = rules.moves.adjustment_date(half)
            found = adjusted(rules, facts, rules.moves.cut_off_date(half), day, member.held)
            moves += found.moves and not _stays(half, member.state, member.shown)
            rows.append(_row(half, member.id, rules, found, facts, now))

    def write(connection: Connection, postings: Postings) -> None:  # noqa: ARG001
        if rows:
            connection.execute(chosen(_JUDGE, connection), rows)

    return Page(following, Counter(seen=len(rows), moves=moves), write)


def run_page(engine: Engine, job: Job, now: datetime) -> Page:
    """Move who falls: on the frozen facts, with what has come since of that time, unless it has recovered."""
    half = Half.parse(job.args["half"])
    cut_off, adjusts = datetime.fromisoformat(job.args["cut_off"]), datetime.fromisoformat(job.args["adjusts"])
    holds, corrections = set(job.args["holds"]), dict(job.args["corrections"])
    counted: Counter[str] = Counter()
    ran: list[tuple[Member, str, Standing, str]] = []
    with reading_patiently(engine) as connection:
        members, following = members_after(connection, job.cursor)
        frozen = {
            row.partner_id: row
            for row in connection.execute(_THESE, {"of_half": str(half), "these": [each.id for each in members]})
        }
        days = [(last_day(cut_off), cut_off), (program_date(adjusts), adjusts)]
        known = list(facts_of(connection, members, days, known_by=adjusts))
    newest = _in_force(program_date(adjusts)).name
    for member, rules, (late, today) in known:
        if member.id not in frozen:
            continue  # it joined after the cut-off
        outcome, standing, why = _decide(rules, half, member, late, today, holds, corrections)
        ran.append((member, outcome, standing, why))
        counted["seen"] += 1
        counted["moves"] += outcome in ("moved", "corrected")
        counted["held"] += outcome in (HELD, BY_HAND)

    def write(connection: Connection, postings: Postings) -> None:
        moving = [(member, to, why) for member, outcome, to, why in ran if outcome in ("moved", "corrected")]
        for member, standing, why in moving:
            moved = {
                "track": standing.track.value, "tier": standing.tier.value, "half": str(half), "why": why,
                "judged": str(member.held.standing), "edition": newest, "since": adjusts.isoformat(),
            }  # fmt: skip
            process = f"{PREFIX}{member.id}"
            postings.signal(f"adjustment/{half}/{member.id}", process, "adjust", now, moved)
        for member in members:
            if member.edition != newest:  # a move brings it along, but a partner that has moved since refuses the move
                key = f"adjustment/{half}/{member.id}/edition"
                postings.signal(key, f"{PREFIX}{member.id}", "adopt_edition", now, {"edition": newest})
        if ran:
            became = [
                {"of_half": str(half), "of_partner": member.id, "now_is": outcome, "now_stands": str(standing)}
                for member, outcome, standing, _ in ran
            ]
            connection.execute(_BECAME, became)

    return Page(following, counted, write)


def _decide(
    rules: Edition,
    half: Half,
    member: Member,
    at_cut_off: Facts,
    today: Facts,
    holds: set[str],
    corrections: dict[str, str],
) -> tuple[str, Standing, str]:
    """What becomes of a partner, as what outcome, and why."""
    mine = member.held.standing
    if stays := HELD if member.id in holds else _stays(half, member.state, member.shown):
        return stays, mine, ""
    if member.id in corrections:
        return "corrected", Standing.named(corrections[member.id]), f"corrected by staff at the adjustment of {half}"
    if member.since >= rules.moves.adjustment(half):
        return "kept", mine, ""  # it has moved since: run late, an adjustment finds what it would have found in time
    day = rules.moves.adjustment_date(half)
    judged = adjusted(rules, at_cut_off, rules.moves.cut_off_date(half), day, member.held)
    now = adjusted(rules, today, day, day, member.held)
    found = recovered(rules, judged, now)
    if not found.moves:
        return ("recovered" if judged.moves else "kept"), mine, ""
    gone = shortfall(judged.evaluation.of(mine))
    why = f"Adjustment of {half}: {mine} misses {gone}. {reasons(rules, found.evaluation, found.becomes)}"
    return "moved", found.becomes, why


def _stays(half: Half | str, state: str, shown: Mapping[str, Any]) -> str:
    """Why a partner stays at an adjustment, whatever its facts or a correction say; "" for one that can move.

    A suspended one whose tier was set by hand stays as well: lifting its suspension brings that back, or ends it.
    """
    if shown.get("downtier held") == str(half):
        return HELD
    return BY_HAND if state == "by_hand" or (state == "suspended" and shown.get("set by hand until")) else ""


def _outcome(row: Any) -> str:
    """What became of a partner on the list; before the run, why it would stay as things are now."""
    return row.outcome or _stays(row.half, row.state, row.shown or {})


def _row(half: Half, partner_id: str, rules: Edition, found: Decision, facts: Facts, now: datetime) -> dict[str, Any]:
    return {
        "half": str(half),
        "partner_id": partner_id,
        "held": str(found.held),
        "becomes": str(found.becomes),
        "retained": found.retained,
        "missing": shortfall(found.evaluation.of(found.held)) if found.moves else "",
        "why": reasons(rules, found.evaluation, found.becomes) if found.moves else "",
        "facts": FACTS.dump_python(facts, mode="json"),
        "judged_at": now,
        "outcome": "",
        "became": "",
    }


def _in_force(day: date) -> Edition:
    """The edition in force on a day, which a standing takes up at an adjustment."""
    known = [each for each in EDITIONS.values() if each.in_force_from <= day]
    return max(known or EDITIONS.values(), key=lambda each: each.in_force_from)
