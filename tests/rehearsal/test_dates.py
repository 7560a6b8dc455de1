"""The dates that a rehearsal is held against, by hand: the checker must not learn them from what it checks."""

from __future__ import annotations

from datetime import UTC, datetime

from program.edition import LATEST
from rehearsal.dates import account_dates, benefit_dates
from rehearsal.lead_dates import lead_dates
from rehearsal.lives import Happened, Life
from rehearsal.season_dates import adjustment_dates, nomination_dates, partner_dates, season_dates

JANUARY_5 = datetime(2027, 1, 5, 15, tzinfo=UTC)
SOME_TIME = datetime(2027, 6, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-{text}:00+00:00")


def step(trigger: str, source: str = "", dest: str = "", at: datetime = SOME_TIME) -> Happened:
    return Happened(trigger, source, dest or source, at, at)


def life(process: str, *steps: Happened) -> Life:
    return Life(process, process.partition(":")[0], LATEST, JANUARY_5, list(steps))


def test_a_lead_from_registration_over_renewal_to_its_end() -> None:
    lead = life(
        "lead:1",
        step("begin", "received", "in_review", JANUARY_5),
        step("remind_review", "in_review"),
        step("review_overdue", "in_review"),
        step("accept", "in_review", "accepted", utc("01-13T16:00")),
        step("ask_progress", "accepted", at=utc("02-13T05:00")),
        step("question_credit", "accepted", "credit_in_question"),
        step("keep_credit", "credit_in_question", "accepted", utc("03-01T16:00")),
        step("remind_window", "accepted"),
        step("give_notice", "accepted", "renewal_asked", utc("04-01T16:00")),
        step("renew", "renewal_asked", "accepted", utc("04-02T16:00")),
        step("expire", "accepted", "expired", utc("07-05T04:00")),
        step("settle", "expired", "ended"),
    )
    due = {each.step.trigger: sorted(each.due) for each in lead_dates(lead)}
    assert due == {
        # Business days after Tuesday, January 5: the 7th, and the 12th; a day ends at midnight in New York.
        "remind_review": [utc("01-08T05:00")],
        "review_overdue": [utc("01-13T05:00")],
        "ask_progress": [utc("02-13T05:00")],
        "question_credit": [utc("02-24T05:00")],
        # The ninetieth day is April 5; in between the clocks change.
        "remind_window": [utc("03-22T13:00"), utc("04-02T13:00")],
        "expire": [utc("07-05T04:00")],
        "settle": [utc("07-20T04:00")],
    }


def test_an_account_that_its_client_lets_lie() -> None:
    account = life("account:A00001:acme", step("remind_client", "waiting"), step("lapse", "waiting", "lapsed"))
    reminded, lapsed = account_dates(account)
    assert reminded.due == {utc("01-08T14:00"), utc("01-12T14:00"), utc("01-19T14:00")}
    assert lapsed.due == {utc("02-05T05:00")}


def test_a_benefit_that_somebody_carries_out() -> None:
    rules = LATEST.benefits
    assert (rules.task_reminder_business_days, rules.task_due_business_days) == (5, 10)
    task = life(
        "benefit:acme:trophy",
        step("grant", "not_given", "to_do", utc("04-01T04:00")),
        step("remind_task", "to_do"),
        step("task_overdue", "to_do"),
    )
    assert [sorted(each.due) for each in benefit_dates(task)] == [[utc("04-09T04:00")], [utc("04-16T04:00")]]


def test_the_season_and_the_adjustment() -> None:
    season = life("elite:2027-H1", *map(step, ("open_review", "open_nominations", "open_committee", "close_scoring")))
    assert [sorted(each.due) for each in season_dates(season)] == [
        [utc("01-01T05:00")], [utc("02-01T05:00")], [utc("03-01T05:00")], [utc("03-26T04:00")]
    ]  # fmt: skip
    nomination = life("nomination:2027-H1:acme", *map(step, ("remind_manager", "end_extension", "grant_date")))
    assert {each.step.trigger: sorted(each.due) for each in nomination_dates(nomination)} == {
        "remind_manager": [utc("02-18T14:00"), utc("02-25T14:00")],
        "end_extension": [utc("03-30T04:00")],
        "grant_date": [utc("04-01T04:00")],
    }
    adjustment = life("adjustment:2027-H1", *map(step, ("warn", "freeze", "run")))
    assert [sorted(each.due) for each in adjustment_dates(adjustment)] == [
        [utc("02-24T05:00"), utc("03-19T04:00")], [utc("03-26T04:00")], [utc("04-01T04:00")]
    ]  # fmt: skip


def test_a_partner_is_told_later_than_it_counts() -> None:
    told = Happened("adjust", "member", "member", SOME_TIME, SOME_TIME, since=utc("04-01T04:00"))
    [down] = partner_dates(life("partner:acme", told))
    assert down.found in down.due
    [too_late] = partner_dates(life("partner:acme", step("adjust", "member")))
    assert too_late.found not in too_late.due
