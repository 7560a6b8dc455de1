"""A scripted line while it is played, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol

import httpx
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from cli.script import L


class SeasonTime(Protocol):
    """The days of a season that is being played."""

    def today(self) -> float:
        """Which day of the season it is now."""

    async def until(self, day: float) -> None:
        """Wait for a day of the season."""


class NotTaken(Exception):
    """A scripted step could not be taken; the text says why."""


@dataclass(slots=True)
class Played(Generic[L]):
    """A line of a script, and what became of it. `trouble` are scripted steps that could not be taken."""

    line: L
    end: str = "not played"
    says: str = ""
    last_step: str = ""
    trouble: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """Its address in the API; empty while it has none."""
        return ""

    @property
    def as_expected(self) -> bool:
        """Whether it ended as the script says, with every step taken."""
        return self.end == self.line.expected and not self.trouble

    async def follow(self, time: SeasonTime, act: Callable[[Any], Awaitable[None]]) -> None:
        """Take the line's steps on their days; those that can't be taken are written down, with when it was tried."""
        for step in self.line.then:
            await time.until(self.line.day + step.day)
            began = time.today()
            try:
                await act(step)
            except NotTaken as trouble:
                why = str(trouble)
            except WorkflowUpdateFailedError as refused:
                why = str(refused.cause)
            except RPCError as error:
                why = f"{error.status.name}: {error.message}"
            except httpx.HTTPError as error:
                why = type(error).__name__
            else:
                continue
            tried = f"tried from day {began - self.line.day:.1f} to {time.today() - self.line.day:.1f}"
            self.trouble.append(f"{step.day:.0f} {step.action}, {tried}: {why}")

    def see(self, answer: httpx.Response) -> None:
        """How it has ended, as the portal shows it."""
        shown = answer.json()
        if answer.status_code != 200:
            self.end, self.says = f"answered {answer.status_code}", shown.get("detail", "")
            return
        self.end = shown["outcome"] or shown["state"]
        happened = [f"{each['what'].replace('_', ' ')} {each['at'][:10]}" for each in shown["history"]]
        self.says, self.last_step = "; ".join(happened[-4:]), happened[-1] if happened else ""


def insist_on_taken(answer: httpx.Response) -> None:
    """Raise `NotTaken` with the portal's sentence unless it has taken what was said."""
    if answer.status_code != 202:
        raise NotTaken(str(answer.json().get("detail", answer.status_code)))
