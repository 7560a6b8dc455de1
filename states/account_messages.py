"""What can be said to a managed account. Who a contact is, only SQL knows: messages carry the contact's number."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from states.messages import Happened, Message


class SubmittedAgain(Happened):
    """The partner submits the account once more: `request` and `contact` are the numbers under which SQL keeps them."""

    request: int = Field(ge=2, description="the number of the request, counted from 1")
    contact: int = Field(ge=1, description="the number of the contact, counted from 1")
    edition: str = Field(min_length=1, description="the edition that is in force when it is submitted")


class Corrected(Happened):
    """The partner has corrected the client's contact."""

    contact: int = Field(ge=1, description="the number of the corrected contact, counted from 1")


class LinkWanted(Happened):
    """A link was locked by wrong codes. The new one is for the same purpose: an answer, or its revocation."""

    purpose: Literal["answer", "revoke"] = "answer"


class Bounced(Happened):
    """A mail to the client came back; `contact` is the number of the contact to whom it went."""

    contact: int = Field(ge=1, description="the number of the contact, counted from 1")


class Superseded(Message):
    """The client has confirmed another partner: `by_process` is that partner's."""

    by_process: str = ""
