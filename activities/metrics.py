"""The worker's own metrics, each once. They stand beside Temporal's at the same endpoint (`docs/metrics.md`).

Labels are roles, actions and other words of ours, never a partner, a domain or an address: their number is bounded, and
whoever reads metrics learns nothing about anybody. Workflow code counts on `workflow.metric_meter()`, which keeps
silent during replay. Imports nothing that does I/O: workflow files import this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from temporalio.common import MetricMeter

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. A histogram's `buckets` are its upper bounds."""

    name: str
    kind: Kind
    says: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def shown(self) -> str:
        """Its name at the endpoint: counters end in `_total` there."""
        return f"{self.name}_total" if self.kind == "counter" else self.name

    def add(self, meter: MetricMeter, many: int = 1, **labels: str) -> None:
        """Count."""
        self._fits("counter", labels)
        meter.create_counter(self.name, self.says).add(many, labels)

    def set(self, meter: MetricMeter, value: float, **labels: str) -> None:
        """Show a value; it stays until the next."""
        self._fits("gauge", labels)
        meter.create_gauge_float(self.name, self.says).set(value, labels)

    def observe(self, meter: MetricMeter, value: float, **labels: str) -> None:
        """Take one value into the distribution."""
        self._fits("histogram", labels)
        meter.create_histogram_float(self.name, self.says).record(value, labels)

    def _fits(self, kind: Kind, labels: Mapping[str, str]) -> None:
        if kind != self.kind or labels.keys() != set(self.labels):
            raise TypeError(f"{self.name} is a {self.kind} with the labels {self.labels}.")


def _counter(name: str, says: str, *labels: str) -> Metric:
    return Metric(name, "counter", says, labels)


def _gauge(name: str, says: str, *labels: str) -> Metric:
    return Metric(name, "gauge", says, labels)


# A deadline that is handled so much later than it was armed for is late (real seconds).
LATE_AFTER = 60.0

REFUSED_SIGNALS = _counter(
    "partnerflow_refused_signals",
    "Signals that could not be followed, and that stand on a card instead; unknown: a name that means nothing.",
    "action",
)
REFUSED_UPDATES = _counter("partnerflow_refused_updates", "Updates that were answered with a refusal.", "action")
PARKED = _counter("partnerflow_parked_commits", "Changes that the database refused for good.")
LATE_DEADLINES = _counter(
    "partnerflow_late_deadlines",
    "Deadlines that were handled more than a minute (real time) after they were armed for.",
    "trigger",
)
LATENESS = Metric(
    "partnerflow_deadline_lateness_seconds",
    "histogram",
    "How long after it was armed for (real time) each deadline was handled.",
    buckets=(0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0),
)
COMMITS = _counter(
    "partnerflow_commits",
    "Commits that were written; first_try and second_try are inside workflow tasks, fallback waited for the database.",
    "way",
)
FAILED_COMMITS = _counter(
    "partnerflow_failed_commit_attempts",
    "Attempts to write a commit that failed; away is tried again, refused is parked.",
    "why",
)
OUTBOX_ATTEMPTS = _counter(
    "partnerflow_outbox_attempts",
    "What became of attempts to let a mail or signal leave; what failed is tried again.",
    "kind",
    "outcome",
)
OUTBOX_WAITING = _gauge("partnerflow_outbox_waiting", "Mails and signals that have not left yet.", "kind")
OUTBOX_OLDEST = _gauge(
    "partnerflow_outbox_oldest_age_seconds", "Age (real time) of the oldest mail or signal that has not left; 0: none."
)
UNRESOLVED = _gauge("partnerflow_unresolved_parked_commits", "Parked commits that nobody has dealt with yet.")
WAITING = _gauge("partnerflow_waiting_processes", "Processes that wait for a role.", "role")
OVERDUE = _gauge("partnerflow_overdue_processes", "Processes with which a role is late.", "role")
DATABASE_UP = _gauge("partnerflow_database_up", "1 while the database answers this worker, otherwise 0.")
TEMPORAL_UP = _gauge("partnerflow_temporal_up", "1 while Temporal answers this worker, otherwise 0.")
BREAKER_OPEN = _gauge(
    "partnerflow_database_breaker_open",
    "1 after a commit found the database away, until one gets through; meanwhile most attempts are not made.",
)
HEARTBEAT = _gauge(
    "partnerflow_heartbeat_timestamp_seconds", "When the worker last looked around (Unix time); old: it hangs."
)

METRICS: tuple[Metric, ...] = (
    REFUSED_SIGNALS,
    REFUSED_UPDATES,
    PARKED,
    LATE_DEADLINES,
    LATENESS,
    COMMITS,
    FAILED_COMMITS,
    OUTBOX_ATTEMPTS,
    OUTBOX_WAITING,
    OUTBOX_OLDEST,
    UNRESOLVED,
    WAITING,
    OVERDUE,
    DATABASE_UP,
    TEMPORAL_UP,
    BREAKER_OPEN,
    HEARTBEAT,
)

# All values of the labels that are words of this file.
WAYS = ("first_try", "second_try", "fallback")
WHYS = ("away", "refused")
OUTCOMES = {"mail": ("sent", "superseded", "failed"), "signal": ("sent", "dropped", "failed")}


def begin_at_zero(
    meter: MetricMeter, workflows: Mapping[str, tuple[Iterable[str], Iterable[str]]], **of_worker: str
) -> None:
    """Show what has not happened yet as 0, so that the first time is seen as an increase and not as a new series.

    `workflows` are the actions and the deadlines' triggers of each workflow type; `of_worker` the labels that Temporal
    gives to all metrics of workflows (namespace and task_queue).
    """
    for workflow_type, (actions, deadlines) in workflows.items():
        inside = meter.with_additional_attributes({**of_worker, "workflow_type": workflow_type})
        PARKED.add(inside, 0)
        for action in (*actions, "unknown"):
            REFUSED_SIGNALS.add(inside, 0, action=action)
            REFUSED_UPDATES.add(inside, 0, action=action)
        for trigger in deadlines:
            LATE_DEADLINES.add(inside, 0, trigger=trigger)
    for way in WAYS:
        COMMITS.add(meter, 0, way=way)
    for why in WHYS:
        FAILED_COMMITS.add(meter, 0, why=why)
    for kind, outcomes in OUTCOMES.items():
        for outcome in outcomes:
            OUTBOX_ATTEMPTS.add(meter, 0, kind=kind, outcome=outcome)


def buckets() -> dict[str, tuple[float, ...]]:
    """The histograms' upper bounds, as the endpoint is told them."""
    return {metric.name: metric.buckets for metric in METRICS if metric.buckets}
