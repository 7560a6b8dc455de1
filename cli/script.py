"""What is played is scripted in a CSV file: on which day who does what, what happens then, and how it should end."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cli.sentences import CannotGoOn

REFUSED, SAME = "refused", "same"
"""How a line may end that begins nothing: refused with a sentence, or answered with what exists."""


class Happens(Protocol):
    """One thing that happens, so many days after the line's own day."""

    @property
    def day(self) -> float:
        """The number of days."""

    @property
    def action(self) -> str:
        """What it is."""


class Line(BaseModel):
    """One line of a script: `day` counts from the season's start, the days in `then` from `day`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    named: ClassVar[str]
    ends: ClassVar[Collection[str]]

    day: int = Field(ge=0)
    partner: str
    contact_name: str
    contact_email: str
    then: tuple[Any, ...]
    expected: str
    why: str

    @classmethod
    def step(cls, words: str) -> Happens:
        """One thing that happens, as a script writes it. Raises ValueError with a sentence."""
        raise NotImplementedError

    @field_validator("then", mode="before")
    @classmethod
    def _steps(cls, cell: str) -> list[Happens]:
        return [cls.step(words.strip()) for words in cell.split(",") if words.strip()]

    @field_validator("expected")
    @classmethod
    def _possible(cls, word: str) -> str:
        if word not in {REFUSED, SAME, *cls.ends}:
            raise ValueError(f"{cls.named} can't end as «{word}»")
        return word


L = TypeVar("L", bound=Line)


def read_script(file: Path, kind: type[L]) -> list[L]:
    """The lines of a script, in order of their days. Raises `CannotGoOn` with the line that can't be played."""
    lines: list[L] = []
    try:
        text = file.open(encoding="utf-8", newline="")
    except OSError as error:
        raise CannotGoOn(f"{file} can't be read: {error.strerror}.") from None
    with text:
        for number, cells in enumerate(csv.DictReader(text), start=2):
            try:
                lines.append(kind.model_validate(cells))
            except ValidationError as error:
                first = error.errors()[0]
                raise CannotGoOn(f"{file.name}, record {number - 1}, «{first['loc'][0]}»: {first['msg']}.") from None
    return sorted(lines, key=lambda line: line.day)


def last_day(lines: Iterable[Line]) -> float:
    """The last day on which something is scripted, counted from the season's start."""
    return max(line.day + max((step.day for step in line.then), default=0) for line in lines)
