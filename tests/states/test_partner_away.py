"""A standing that is suspended or gone while something ends, or is answered, that began before."""

from datetime import timedelta

import pytest

from program.calendar import end_of_day
from states import partner_data
from states.effects import Receipt
from tests.states.partner_situations import BY_HAND, a_partner
from tests.states.simulate import ny


@pytest.mark.parametrize(("lifted", "state"), [("2027-06-30 23:59", "by_hand"), ("2027-07-01 00:00", "member")])
def test_what_was_set_by_hand_may_end_while_it_is_suspended(lifted: str, state: str) -> None:
    trial = a_partner()
    trial.say("set_tier")
    trial.say("suspend")
    trial.until(ny(lifted))
    assert trial.say("lift_suspension") == state
    until = end_of_day(trial.now.date().fromisoformat(BY_HAND["until"]))
    assert trial.data.hand_until == (until if state == "by_hand" else None)


def test_what_an_evaluation_found_means_nothing_to_one_that_has_left_meanwhile() -> None:
    trial = a_partner()
    trial.say("leave")
    kept = trial.data.model_copy(deep=True)
    changes = (trial.now + timedelta(days=9)).isoformat()
    found = {"on": trial.now.isoformat(), "held": "advisor silver", "changes_at": changes, "at_risk": "all of it"}
    assert partner_data.learn(trial.data, Receipt(found={"standing": found})) is None
    assert trial.data == kept
