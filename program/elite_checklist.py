"""The quantitative requirements of elite, all of them mandatory, judged on the facts at the half-year's cut-off.

Source: 2022 guide, elite requirements. The committee's rubric comes in addition, and is not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from program.calendar import last_day, months_later, start_of_day
from program.edition import Edition, Tier, Track
from program.evaluation import Finding, Standing, certified_people, evaluate, sms_exempt
from program.facts import Facts

_OWN_MEASURE = ("referred_mrr", "referred_sms_mrr", "managed_mrr")
"""What elite asks in its own measure: more MRR, and a share of accounts instead of an SMS minimum."""


class Point(NamedTuple):
    """One point of the checklist: what was needed, what was found (None: nothing known), and whether that does.

    Without a number needed it is something to be had or not. `waived` says why nothing is asked.
    """

    code: str
    met: bool
    needed: Decimal | None = None
    found: Decimal | None = None
    waived: str = ""


class Checklist(NamedTuple):
    """All points, on the day of the cut-off; a partner that meets every one may become elite."""

    on: date
    points: tuple[Point, ...]

    @property
    def met(self) -> bool:
        """Whether every point is met."""
        return all(point.met for point in self.points)

    @property
    def meets_mrr(self) -> bool:
        """Whether the MRR thresholds are met, which puts a partner on the season's list."""
        return all(point.met for point in self.points if point.code in ("referred_mrr", "managed_mrr"))


def elite_checklist(edition: Edition, facts: Facts, cut_off: date) -> Checklist:
    """Hold a partner's facts against everything that elite asks, on the day of a cut-off."""
    return Checklist(cut_off, tuple(_points(edition, facts, cut_off)))


def _points(edition: Edition, facts: Facts, cut_off: date) -> Iterator[Point]:
    rules = edition.elite
    yield _at_least("referred_mrr", rules.referred_mrr, facts.referred_mrr)
    yield _at_least("managed_mrr", rules.managed_mrr, facts.managed_mrr)
    yield _sms_accounts(edition, facts)
    recent = [day for day in facts.case_studies if day <= cut_off <= _counts_until(day, rules.case_study_months)]
    yield _at_least("case_studies", Decimal(rules.case_studies), Decimal(len(recent)))
    yield _at_least("health_score", rules.health_score, facts.health_score)
    yield _at_least("report_card_percent", rules.report_card_percent, facts.report_card_percent)
    for row in rules.team_certifications:
        if facts.is_system_integrator or not row.only_where_it_applies:
            people = len(certified_people(edition, facts, row.certification, cut_off))
            yield _at_least(f"team_{row.certification}", Decimal(row.team_percent), _percent(people, facts.team_size))
    for finding in _others(edition, facts, cut_off):
        yield Point(finding.requirement, finding.met)


def _others(edition: Edition, facts: Facts, cut_off: date) -> Iterator[Finding]:
    """Master platinum's other requirements."""
    platinum = evaluate(edition, facts, cut_off).of(Standing(Track.MASTER, Tier.PLATINUM))
    return (finding for finding in platinum.findings if finding.requirement not in _OWN_MEASURE)


def _sms_accounts(edition: Edition, facts: Facts) -> Point:
    """The share of managed accounts that use SMS, by number. Without any account it is not met."""
    rules = edition.elite
    needed, share = (
        Decimal(rules.sms_accounts_percent),
        _percent(facts.managed_accounts_with_sms, facts.managed_accounts),
    )
    if rules.sms_exemption_holds and sms_exempt(edition, facts):
        return Point("sms_accounts_percent", True, needed, share, "not sold in the partner's country")
    if share is None:
        return Point("sms_accounts_percent", rules.sms_without_any_account_passes, needed)
    return _at_least("sms_accounts_percent", needed, share)


def _at_least(code: str, needed: Decimal, found: Decimal | None) -> Point:
    return Point(code, found is not None and found >= needed, needed, found)


def _percent(part: int, whole: int) -> Decimal | None:
    return Decimal(part * 100) / whole if whole > 0 else None


def _counts_until(published: date, months: int) -> date:
    return last_day(months_later(start_of_day(published), months))
