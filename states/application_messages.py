"""What can be said to an application."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from states.messages import Happened, Reasoned, StaffMessage


class Denial(Reasoned):
    """A denial: one of the edition's reasons, and words that the applicant reads."""

    because: Literal["information", "no_answer", "not_a_fit"] = Field(
        description="the reason: information (missing or wrong), no_answer or not_a_fit"
    )


class Assigned(StaffMessage):
    """Who onboards the applicant: the address of a member of staff; left out, whoever says so."""

    specialist: str = Field(
        default="", max_length=200, pattern=r"^([^@\s]+@[^@\s]+)?$", description="an address of the staff list"
    )


class Acknowledged(Happened):
    """The applicant acknowledges a version of the agreement. Who it was, SQL knows."""

    version: str = Field(min_length=1, max_length=40)
