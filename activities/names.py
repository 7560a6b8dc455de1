"""Names and time limits of the activities: all that workflow code may know of them. Imports no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

COMMIT = "commit"
"""Takes a `states.effects.Commit`, answers a `Receipt`."""

PARK = "park"
"""Takes a commit that was refused and the sentence why, answers nothing."""

REFUSED = "Refused"
"""The type of the failure that no repetition helps against."""

AWAY = "DatabaseAway"
"""The type of the failure that repetition helps against."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an activity may take and how it is tried again."""

    start_to_close: timedelta
    schedule_to_close: timedelta | None
    retry: RetryPolicy

    def options(self) -> dict[str, Any]:
        """As keyword arguments of `workflow.execute_activity` and `workflow.execute_local_activity`."""
        given: dict[str, Any] = {
            "start_to_close_timeout": self.start_to_close,
            "retry_policy": self.retry,
        }
        if self.schedule_to_close is not None:
            given["schedule_to_close_timeout"] = self.schedule_to_close
        return given


# Two short tries as a local activity: it costs one event and no round trip. More of them would hold the workflow task
# open and stall updates while the database is away.
COMMIT_AT_ONCE = Limits(
    start_to_close=timedelta(seconds=2),
    schedule_to_close=timedelta(seconds=5),
    retry=RetryPolicy(
        initial_interval=timedelta(milliseconds=100),
        maximum_interval=timedelta(milliseconds=500),
        maximum_attempts=2,
        non_retryable_error_types=[REFUSED],
    ),
)

# Then the same as a regular activity, for as long as it takes.
COMMIT_AT_LAST = Limits(
    start_to_close=timedelta(seconds=10),
    schedule_to_close=None,
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=30),
        maximum_attempts=0,
        non_retryable_error_types=[REFUSED],
    ),
)
