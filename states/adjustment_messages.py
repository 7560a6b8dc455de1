"""What can be said to a half-year's adjustment."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from states.messages import Message, Reasoned

PartnerId = Field(
    max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="the partner's id, as the list has it"
)


class OfPartner(Reasoned):
    """A decision about one partner on the list."""

    partner: str = PartnerId


class Correct(OfPartner):
    """What a partner is to become, instead of what the list says."""

    track: Literal["advisor", "master"] = Field(description="the track: advisor or master")
    tier: Literal["partner", "silver", "gold", "platinum"] = Field(
        description="the tier: partner, silver, gold or platinum"
    )


class JobEnded(Message):
    """A job that went through all partners has ended; what it counted."""

    seen: int = 0
    moves: int = 0
    held: int = 0
    warned: int = 0
