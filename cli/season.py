"""A season as `examples/season.csv` scripts it: who registers what, what happens then, and how it should end.

`day` counts from the season's start. `then` lists what happens, in days from the registration: "2 accept, 40
client_paid". A fact that is reported late says when it occurred: "95 client_paid@80".
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cli.sentences import CannotGoOn
from states.lead import LEAD

_STEP = re.compile(r"(?P<day>\d+) (?P<action>[a-z_]+)(?:@(?P<occurred>\d+))?")

REFUSED, SAME = "refused", "same"
"""How a registration may end that becomes no lead: refused with a sentence, or answered with the existing lead."""


@dataclass(frozen=True, slots=True)
class Scripted:
    """One thing that happens: an action of the lead's table, so many days after registration."""

    day: float
    action: str
    occurred: float


class Registration(BaseModel):
    """One line of a season."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: int = Field(ge=0)
    partner: str
    company: str
    website: str
    contact_name: str
    contact_email: str
    note: str
    self_closed: bool
    via: Literal["form", "affiliate"]
    opened: int
    then: tuple[Scripted, ...]
    expected: str
    why: str

    @field_validator("self_closed", mode="before")
    @classmethod
    def _yes(cls, cell: str) -> bool:
        return cell == "yes"

    @field_validator("opened", mode="before")
    @classmethod
    def _zero(cls, cell: str) -> str | int:
        return cell or 0

    @field_validator("then", mode="before")
    @classmethod
    def _steps(cls, cell: str) -> list[Scripted]:
        return [_step(words.strip()) for words in cell.split(",") if words.strip()]

    @field_validator("expected")
    @classmethod
    def _possible(cls, word: str) -> str:
        if word not in {REFUSED, SAME, *LEAD.phases}:
            raise ValueError(f"a lead can't end as «{word}»")
        return word


def read_season(file: Path) -> list[Registration]:
    """The lines of a season, in order of their days. Raises `CannotGoOn` with the line that can't be played."""
    lines: list[Registration] = []
    try:
        text = file.open(encoding="utf-8", newline="")
    except OSError as error:
        raise CannotGoOn(f"{file} can't be read: {error.strerror}.") from None
    with text:
        for number, cells in enumerate(csv.DictReader(text), start=2):
            try:
                lines.append(Registration.model_validate(cells))
            except ValidationError as error:
                first = error.errors()[0]
                raise CannotGoOn(f"{file.name}, record {number - 1}, «{first['loc'][0]}»: {first['msg']}.") from None
    return sorted(lines, key=lambda line: line.day)


def last_day(season: list[Registration]) -> float:
    """The last day on which something is scripted, counted from the season's start."""
    return max(line.day + max((step.day for step in line.then), default=0) for line in season)


def _step(words: str) -> Scripted:
    match = _STEP.fullmatch(words)
    if match is None:
        raise ValueError(f"«{words}» is no step; write a day and an action, such as «2 accept»")
    if match["action"] not in LEAD.actions:
        raise ValueError(f"«{match['action']}» is no action of a lead; there are {', '.join(LEAD.actions)}")
    day = float(match["day"])
    return Scripted(day, match["action"], float(match["occurred"] or day))
