"""What a partner's facts give: every standing with what it needs, what was found, and what is missing.

Sources: 2022 guide, requirement table and glossary. A pure function of edition, facts
and day. What follows from it, up at once or down twice a year, is decided in `program/moves.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from program.edition import Edition, Tier, Track
from program.facts import Facts, Pass
from program.rules.tiers import Certification, Requirements

Asked = Literal[
    "referred_mrr",
    "referred_sms_mrr",
    "managed_mrr",
    "website",
    "application",
    "agreement",
    "services",
    "partner_certification",
    "product_certification",
]

NOTHING = Decimal(0)


class Standing(NamedTuple):
    """A track and a tier on it."""

    track: Track
    tier: Tier

    def __str__(self) -> str:
        return f"{self.track} {self.tier}"

    @classmethod
    def named(cls, name: str) -> Standing:
        """The standing written like "master gold"; ValueError for any other text."""
        track, _, tier = name.partition(" ")
        return cls(Track(track), Tier(tier))


class Finding(NamedTuple):
    """One requirement of one standing: dollars needed, found and missing, or (None) something to be had or not.

    `found` says in the program's codes what was found where that is not dollars, and `waived` why nothing is asked.
    """

    requirement: Asked
    met: bool
    needed: Decimal | None = None
    amount: Decimal | None = None
    found: tuple[str, ...] = ()
    waived: str = ""

    @property
    def missing(self) -> Decimal:
        """The dollars that are missing; 0 for what is met or is not counted in dollars."""
        if self.met or self.needed is None or self.amount is None:
            return NOTHING
        return self.needed - self.amount


class Appraisal(NamedTuple):
    """A standing held against the facts; it is met when every finding is."""

    standing: Standing
    rank: int
    findings: tuple[Finding, ...]
    met: bool

    @property
    def missing(self) -> tuple[Finding, ...]:
        """The requirements that are not met."""
        return tuple(finding for finding in self.findings if not finding.met)


class Evaluation(NamedTuple):
    """Every standing of an edition held against a partner's facts on a day, in the order of its table."""

    edition: str
    on: date
    appraisals: tuple[Appraisal, ...]
    floor: Standing

    def of(self, standing: Standing) -> Appraisal:
        """How one standing came out; KeyError for one that the edition does not have."""
        for appraisal in self.appraisals:
            if appraisal.standing == standing:
                return appraisal
        raise KeyError(str(standing))

    def best(self, track: Track | None = None) -> Standing | None:
        """The highest standing that is met, on one track or on either; of equals the master's. Never elite.

        None when not even the lowest one is met.
        """
        met = [each for each in self.appraisals if each.met and track in (None, each.standing.track)]
        met = [each for each in met if each.standing.tier is not Tier.ELITE]
        if not met:
            return None
        return max(met, key=lambda each: (each.rank, each.standing.track is Track.MASTER)).standing

    @property
    def gives(self) -> Standing:
        """The standing that the facts give; a member to whom they give nothing has the one with which it joined."""
        return self.best() or self.floor


def evaluate(edition: Edition, facts: Facts, on: date, *, asks_sms: bool | None = None) -> Evaluation:
    """Hold every standing of an edition against a partner's facts on a day (of the program's time zone).

    `asks_sms` says whether the SMS minimum is asked yet; left out, it is where it must be met to move up on that day.
    """
    if asks_sms is None:
        asks_sms = on >= edition.tiers.sms_needed_to_move_up_from
    sms_waived = "" if asks_sms else "not asked yet"
    if sms_exempt(edition, facts):
        sms_waived = "not sold in the partner's country"
    known, ranks = _yes_or_no(edition, facts, on), {tier: rank for rank, tier in enumerate(edition.tiers.order)}
    appraisals = []
    for row in edition.tiers.requirements:
        findings = tuple(_findings(row, facts, known, sms_waived))
        met = False not in [finding.met for finding in findings]
        appraisals.append(Appraisal(Standing(row.track, row.tier), ranks[row.tier], findings, met))
    floor = Standing(edition.joining.joins_track, edition.joining.joins_tier)
    return Evaluation(edition.name, on, tuple(appraisals), floor)


def sms_exempt(edition: Edition, facts: Facts) -> bool:
    """Whether the vendor's SMS product is not sold where the partner is. (2022 guide, SMS exemption.)"""
    return edition.tiers.sms_exempt_where_not_sold and facts.country not in edition.tiers.sms_sold_in


def certified_people(edition: Edition, facts: Facts, course: str, on: date) -> tuple[str, ...]:
    """The people whose pass of a course counts on a day: with the edition's score, in its order, not expired.

    Order is the partner's: what comes before a course had been passed by somebody when it was passed, even if that
    pass has expired since. (2021 page: the product certification comes before the partner certification.)
    """
    score, order = edition.tiers.certification_pass_percent, edition.tiers.certification_before
    before = order[: order.index(course)] if course in order else ()

    def in_order(taken: Pass) -> bool:
        return all(
            any(one.course == earlier and one.percent >= score and one.on <= taken.on for one in facts.passes)
            for earlier in before
        )

    people = [
        taken.person
        for taken in facts.passes
        if taken.course == course and taken.percent >= score and taken.holds(on)
        if not before or in_order(taken)
    ]
    return tuple(dict.fromkeys(people))


def _yes_or_no(edition: Edition, facts: Facts, on: date) -> dict[Asked, Finding]:
    """What is there or is not, whichever standing asks: looked at once, because most of them ask the same."""
    website = tuple(code.code for code in edition.tiers.website_evidence if code.code in facts.website)
    services = tuple(code.code for code in edition.tiers.master_services if code.code in facts.services)
    return {
        "website": Finding("website", bool(website), found=website),
        "application": Finding("application", facts.application_approved),
        "agreement": Finding("agreement", facts.agreement_signed),
        "services": Finding("services", bool(services), found=services),
        "partner_certification": _certification(edition, facts, "partner_certification", "partner", on),
        "product_certification": _certification(edition, facts, "product_certification", "product", on),
    }


def _certification(edition: Edition, facts: Facts, asked: Asked, course: Certification, on: date) -> Finding:
    people = len(certified_people(edition, facts, course, on))
    found = (f"{people} passed",) if people else ()
    return Finding(asked, people >= edition.tiers.certified_employees, found=found)


def _findings(row: Requirements, facts: Facts, known: dict[Asked, Finding], sms_waived: str) -> Iterator[Finding]:
    """What one standing asks, and what was found."""
    if row.referred_mrr is not None:
        yield _dollars("referred_mrr", row.referred_mrr, facts.referred_mrr)
    if row.referred_sms_mrr is not None:
        yield _dollars("referred_sms_mrr", row.referred_sms_mrr, facts.referred_sms_mrr, sms_waived)
    if row.managed_mrr is not None:
        yield _dollars("managed_mrr", row.managed_mrr, facts.managed_mrr)
    if row.visible_on_website:
        yield known["website"]
    if row.approved_and_signed:
        yield known["application"]
        yield known["agreement"]
    if row.services_acknowledged:
        yield known["services"]
    if "partner" in row.certifications:
        yield known["partner_certification"]
    if "product" in row.certifications:
        yield known["product_certification"]


def _dollars(asked: Asked, needed: Decimal, amount: Decimal, waived: str = "") -> Finding:
    return Finding(asked, bool(waived) or amount >= needed, needed, amount, waived=waived)
