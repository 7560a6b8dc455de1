"""A season as `examples/season.csv` scripts it: who registers what, what happens then, and how it should end.

`day` counts from the season's start. `then` lists what happens, in days from the registration: "2 accept, 40
client_paid". A fact that is reported late says when it occurred: "95 client_paid@80".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import field_validator

from cli.script import Line
from states.lead import LEAD

_STEP = re.compile(r"(?P<day>\d+) (?P<action>[a-z_]+)(?:@(?P<occurred>\d+))?")


@dataclass(frozen=True, slots=True)
class Scripted:
    """One thing that happens: an action of the lead's table, so many days after registration."""

    day: float
    action: str
    occurred: float


class Registration(Line):
    """One line of a season."""

    named = "a lead"
    ends = LEAD.phases

    company: str
    website: str
    note: str
    self_closed: bool
    via: Literal["form", "affiliate"]
    opened: int
    then: tuple[Scripted, ...]

    @classmethod
    def step(cls, words: str) -> Scripted:
        """See base class."""
        match = _STEP.fullmatch(words)
        if match is None:
            raise ValueError(f"«{words}» is no step; write a day and an action, such as «2 accept»")
        if match["action"] not in LEAD.actions:
            raise ValueError(f"«{match['action']}» is no action of a lead; there are {', '.join(LEAD.actions)}")
        day = float(match["day"])
        return Scripted(day, match["action"], float(match["occurred"] or day))

    @field_validator("self_closed", mode="before")
    @classmethod
    def _yes(cls, cell: str) -> bool:
        return cell == "yes"

    @field_validator("opened", mode="before")
    @classmethod
    def _zero(cls, cell: str) -> str | int:
        return cell or 0
