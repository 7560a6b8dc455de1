"""Findings in words: the lines of a checklist that partners and staff read."""

from __future__ import annotations

from decimal import Decimal

from program.edition import Edition
from program.evaluation import Appraisal, Asked, Evaluation, Finding, Standing
from program.moves import next_tier

TITLES: dict[Asked, str] = {
    "referred_mrr": "MRR referred",
    "referred_sms_mrr": "SMS MRR referred",
    "managed_mrr": "MRR managed",
    "website": "visible on the website",
    "application": "application approved",
    "agreement": "agreement signed",
    "services": "services acknowledged",
    "partner_certification": "partner certification",
    "product_certification": "product certification",
}


def dollars(amount: Decimal) -> str:
    """An amount as people read it: whole dollars without cents, for example $2,500 or $340.50."""
    return f"${amount:,.0f}" if amount == amount.to_integral_value() else f"${amount:,.2f}"


def checklist(appraisal: Appraisal) -> str:
    """A standing in one line, for example "Gold: 6 of 7; missing: $340 SMS MRR referred"."""
    met = len(appraisal.findings) - len(appraisal.missing)
    line = f"{appraisal.standing.tier.capitalize()}: {met} of {len(appraisal.findings)}"
    return f"{line}; missing: {shortfall(appraisal)}" if appraisal.missing else f"{line}, all met"


def ticked(appraisal: Appraisal) -> tuple[str, ...]:
    """A standing's whole checklist, for example "○ SMS MRR referred: $500 needed, $160 found", a line each."""
    return tuple(f"{'✓' if finding.met else '○'} {told(finding)}" for finding in appraisal.findings)


def shortfall(appraisal: Appraisal) -> str:
    """What a standing asks and the facts do not have, for example "$340 SMS MRR referred, agreement signed"."""
    return ", ".join(map(missing, appraisal.missing))


def reasons(edition: Edition, evaluation: Evaluation, standing: Standing) -> str:
    """Why a partner stands where it does: each requirement with what was found, and what the next tier still misses."""
    appraisal = evaluation.of(standing)
    said = [f"{'meets' if finding.met else 'lacks'} {told(finding)}" for finding in appraisal.findings]
    further = next_tier(edition, evaluation, standing)
    if further is not None:
        said.append(f"for {further} it misses {shortfall(evaluation.of(further))}")
    return f"On {evaluation.on.isoformat()}: {'; '.join(said)}."


def missing(finding: Finding) -> str:
    """What is missing of a requirement, for example "$340 SMS MRR referred"."""
    title = TITLES[finding.requirement]
    return title if finding.needed is None else f"{dollars(finding.missing)} {title}"


def told(finding: Finding) -> str:
    """A requirement with what was needed and what was found, like "MRR referred: $2,500 needed, $2,160 found"."""
    title = TITLES[finding.requirement]
    if finding.waived:
        return f"{title}: nothing needed ({finding.waived})"
    if finding.needed is None or finding.amount is None:
        found = ", ".join(word.replace("_", " ") for word in finding.found)
        return f"{title}: {found or ('yes' if finding.met else 'no')}"
    return f"{title}: {dollars(finding.needed)} needed, {dollars(finding.amount)} found"
