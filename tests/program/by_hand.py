"""A second evaluator, written from the description of the program and from nothing else: no edition, no table rows.

It is slow, literal and in another style on purpose: each tier is a paragraph of ifs, as somebody would check it with a
guide in one hand and a partner's file in the other.
"""

from datetime import date

from program.facts import Facts
from program.moves import Held

RANKS = {"partner": 0, "silver": 1, "gold": 2, "platinum": 3, "elite": 4}
SMS_COUNTRIES = ["US", "CA", "GB", "AU"]


def has_passed(facts: Facts, course: str, day: date, year: str) -> bool:
    for person_, course_, percent, on, until in (
        (p.person, p.course, float(p.percent), p.on, p.until) for p in facts.passes
    ):
        assert person_
        if course_ != course or percent < 80 or on > day:
            continue
        if until is not None and until < day:
            continue
        if year == "2021" and course == "partner":
            products = [p.on for p in facts.passes if p.course == "product" and float(p.percent) >= 80]
            if not products or min(products) > on:
                continue
        return True
    return False


def reaches(name: str, facts: Facts, day: date, year: str, sms_counts: bool) -> bool:
    """Whether the file of a partner is good enough for, say, "master gold"."""
    track, tier = name.split()
    if not facts.application_approved or not facts.agreement_signed:
        return False
    if name == "advisor partner":
        return True
    if not has_passed(facts, "partner", day, year) or not has_passed(facts, "product", day, year):
        return False
    dollars = {"silver": 250, "gold": 2500, "platinum": 10000, "elite": 20000}[tier]
    if int(facts.referred_mrr * 100) < dollars * 100:
        return False
    if tier in ("gold", "platinum", "elite") and not {"case_study", "badge", "landing_page"} & set(facts.website):
        return False
    if track == "master":
        if int(facts.managed_mrr * 100) < dollars * 100:
            return False
        if not {"strategic_guidance", "technical_support", "implementation", "other"} & set(facts.services):
            return False
        if sms_counts and facts.country in SMS_COUNTRIES:
            if tier == "gold" and facts.referred_sms_mrr < 500:
                return False
            if tier == "platinum" and facts.referred_sms_mrr < 1000:
                return False
    return True


def everything_reached(facts: Facts, day: date, year: str, sms_counts: bool) -> list[str]:
    return [
        name
        for name in (
            "advisor partner", "advisor silver", "advisor gold", "advisor platinum",
            "master silver", "master gold", "master platinum", "master elite",
        )
        if reaches(name, facts, day, year, sms_counts)
    ]  # fmt: skip


def rank(name: str) -> float:
    """Master counts a little more than advisor, so that of equals the master's is the highest."""
    track, tier = name.split()
    return RANKS[tier] + (0.5 if track == "master" else 0)


def highest(names: list[str]) -> str:
    return sorted(names, key=rank)[-1]


def up(facts: Facts, day: date, year: str, held: Held) -> str:
    now = str(held.standing)
    reached = [n for n in everything_reached(facts, day, year, day >= date(2022, 4, 1)) if "elite" not in n]
    if held.asked_to_be_master and now.startswith("master"):
        reached = [n for n in reached if n.startswith("master")]
    better = [n for n in reached if int(rank(n)) > int(rank(now))]
    if not better and now.startswith("advisor"):
        better = [n for n in reached if n.startswith("master") and int(rank(n)) == int(rank(now))]
    return highest(better) if better else now


def down(facts: Facts, cut_off: date, adjustment: date, year: str, held: Held) -> str:
    now = str(held.standing)
    reached = everything_reached(facts, cut_off, year, adjustment >= date(2022, 10, 1))
    if now == "master elite":
        if held.elite_until is None or held.elite_until >= adjustment:
            return now
    elif now in reached:
        return now
    left = [n for n in reached if int(rank(n)) <= int(rank(now)) and "elite" not in n]
    return highest(left) if left else "advisor partner"


def elite(facts: Facts, cut_off: date, year: str) -> bool:
    if facts.referred_mrr < 20000 or facts.managed_mrr < 20000:
        return False
    if facts.country in SMS_COUNTRIES:
        if facts.managed_accounts == 0:
            return False
        if facts.managed_accounts_with_sms / facts.managed_accounts < 0.25:
            return False
    fresh = 0
    for published in facts.case_studies:
        birthday = (published.year + 1, published.month, published.day)
        if published <= cut_off and (cut_off.year, cut_off.month, cut_off.day) <= birthday:
            fresh += 1
    if not fresh:
        return False
    if facts.health_score is None or facts.health_score < 65:
        return False
    if facts.report_card_percent is None or facts.report_card_percent < 8:
        return False
    courses = ["product", "sales", "sms", "sms_strategy"] + ["system_integrator"] * facts.is_system_integrator
    for course in courses:
        people = {
            p.person for p in facts.passes
            if p.course == course and p.percent >= 80 and p.on <= cut_off and (p.until is None or p.until >= cut_off)
        }  # fmt: skip
        if facts.team_size == 0 or len(people) * 2 < facts.team_size:
            return False
    return "master platinum" in everything_reached(facts, cut_off, year, sms_counts=False)
