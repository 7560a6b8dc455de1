"""What counts of what was told of a partner: the newest word, by its day, as far as it had arrived."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from program.calendar import program_date
from program.edition import edition
from program.facts import Facts
from records.database import reading, writing
from records.partner_fact_lines import import_facts
from records.partner_facts import changes_on, facts_of_partner, read_facts, strike_fact
from tests.records.making import a_partner
from tests.records.telling import certify, manage, noon, pay, refer, tell

DAY = date(2027, 1, 20)
RULES = edition("2022")
NOON = datetime(2027, 1, 20, 17, tzinfo=UTC)


def facts(engine: Engine, on: date = DAY, known_by: datetime = NOON, mrr_known_by: datetime | None = None) -> Facts:
    with reading(engine) as connection:
        return read_facts(connection, ["p-1"], on, referred_months=12, known_by=known_by, mrr_known_by=mrr_known_by)[
            "p-1"
        ]


def test_a_member_of_whom_nothing_was_told(engine: Engine) -> None:
    a_partner(engine)
    assert facts(engine) == Facts(country="US", application_approved=True, agreement_signed=True)


def test_the_newest_word_of_a_kind_counts_by_its_day(engine: Engine) -> None:
    a_partner(engine)
    tell(engine, "p-1", "website", at=NOON - timedelta(days=9), evidence=["badge"])
    tell(engine, "p-1", "website", at=NOON - timedelta(days=2), evidence=[])
    tell(engine, "p-1", "website", at=NOON - timedelta(days=5), received_at=NOON, evidence=["case_study"])
    assert facts(engine).website == ()
    assert facts(engine, DAY - timedelta(days=3)).website == ("case_study",)
    assert facts(engine, DAY - timedelta(days=3), known_by=NOON - timedelta(hours=1)).website == ("badge",)


def test_a_fact_of_the_day_after_a_cut_off_does_not_count_at_it(engine: Engine) -> None:
    a_partner(engine)
    midnight = datetime(2027, 1, 21, 5, tzinfo=UTC)  # the end of January 20 in New York
    tell(engine, "p-1", "country", at=midnight - timedelta(seconds=1), country="DE")
    tell(engine, "p-1", "country", at=midnight, country="FR")
    assert facts(engine, DAY, known_by=midnight + timedelta(days=9)).country == "DE"
    assert facts(engine, DAY + timedelta(days=1), known_by=midnight + timedelta(days=9)).country == "FR"


def test_certifications_of_those_who_left_the_team_do_not_count(engine: Engine) -> None:
    a_partner(engine)
    certify(engine, "p-1", at=NOON - timedelta(days=30), person="e1", until=DAY + timedelta(days=3))
    certify(engine, "p-1", at=NOON - timedelta(days=20), person="e2")
    assert {each.person for each in facts(engine).passes} == {"e1", "e2"}
    assert changes_on(RULES, facts(engine), DAY) == DAY + timedelta(days=4)
    tell(engine, "p-1", "team", at=NOON - timedelta(days=1), people=["e2", "e3", "e3"])
    found = facts(engine)
    assert ({each.person for each in found.passes}, found.team_size) == ({"e2"}, 2)


def test_a_struck_fact_counts_until_it_was_struck(engine: Engine) -> None:
    a_partner(engine)
    fact = tell(engine, "p-1", "health_score", at=NOON - timedelta(days=3), score="70")
    with writing(engine) as connection:
        assert strike_fact(connection, "somebody-else", "academy", fact, now=NOON) is None
        assert strike_fact(connection, "p-1", "academy", fact, now=NOON) == "health_score"
        assert strike_fact(connection, "p-1", "academy", fact, now=NOON) is None
    assert facts(engine, known_by=NOON - timedelta(hours=1)).health_score == 70
    assert facts(engine).health_score is None
    with reading(engine) as connection:
        assert [each.struck_at for each in facts_of_partner(connection, "p-1")] == [NOON]


def test_mrr_counts_as_it_had_been_loaded(engine: Engine) -> None:
    a_partner(engine)
    account = refer(engine, "p-1", 300, 20, paid=NOON - timedelta(days=40))
    manage(engine, "p-1", 500, 1, since=NOON - timedelta(days=40))
    pay(engine, account, 900, at=NOON, month="2027-01")
    now, before = facts(engine), facts(engine, mrr_known_by=NOON - timedelta(days=1))
    referred = (now.referred_mrr, before.referred_mrr, before.referred_sms_mrr)
    assert referred == (Decimal(900), Decimal(320), Decimal(20))
    assert (now.managed_mrr, now.managed_accounts, now.managed_accounts_with_sms) == (Decimal(501), 1, 1)


LINES = """source,fact_id,partner_id,kind,occurred_at,value,course,person,percent,until
academy,1,p-1,certification,2026-05-01,,product,e1,92,2027-05-01
crawler,2,p-1,website,2026-05-02T10:00:00Z,badge,,,,
crawler,3,nobody,website,2026-05-02,badge,,,,
crawler,4,p-1,website,2026-05-02,billboard,,,,
crawler,5,p-1,weather,2026-05-02,sunny,,,,
crawler,6,p-1,website,2999-05-02,badge,,,,
academy,1,p-1,certification,2026-05-01,,product,e1,93,2027-05-01
""".splitlines()


def test_facts_come_from_a_file_and_bad_lines_are_told(engine: Engine) -> None:
    a_partner(engine)
    report = import_facts(engine, LINES, now=NOON)
    assert (report.taken, report.known, [number for number, _ in report.refused]) == (2, 0, [4, 5, 6, 7, 8])
    assert dict(report.refused)[4] == "There is no partner nobody."
    assert dict(report.refused)[6].startswith("«weather» is no kind of fact; there are certification,")
    assert import_facts(engine, LINES[:3], now=NOON).known == 2
    assert facts(engine).website == ("badge",)


@pytest.mark.parametrize("at", ["0001-01-01", "1999-12-31T23:59:59Z", "9999-12-31", "today", ""])
def test_no_fact_is_dated_where_no_fact_can_be(engine: Engine, at: str) -> None:
    a_partner(engine)
    report = import_facts(engine, [LINES[0], f"crawler,1,p-1,website,{at},badge,,,,"], now=NOON)
    assert report.taken == 0
    [(number, why)] = report.refused
    assert (number, why.split(" ")[0].rstrip(":")) == (2, "occurred_at")


def test_a_date_is_the_day_of_the_program(engine: Engine) -> None:
    a_partner(engine)
    today = program_date(NOON)
    assert import_facts(engine, [LINES[0], f"crawler,1,p-1,website,{today},badge,,,,"], now=NOON).taken == 1
    assert facts(engine).website == ("badge",)
    assert facts(engine, on=today - timedelta(days=1)).website == ()


def test_what_never_expires_changes_nothing_by_itself(engine: Engine) -> None:
    a_partner(engine)
    certify(engine, "p-1", at=NOON - timedelta(days=9), until=date(9999, 12, 31))
    assert [taken.until for taken in facts(engine).passes] == [date(9999, 12, 31)] * 2
    assert changes_on(RULES, facts(engine), DAY) is None


def test_a_standing_is_looked_at_again_when_its_oldest_referral_leaves_the_year(engine: Engine) -> None:
    a_partner(engine)
    refer(engine, "p-1", 100, paid=noon(date(2026, 5, 4)))
    refer(engine, "p-1", 300, paid=noon(date(2026, 3, 10)))
    later = noon(date(2027, 6, 1))
    on, leaves, last = date(2027, 3, 1), date(2027, 3, 11), date(2027, 5, 5)
    assert changes_on(RULES, facts(engine, on, later), on) == leaves
    assert facts(engine, leaves - timedelta(days=1), later).referred_mrr == 400
    assert facts(engine, leaves, later).referred_mrr == 100
    assert changes_on(RULES, facts(engine, leaves, later), leaves) == last
    assert changes_on(RULES, facts(engine, last, later), last) is None


@pytest.mark.parametrize(
    ("on", "changes"), [("2021-12-31", "2022-04-01"), ("2022-03-31", "2022-04-01"), ("2022-04-01", None)]
)
def test_the_day_is_awaited_on_which_the_sms_minimum_is_phased_in(on: str, changes: str | None) -> None:
    """From April 1, 2022 it is asked to move up, and the next adjustment, that of October, asks for it as well."""
    found = changes_on(RULES, Facts(), date.fromisoformat(on))
    assert found == (date.fromisoformat(changes) if changes else None)
