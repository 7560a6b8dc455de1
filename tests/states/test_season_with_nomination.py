"""What the chair and the committee do while a nomination comes and goes, and what becomes of it on the grant date."""

import pytest

from states.effects import Tell
from tests.states.nomination_situations import MEMBERS, POOR
from tests.states.season_with_nomination import NOMINATION, became_elite, scored, selected, told_standing
from tests.states.simulate import ny


def test_what_comes_back_after_the_confirmation_was_taken_back_waits_for_the_chair() -> None:
    pair = scored()
    pair.chair("confirm")
    assert pair.say("take_out") == "taken_out"
    pair.chair("take_back")
    assert pair.say("reinstate") == "scored"
    assert (pair.nomination.data.selected, selected(pair.season)) == (None, True)
    pair.until("2027-04-01 00:05")
    assert (pair.season.state, pair.nomination.state) == ("unconfirmed", "scored")
    assert not became_elite(pair.nomination)
    assert pair.chair("confirm") == "closed"
    assert became_elite(pair.nomination)


@pytest.mark.parametrize(("met", "chosen", "state"), [(True, "no", "turned_down"), (False, "yes", "selected")])
def test_what_comes_back_while_the_confirmation_stands_is_chosen_as_before(met: bool, chosen: str, state: str) -> None:
    pair = scored()
    pair.say("looked", on="2027-03-25", met=met)
    pair.chair("choose", selected=chosen, reason="its case study is in print")
    pair.chair("confirm")
    assert pair.nomination.state == state
    pair.say("take_out")
    assert pair.nomination.data.exception == ""
    assert pair.say("reinstate") == state
    assert pair.nomination.data.exception == "its case study is in print"
    pair.until("2027-04-01 10:00")
    assert became_elite(pair.nomination) == (state == "selected")


def test_what_comes_back_on_the_last_day_is_looked_at_once_more() -> None:
    pair = scored()
    pair.chair("confirm")
    pair.until("2027-03-31 10:00")
    pair.say("take_out")
    pair.say("reinstate")
    assert pair.nomination.triggers.count("look_once_more") == 2


def test_nothing_comes_back_into_a_season_that_is_decided() -> None:
    pair = scored()
    pair.say("take_out")
    pair.chair("confirm")
    pair.until("2027-03-31 10:00")
    assert "reinstate" in pair.nomination.possible()
    pair.until("2027-04-05 10:00")
    assert pair.season.state == "closed"
    assert "the next one can list the partner" in pair.nomination.refusal("reinstate")
    pair.until("2027-04-20 10:00")
    assert pair.nomination.state == "closed"


@pytest.mark.parametrize("day", ["2027-03-30 10:00", "2027-04-02 10:00"])
def test_a_season_that_is_late_takes_back_what_was_taken_out(day: str) -> None:
    pair = scored()
    pair.until(day)
    pair.say("take_out")
    pair.until("2027-04-03 10:00")
    assert pair.season.state == "unconfirmed"
    assert pair.say("reinstate") == "scored"
    assert pair.chair("confirm") == "closed"
    assert pair.nomination.state == "granted"


def test_once_a_late_season_is_confirmed_the_way_back_is_closed() -> None:
    pair = scored()
    pair.until("2027-04-02 10:00")
    pair.say("take_out")
    assert pair.chair("confirm") == "closed"
    assert "the grant date has passed" in pair.nomination.refusal("reinstate")


def test_what_is_taken_out_as_the_chair_confirms_a_late_season_does_not_come_back() -> None:
    pair = scored()
    pair.until("2027-04-02 10:00")
    pair.nomination.say("take_out")
    assert pair.season.say("confirm") == "closed"
    brief, choice = [tell for tell in pair.season.effects if isinstance(tell, Tell) and tell.process == NOMINATION][-2:]
    pair.nomination.say(brief.signal, **brief.payload)
    assert "in the state «taken out»" in pair.nomination.refusal(choice.signal, **choice.payload)
    assert "the grant date has passed" in pair.nomination.refusal("reinstate")
    pair.nomination.until(ny("2027-04-20 10:00"))
    assert (pair.nomination.state, became_elite(pair.nomination)) == ("closed", False)


def test_a_member_that_is_removed_leaves_days_for_the_missing_quorum() -> None:
    pair = scored()
    pair.chair("remove_member", member=MEMBERS[0])
    assert (pair.nomination.state, pair.season.data.nominees["isar"].state) == ("extended", "extended")
    assert pair.nomination.mails[-2:] == [
        ("nomination_quorum", "staff:committee"),
        ("nomination_quorum", "staff:chair"),
    ]
    assert not selected(pair.season)
    assert "is confirmed as a whole" in pair.season.refusal("confirm")
    pair.say("score", by=MEMBERS[3])
    pair.until("2027-03-30 10:00")
    assert pair.nomination.state == "scored"
    assert pair.chair("confirm") == "confirmed"
    pair.until("2027-04-01 10:00")
    assert became_elite(pair.nomination)


def test_without_the_missing_score_in_these_days_it_lapses() -> None:
    pair = scored()
    pair.chair("replace_member", member=MEMBERS[0], new="new@vendor.example")
    pair.until("2027-03-30 10:00")
    assert pair.nomination.state == "not_reviewed"
    assert pair.chair("confirm") == "confirmed"
    pair.until("2027-04-01 10:00")
    assert (pair.nomination.state, pair.nomination.mails[-1]) == ("closed", ("elite_not_reviewed", "partner"))


