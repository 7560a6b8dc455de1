"""Whatever is said to an application, whenever it arrives: what must hold, holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from program.calendar import business_days_between, is_business_day, last_day, program_date
from states.application import APPLICATION, OPEN
from states.application_data import Application
from states.effects import Enrol
from states.lifecycle import GRACE
from tests.states.alone import Trial
from tests.states.application_situations import SITUATIONS
from tests.states.simulate import SECOND
from tests.states.two_worlds import told_to_both

SAID = [name for name in APPLICATION.actions if name != "begin"]
STAFF = ("reviewer@vendor.example", "second@vendor.example")


class Applications(RuleBasedStateMachine):
    """One application in two worlds: in the second, data go through JSON after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.both: tuple[Trial[Application], Trial[Application]]
        self.said = 0

    @initialize(situation=st.sampled_from([name for name in SITUATIONS if name != "received"]))
    def begin(self, situation: str) -> None:
        """Rare states are rare: so each is where one begins."""
        self.both = (SITUATIONS[situation](), SITUATIONS[situation]())
        self.both[1].continues = True

    @rule(
        data=st.data(), likely=st.booleans(), by=st.sampled_from(STAFF), repeated=st.booleans(),
        ago=st.sampled_from([0, 0, 1, 20]),
    )  # fmt: skip
    def say(self, data: st.DataObject, likely: bool, by: str, repeated: bool, ago: int) -> None:
        trial = self.both[0]
        possible = [name for name in trial.possible() if name in SAID]
        action = data.draw(st.sampled_from(possible if likely and possible else SAID))
        kind = APPLICATION.actions[action]
        self.said += 1
        fields: dict[str, Any] = {"id": f"m-{self.said}"}
        at = None
        if kind.by_staff:
            fields["by"] = by
        else:
            dues = [due.at for due in APPLICATION.deadlines(trial.data)]
            at = min(trial.now, data.draw(st.sampled_from([trial.now, *dues]))) - timedelta(days=ago)
        told_to_both(self.both, action, at, repeated=repeated, **fields)

    @rule(span=st.sampled_from([timedelta(hours=7), timedelta(days=1), timedelta(days=4), timedelta(days=40)]))
    def let_time_pass(self, span: timedelta) -> None:
        for trial in self.both:
            trial.until(trial.now + span)

    @rule(around=st.sampled_from([-SECOND, 0 * SECOND, SECOND, GRACE, GRACE + SECOND]))
    def wait_for_a_deadline(self, around: timedelta) -> None:
        due = APPLICATION.next_deadline(self.both[0].data)
        if due is not None and due.at + around > self.both[0].now:
            for trial in self.both:
                trial.until(due.at + around)

    @invariant()
    def both_are_the_same(self) -> None:
        if hasattr(self, "both"):
            assert self.both[0].data == self.both[1].data
            assert self.both[0].triggers == self.both[1].triggers

    @invariant()
    def the_data_are_sound(self) -> None:
        if not hasattr(self, "both"):
            return
        trial = self.both[0]
        data = trial.data
        assert data.outcome == {
            "denied": "denied",
            "voided": "voided",
            "withdrawn": "withdrawn",
            "member": "member",
        }.get(data.state, data.outcome if data.state == "closed" else "")
        assert (data.state in OPEN) == (data.outcome == "")
        assert data.appeals <= data.rules.appeals
        if data.state == "denied":
            assert data.because in {reason.code for reason in data.rules.denial_reasons}
            assert data.undo_until is not None
        if data.state in ("in_review", "appealed"):
            assert data.overdue != (data.overdue_at is not None), "late, or with a deadline"
        if data.state in ("onboarding", "prospect"):
            assert data.missing()
            assert data.overdue != (data.stalls_at is not None)
        assert (data.state == "member") == any(isinstance(effect, Enrol) for effect in trial.effects)

    @invariant()
    def a_review_has_its_business_days_and_no_more(self) -> None:
        if not hasattr(self, "both"):
            return
        data = self.both[0].data
        if data.state in ("in_review", "appealed") and data.overdue_at is not None:
            assert data.counted_from is not None
            due, start = last_day(data.overdue_at), program_date(data.counted_from)
            total = data.days_used + business_days_between(start, due)
            allowed = data.rules.review_deadline_business_days
            # What is left of the last day is the rest of a day on which anybody works.
            assert total == allowed or (data.days_used >= allowed and (total - data.days_used) <= 1)
            assert is_business_day(due)


Applications.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestApplications = Applications.TestCase
