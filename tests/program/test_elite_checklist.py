"""Every point of the elite checklist is met at its threshold, fails just below it, and stands alone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from program.edition import edition
from program.elite_checklist import Point, elite_checklist
from program.facts import Facts, Pass

E2022 = edition("2022")
CUT_OFF = date(2027, 3, 25)
COURSES = ("product", "partner", "sales", "sms", "sms_strategy", "system_integrator")


def passed(*courses: str, people: int = 2) -> tuple[Pass, ...]:
    taken = date(2026, 5, 1)
    return tuple(Pass(course, f"p{number}", Decimal(80), taken) for course in courses for number in range(people))


READY = Facts(
    country="US",
    application_approved=True,
    agreement_signed=True,
    services=("implementation",),
    website=("badge",),
    passes=passed(*COURSES),
    referred_mrr=Decimal(20_000),
    managed_mrr=Decimal(20_000),
    managed_accounts=8,
    managed_accounts_with_sms=2,
    case_studies=(date(2026, 3, 25),),
    health_score=Decimal(65),
    report_card_percent=Decimal(8),
    team_size=4,
    is_system_integrator=True,
)


def unmet(facts: Facts) -> list[str]:
    return [point.code for point in elite_checklist(E2022, facts, CUT_OFF).points if not point.met]


def test_a_partner_at_every_threshold_meets_all() -> None:
    checklist = elite_checklist(E2022, READY, CUT_OFF)
    assert checklist.met
    assert checklist.meets_mrr
    assert [point.code for point in checklist.points] == [
        "referred_mrr", "managed_mrr", "sms_accounts_percent", "case_studies", "health_score", "report_card_percent",
        "team_product", "team_sales", "team_sms", "team_sms_strategy", "team_system_integrator",
        "website", "application", "agreement", "services", "partner_certification", "product_certification",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"referred_mrr": Decimal("19999.99")}, ["referred_mrr"]),
        ({"managed_mrr": Decimal("19999.99")}, ["managed_mrr"]),
        ({"managed_accounts": 9}, ["sms_accounts_percent"]),
        ({"managed_accounts": 0, "managed_accounts_with_sms": 0}, ["sms_accounts_percent"]),
        ({"case_studies": (date(2026, 3, 24),)}, ["case_studies"]),
        ({"case_studies": (CUT_OFF + timedelta(days=1),)}, ["case_studies"]),
        ({"case_studies": ()}, ["case_studies"]),
        ({"health_score": Decimal("64.9")}, ["health_score"]),
        ({"health_score": None}, ["health_score"]),
        ({"report_card_percent": Decimal("7.99")}, ["report_card_percent"]),
        ({"passes": passed(*COURSES[:-1])}, ["team_system_integrator"]),
        ({"passes": passed(*COURSES[:-1]), "is_system_integrator": False}, []),
        ({"passes": passed(*COURSES[1:])}, ["team_product", "product_certification"]),
        ({"website": ()}, ["website"]),
        ({"agreement_signed": False}, ["agreement"]),
        ({"referred_sms_mrr": Decimal(0)}, []),
    ],
)
def test_each_point_alone(changes: dict[str, object], expected: list[str]) -> None:
    assert unmet(replace(READY, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("team", [5, 0])
def test_half_of_the_team_is_asked_for_each_certification(team: int) -> None:
    assert unmet(replace(READY, team_size=team)) == [
        "team_product", "team_sales", "team_sms", "team_sms_strategy", "team_system_integrator",
    ]  # fmt: skip


def test_where_sms_is_not_sold_no_account_needs_it() -> None:
    abroad = elite_checklist(E2022, replace(READY, country="DE", managed_accounts_with_sms=0), CUT_OFF)
    assert abroad.met
    assert abroad.points[2] == Point(
        "sms_accounts_percent", True, Decimal(25), Decimal(0), "not sold in the partner's country"
    )


def test_mrr_alone_puts_a_partner_on_the_list() -> None:
    listed = elite_checklist(E2022, replace(READY, website=(), health_score=None), CUT_OFF)
    assert listed.meets_mrr
    assert not listed.met
    assert not elite_checklist(E2022, replace(READY, managed_mrr=Decimal(0)), CUT_OFF).meets_mrr
