"""What can be said to a nomination. Cases, evidence and remarks are kept in SQL; messages carry numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from program.season import Timetable
from states.messages import Message, Reasoned, Refusal, StaffMessage, shown


class Nominate(StaffMessage):
    """The partner manager nominates: `case` is the number under which the written case is kept, 0 for none."""

    case: int = Field(default=0, ge=0, description="the number of the case, as the portal's page shows it")


_WORD = re.compile(r"[A-Za-z]\d[^\s,;]*|[A-Za-z](?=[\s,;]|$)")
_SIGNED = re.compile(r"\s*(?P<by>[^\s:]+@[^\s:]+)\s*:?\s+(?P<rest>.*)", re.DOTALL)


class Score(StaffMessage):
    """A member's whole score sheet: in the short form, or by area. Remarks are kept in SQL alone."""

    sheet: str = Field(default="", max_length=200, description="the scores in the short form, such as L43 O43344 …")
    scores: dict[str, list[int]] = Field(default={}, description="the scores by area, as lists of whole numbers")

    @classmethod
    def parse(cls, payload: Any) -> Self:
        """See base class; a sheet may also be typed as `member@vendor.example L43 O43344 …`, without a field's name."""
        if isinstance(payload, str) and "=" not in payload:
            payload = _typed(payload)
        sheet = super().parse(payload)
        if sheet.reason:
            # What people think of people must be deletable, and a process's history is not.
            raise Refusal(
                f"A sheet carries no remark («{shown(sheet.reason)}»): write remarks on the nomination's page in the "
                "portal, and send the scores alone."
            )
        return sheet

    @classmethod
    def short(cls, example: Mapping[str, Any]) -> str:
        """See base class."""
        return f"{example['by']} {example['sheet']}"


def _typed(text: str) -> dict[str, Any]:
    signed = _SIGNED.fullmatch(text[:4_000])
    if signed is None:
        raise Refusal('Begin with who you are, then the scores, such as "member@vendor.example L43 O43344 P44332 …".')
    rest, words = signed["rest"].lstrip(), list[str]()
    while word := _WORD.match(rest):
        words.append(word[0])
        rest = rest[word.end() :].lstrip(" \t\r\n,;")
    said: dict[str, Any] = {"by": signed["by"], "sheet": " ".join(words)}
    return {**said, "reason": rest} if rest else said


class Readmit(Reasoned):
    """The chair lets a member score again that had recused itself."""

    member: str = Field(min_length=3, max_length=200, description="the member's address")


class Briefed(Message):
    """The season says what holds now: its timetable, the members of its committee, and whether it is late.

    `seating` counts the changes of the committee, so that a report says which one it knows. A season is late from a
    grant date that comes without the chair's confirmation, until the chair confirms.
    """

    times: Timetable
    roster: tuple[str, ...] = ()
    seating: int = 0
    late: bool = False


class Looked(Message):
    """What the records say of the partner: its manager, what is missing, whether it is suspended or even gone."""

    on: str = ""
    manager: str = ""
    met: bool = False
    missing: str = ""
    suspended: bool = False
    gone: str = ""


class PartnerGone(Message):
    """The partner has left, lost its agreement, or been merged into another one: the reason is a sentence."""

    reason: str = Field(min_length=1, max_length=2_000)


class Chosen(Message):
    """The chair has confirmed the season's selection, and this is what it says of this nomination."""

    selected: bool
    exception: str = Field(default="", max_length=2_000, description="why it was decided against the result")
