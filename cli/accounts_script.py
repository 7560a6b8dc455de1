"""Managed accounts as `examples/accounts.csv` scripts them: who submits which, what happens then, and how it ends.

`day` counts from the season's start. `then` lists what happens, in days from the submission: "2 confirm, 40 end". What
needs an address has it behind a sign: "4 correct=right@shop.example", "35 submit=right@shop.example".
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cli.season import REFUSED, SAME
from cli.sentences import CannotGoOn
from states.account import ACCOUNT

_STEP = re.compile(r"(?P<day>\d+) (?P<action>[a-z_]+)(?:=(?P<address>\S+))?")

BY_CLIENT = ("confirm", "deny", "revoke")
"""What a client answers on its page."""
BY_STAFF = tuple(name for name, action in ACCOUNT.actions.items() if action.by_staff)
_OTHERS = ("confirm_too_late", "scan", "wrong_code", "five_wrong_codes", "bounce", "correct", "submit", "end")


@dataclass(frozen=True, slots=True)
class Happens:
    """One thing that happens so many days after the submission; `address` is the contact that it brings, or empty."""

    day: float
    action: str
    address: str


class Submission(BaseModel):
    """One line of the script."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: int = Field(ge=0)
    partner: str
    account: str
    contact_name: str
    contact_email: str
    then: tuple[Happens, ...]
    expected: str
    why: str

    @field_validator("then", mode="before")
    @classmethod
    def _steps(cls, cell: str) -> list[Happens]:
        return [_step(words.strip()) for words in cell.split(",") if words.strip()]

    @field_validator("expected")
    @classmethod
    def _possible(cls, word: str) -> str:
        if word not in {REFUSED, SAME, *ACCOUNT.phases}:
            raise ValueError(f"an account can't end as «{word}»")
        return word


def read_accounts(file: Path) -> list[Submission]:
    """The lines of a script, in order of their days. Raises `CannotGoOn` with the line that can't be played."""
    lines: list[Submission] = []
    with file.open(encoding="utf-8", newline="") as text:
        for number, cells in enumerate(csv.DictReader(text), start=2):
            try:
                lines.append(Submission.model_validate(cells))
            except ValidationError as error:
                first = error.errors()[0]
                raise CannotGoOn(f"{file.name}, record {number - 1}, «{first['loc'][0]}»: {first['msg']}.") from None
    return sorted(lines, key=lambda line: line.day)


def last_day_of(lines: list[Submission]) -> float:
    """The last day on which something is scripted, counted from the season's start."""
    return max(line.day + max((step.day for step in line.then), default=0) for line in lines)


def _step(words: str) -> Happens:
    match = _STEP.fullmatch(words)
    if match is None:
        raise ValueError(f"«{words}» is no step; write a day and what happens, such as «2 confirm»")
    possible = (*BY_CLIENT, *BY_STAFF, *_OTHERS)
    if match["action"] not in possible:
        raise ValueError(f"«{match['action']}» can't happen to an account; possible are {', '.join(possible)}")
    return Happens(float(match["day"]), match["action"], match["address"] or "")
