"""The one clock: what time it is in the program when it is a given time in the world.

In production both are the same. A demonstration runs faster, the same everywhere, so that a season plays in
minutes. Nothing here reads the time: whoever has a reason to know it passes the real instant in.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, field_validator

from program.calendar import in_utc

_TEXT = re.compile(r"(?P<origin>\S+)\s+x(?P<speed>\S+)(?:\s+from\s+(?P<starts>\S+))?")
_FORM = "2026-01-05T09:00:00Z x60, or 2026-01-05T09:00:00Z x60 from 2027-01-04T14:00:00Z"


class ProgramClock(BaseModel):
    """Program time as a straight line over real time: `starts` + (real - `origin`) x `speed`.

    `origin` is a real instant, `starts` the program instant at that moment (`origin` itself when None),
    `speed` the program seconds in a real second, above 0 and finite. Instants are aware, and UTC outwards.
    At speed 1 both directions are exact. Otherwise each direction rounds once to a microsecond: program to
    real to program comes back within 1 + `speed` / 2 microseconds, real to program to real within
    1 + 1 / (2 x `speed`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: AwareDatetime
    speed: float = 1.0
    starts: AwareDatetime | None = None

    @field_validator("origin", "starts")
    @classmethod
    def _utc(cls, instant: datetime | None) -> datetime | None:
        return None if instant is None else in_utc(instant)

    @field_validator("speed")
    @classmethod
    def _forwards(cls, speed: float) -> float:
        if not (math.isfinite(speed) and speed > 0):
            raise ValueError(f"A clock cannot run at speed {speed}; it can be any number above 0, 1 in production.")
        return speed

    def program(self, real: datetime) -> datetime:
        """The program instant (UTC) at a real one; ValueError if naive or out of the calendar."""
        try:
            return self._program_start + (in_utc(real) - self.origin) * self.speed
        except OverflowError:
            raise ValueError(f"At {real} the clock {self.text()} would stand outside the years 1 to 9999.") from None

    def real(self, program: datetime) -> datetime:
        """The real instant (UTC) at which it is a program instant; ValueError as in `program`."""
        try:
            return self.origin + (in_utc(program) - self._program_start) / self.speed
        except OverflowError:
            raise ValueError(f"The clock {self.text()} reaches {program} outside the years 1 to 9999.") from None

    def real_delay(self, program_delta: timedelta) -> timedelta:
        """How long, in real time, it takes until `program_delta` has passed in the program."""
        return program_delta / self.speed

    @property
    def _program_start(self) -> datetime:
        return self.origin if self.starts is None else self.starts

    def text(self) -> str:
        """The clock on one line, as an environment variable holds it; `from_text` reads it back."""
        from_start = "" if self.starts is None else f" from {_written(self.starts)}"
        speed = int(self.speed) if self.speed.is_integer() else self.speed
        return f"{_written(self.origin)} x{speed}{from_start}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The clock written like "2026-01-05T09:00:00Z x20000".

        With " from 2027-01-01T00:00:00Z" behind it, program time starts at that instant.
        ValueError with the possible forms otherwise.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no clock; write {_FORM}.")
        try:
            starts = match["starts"]
            return cls(
                origin=_read(match["origin"]),
                speed=float(match["speed"]),
                starts=None if starts is None else _read(starts),
            )
        except ValueError as error:
            raise ValueError(f"{text!r} is no clock ({_reason(error)}); write {_FORM}.") from error


REAL_TIME = ProgramClock(origin=datetime(1970, 1, 1, tzinfo=UTC), speed=1.0)


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _read(text: str) -> datetime:
    return in_utc(datetime.fromisoformat(text))


def _reason(error: ValueError) -> str:
    # pydantic's message spans lines and links to its manual; who mistyped a variable needs one sentence.
    last = str(error).splitlines()
    return (last[2].strip().removeprefix("Value error, ").split(" [type=")[0] if len(last) > 2 else last[0]).rstrip(".")
