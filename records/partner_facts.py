"""What is told of partners, fact by fact, and what of it counts on a day.

A fact counts with its effective instant (`at`), as far as it had arrived by another: an adjustment judges on what was
so at its cut-off and known before it. The newest word of a kind counts; certifications and case studies add up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, null, or_, select, update
from sqlalchemy.engine import Row

from program.calendar import end_of_day, months_later, program_date, start_of_day
from program.edition import Edition
from program.facts import Facts, Pass
from records.facts import Recorded
from records.mrr import PartnerMrr, mrr_in
from records.tables import partner_facts, partners
from records.upsert import chosen, insert_if_new

PARTNERS_AT_ONCE = 1_000
# Other systems write 9999-12-31 for what never ends.
_NEVER = 2200

_TAKE = insert_if_new(partner_facts)
_ITS_OWN = (partner_facts.c.source == bindparam("of_source")) & (partner_facts.c.fact_id == bindparam("with_id"))
_KNOWN = select(partner_facts.c.digest).where(_ITS_OWN)
_STRIKE = (
    update(partner_facts)
    .where(_ITS_OWN, partner_facts.c.partner_id == bindparam("of_partner"), partner_facts.c.struck_at.is_(null()))
    .returning(partner_facts.c.kind)
)
_BEFORE = bindparam("before", type_=partner_facts.c.at.type)
_KNOWN_BY = bindparam("known_by", type_=partner_facts.c.at.type)
_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_COUNTING = (
    select(partner_facts)
    .where(
        partner_facts.c.partner_id.in_(_THESE),
        partner_facts.c.at < _BEFORE,
        partner_facts.c.received_at <= _KNOWN_BY,
        or_(partner_facts.c.struck_at.is_(null()), partner_facts.c.struck_at > _KNOWN_BY),
    )
    .order_by(partner_facts.c.at, partner_facts.c.received_at, partner_facts.c.source, partner_facts.c.fact_id)
)
_COUNTRIES = select(partners.c.id, partners.c.country).where(partners.c.id.in_(_THESE))
_OF_PARTNER = (
    select(partner_facts)
    .where(partner_facts.c.partner_id == bindparam("of_partner"))
    .order_by(partner_facts.c.at.desc(), partner_facts.c.received_at.desc(), partner_facts.c.fact_id)
)


@dataclass(frozen=True, slots=True)
class PartnerFact:
    """One fact: who said it under which id, what it says, from when it is so, when it came, and when it was struck."""

    source: str
    fact_id: str
    partner_id: str
    kind: str
    said: dict[str, Any]
    at: datetime
    received_at: datetime
    struck_at: datetime | None = None


def take_fact(connection: Connection, fact: PartnerFact, digest: str) -> Recorded:
    """Take a fact: `new`, `same` when it was told before, `conflict` when other content came under its id."""
    inserted = connection.execute(
        chosen(_TAKE, connection),
        {
            "source": fact.source,
            "fact_id": fact.fact_id,
            "partner_id": fact.partner_id,
            "kind": fact.kind,
            "said": fact.said,
            "at": fact.at,
            "received_at": fact.received_at,
            "struck_at": None,
            "digest": digest,
        },
    )
    if inserted.rowcount == 1:
        return "new"
    return "same" if digest_of(connection, fact.source, fact.fact_id) == digest else "conflict"


def digest_of(connection: Connection, source: str, fact_id: str) -> str:
    """The digest of what was told under an id; "" where nothing was."""
    return connection.execute(_KNOWN, {"of_source": source, "with_id": fact_id}).scalar() or ""


def strike_fact(connection: Connection, partner_id: str, source: str, fact_id: str, *, now: datetime) -> str | None:
    """Let a fact of a partner not count any more, and say its kind; None when there is none such, or not any more."""
    named = {"of_source": source, "with_id": fact_id, "of_partner": partner_id}
    kind: str | None = connection.execute(_STRIKE.values(struck_at=now), named).scalar()
    return kind


def facts_of_partner(connection: Connection, partner_id: str) -> list[PartnerFact]:
    """Everything that was told of a partner, the newest first."""
    return [_fact(row) for row in connection.execute(_OF_PARTNER, {"of_partner": partner_id})]


def facts_that_came_late(connection: Connection, *, so_before: datetime, came_after: datetime) -> list[PartnerFact]:
    """The facts of before an instant that came after another, in the order in which they came; 500 at most."""
    wanted = (
        select(partner_facts)
        .where(partner_facts.c.at < so_before, partner_facts.c.received_at > came_after)
        .order_by(partner_facts.c.received_at, partner_facts.c.source, partner_facts.c.fact_id)
        .limit(500)
    )
    return [_fact(row) for row in connection.execute(wanted)]


def read_facts(
    connection: Connection,
    partner_ids: Sequence[str],
    on: date,
    *,
    referred_months: int,
    known_by: datetime,
    mrr_known_by: datetime | None = None,
) -> dict[str, Facts]:
    """What counts of each of these partners at the end of a day, as far as it had arrived by `known_by`.

    MRR counts as it had been loaded by `mrr_known_by`, which is the same unless told. At most `PARTNERS_AT_ONCE`
    partners, in three questions to the database; a partner nobody knows is left out.
    """
    countries = {row.id: row.country for row in connection.execute(_COUNTRIES, {"these": list(partner_ids)})}
    day = (on, mrr_known_by or known_by)
    (found,) = facts_on_days(connection, countries, [day], referred_months=referred_months, known_by=known_by)
    return found


def facts_on_days(
    connection: Connection,
    countries: Mapping[str, str],
    days: Sequence[tuple[date, datetime]],
    *,
    referred_months: int,
    known_by: datetime,
) -> list[dict[str, Facts]]:
    """For each day what counts at its end of these partners, whose countries are given; see `read_facts`.

    With each day stands by when its MRR had been loaded. One question for what was told, and one a day for the MRR.
    """
    ends = [end_of_day(day) for day, _ in days]
    asked = {"these": list(countries), "before": max(ends), "known_by": known_by}
    told: dict[str, list[Row[Any]]] = {each: [] for each in countries}
    for row in connection.execute(_COUNTING, asked):
        told[row.partner_id].append(row)
    found = []
    for before, (_, loaded_by) in zip(ends, days, strict=True):
        mrr = mrr_in(connection, list(countries), as_of=before, known_by=loaded_by, months=referred_months)
        found.append(
            {
                each: _facts([row for row in rows if row.at < before], countries[each], mrr[each], referred_months)
                for each, rows in told.items()
            }
        )
    return found


def changes_on(rules: Edition, facts: Facts, after: date) -> date | None:
    """The next day on which a fact changes by itself, or a rule what it means: the first one after a day.

    A certification expires or begins to count, the oldest referral leaves the window, the SMS minimum is phased in.
    """
    days = [day for taken in facts.passes for day in _turns(taken)]
    days += _phases_in(rules)
    if facts.referrals_leave is not None:
        days.append(facts.referrals_leave)
    return min((day for day in days if day > after), default=None)


def _phases_in(rules: Edition) -> Iterator[date]:
    """The days from which the SMS minimum is asked to move up, and from which the next adjustment asks for it."""
    yield rules.tiers.sms_needed_to_move_up_from
    asks = rules.tiers.sms_can_move_down_from
    first = rules.moves.next_adjustment(start_of_day(asks) - timedelta(seconds=1))
    yield rules.moves.adjustment_date(first.previous())


def _turns(taken: Pass) -> Iterable[date]:
    yield taken.on
    if taken.until is not None and taken.until.year < _NEVER:
        yield date.fromordinal(taken.until.toordinal() + 1)


def _facts(rows: Collection[Row[Any]], country: str, mrr: PartnerMrr, months: int) -> Facts:
    """The newest word of each kind, and everything that adds up. A member has applied and signed, unless told else."""
    latest: dict[str, dict[str, Any]] = {row.kind: row.said for row in rows}
    people = latest.get("team", {}).get("people")
    return Facts(
        country=latest.get("country", {}).get("country", country),
        application_approved=latest.get("application", {}).get("approved", True),
        agreement_signed=latest.get("agreement", {}).get("signed", True),
        services=tuple(latest.get("services", {}).get("services", ())),
        website=tuple(latest.get("website", {}).get("evidence", ())),
        passes=tuple(_passes(rows, people)),
        referred_mrr=mrr.referred,
        referred_sms_mrr=mrr.referred_sms,
        referrals_leave=program_date(months_later(mrr.first_paid, months)) if mrr.first_paid else None,
        managed_mrr=mrr.managed,
        managed_accounts=mrr.managed_accounts,
        managed_accounts_with_sms=mrr.managed_accounts_with_sms,
        case_studies=tuple(program_date(row.at) for row in rows if row.kind == "case_study"),
        health_score=_number(latest.get("health_score", {}).get("score")),
        report_card_percent=_number(latest.get("report_card", {}).get("percent")),
        team_size=len(set(people or ())),
        is_system_integrator=latest.get("system_integrator", {}).get("applies", False),
    )


def _passes(rows: Iterable[Row[Any]], people: Sequence[str] | None) -> Iterable[Pass]:
    """The certifications of present employees: of those on the roster, where there is one."""
    for row in rows:
        if row.kind == "certification" and (people is None or row.said["person"] in people):
            until = row.said.get("until")
            yield Pass(
                row.said["course"],
                row.said["person"],
                Decimal(row.said["percent"]),
                program_date(row.at),
                date.fromisoformat(until) if until else None,
            )


def _number(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)


def _fact(row: Row[Any]) -> PartnerFact:
    return PartnerFact(
        row.source, row.fact_id, row.partner_id, row.kind, row.said, row.at, row.received_at, row.struck_at
    )