@pytest.mark.parametrize("day", ["2027-03-30 10:00", "2027-04-02 10:00"])
def test_a_quorum_that_is_lost_after_these_days_lapses_with_the_confirmation(day: str) -> None:
    pair = scored(again=True)
    pair.until(day)
    pair.chair("remove_member", member=MEMBERS[0])
    assert (pair.nomination.state, selected(pair.season)) == ("scored", False)
    assert pair.season.data.facts()["lapse, too few scores count"] == "isar"
    assert "lapses as not reviewed" in pair.season.refusal("choose", selected="yes")
    pair.chair("confirm")
    pair.until("2027-04-03 10:00")
    assert (pair.season.state, pair.nomination.state) == ("closed", "closed")
    assert pair.nomination.data.outcome == "not_reviewed"
    assert told_standing(pair.nomination) == [], "an elite that was not reviewed goes on until a season decides"


def test_a_quorum_that_comes_back_counts() -> None:
    pair = scored()
    pair.until("2027-03-30 10:00")
    pair.chair("remove_member", member=MEMBERS[0])
    assert not selected(pair.season)
    pair.chair("add_member", member=MEMBERS[0])
    assert selected(pair.season)
    pair.chair("confirm")
    assert pair.nomination.state == "selected"


def test_what_lapsed_by_a_confirmation_is_scored_again_when_that_is_taken_back() -> None:
    pair = scored()
    pair.until("2027-03-30 10:00")
    pair.chair("remove_member", member=MEMBERS[0])
    pair.chair("confirm")
    assert (pair.nomination.state, pair.nomination.data.outcome) == ("not_reviewed", "not_reviewed")
    pair.chair("take_back")
    assert (pair.nomination.state, pair.nomination.data.outcome) == ("scored", "")
    assert "lapses as not reviewed" in pair.season.refusal("choose", selected="yes")
    pair.chair("add_member", member=MEMBERS[0])
    assert selected(pair.season)
    pair.chair("confirm")
    pair.until("2027-04-01 10:00")
    assert became_elite(pair.nomination)


def test_what_lapsed_by_a_confirmation_and_was_taken_out_comes_back_as_scored() -> None:
    pair = scored()
    pair.until("2027-03-30 10:00")
    pair.chair("remove_member", member=MEMBERS[0])
    pair.chair("confirm")
    pair.say("take_out")
    assert pair.say("reinstate") == "not_reviewed", "the confirmation still stands"
    pair.say("take_out")
    pair.chair("take_back")
    assert pair.say("reinstate") == "scored"


def test_what_lapsed_before_the_confirmation_stays_so_when_that_is_taken_back() -> None:
    pair = scored()
    pair.chair("remove_member", member=MEMBERS[0])
    pair.until("2027-03-30 10:00")
    pair.chair("confirm")
    pair.chair("take_back")
    assert (pair.nomination.state, pair.nomination.data.outcome) == ("not_reviewed", "not_reviewed")
    assert pair.chair("confirm") == "confirmed"


def test_a_decision_of_the_chair_does_not_stand_in_for_a_quorum() -> None:
    pair = scored(sheet=POOR)
    pair.until("2027-03-30 10:00")
    pair.chair("choose", selected="yes", reason="its case study is in print")
    pair.chair("remove_member", member=MEMBERS[0])
    pair.chair("confirm")
    pair.until("2027-04-01 10:00")
    assert (pair.nomination.state, became_elite(pair.nomination)) == ("closed", False)


def test_the_result_of_a_smaller_committee_is_the_one_that_is_confirmed() -> None:
    pair = scored(members=4)
    before = pair.season.data.nominees["isar"]
    pair.chair("remove_member", member=MEMBERS[0])
    after = pair.season.data.nominees["isar"]
    assert (before.seating, after.seating, after.quorum) == (0, 1, True)
    assert pair.chair("confirm") == "confirmed"


def test_nothing_is_confirmed_before_scores_are_counted_with_the_new_committee() -> None:
    pair = scored()
    pair.until("2027-03-30 10:00")
    pair.season.say("remove_member", member=MEMBERS[0])
    assert "try again in a moment" in pair.season.refusal("confirm")
    assert "once isar has said" in pair.season.data.facts()["to decide"]
    pair.hear()
    assert pair.chair("confirm") == "confirmed"
    assert pair.nomination.state == "not_reviewed"


@pytest.mark.parametrize("change", ["add_member", "remove_member", "replace_member"])
def test_the_committee_of_a_confirmed_selection_stays_until_the_confirmation_is_taken_back(change: str) -> None:
    pair = scored()
    pair.chair("confirm")
    assert "take the confirmation back first" in pair.season.refusal(change)
    pair.chair("take_back")
    assert pair.chair(change) == "selection"
    assert pair.nomination.state == ("scored" if change == "add_member" else "extended")


def test_a_member_that_comes_to_manage_the_partner_leaves_no_quorum() -> None:
    pair = scored()
    pair.say("looked", on="2027-03-25", met=True, manager=MEMBERS[0])
    assert pair.nomination.state == "extended"
    pair.say("score", by=MEMBERS[3])
    pair.until("2027-03-30 10:00")
    assert pair.nomination.state == "scored"
