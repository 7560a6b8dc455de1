"""The rules of a nomination, told as what happens."""

from datetime import date

import pytest

from program.calendar import Half, start_of_day
from states.effects import LookAtPartner, Tell, YearOfElite
from states.messages import Refusal
from states.nomination_messages import Score
from tests.states.nomination_situations import CHAIR, GOOD, H1, MANAGER, MEMBERS, POOR, a_nomination, scored_by
from tests.states.simulate import ny


def told(trial: object, process: str) -> list[Tell]:
    return [effect for effect in trial.effects if isinstance(effect, Tell) and effect.process == process]  # type: ignore[attr-defined]


def test_from_nomination_to_elite_on_the_grant_date_and_not_before() -> None:
    trial = a_nomination(continues=True)
    trial.until(ny("2027-02-10 10:00"))
    assert trial.say("nominate", case=1) == "nominated"
    trial.until(ny("2027-03-02 10:00"))
    assert trial.state == "scoring"
    scored_by(trial, 3)
    trial.until(ny("2027-03-26 10:00"))
    assert trial.state == "scored"
    trial.say("looked", on="2027-03-25")
    trial.say("select")
    trial.until(ny("2027-03-31 23:59"))
    assert (trial.state, told(trial, "partner:isar")) == ("selected", [])
    trial.until(ny("2027-04-01 00:00"))
    assert trial.state == "granted"
    [grant] = told(trial, "partner:isar")
    assert grant.signal == "grant_elite"
    assert grant.payload["since"] == H1.grant.isoformat()
    assert grant.payload["until"] == start_of_day(date(2028, 4, 1)).isoformat()
    [year] = [effect for effect in trial.effects if isinstance(effect, YearOfElite)]
    assert (year.at, year.until) == (H1.grant, date(2028, 4, 1))
    assert "elite_granted" not in dict(trial.mails), "whether it is elite now, its standing says"


def test_confirmed_late_elite_is_dated_on_the_grant_date() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 3)
    trial.until(ny("2027-04-09 10:00"))
    assert trial.state == "scored"
    assert trial.say("select") == "granted"
    assert trial.at_of("grant_date") == H1.grant
    assert told(trial, "partner:isar")[0].payload["since"] == H1.grant.isoformat()


def test_silence_counts_as_declined_and_is_told_to_the_managers_lead() -> None:
    trial = a_nomination()
    trial.until(ny("2027-03-01 10:00"))
    assert (trial.state, trial.data.outcome) == ("declined", "declined")
    assert trial.mails == [
        ("nomination_asked", "manager"), ("nomination_reminder", "manager"), ("nomination_reminder", "manager"),
        ("nomination_silence", "manager-lead"),
    ]  # fmt: skip
    assert [str(step.at.date()) for step in trial.steps if step.trigger == "remind_manager"] == [
        "2027-02-18", "2027-02-25",
    ]  # fmt: skip
    assert "the chair can admit a late one" in trial.refusal("nominate")
    assert trial.say("admit") == "scoring"


def test_who_nominates_in_time_is_not_reminded() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-01 10:00"))
    assert trial.mails == [("nomination_asked", "manager")]


def test_a_nomination_says_why() -> None:
    trial = a_nomination()
    assert "Say why this partner" in trial.refusal("nominate", reason="")
    assert trial.say("nominate", reason="", case=2) == "nominated"


def test_an_elite_is_evaluated_again_whether_the_manager_answers_or_not() -> None:
    trial = a_nomination(again=True)
    assert "whether the manager nominates or not" in trial.refusal("decline")
    trial.until(ny("2027-03-01 10:00"))
    assert trial.state == "scoring"
    scored_by(trial, 3, POOR)
    trial.until(ny("2027-03-30 10:00"))
    trial.say("turn_down")
    trial.until(ny("2027-04-01 10:00"))
    assert (trial.state, [tell.signal for tell in told(trial, "partner:isar")]) == ("not_granted", ["end_elite"])
    assert told(trial, "partner:isar")[0].payload["at"] == H1.grant.isoformat()


def test_a_season_that_is_called_off_takes_nobodys_elite() -> None:
    trial = a_nomination(again=True)
    trial.until(ny("2027-03-05 10:00"))
    scored_by(trial, 3, POOR)
    assert trial.say("call_off") == "called_off"
    trial.until(ny("2027-04-10 10:00"))
    assert (trial.data.outcome, told(trial, "partner:isar")) == ("called_off", [])


