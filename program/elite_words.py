"""The checklist of elite in words, as managers, the committee and partners read it."""

from __future__ import annotations

from decimal import Decimal

from program.elite_checklist import Checklist, Point
from program.standing_words import TITLES, dollars

_WORDS = {
    "sms_accounts_percent": "managed accounts that use SMS",
    "case_studies": "case studies in the past year",
    "health_score": "average client health score",
    "report_card_percent": "client report card",
    "team_product": "team with the product certification",
    "team_sales": "team with the sales certification",
    "team_sms": "team with the SMS certification",
    "team_sms_strategy": "team with the SMS strategy certification",
    "team_system_integrator": "team with the system integrator certification",
}


def told(point: Point) -> str:
    """A point with what was needed and what was found, like "managed accounts that use SMS: 25% needed, 10% found"."""
    title = _WORDS.get(point.code) or next(words for code, words in TITLES.items() if code == point.code)
    if point.waived:
        return f"{title}: nothing needed ({point.waived})"
    if point.needed is None:
        return f"{title}: {'yes' if point.met else 'no'}"
    found = "nothing known" if point.found is None else f"{_amount(point.code, point.found)} found"
    return f"{title}: {_amount(point.code, point.needed)} needed, {found}"


def shortfall(checklist: Checklist) -> str:
    """What elite asks and the facts do not have, point by point; "" when all is met."""
    return "; ".join(told(point) for point in checklist.points if not point.met)


def _amount(code: str, number: Decimal) -> str:
    if code.endswith("_mrr"):
        return dollars(number)
    plain = f"{number.quantize(Decimal('0.1')):f}".removesuffix(".0")
    return f"{plain}%" if code.endswith("_percent") or code.startswith("team_") else plain
