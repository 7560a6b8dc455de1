"""Thirty and seven days before the cut-off, at the end of the day in New York, and each of the two once."""

import pytest

from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from states.effects import StartJob
from tests.states.adjustment_situations import SAYS
from tests.states.alone import Trial
from tests.states.simulate import ny
from workflows.adjustment import effects_of


def adjustment(half: str, begins: str) -> Trial[Adjustment]:
    data = Adjustment.of(half, ny(begins), edition_name="2022", lifecycle_version=1)
    return Trial(ADJUSTMENT, data, ny(begins), effects_of=effects_of, says=SAYS)


def warnings(trial: Trial[Adjustment]) -> list[StartJob]:
    return [each for each in trial.effects if isinstance(each, StartJob) and each.kind == "warn_of_adjustment"]


# A day that ends is named by the midnight that follows. In March the clocks change between the two.
@pytest.mark.parametrize(
    ("half", "begins", "first", "second", "cut_off"),
    [
        ("2027-H1", "2027-02-18 00:10", "2027-02-24 00:00", "2027-03-19 00:00", "2027-03-26 00:00"),
        ("2027-H2", "2027-08-11 00:10", "2027-08-17 00:00", "2027-09-09 00:00", "2027-09-16 00:00"),
    ],
)
def test_both_halves_warn_on_their_two_days(half: str, begins: str, first: str, second: str, cut_off: str) -> None:
    trial = adjustment(half, begins)
    assert (trial.data.warnings, trial.data.cut_off_at) == ((ny(first), ny(second)), ny(cut_off))
    trial.until(ny(cut_off))
    assert [each.args["warning"] for each in warnings(trial)] == [ny(first).isoformat(), ny(second).isoformat()]
    assert [step.at for step in trial.steps if step.trigger == "warn"] == [ny(first), ny(second)]


def test_one_that_begins_late_warns_on_the_day_that_is_left() -> None:
    trial = adjustment("2027-H1", "2027-03-10 09:00")
    assert trial.data.warnings == (ny("2027-03-19 00:00"),)


def test_after_an_outage_over_both_days_there_is_one_warning() -> None:
    trial = adjustment("2027-H1", "2027-02-18 00:10")
    trial.now = ny("2027-03-20 08:00")
    trial.until(trial.now)
    assert len(warnings(trial)) == 1
    assert trial.data.warnings == ()


def test_who_is_held_before_the_cut_off_is_named_to_the_job() -> None:
    trial = adjustment("2027-H1", "2027-02-18 00:10")
    trial.say("hold")
    trial.until(ny("2027-03-19 00:00"))
    assert [each.args["holds"] for each in warnings(trial)] == [["acme"], ["acme"]]
