"""Whatever is said to a half-year's adjustment, however late and however often: it freezes once and runs once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from states.effects import StartJob
from states.messages import Refusal
from tests.states.adjustment_situations import SITUATIONS
from tests.states.alone import Trial
from tests.states.simulate import SECOND, ny

SAID = [name for name in ADJUSTMENT.actions if name != "begin"]
PARTNERS = ("acme", "isar", "spree")
ADJUSTS, CUT_OFF = ny("2027-04-01 00:00"), ny("2027-03-26 00:00")
ENDS = {"freeze_facts": "frozen", "run_adjustment": "ran", "warn_of_adjustment": "warned"}


class Adjustments(RuleBasedStateMachine):
    """One half-year in two worlds: in the second, data go through JSON after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.both: tuple[Trial[Adjustment], Trial[Adjustment]]
        self.said = 0
        self.told = 0

    @initialize(situation=st.sampled_from([name for name in SITUATIONS if name != "received"]))
    def begin(self, situation: str) -> None:
        """Rare states are rare: so each is where one begins."""
        self.both = (SITUATIONS[situation](), SITUATIONS[situation]())
        self.both[1].continues = True
        self.told = len(self.jobs)

    @property
    def one(self) -> Trial[Adjustment]:
        return self.both[0]

    @property
    def jobs(self) -> list[StartJob]:
        return [effect for effect in self.one.effects if isinstance(effect, StartJob)]

    def _say(self, action: str, **fields: Any) -> str:
        self.said += 1
        answers = []
        for each in self.both:
            try:
                answers.append(each.say(action, id=f"m-{self.said}", **fields))
                steps = len(each.steps)
                each.say(action, id=f"m-{self.said}", **fields)
                assert len(each.steps) == steps, "a repeated message does nothing"
            except Refusal as refusal:
                answers.append(str(refusal))
        assert answers[0] == answers[1]
        return answers[0]

    @rule(action=st.sampled_from(SAID), partner=st.sampled_from(PARTNERS))
    def something_is_said(self, action: str, partner: str) -> None:
        """Among it: that jobs have ended which were never asked for, or had ended before."""
        self._say(action, **({"partner": partner} if action in ("hold", "correct", "let_go") else {}))

    @rule()
    def a_job_ends(self) -> None:
        if self.told < len(self.jobs):
            self.told += 1
            self._say(ENDS[self.jobs[self.told - 1].kind])

    @rule(span=st.sampled_from([SECOND, timedelta(days=1), timedelta(days=9)]))
    def time_passes(self, span: timedelta) -> None:
        for each in self.both:
            each.until(each.now + span)

    @invariant()
    def both_are_the_same(self) -> None:
        assert self.both[0].data == self.both[1].data
        assert self.both[0].steps == self.both[1].steps

    @invariant()
    def it_freezes_once_and_runs_once_and_never_too_early(self) -> None:
        kinds = [job.kind for job in self.jobs]
        assert kinds.count("freeze_facts") <= 1
        assert kinds.count("run_adjustment") <= 1
        for trigger, earliest in (("freeze", CUT_OFF), ("run", ADJUSTS)):
            for step in self.one.steps:
                if step.trigger == trigger:
                    assert step.at == earliest
                    assert step.handled_at >= earliest
        if "run_adjustment" in kinds:
            assert kinds.index("freeze_facts") < kinds.index("run_adjustment")

    @invariant()
    def nobody_is_decided_twice_and_what_ran_is_what_was_decided(self) -> None:
        data = self.one.data
        assert len(set(data.holds)) == len(data.holds)
        assert not set(data.holds) & set(data.corrections)
        for job in self.jobs:
            if job.kind == "run_adjustment":
                assert job.args["holds"] == list(data.holds), "a decision after it ran"
                assert job.args["corrections"] == data.corrections, "a decision after it ran"

    @invariant()
    def the_data_are_sound(self) -> None:
        data = self.one.data
        assert (data.outcome == "adjusted") == (data.state == "done") == (data.moved is not None)
        assert all(instant < data.cut_off_at for instant in data.warnings)
        if data.state == "released":
            assert data.released
        if data.state in ("listed", "awaiting_cut_off", "freezing"):
            assert not data.released
        if data.state in ("listed", "released", "running", "done"):
            assert data.frozen_at is not None

    def teardown(self) -> None:
        """Released or not, it runs on its day, and is over as soon as its jobs are."""
        if not hasattr(self, "both"):
            return
        for _ in range(4):
            for each in self.both:
                each.until(max(each.now, ADJUSTS))
            self.a_job_ends()
        for _ in range(len(self.jobs)):
            self.a_job_ends()
        if self.one.state == "freezing":
            self._say("frozen")
        for each in self.both:
            each.until(each.now + SECOND)
        if self.one.state == "running":
            self._say("ran")
        assert self.one.state == "done"
        self.it_freezes_once_and_runs_once_and_never_too_early()


Adjustments.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAdjustments = Adjustments.TestCase
