"""The rules of a season, told as what happens."""

from datetime import date
from typing import Any

import pytest

from program.calendar import Half, end_of_day, start_of_day, window_extended
from program.edition import LATEST
from program.season import timetable
from states.effects import StartJob, Tell
from states.season_data import Season
from tests.states.alone import Trial
from tests.states.season_situations import CHAIR, MEMBER, a_season, report
from tests.states.simulate import ny


def looks(trial: Trial[Season]) -> list[dict[str, Any]]:
    return [effect.args for effect in trial.effects if isinstance(effect, StartJob)]


def told(trial: Trial[Season], partner: str) -> list[Tell]:
    process = f"nomination:{trial.data.half}:{partner}"
    return [effect for effect in trial.effects if isinstance(effect, Tell) and effect.process == process]


def with_two_scored() -> Trial[Season]:
    """Scored: one passes, one does not."""
    trial = a_season()
    trial.until(ny("2027-03-10 10:00"))
    report(trial, "isar", "scoring")
    trial.until(ny("2027-03-30 10:00"))
    report(trial, "isar")
    report(trial, "elbe", passes=False, average="2.40")
    return trial


def test_the_calendar_opens_and_closes_every_phase() -> None:
    trial = a_season(continues=True)
    trial.until(ny("2027-02-01 10:00"))
    assert trial.state == "nominations"
    assert trial.at_of("open_review") == start_of_day(date(2027, 1, 1))
    assert trial.at_of("open_nominations") == start_of_day(date(2027, 2, 1))
    numbers = [look["number"] for look in looks(trial)]
    assert numbers == list(range(1, 33)), "every day in January, and once more as nominations open"
    assert [look["begins"] for look in looks(trial)] == [False] * 31 + [True]
    assert [look["on"] for look in looks(trial)][-2:] == ["2027-01-31", "2027-02-01"]
    trial.until(ny("2027-03-01 10:00"))
    assert trial.at_of("open_committee") == start_of_day(date(2027, 3, 1))
    assert trial.mails == [("season_committee", "staff:committee"), ("season_committee", "staff:chair")]


def test_a_season_that_begins_late_opens_as_of_its_day() -> None:
    trial = a_season("2027-01-03 10:00")
    trial.until(ny("2027-01-03 10:01"))
    assert trial.at_of("open_review") == start_of_day(date(2027, 1, 1))
    assert len(looks(trial)) == 3


def test_the_second_half() -> None:
    trial = a_season("2027-06-30 10:00", half=Half(2027, 2))
    report(trial, "isar", "scoring")
    trial.until(ny("2027-09-25 10:00"))
    assert (trial.state, trial.at_of("close_scoring")) == ("selection", end_of_day(date(2027, 9, 24)))


def test_the_chair_confirms_the_selection_as_a_whole() -> None:
    trial = with_two_scored()
    assert trial.data.facts()["selected"] == ["isar (3.50)"]
    assert trial.data.facts()["not selected"] == ["elbe (2.40)"]
    assert trial.say("confirm") == "confirmed"
    assert [tell.signal for tell in told(trial, "isar")] == ["select"]
    assert [tell.signal for tell in told(trial, "elbe")] == ["turn_down"]
    trial.until(ny("2027-04-01 00:00"))
    assert (trial.state, trial.data.outcome) == ("closed", "granted")


def test_a_decision_against_the_result_says_why_and_one_that_agrees_is_none() -> None:
    trial = with_two_scored()
    trial.say("choose", partner="elbe", selected="yes", reason="its case study is in print")
    assert trial.data.is_selected("elbe")
    assert "against the result: its case study is in print" in trial.data.facts()["selected"][0]
    trial.say("choose", partner="isar", selected="yes", reason="of course")
    assert list(trial.data.decisions) == ["elbe"]
    trial.say("confirm")
    assert told(trial, "elbe")[-1].payload == {"selected": True, "exception": "its case study is in print"}
    assert "has no scored nomination" in with_two_scored().refusal("choose", partner="weser")


def test_the_checklist_is_mandatory_unless_the_chair_makes_an_exception() -> None:
    trial = with_two_scored()
    report(trial, "isar", met=False, missing="client report card: 8% needed, 5% found")
    assert not trial.data.is_selected("isar")
    assert "misses client report card" in trial.data.facts()["not selected"][1]
    report(trial, "isar", met=None)
    assert "checklist unknown" in trial.data.facts()["not selected"][1]
    trial.say("choose", partner="isar", selected="yes", reason="the report card was lost by us")
    assert trial.data.is_selected("isar")


