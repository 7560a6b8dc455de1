"""Messages: how an action is said, and how what somebody typed becomes one.

Every action takes a message. It arrives as JSON, in one of two forms:

- the object form, `{"by": "reviewer@vendor.example", "timely": "yes", …}`;
- the short form, one string that a person can type: `"reviewer@vendor.example: timely=yes … fits well"`, that is,
  who acts, then `field=value` words, then free text, which becomes the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from program.calendar import in_utc

MAX_TEXT = 2_000
MAX_ID = 200
YEARS = range(2000, 3000)
"""Instants outside are typing errors, and counting days from them would leave the calendar."""


class Refusal(Exception):
    """A message that can't be followed. Its text is one or two sentences: what is wrong, and what is possible."""


def _in_calendar(instant: datetime) -> datetime:
    if instant.year not in YEARS:
        raise ValueError(f"its year must lie between {YEARS[0]} and {YEARS[-1]}")
    return in_utc(instant)


Instant = Annotated[AwareDatetime, AfterValidator(_in_calendar)]
"""An instant in a message, whatever its time zone; kept in UTC."""


class Message(BaseModel):
    """What every message carries.

    `id` makes a repeated delivery recognisable; `at` is when the sender acted (aware), left out by people in the Web
    UI, whose messages count from the moment of handling; `by` says who acts; `reason` is free text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    envelope: ClassVar[frozenset[str]] = frozenset({"id", "at", "by", "reason"})

    id: str = Field(default="", max_length=MAX_ID)
    at: Instant | None = None
    by: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=MAX_TEXT)

    @classmethod
    def parse(cls, payload: Any) -> Self:
        """The message that `payload` (decoded JSON) stands for; `Refusal` when it stands for none."""
        fields = _fields(cls, payload)
        for name, value in fields.items():
            if _holds_nul(value):
                raise Refusal(f"«{shown(name)}» holds characters that are no text.")
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise Refusal(" ".join(_sentence(cls, detail) for detail in error.errors()[:4])) from None

    @classmethod
    def short(cls, example: Mapping[str, Any]) -> str:
        """A message of this kind as a person types it, from its fields; `parse` reads it back."""
        fields = dict(example)
        by, reason = fields.pop("by", ""), fields.pop("reason", "")
        words = [f"{name}={value}" for name, value in fields.items()]
        return f"{by}: {' '.join([*words, reason])}".strip()

    def details(self) -> dict[str, Any]:
        """The fields particular to this kind of message, as JSON values, for the audit."""
        return self.model_dump(mode="json", exclude=set(self.envelope), exclude_none=True)


class StaffMessage(Message):
    """A message of the vendor's staff: it is signed, and counts from the moment it is handled."""

    by: str = Field(min_length=1, max_length=200)
    at: None = None


class Reasoned(StaffMessage):
    """A staff decision that must say why."""

    reason: str = Field(min_length=1, max_length=MAX_TEXT)


class Happened(Message):
    """A message that says when it happened: `at` is required (aware)."""

    at: Instant


class ChangePartner(Message):
    """The partner whose process it is, `merged`, was merged into another one, to whom it belongs from now on."""

    to: str = Field(min_length=1, max_length=100)
    merged: str = Field(min_length=1, max_length=100)


_SHORT = re.compile(r"\s*(?P<by>[^\s:=]+)\s*:\s*(?P<rest>.*)", re.DOTALL)
_WORD = re.compile(r"\s*([A-Za-z_]\w*)=(\"[^\"]*\"|\S+)")


def _fields(kind: type[Message], payload: Any) -> dict[str, Any]:
    match payload:
        case None:
            return {}
        case dict():
            return payload
        case str():
            return _short_form(payload)
        case _:
            raise Refusal(f"A message is an object or a line of text, not {_kind_of(payload)}. {_known(kind)}")


def _holds_nul(value: Any) -> bool:
    """Whether there is a letter in it that PostgreSQL can't keep, wherever it stands."""
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(part) for pair in value.items() for part in pair)
        case list():
            return any(_holds_nul(part) for part in value)
    return False


def _short_form(text: str) -> dict[str, Any]:
    signed = _SHORT.fullmatch(text[: 4 * MAX_TEXT])
    if signed is None:
        raise Refusal('Begin with who you are and a colon, such as "reviewer@vendor.example: fits well".')
    fields: dict[str, Any] = {"by": signed["by"]}
    rest = signed["rest"]
    while word := _WORD.match(rest):
        fields[word[1]] = word[2].strip('"')
        rest = rest[word.end() :]
    if rest.strip():
        fields["reason"] = rest
    return fields


def _kind_of(payload: Any) -> str:
    kinds = {bool: "a yes or no", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(payload), "this")


def _known(kind: type[Message]) -> str:
    return f"Fields: {', '.join(kind.model_fields)}."


def _sentence(kind: type[Message], detail: ErrorDetails) -> str:
    field = shown(".".join(str(part) for part in detail["loc"])) or "message"
    given = shown(detail["input"])
    match detail["type"]:
        case "missing":
            return f"«{field}» is missing.{_possible(kind, field)}"
        case "string_too_short":
            return f"«{field}» is empty; it must say something."
        case "string_too_long":
            return f"«{field}» is too long: at most {detail['ctx']['max_length']} characters."
        case "string_unicode":
            return f"«{field}» holds characters that are no text."
        case "string_type":
            return f"«{field}» must be text, not «{given}»."
        case "extra_forbidden":
            return f"«{field}» is unknown here. {_known(kind)}"
        case "literal_error" | "enum":
            return f"«{field}» can't be «{given}»: possible are {detail['ctx']['expected']}."
        case "none_required":
            return f"«{field}» can't be given: staff messages count from the moment they are handled."
        case "timezone_aware":
            return f"«{field}» needs a time zone, such as 2027-01-05T09:00:00-05:00."
        case problem if problem.startswith(("datetime_", "date_", "time")):
            return f"«{field}» can't be «{given}»: write an instant such as 2027-01-05T09:00:00-05:00."
        case "value_error":
            return f"«{field}» can't be «{given}»: {detail['ctx']['error']}."
        case _:
            return f"«{field}» can't be «{given}».{_possible(kind, field)}"


def shown(value: object) -> str:
    """What somebody sent, short and on one line, as it can be repeated in a sentence."""
    flat = " ".join(str(value)[:200].split()).encode("utf-8", "replace").decode()
    return flat if len(flat) <= 60 else f"{flat[:59]}…"


def _possible(kind: type[Message], field: str) -> str:
    known = kind.model_fields.get(field)
    return f" It says: {known.description}." if known is not None and known.description else ""