def test_a_new_one_that_is_not_selected_keeps_its_tier_and_hears_by_area_and_without_names() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 3, POOR)
    trial.until(ny("2027-04-01 10:00"))
    trial.say("turn_down", exception="a breach of the agreement is looked into")
    assert told(trial, "partner:isar") == []
    about = trial.steps[-1].effects[0].about  # type: ignore[union-attr]
    assert about["areas"][0] == "Leadership: 2.00"
    assert len(about["areas"]) == 6
    assert not any(member in str(about) for member in MEMBERS)


def test_the_manager_and_who_nominated_may_not_score() -> None:
    trial = a_nomination()
    trial.say("looked", manager=MEMBERS[0].upper())
    trial.say("nominate", by=MEMBERS[1])
    trial.until(ny("2027-03-02 10:00"))
    assert "a member who manages the partner may not" in trial.refusal("score", by=MEMBERS[0])
    assert "a member who nominated the partner may not" in trial.refusal("score", by=MEMBERS[1])
    assert "is not on the committee" in trial.refusal("score", by="stranger@vendor.example")
    trial.say("score", by=MEMBERS[2].upper())
    assert trial.data.judges == MEMBERS[2:]
    trial.say("recuse", by=MEMBERS[2])
    assert trial.data.counting == (), "scores of a member that has recused itself do not count"
    assert "has recused itself" in trial.refusal("score", by=MEMBERS[2])
    trial.say("readmit", member=MEMBERS[2])
    assert len(trial.data.counting) == 1


def test_a_manager_that_changes_makes_scores_not_count() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 3)
    assert trial.data.appraisal.has_quorum
    trial.say("looked", manager=MEMBERS[2])
    assert not trial.data.appraisal.has_quorum


def test_scores_may_change_until_the_close() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 3, POOR)
    assert not trial.data.appraisal.passes
    scored_by(trial, 3, GOOD)
    assert (trial.data.appraisal.passes, trial.data.appraisal.members) == (True, 3)
    with pytest.raises(Refusal, match="Leadership has 2 questions"):
        trial.say("score", sheet=GOOD.replace("L44", "L4"))
    trial.say("score", sheet="", scores={area: list(scores) for area, scores in trial.data.sheets[MEMBERS[1]].items()})
    trial.until(ny("2027-03-26 00:00"))
    assert "can't be done now" in trial.refusal("score")


@pytest.mark.parametrize(
    "payload",
    [
        f"{MEMBERS[0]} {GOOD} strong people",
        {"by": MEMBERS[0], "sheet": GOOD, "reason": "strong people"},
        f"{MEMBERS[0]}: sheet=L44 strong people",
    ],
)
def test_a_sheet_with_a_remark_is_refused_and_says_where_remarks_belong(payload: object) -> None:
    with pytest.raises(Refusal, match=r"«strong people».* nomination's page in the portal"):
        Score.parse(payload)
    assert Score.parse(f"{MEMBERS[0]}: {GOOD}").by == MEMBERS[0]


def test_whoever_nominated_may_not_score_also_when_somebody_else_has_nominated_since() -> None:
    trial = a_nomination()
    trial.say("nominate", by=MEMBERS[0])
    trial.say("nominate", by=MEMBERS[1], reason="a better case")
    trial.say("decline", by=MEMBERS[1])
    trial.say("nominate", by=MANAGER)
    trial.until(ny("2027-03-02 10:00"))
    for member in MEMBERS[:2]:
        assert "a member who nominated the partner may not" in trial.refusal("score", by=member)
    assert trial.data.judges == MEMBERS[2:]
    assert trial.data.facts()["nominated by"] == MANAGER


def test_without_a_quorum_scoring_is_extended_once_and_then_it_lapses() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 2)
    trial.until(ny("2027-03-26 10:00"))
    assert trial.state == "extended"
    trial.until(ny("2027-03-30 10:00"))
    assert (trial.state, trial.data.outcome) == ("not_reviewed", "not_reviewed")
    trial.until(ny("2027-04-01 10:00"))
    assert (trial.state, trial.mails[-1]) == ("closed", ("elite_not_reviewed", "partner"))
    assert told(trial, "partner:isar") == [], "an elite that was not reviewed goes on until a season decides"


def test_a_quorum_in_the_extension_counts() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-27 10:00"))
    scored_by(trial, 3)
    trial.until(ny("2027-03-30 10:00"))
    assert trial.state == "scored"