def test_nothing_is_confirmed_while_something_is_being_scored() -> None:
    trial = with_two_scored()
    report(trial, "weser", "extended")
    assert "is confirmed as a whole" in trial.refusal("confirm")
    assert "once scoring of weser has ended" in trial.data.facts()["to decide"]
    report(trial, "weser", "not_reviewed")
    assert trial.say("confirm") == "confirmed"
    assert told(trial, "weser") == []


def test_whoever_keeps_the_chair_waiting_is_named_with_what_helps() -> None:
    trial = with_two_scored()
    trial.say("add_member")
    said = trial.refusal("confirm")
    assert "scores of elbe, isar have not yet been counted" in said
    assert "take_out" in said
    assert "partnerflow doctor" in said
    assert "partnerflow doctor" in trial.data.facts()["to decide"]
    report(trial, "isar", seating=1)
    assert "scores of elbe have not" in trial.refusal("confirm")
    report(trial, "elbe", "closed")
    assert trial.say("confirm") == "confirmed"


def test_of_many_who_keep_the_chair_waiting_the_first_are_named() -> None:
    trial = with_two_scored()
    for number in range(5):
        report(trial, f"weser{number}")
    trial.say("add_member")
    assert "scores of elbe, isar, weser0, weser1, weser2 and 2 more have not" in trial.refusal("confirm")


def test_without_confirmation_nobody_is_elevated_and_chair_and_lead_are_told_every_day() -> None:
    trial = with_two_scored()
    trial.until(ny("2027-04-03 10:00"))
    assert (trial.state, trial.data.is_overdue()) == ("unconfirmed", True)
    assert [(tell.signal, tell.payload["late"]) for tell in told(trial, "isar")] == [("brief", True)]
    assert trial.mails[-6:] == [("season_unconfirmed", "staff:chair"), ("season_unconfirmed", "chair-lead")] * 3
    assert trial.say("confirm") == "closed"
    assert [tell.signal for tell in told(trial, "isar")] == ["brief", "brief", "select"]
    assert told(trial, "isar")[1].payload["late"] is False


def test_a_confirmation_can_be_taken_back_before_the_grant_date() -> None:
    trial = with_two_scored()
    trial.say("confirm")
    assert trial.say("take_back") == "selection"
    assert [tell.signal for tell in told(trial, "isar")] == ["select", "unconfirm"]
    trial.say("confirm")
    trial.until(ny("2027-04-01 10:00"))
    assert "can't be done now" in trial.refusal("take_back")


def test_a_season_without_nominations_needs_no_confirmation() -> None:
    trial = a_season()
    report(trial, "isar", "declined")
    trial.until(ny("2027-04-01 00:00"))
    assert (trial.state, "close_scoring" in trial.triggers) == ("closed", True)
    assert ("season_unconfirmed", "staff:chair") not in trial.mails


def test_extending_is_announced_and_told_to_every_nomination_and_never_passes_the_grant_date() -> None:
    trial = a_season()
    trial.until(ny("2027-02-10 10:00"))
    report(trial, "isar", "to_nominate")
    trial.say("extend", phase="nominations", days=3)
    assert trial.data.times.nominations_close == end_of_day(date(2027, 3, 3))
    roles = ("manager", "committee", "chair")
    assert trial.mails[-3:] == [("season_changed", f"staff:{role}") for role in roles]
    assert told(trial, "isar")[-1].payload["times"]["nominations_close"] == "2027-03-04T05:00:00Z"
    assert "after the grant date has begun" in trial.refusal("extend", phase="committee", days=20)
    assert "closed at the end of 2027-01-31" in trial.refusal("extend", phase="mrr_review", days=1)
    trial.until(ny("2027-03-03 10:00"))
    assert trial.state == "nominations"


def test_opening_early_begins_nominations_and_goes_on_listing() -> None:
    trial = a_season()
    trial.until(ny("2027-01-20 10:00"))
    before = len(looks(trial))
    assert trial.say("open_early") == "nominations"
    assert [look["begins"] for look in looks(trial)[before:]] == [True]
    trial.until(ny("2027-01-25 10:00"))
    assert all(look["begins"] for look in looks(trial)[before:])
    assert len(looks(trial)) == before + 6
    assert trial.say("open_early") == "committee"


