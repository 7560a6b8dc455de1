"""What can be said about a benefit."""

from __future__ import annotations

from pydantic import Field

from states.messages import Happened


class Granted(Happened):
    """The partner's standing gives the benefit, or leaves it to staff to choose the partner: `level` says how far."""

    level: str = Field(min_length=1, max_length=60)


class Withdrawn(Happened):
    """The partner's standing gives the benefit no more."""