def test_members_who_leave_the_roster_count_no_more() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 3)
    trial.say("brief", roster=[*MEMBERS[1:], "new@vendor.example"])
    assert trial.data.appraisal.members == 2
    trial.say("score", by="new@vendor.example")
    assert trial.data.appraisal.has_quorum


def test_the_cut_off_is_looked_at_with_the_facts_of_its_day() -> None:
    trial = a_nomination(half=Half(2027, 2))
    trial.say("nominate")
    trial.until(ny("2027-09-02 10:00"))
    scored_by(trial, 3)
    trial.until(ny("2027-09-26 10:00"))
    looks = [effect.on for effect in trial.effects if isinstance(effect, LookAtPartner)]
    assert looks == [date(2027, 8, 1), date(2027, 9, 15), date(2027, 9, 15)]


def test_a_partner_that_is_gone_is_taken_out_with_a_sentence_even_when_selected() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 3)
    trial.until(ny("2027-03-30 10:00"))
    trial.say("select")
    assert trial.say("partner_gone") == "taken_out"
    assert trial.data.why_ended == "The partner has left the program."
    trial.until(ny("2027-04-20 10:00"))
    assert (trial.state, told(trial, "partner:isar")) == ("closed", [])


@pytest.mark.parametrize(
    ("until", "state"),
    [
        ("2027-02-10 10:00", "nominated"),
        ("2027-03-05 10:00", "scoring"),
        ("2027-03-27 10:00", "extended"),
        ("2027-03-30 10:00", "not_reviewed"),
    ],
)
@pytest.mark.parametrize(
    "sentence",
    [
        "The partner has left the program.",
        "The partner has no signed agreement any more.",
        "The partner was merged into «elbe».",
    ],
)
def test_whoever_goes_in_any_phase_is_taken_out_with_a_sentence(until: str, state: str, sentence: str) -> None:
    trial = a_nomination(again=True)
    trial.say("nominate")
    trial.until(ny(until))
    assert trial.state == state
    assert trial.say("partner_gone", reason=sentence) == "taken_out"
    assert trial.data.why_ended == sentence
    assert trial.mails[-2:] == [("nomination_taken_out", "manager"), ("nomination_taken_out", "staff:chair")]
    assert told(trial, f"elite:{trial.data.half}")[-1].payload["state"] == "taken_out"
    trial.say("partner_gone", reason="said once more")
    assert trial.data.why_ended == sentence
    trial.until(ny("2027-04-20 10:00"))
    assert (trial.state, trial.data.outcome) == ("closed", "taken_out")
    assert told(trial, "partner:isar") == [], "whoever is gone loses no elite by a season"


def test_a_fact_that_could_take_it_out_has_the_partner_looked_at() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-02-10 10:00"))
    before = len([effect for effect in trial.effects if isinstance(effect, LookAtPartner)])
    assert trial.say("facts_changed") == "nominated"
    assert [effect.on for effect in trial.effects if isinstance(effect, LookAtPartner)][before:] == [date(2027, 2, 10)]


def test_what_was_taken_out_by_mistake_comes_back_as_it_was() -> None:
    trial = a_nomination()
    trial.say("nominate")
    trial.until(ny("2027-03-20 10:00"))
    scored_by(trial, 3)
    assert trial.say("take_out") == "taken_out"
    trial.until(ny("2027-03-29 10:00"))
    assert trial.say("reinstate") == "scored", "its scoring has closed meanwhile"


def test_later_dates_reach_it_and_move_its_reminders() -> None:
    trial = a_nomination()
    trial.until(ny("2027-02-20 10:00"))
    later = H1.model_copy(update={"nominations_close": start_of_day(date(2027, 3, 5))})
    trial.say("brief", times=later.model_dump(mode="json"))
    trial.until(ny("2027-03-04 10:00"))
    assert trial.state == "to_nominate"
    assert [str(step.at.date()) for step in trial.steps if step.trigger == "remind_manager"] == [
        "2027-02-18", "2027-02-22", "2027-03-01",
    ]  # fmt: skip


def test_the_facts_for_pages_hold_no_members_name() -> None:
    trial = a_nomination()
    trial.say("nominate", by=MANAGER)
    trial.until(ny("2027-03-02 10:00"))
    scored_by(trial, 2)
    marks = trial.data.facts()["marks"]
    assert marks["areas"]["leadership"] == ["4.00", "0.00"]
    assert "@" not in str(marks)
    assert trial.data.facts()["scores missing of"] == ", ".join(MEMBERS[2:])
    assert CHAIR not in str(trial.data.facts())
