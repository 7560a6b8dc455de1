"""What can be said to an elite season."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from program.rules.elite import PhaseName
from states.messages import Message, Reasoned

PARTNER_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Extend(Reasoned):
    """A phase goes on for some days more, never past the grant date."""

    phase: PhaseName = Field(description="the phase: mrr_review, nominations or committee")
    days: int = Field(ge=1, le=60, description="by how many days, a whole number")


class Seat(Reasoned):
    """A seat on the committee of this season."""

    member: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200, description="the member's address")


class Replace(Seat):
    """Another member takes a seat."""

    new: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200, description="the new member's address")


class Choose(Reasoned):
    """The chair decides about one partner, also against the result; the reason is part of the decision."""

    partner: str = Field(pattern=PARTNER_ID, max_length=100, description="the partner's id")
    selected: Literal["yes", "no"] = Field(description="whether it becomes elite: yes or no")


class Reported(Message):
    """How a nomination stands. `passes` is the rubric's result, `met` the checklist's, None before anybody looked.

    `quorum` says whether enough scores count, by the committee of that `seating`.
    """

    partner: str
    state: str
    passes: bool = False
    met: bool | None = None
    average: str = ""
    missing: str = ""
    reevaluation: bool = False
    quorum: bool = True
    seating: int = 0


class Listed(Message):
    """A look through all partners has ended: how many are listed now, and how many for a re-evaluation."""

    number: int
    listed: int = 0
    again: int = 0
    new: int = 0
