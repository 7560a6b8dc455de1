"""The kinds of text and time that callers send, each checked with a sentence."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, WithJsonSchema

from portal.problems import wrong
from program.addresses import DELIVERABLE
from program.calendar import ZONE, last_day, plausible
from program.domains import registrable_domain
from program.readable import is_one_line, is_readable

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")
# Clocks of two systems differ by seconds; what lies further ahead is a mistake.
CLOCKS_DIFFER = timedelta(minutes=1)


def _one_line(text: str) -> str:
    if not is_one_line(text):
        raise ValueError("it may hold no line breaks and no control characters.")
    return text


def _as_counted(given: Any) -> Any:
    """A line break is one letter, as whoever typed it counts; browsers send two."""
    return given.replace("\r\n", "\n") if isinstance(given, str) else given


def _readable(text: str) -> str:
    if not is_readable(text):
        raise ValueError("it may hold no control characters.")
    return text


def _written_instant(given: Any) -> Any:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str) or _RFC3339.fullmatch(given) is None:
        raise ValueError("an instant is text with a time zone, such as 2027-01-20T15:30:00Z.")
    return given


def _tax_number(text: str) -> str:
    """As companies are compared by it: letters and digits only."""
    found = "".join(letter for letter in text.upper() if letter.isalnum())
    if found and (len(found) < 5 or not any(letter.isdigit() for letter in found)):
        raise ValueError("a tax number has at least five letters and digits; leave it out where there is none.")
    return found


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_one_line)]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_readable),
    BeforeValidator(_as_counted),
]
OptionalWords = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=4000),
    AfterValidator(_readable),
    BeforeValidator(_as_counted),
]
MailAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=DELIVERABLE),
    AfterValidator(_one_line),
]
TaxNumber = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_tax_number)]
PartnerId = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
LeadId = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
ApplicationId = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
ApiKey = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9]+$")]
"""A client account's public API key; the edition says more about it."""
Domain = Annotated[str, StringConstraints(min_length=1, max_length=2048), AfterValidator(registrable_domain)]
"""However a web address is written, its registrable domain."""

Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_instant),
    AfterValidator(plausible),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant with a time zone; UTC afterwards."""

Flag = Annotated[bool, Field(strict=True)]


def moment(instant: datetime, *, begins: bool = False) -> str:
    """An instant in the program's time zone; midnight is the end of the day before, or the day that `begins` there."""
    local = instant.astimezone(ZONE)
    if local.hour == local.minute == local.second == 0:
        return f"{local:%Y-%m-%d}" if begins else f"{last_day(instant):%Y-%m-%d}, end of day"
    return f"{local:%Y-%m-%d %H:%M}"


def in_words(instant: datetime, now: datetime | None = None, *, begins: bool = False) -> str:
    """A day as people say it, and how far off it is from `now`: "March 3, 2027, end of day (in 5 days)"."""
    local, ends = instant.astimezone(ZONE), ""
    day = local.date()
    if local.hour == local.minute == local.second == 0 and not begins:
        day, ends = last_day(instant), ", end of day"
    said = f"{day:%B} {day.day}, {day.year}{ends}"
    if now is None:
        return said
    match (day - now.astimezone(ZONE).date()).days:
        case 0:
            return f"{said} (today)"
        case 1:
            return f"{said} (tomorrow)"
        case -1:
            return f"{said} (yesterday)"
        case days if days > 0:
            return f"{said} (in {days} days)"
        case days:
            return f"{said} ({-days} days ago)"


def not_in_future(field: str, instant: datetime, now: datetime) -> None:
    """Refuse what has not happened yet; `now` is program time."""
    if instant > now + CLOCKS_DIFFER:
        raise wrong(
            field,
            f"«{field}» can't be {instant:%Y-%m-%dT%H:%M:%SZ}, which lies in the future: here it is "
            f"{now:%Y-%m-%dT%H:%M:%SZ}. It says when it happened.",
        )
