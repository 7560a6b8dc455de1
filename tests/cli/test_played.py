"""A scripted line while it is played: what can't be taken is written down, and the rest of the line goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import httpx
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from cli.accounts_script import Happens, Submission
from cli.played import NotTaken, Played
from cli.playing import Play
from program.clock import ProgramClock

LINE = Submission.model_validate(
    {
        "day": 40,
        "partner": "harbor-lane",
        "account": "TWd1rf",
        "contact_name": "Owner",
        "contact_email": "hello@tidewater-surf.example",
        "then": "1 confirm, 3 confirm_for_vendor",
        "expected": "active",
        "why": "confirmed by both",
    }
)


@dataclass(slots=True)
class StandingTime:
    """Every day is reached `late` days after it began, and each request takes `takes` days more."""

    late: float
    takes: float
    now: float = 0.0
    taken: list[str] = field(default_factory=list)

    def today(self) -> float:
        return self.now

    async def until(self, day: float) -> None:
        self.now = max(self.now, day + self.late)

    async def act(self, step: Happens) -> None:
        self.now += self.takes
        if step.action == "confirm":
            raise NotTaken("the page answered 409")
        self.taken.append(step.action)


async def test_a_step_that_is_not_taken_says_when_it_was_tried_and_the_next_one_is_taken() -> None:
    time, played = StandingTime(late=0.5, takes=0.25), Played(LINE, end="active")
    await played.follow(time, time.act)
    assert played.trouble == ["1 confirm, tried from day 1.5 to 1.8: the page answered 409"]
    assert time.taken == ["confirm_for_vendor"]
    assert not played.as_expected


async def test_a_portal_that_does_not_answer_is_written_down_by_the_error_s_name() -> None:
    time, played = StandingTime(late=0.0, takes=0.0), Played(LINE)

    async def unanswered(_step: Happens) -> None:
        raise httpx.ReadTimeout("nothing came")

    await played.follow(time, unanswered)
    assert [each.rpartition(": ")[2] for each in played.trouble] == ["ReadTimeout", "ReadTimeout"]


class DeafServer:
    """A client of Temporal whose server answers the first time nothing, and then that it has been done."""

    asked = 0

    def get_workflow_handle(self, _id: str) -> DeafServer:
        return self

    async def execute_update(self, _action: str, _says: dict[str, str]) -> None:
        self.asked += 1
        if self.asked == 1:
            raise RPCError("nobody answers", RPCStatusCode.UNAVAILABLE, b"")
        raise WorkflowUpdateFailedError(ApplicationError("«accept» can't be done now"))


async def test_who_is_told_nothing_says_it_again_and_a_refusal_then_means_that_it_was_done() -> None:
    server, clock = DeafServer(), ProgramClock(origin=datetime.now(UTC), speed=1, starts=datetime.now(UTC))
    async with httpx.AsyncClient() as api:
        await Play(api, cast(Client, server), clock).decide("lead:1", "accept", {})
    assert server.asked == 2
