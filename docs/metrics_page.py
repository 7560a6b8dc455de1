"""The page of metrics, from the two places where they are declared."""

from __future__ import annotations

from activities.metrics import METRICS
from portal.metrics import Metrics

_INTRODUCTION = """# Metrics

<!-- Written by `make docs` from activities/metrics.py and portal/metrics.py; change these, not this page. -->

Labels are roles, actions, routes and other words of ours. No partner, domain, address or id of a process stands in
them: their number is bounded, and whoever reads metrics learns nothing about anybody. What can be counted begins at 0
when a process starts, as far as its labels are known by then.

## Worker

Served at `PARTNERFLOW_METRICS_ADDRESS`, path `/metrics`, beside Temporal's own (`temporal_…`; durations in seconds).
One address per worker process. What is counted inside workflows (refused messages, parked commits, late deadlines)
also has Temporal's labels `namespace`, `task_queue` and `workflow_type`.

Waiting and overdue processes, outbox and parked commits are read from the database: every worker shows the same, so
take `max`, not `sum`, over workers. They keep their last value while `partnerflow_database_up` is 0.
"""

_PORTAL = """
## Portal

Served by the portal itself at `/metrics`, without a login: therefore only when it listens on this machine alone
(`PARTNERFLOW_PORTAL_HOST` is a loopback address) or when `PARTNERFLOW_PORTAL_METRICS=true` says that something before
it keeps strangers from that path. It also has the usual `process_…` metrics.
"""

_ALERTS = """
## Worth an alert

| when | why |
| --- | --- |
| `max(partnerflow_unresolved_parked_commits) > 0` | a change that only a person can bring in order |
| `increase(partnerflow_late_deadlines_total[15m]) > 0` | workers were behind or away; the dates themselves stay right |
| `max(partnerflow_outbox_oldest_age_seconds) > 900` | mails or signals do not leave |
| `min(partnerflow_database_up) == 0 or min(partnerflow_temporal_up) == 0` for 5 minutes | something is away |
| `time() - partnerflow_heartbeat_timestamp_seconds > 60` | a worker hangs |
| `rate(partnerflow_refused_signals_total[15m])` jumps | somebody's program sends what can't be followed |
| `rate(partnerflow_portal_problems_total{kind=~"temporal-away\\|database-away"}[5m]) > 0` | callers are sent away |
| `rate(partnerflow_commits_total{way="fallback"}[15m]) > 0` | the database was too slow for a workflow task |
"""


def portal_metrics() -> list[tuple[str, str, tuple[str, ...], str]]:
    """The portal's own metrics: name at the endpoint, kind, labels, what it says."""
    declared = vars(Metrics()).values()
    return [
        (f"{metric._name}_total" if metric._type == "counter" else metric._name, metric._type,
         metric._labelnames, metric._documentation)
        for metric in declared if hasattr(metric, "_labelnames")
    ]  # fmt: skip


def worker_metrics() -> list[tuple[str, str, tuple[str, ...], str]]:
    """The worker's own metrics, likewise."""
    return [(metric.shown, metric.kind, metric.labels, metric.says) for metric in METRICS]


def render() -> str:
    """The whole page as Markdown."""
    return _INTRODUCTION + _table(worker_metrics()) + _PORTAL + _table(portal_metrics()) + _ALERTS


def _table(rows: list[tuple[str, str, tuple[str, ...], str]]) -> str:
    lines = ["", "| metric | kind | labels | meaning |", "| --- | --- | --- | --- |"]
    for name, kind, labels, says in rows:
        lines.append(f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels) or 'none'} | {says} |")
    return "\n".join(lines) + "\n"
