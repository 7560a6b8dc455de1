"""Counting how late deadlines are handled: the sign that workers are behind or were away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from temporalio import workflow

from activities import metrics
from program.clock import ProgramClock
from states.effects import Step
from states.lifecycle import GRACE, SYSTEM, Lifecycle


class Lateness:
    """Measures each deadline among the steps of a process, in real time. Says nothing during replay.

    What brings a process into a state whose deadline has passed already, such as a sign-up that was reported late or a
    lead that is reinstated with its old dates, makes nobody late: from then on counts.
    """

    def __init__(self, lifecycle: Lifecycle[Any], clock: ProgramClock) -> None:
        self._lifecycle = lifecycle
        self._clock = clock
        self._told_at: datetime | None = None

    def measure(self, steps: Iterable[Step]) -> None:
        """Count the deadlines among the next steps of the process."""
        for step in steps:
            armed_at = self._armed_at(step)
            if armed_at is None:
                self._told_at = step.handled_at
                continue
            since = max(armed_at, self._told_at or armed_at)
            late = max(0.0, self._clock.real_delay(step.handled_at - since).total_seconds())
            metrics.LATENESS.observe(workflow.metric_meter(), late)
            if late > metrics.LATE_AFTER:
                metrics.LATE_DEADLINES.add(workflow.metric_meter(), trigger=step.trigger)

    def _armed_at(self, step: Step) -> datetime | None:
        """When the deadline that a step is was armed for; None for any other step."""
        if step.by != SYSTEM or step.source not in self._lifecycle.phases:
            return None
        for deadline in self._lifecycle.phases[step.source].deadlines:
            if deadline.trigger == step.trigger:
                return step.at + GRACE if deadline.costs_a_right else step.at
        return None
