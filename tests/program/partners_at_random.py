"""Partners at random, crowded around the thresholds where a wrong comparison shows."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from program.edition import EDITIONS, Edition, Tier, Track
from program.evaluation import Standing
from program.facts import Facts, Pass
from program.moves import Held

AMOUNTS = [0, 100, 249, 250, 251, 499, 500, 501, 999, 1_000, 2_499, 2_500, 9_999, 10_000, 19_999, 20_000, 50_000]
COURSES = ["partner", "partner", "product", "product", "sales", "sms", "sms_strategy", "system_integrator"]
DAYS = [date(2021, 9, 15), date(2022, 3, 25), date(2022, 3, 31), date(2022, 4, 1), date(2022, 9, 15),
        date(2022, 9, 30), date(2022, 10, 1), date(2027, 3, 25), date(2028, 2, 29)]  # fmt: skip
STANDINGS = [Standing(track, tier) for track in Track for tier in Tier
             if (track, tier) not in ((Track.ADVISOR, Tier.ELITE), (Track.MASTER, Tier.PARTNER))]  # fmt: skip


def an_edition(chance: Random) -> Edition:
    return EDITIONS[chance.choice(["2021", "2022", "2022"])]


def an_amount(chance: Random) -> Decimal:
    cents = chance.choice([0, 0, 0, -1, 1, 50])
    return max(Decimal(0), Decimal(chance.choice(AMOUNTS)) + Decimal(cents) / 100)


def likely(chance: Random, percent: int = 85) -> bool:
    return chance.randrange(100) < percent


def some(chance: Random, *codes: str) -> tuple[str, ...]:
    return tuple(code for code in codes if chance.random() < 0.4)


def a_pass(chance: Random, on: date) -> Pass:
    taken = on + timedelta(days=chance.choice([-900, -400, -30, -1, 0, 1]))
    until = chance.choice([None, None, taken + timedelta(days=365), on, on - timedelta(days=1)])
    return Pass(
        course=chance.choice(COURSES),
        person=f"p{chance.randrange(4)}",
        percent=Decimal(chance.choice(["79", "79.99", "80", "80", "95", "100"])),
        on=taken,
        until=until,
    )


def some_facts(chance: Random, on: date) -> Facts:
    referred = an_amount(chance)
    accounts = chance.randrange(6)
    return Facts(
        country=chance.choice(["US", "US", "GB", "CA", "AU", "DE", "FR", "NZ", ""]),
        application_approved=likely(chance, 95),
        agreement_signed=likely(chance, 95),
        services=some(chance, "strategic_guidance", "implementation", "gardening"),
        website=some(chance, "case_study", "badge", "landing_page", "billboard"),
        passes=tuple(a_pass(chance, on) for _ in range(chance.randrange(8))),
        referred_mrr=referred,
        referred_sms_mrr=min(referred, an_amount(chance)),
        managed_mrr=an_amount(chance),
        managed_accounts=accounts,
        managed_accounts_with_sms=chance.randrange(accounts + 1),
        case_studies=tuple(on - timedelta(days=chance.choice([-1, 0, 364, 365, 366, 367, 900]))
                           for _ in range(chance.randrange(3))),
        health_score=chance.choice([None, Decimal("64.9"), Decimal(65), Decimal(90)]),
        report_card_percent=chance.choice([None, Decimal("7.99"), Decimal(8), Decimal(30)]),
        team_size=chance.randrange(6),
        is_system_integrator=likely(chance, 30),
    )  # fmt: skip


def nearly_all_there(chance: Random, on: date) -> Facts:
    """A partner that has everything, except for what is then spoilt at random."""
    month_ago, rich = on - timedelta(days=30), chance.choice([250, 2_500, 10_000, 20_000])
    courses = ("product", "partner", "sales", "sms", "sms_strategy")
    whole = Facts(
        country="US",
        application_approved=True,
        agreement_signed=True,
        services=("strategic_guidance",),
        website=("badge",),
        passes=tuple(Pass(course, "p0", Decimal(80), month_ago) for course in courses),
        referred_mrr=Decimal(rich),
        referred_sms_mrr=Decimal(rich) / chance.choice([2, 5, 10]),
        managed_mrr=Decimal(rich),
        managed_accounts=4,
        managed_accounts_with_sms=1,
        case_studies=(month_ago,),
        health_score=Decimal(65),
        report_card_percent=Decimal(8),
        team_size=2,
    )
    spoilt = some_facts(chance, on)
    names = [field.name for field in fields(Facts)]
    return replace(whole, **{name: getattr(spoilt, name) for name in chance.sample(names, chance.randrange(3))})


def something_held(chance: Random, on: date) -> Held:
    standing = chance.choice(STANDINGS)
    until = None
    if standing.tier is Tier.ELITE:
        until = chance.choice([None, on - timedelta(days=1), on, on + timedelta(days=1)])
    wish = standing.track is Track.MASTER and likely(chance, 20)
    return Held(standing, elite_until=until, asked_to_be_master=wish)