def test_the_roster_changes_and_every_nomination_hears_of_it() -> None:
    trial = a_season()
    trial.until(ny("2027-03-02 10:00"))
    report(trial, "isar", "to_nominate")
    trial.say("add_member", member="Second@vendor.example")
    assert trial.data.roster == (MEMBER, "second@vendor.example")
    trial.say("replace_member", member=MEMBER, new="third@vendor.example")
    trial.say("remove_member", member="second@vendor.example")
    assert told(trial, "isar")[-1].payload["roster"] == ["third@vendor.example"]
    assert "is on the committee already" in trial.refusal("add_member", member="third@vendor.example")
    assert "is not on the committee" in trial.refusal("remove_member", member=MEMBER)


def test_a_nomination_that_has_just_begun_is_told_what_holds_now() -> None:
    trial = a_season()
    trial.until(ny("2027-02-10 10:00"))
    report(trial, "isar", "to_nominate")
    assert [tell.signal for tell in told(trial, "isar")] == ["brief"]


def test_calling_off_ends_every_nomination_also_one_that_begins_afterwards() -> None:
    trial = a_season()
    trial.until(ny("2027-02-10 10:00"))
    report(trial, "isar", "nominated")
    assert trial.say("call_off", reason="no committee") == "called_off"
    assert told(trial, "isar")[-1].payload == {"reason": "no committee"}
    report(trial, "elbe", "to_nominate")
    assert [tell.signal for tell in told(trial, "elbe")] == ["call_off"]


def everybody(template: str) -> list[tuple[str, str]]:
    return [(template, f"staff:{role}") for role in ("manager", "committee", "chair")]


@pytest.mark.parametrize("phase", ["mrr_review", "nominations", "committee"])
def test_every_phase_can_be_extended_which_is_recorded_with_its_reason_and_announced(phase: str) -> None:
    trial = a_season()
    opens = {"mrr_review": "2027-01-20", "nominations": "2027-02-20", "committee": "2027-03-20"}[phase]
    trial.until(ny(f"{opens} 10:00"))
    closes = {"mrr_review": "review_closes", "nominations": "nominations_close", "committee": "scoring_closes"}[phase]
    before = getattr(trial.data.times, closes)
    trial.say("extend", phase=phase, days=2, reason="two managers are ill")
    assert getattr(trial.data.times, closes) == window_extended(before, 2)
    step = trial.steps[-1]
    assert (step.trigger, step.by, step.reason) == ("extend", CHAIR, "two managers are ill")
    assert step.details["phase"] == phase
    assert trial.mails[-3:] == everybody("season_changed")
    assert trial.data.times.grant == timetable(LATEST, Half(2027, 1)).grant


@pytest.mark.parametrize(("day", "opened"), [("2027-01-20", "nominations"), ("2027-02-20", "committee")])
def test_opening_early_is_recorded_with_its_reason_and_announced(day: str, opened: str) -> None:
    trial = a_season()
    trial.until(ny(f"{day} 10:00"))
    report(trial, "isar", "to_nominate")
    assert trial.say("open_early", reason="all lists are complete") == opened
    early = next(step for step in reversed(trial.steps) if step.trigger == "open_early")
    assert early.reason == "all lists are complete"
    assert [mail for mail in trial.mails if mail[0] == "season_changed"] == everybody("season_changed")
    assert told(trial, "isar")[-1].signal == "brief"


@pytest.mark.parametrize("day", ["2026-12-30", "2027-01-20", "2027-02-20", "2027-03-20", "2027-03-30", "2027-04-02"])
def test_a_season_can_be_called_off_in_every_phase_with_a_reason_that_everybody_hears(day: str) -> None:
    trial = a_season()
    if day > "2027-03-26":
        trial = with_two_scored()
    trial.until(ny(f"{day} 10:00"))
    assert trial.say("call_off", reason="no committee can be formed") == "called_off"
    assert trial.steps[-1].reason == trial.data.why_ended == "no committee can be formed"
    assert trial.mails[-3:] == everybody("season_called_off")
    assert trial.data.outcome == "called_off"


def test_one_that_is_scored_after_the_confirmation_is_told_at_once() -> None:
    trial = with_two_scored()
    trial.say("confirm")
    report(trial, "weser")
    assert [tell.signal for tell in told(trial, "weser")] == ["select"]


def test_a_look_that_was_overtaken_says_nothing() -> None:
    trial = a_season()
    trial.until(ny("2027-01-03 10:00"))
    trial.say("listed", number=1, listed=99, again=9)
    assert trial.data.listed is None
    trial.say("listed", number=3, listed=5, again=1)
    assert trial.data.facts()["listed"] == 5
    assert not trial.data.looking
