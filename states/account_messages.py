"""What can be said to a managed account."""

from __future__ import annotations

from pydantic import Field

from states.messages import Happened, Message


class Superseded(Message):
    """The client has confirmed another partner: `by_process` is that partner's request."""

    by_process: str = ""


class Corrected(Happened):
    """The partner has corrected the client's contact. Who it is now, SQL knows; `contact` is the version of it."""

    contact: int = Field(ge=1, description="the number of the corrected contact, counted from 1")


class Bounced(Happened):
    """A mail to the client came back."""
