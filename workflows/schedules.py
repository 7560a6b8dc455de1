"""The schedules that the program registers with Temporal. They know real time only: a faster clock has none."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.service import RPCError, RPCStatusCode

from program.calendar import ZONE

OPENING = "partnerflow-opening"
"""Begins, every day, what the calendar begins."""


async def register_schedules(client: Client, *, task_queue: str) -> list[str]:
    """Create the schedules that are missing; their ids. May be repeated."""
    action = ScheduleActionStartWorkflow("opening", id=OPENING, task_queue=task_queue)
    daily = ScheduleSpec(
        calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(0)], minute=[ScheduleRange(10)])], time_zone_name=ZONE.key
    )
    # Asked twice for one day nothing more happens, so what an outage left out is made up for.
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=2))
    try:
        await client.create_schedule(
            OPENING, Schedule(action=action, spec=daily, policy=policy), trigger_immediately=True
        )
    except ScheduleAlreadyRunningError:
        return []
    return [OPENING]


async def missing_schedules(client: Client) -> list[str]:
    """The ids of the schedules that Temporal does not have."""
    try:
        await client.get_schedule_handle(OPENING).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return [OPENING]
        raise
    return []
