"""What can be said to a lead."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from states.messages import Happened, Message, Reasoned, StaffMessage


class Factors(StaffMessage):
    """The four factors of a review, as the reviewer finds them (the list is not closed: the rest is the reason)."""

    timely: Literal["yes", "no", "unclear"] = Field(
        description="is the submission timely? yes, no or unclear")  # fmt: skip
    relationship: Literal["deep", "some", "none", "unclear"] = Field(
        description="how deep is the partner's relationship with the lead? deep, some, none or unclear")  # fmt: skip
    accurate: Literal["yes", "no", "unclear"] = Field(
        description="is what the partner says of the lead right? yes, no or unclear")  # fmt: skip
    engaged: Literal["nobody", "vendor", "partner", "unclear"] = Field(
        description="who is engaged with it already? nobody, vendor, partner or unclear")  # fmt: skip


class Reject(Factors):
    """A rejection: the factors, and one of the edition's reasons."""

    because: Literal[
        "too_late", "weak_relationship", "inaccurate", "already_engaged", "existing_client", "duplicate", "other"
    ] = Field(
        description="the reason: too_late, weak_relationship, inaccurate, already_engaged, existing_client, "
        "duplicate or other"
    )


class Occurred(Happened):
    """A fact that another system reports: `at` is when it occurred, `by` names the system."""


class StandInLine(Message):
    """Another lead holds the prospect: `behind` is its process."""

    behind: str


class CloseLine(Message):
    """The prospect has been credited to another lead (`to`, a process), or could never be this one's."""

    to: str = ""


__all__ = ["CloseLine", "Factors", "Message", "Occurred", "Reasoned", "Reject", "StaffMessage", "StandInLine"]
