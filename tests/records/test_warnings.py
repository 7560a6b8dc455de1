"""Who is written to 30 and 7 days before an adjustment's cut-off, how often, and what the mail says."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from activities.jobs import Jobs
from program.calendar import end_of_day
from records.correspondence import subject_of
from records.database import writing
from records.jobs import begin_job
from records.outbox import MailRow
from records.rendering import render
from records.tables import outbox, processes
from tests.records.telling import certify, pay, refer, tell
from tests.records.test_adjusting import CUT_OFF, HALF, LAST_YEAR, do_all, members

FIRST, SECOND = end_of_day(date(2027, 2, 23)), end_of_day(date(2027, 3, 18))
BETWEEN = FIRST + timedelta(days=9)


def warn(
    engine: Engine, warns: datetime, *, now: datetime | None = None, job: str = "", holds: tuple[str, ...] = ()
) -> None:
    """The job of one warning, to its end, at its instant or later."""
    args = {"half": str(HALF), "cut_off": CUT_OFF.isoformat(), "warning": warns.isoformat(), "holds": list(holds)}
    with writing(engine) as connection:
        begin_job(connection, job or f"warning of {warns}", "warn_of_adjustment", args, now=warns)
    do_all(Jobs(engine, lambda: now or warns))


def warned(engine: Engine) -> dict[str, list[str]]:
    """By partner: what each warning said is missing."""
    with engine.connect() as database:
        wanted = select(outbox.c.process, outbox.c.about).where(outbox.c.template == "tier_at_risk")
        found: dict[str, list[str]] = {}
        for row in database.execute(wanted.order_by(outbox.c.id)):
            found.setdefault(row.process.removeprefix("partner:"), []).append(row.about["missing"])
    return found


def gold(engine: Engine, name: str, referred: int = 2_500, *, until: date | None = None) -> str:
    """Everything that a gold advisor needs, with so much MRR; the account that brings it."""
    certify(engine, name, at=LAST_YEAR, until=until)
    tell(engine, name, "website", at=LAST_YEAR, evidence=["badge"])
    return refer(engine, name, referred, paid=LAST_YEAR)


def test_each_of_the_two_goes_to_whoever_is_at_risk_then(engine: Engine) -> None:
    stays, recovers, falls_later, safe, is_held, by_hand = (f"p-{number:05}" for number in range(6))
    members(engine, 6)
    gold(engine, stays, 2_160)
    account = gold(engine, recovers, 2_160)
    loses = gold(engine, falls_later)
    gold(engine, safe)
    with writing(engine) as connection:
        hand = processes.c.process == f"partner:{by_hand}"
        connection.execute(update(processes).where(hand).values(state="by_hand"))
    warn(engine, FIRST, holds=(is_held,))
    assert warned(engine) == {stays: ["$340 MRR referred"], recovers: ["$340 MRR referred"]}

    pay(engine, account, 2_500, at=BETWEEN)
    pay(engine, loses, 900, at=BETWEEN)
    warn(engine, SECOND, holds=(is_held,))
    assert warned(engine) == {
        stays: ["$340 MRR referred", "$340 MRR referred"],
        recovers: ["$340 MRR referred"],
        falls_later: ["$1,600 MRR referred"],
    }


def test_nobody_gets_one_twice(engine: Engine) -> None:
    members(engine, 2)
    for number in range(3):  # begun again, and under another name
        warn(engine, FIRST, job=f"job {number}", now=FIRST + timedelta(hours=number))
    assert [len(each) for each in warned(engine).values()] == [1, 1]
    assert warned(engine)["p-00000"][0].startswith("$2,500 MRR referred, visible on the website")


def test_what_runs_out_before_the_cut_off_is_missing_today(engine: Engine) -> None:
    members(engine, 2)
    gold(engine, "p-00000", until=date(2027, 3, 24))
    gold(engine, "p-00001", until=date(2027, 3, 25))
    warn(engine, SECOND)
    assert warned(engine) == {"p-00000": ["partner certification, product certification"]}


def test_a_downtier_that_staff_hold_needs_no_warning(engine: Engine) -> None:
    members(engine, 2)
    facts = {"since": LAST_YEAR.isoformat(), "downtier held": str(HALF)}
    with writing(engine) as connection:
        connection.execute(update(processes).where(processes.c.subject == "p-00001").values(facts=facts))
    warn(engine, FIRST)
    assert list(warned(engine)) == ["p-00000"]


@pytest.mark.parametrize(("late", "many"), [(timedelta(hours=-1), 1), (timedelta(0), 0)])
def test_after_the_cut_off_it_would_be_too_late(engine: Engine, late: timedelta, many: int) -> None:
    members(engine, 1)
    warn(engine, SECOND, now=CUT_OFF + late)
    assert len(warned(engine)) == many


@pytest.mark.parametrize(
    ("state", "only_while"),
    [("at_risk", ["at_risk"]), ("member", ["member", "at_risk", "suspended"]),
     ("suspended", ["member", "at_risk", "suspended"])],
)  # fmt: skip
def test_it_does_not_leave_any_more_once_the_partner_has_recovered(
    engine: Engine, state: str, only_while: list[str]
) -> None:
    members(engine, 1)
    with writing(engine) as connection:
        connection.execute(update(processes).values(state=state))
    warn(engine, FIRST)
    with engine.connect() as database:
        assert database.execute(select(outbox.c.only_while)).scalar_one() == only_while


def test_what_the_mail_says(engine: Engine) -> None:
    members(engine, 1)
    gold(engine, "p-00000", 2_160)
    warn(engine, SECOND)
    with engine.connect() as database:
        row: Any = database.execute(select(outbox)).one()
    mail = MailRow(
        row.id, row.key, row.process, 1, row.template, row.to, row.about, tuple(row.only_while), row.message_id, SECOND
    )
    subject = subject_of(engine, mail, now=SECOND, link="", client_page=lambda link: link.name)
    assert subject.partner_address == "desk@partner.example"
    said = render(row.template, subject.context)
    assert said.subject == "Your tier is at risk: what is missing until the cut-off"
    assert said.text.startswith(
        "Hello Desk,\n\n"
        "You hold advisor gold. By what we know today you will not keep it at the next half-yearly adjustment, and be "
        "advisor silver instead.\n\n"
        "Missing: $340 MRR referred.\n\n"
        "What counts is how things stand at the cut-off: Thursday, March 25, 2027, end of day (New York).\n\n"
        "Your page in the partner portal"
    )
