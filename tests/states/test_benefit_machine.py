"""Whatever is said about benefits, whenever it arrives: what must hold, holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from program.benefits import BY_CHOICE, REPEATED, needs_somebody
from program.edition import LATEST
from states.benefit import BENEFIT
from states.benefit_data import Benefit
from tests.states.alone import Trial
from tests.states.benefit_situations import a_benefit
from tests.states.two_worlds import told_to_both

CODES = [benefit.code for benefit in LATEST.benefits.benefits if needs_somebody(benefit)]
SAID = [name for name in BENEFIT.actions if name != "begin"]
TO_BE_DONE = ("to_agree", "to_do", "to_take_back")


class Benefits(RuleBasedStateMachine):
    """One benefit in two worlds: in the second, data go through JSON after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.both: tuple[Trial[Benefit], Trial[Benefit]]
        self.said = 0

    @initialize(code=st.sampled_from(CODES))
    def begin(self, code: str) -> None:
        self.both = (a_benefit(code), a_benefit(code, continues=True))

    @rule(action=st.sampled_from(SAID), granted=st.sampled_from(["yes", "quarterly", "yearly"]),
          offered=st.sampled_from(BY_CHOICE), ago=st.sampled_from([0, 0, 1, 30]), repeated=st.booleans())  # fmt: skip
    def say(self, action: str, granted: str, offered: str, ago: int, repeated: bool) -> None:
        self.said += 1
        kind = BENEFIT.actions[action]
        level = {"grant": {"level": granted}, "offer": {"level": offered}}.get(action, {})
        fields: dict[str, Any] = {"id": f"m-{self.said}", **level}
        at = None if kind.by_staff else self.both[0].now - timedelta(days=ago)
        answer = told_to_both(self.both, action, at, repeated=repeated, **fields)
        assert kind.by_staff or not answer.startswith("«"), "what the standing says is always followed"

    @rule(days=st.sampled_from([1, 9, 40, 200]))
    def let_time_pass(self, days: int) -> None:
        for trial in self.both:
            trial.until(trial.now + timedelta(days=days))

    @invariant()
    def both_are_the_same(self) -> None:
        if hasattr(self, "both"):
            assert self.both[0].data == self.both[1].data
            assert self.both[0].triggers == self.both[1].triggers

    @invariant()
    def the_data_are_sound(self) -> None:
        if not hasattr(self, "both"):
            return
        data = self.both[0].data
        to_be_done = data.state in TO_BE_DONE
        assert (BENEFIT.waits_for(data) is not None) == to_be_done
        assert to_be_done or (data.due_at is None and not data.overdue)
        assert not to_be_done or (data.due_at is not None) != data.overdue
        assert data.times >= 0
        if data.state == "not_given":
            assert data.level == ""
            assert not data.chosen
        if data.state == "offered":
            assert data.level
        if data.again_at is not None:
            assert data.state == "given"
            assert data.level in REPEATED
        if data.state == "given":
            assert data.level


Benefits.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestBenefits = Benefits.TestCase
