"""How time moves: in steps, and only here.

The test server has one clock for everything that waits in Temporal. It stands while a workflow task or an activity is
under way and otherwise skips to the next timer, but only inside `sleep`. Everything of ours sees a program clock that
is held at the instant of the step: so the records' instants are the same in every run of a seed.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from pydantic import PrivateAttr
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from program.clock import ProgramClock

# Time passes on the server while it is waited for: some seconds of the program at each step, as in life.
_BREATH = timedelta(seconds=10)


class HeldClock(ProgramClock):
    """The server's clock in program time for processes; for everything else it shows what it was last set to."""

    _shows: datetime | None = PrivateAttr(default=None)

    def hold(self, at: datetime) -> None:
        """Show an instant until the next one is set."""
        self._shows = at

    def now(self) -> datetime:
        """The instant that it shows."""
        return self.starts_at if self._shows is None else self._shows

    @property
    def starts_at(self) -> datetime:
        """The program instant at which the server began."""
        return self.origin if self.starts is None else self.starts

    def program(self, real: datetime) -> datetime:  # noqa: ARG002
        """See base class; whatever the real time is."""
        return self.now()

    def on_server(self, real: datetime) -> datetime:
        """The program instant of an instant of the server's clock."""
        return super().program(real)


class Mover:
    """The one that moves time. Nobody else may wait for something on the server meanwhile."""

    def __init__(self, environment: WorkflowEnvironment, clock: HeldClock) -> None:
        self._environment = environment
        self.clock = clock

    async def to(self, at: datetime) -> None:
        """Let everything happen that is due until an instant, which is shown from now on."""
        self.clock.hold(at)
        there = self.clock.on_server(await self._environment.get_current_time())
        if at > there:
            await skip(self._environment, at - there)

    async def breathe(self) -> None:
        """Wait until no workflow task and no activity is under way: before that the server skips no time."""
        while True:
            began = time.monotonic()
            await self._environment.sleep(_BREATH)
            if time.monotonic() - began < _BREATH.total_seconds() * 0.9:
                return


async def skip(environment: WorkflowEnvironment, time_on: timedelta) -> None:
    """Let time go on. The test server now and then keeps such a call until it expires, or drops its connection: then
    the rest is asked for."""
    until = await environment.get_current_time() + time_on
    try:
        await environment.sleep(time_on)
    except RPCError as lost:
        if lost.status not in (RPCStatusCode.CANCELLED, RPCStatusCode.INTERNAL):
            raise
        await environment.sleep(max(timedelta(0), until - await environment.get_current_time()))


def clock_of(server_now: datetime, starts: datetime) -> HeldClock:
    """The clock of a rehearsal whose program begins at an instant."""
    given: dict[str, Any] = {"origin": server_now, "starts": starts}
    return HeldClock(**given)
