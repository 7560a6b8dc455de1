"""What callers get of managed accounts. Nothing here names another partner or a member of staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from portal.answers import Deadline, Happened, Wrote, happened, instant, state_says
from portal.words import moment
from records.accounts import Account, Submission
from records.history import Happening
from records.notes import Note
from states.account import ACCOUNT


class Submitted(BaseModel):
    """A request that Temporal holds."""

    api_key: str
    partner_id: str
    request: int = Field(description="the number of this partner's request for the account, counted from 1")
    state: str
    requested_at: datetime
    managed_by_another: bool = Field(description="whether another partner manages the account now")
    says: str = Field(description="what has become of the submission, in a sentence")


class AccountTaken(BaseModel):
    """An action that will be followed. Whether the account could follow it stands in its history."""

    api_key: str
    partner_id: str
    received_at: datetime = Field(description="the stamp that counts, in UTC")
    says: str


class AccountSummary(BaseModel):
    """A managed account and where it stands."""

    api_key: str
    partner_id: str
    contact_name: str
    contact_email: str
    state: str
    says: str = Field(description="what the state means")
    outcome: str
    request: int
    requested_at: datetime
    lapses_at: datetime | None = Field(description="when the request lapses, while the client is waited for")
    mail_came_back_at: datetime | None = Field(description="when a mail to the contact came back")
    client_confirmed_at: datetime | None
    vendor: str = Field(description="the vendor's own word, which revenue share needs: undecided, confirmed, declined")
    vendor_decided_at: datetime | None
    deadline: Deadline | None
    waits_for: str = Field(description="who has to act: client, reviewer, manager, or nobody (empty)")
    overdue: bool = Field(description="whether the client was asked to confirm once more and has not answered")


class AccountInFull(AccountSummary):
    """An account, what happened to it, and what its partner wrote."""

    history: list[Happened]
    notes: list[Wrote]


class AccountPage(BaseModel):
    """Some accounts, those submitted last first."""

    accounts: list[AccountSummary]
    next_page: str = Field(description="the value of `page` for the accounts after these; empty on the last page")


def submitted(api_key: str, partner_id: str, made: Submission) -> Submitted:
    """What a submission is answered."""
    return Submitted(
        api_key=api_key,
        partner_id=partner_id,
        request=made.number,
        state=made.state,
        requested_at=made.received_at,
        managed_by_another=bool(made.managed_by),
        says=_says(api_key, partner_id, made),
    )


def summary(account: Account) -> AccountSummary:
    """An account for lists."""
    return AccountSummary(**_summary(account))


def in_full(account: Account, history: list[Happening], notes: list[Note]) -> AccountInFull:
    """An account with everything that its partner may see."""
    return AccountInFull(
        **_summary(account),
        history=[happened(ACCOUNT, each) for each in history],
        notes=[Wrote(kind=note.kind, at=note.at, text=note.text) for note in notes],
    )


def _says(api_key: str, partner_id: str, made: Submission) -> str:
    since = moment(made.received_at)
    if made.existing and made.state == "active":
        return f"{api_key} is active for {partner_id} already: its client has confirmed. Nothing was changed."
    if made.existing:
        return (
            f"{partner_id} has submitted {api_key} already, as of {since}: its client has been asked and has not "
            "answered. Nothing was changed; a wrong contact can be corrected."
        )
    taken = f"{api_key} is submitted for {partner_id} as of {since} (New York). Its client is asked by mail to confirm."
    if made.managed_by:
        return (
            f"{taken} Another partner manages this account at present: the client decides, and is told that "
            f"confirming {partner_id} ends that."
        )
    return taken


def _summary(account: Account) -> dict[str, Any]:
    facts = account.facts
    return {
        "api_key": account.api_key,
        "partner_id": account.partner_id,
        "contact_name": account.contact.name,
        "contact_email": account.contact.email,
        "state": account.state,
        "says": state_says(ACCOUNT, account.state),
        "outcome": account.outcome,
        "request": account.number,
        "requested_at": instant(facts.get("requested")) or account.received_at,
        "lapses_at": instant(facts.get("request lapses")),
        "mail_came_back_at": instant(facts.get("mail came back")),
        "client_confirmed_at": instant(facts.get("client confirmed")),
        "vendor": facts.get("vendor", "undecided"),
        "vendor_decided_at": instant(facts.get("vendor decided")),
        "deadline": Deadline(at=account.due_at, says=account.due_summary) if account.due_at else None,
        "waits_for": account.waits_for,
        "overdue": account.overdue,
    }
