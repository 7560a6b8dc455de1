"""What a managed account knows, and what the database's answers mean to it. Its table is in `states/account.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from program.calendar import in_utc, program_date, window_end
from program.edition import edition
from program.rules.accounts import AccountRules
from states.account_messages import Superseded
from states.effects import Receipt
from states.lifecycle import ProcessData
from states.messages import Message
from states.staff import Role

ACCOUNT = "account"
"""The kind of claim that a managing partner holds on an account."""


class Account(ProcessData):
    """One client account that one partner says it manages. Instants are aware and in UTC.

    Who the client's contact is, SQL knows: `request`, `contact` and `link` are numbers under which it keeps the
    partner's submissions, the contact's corrections and the links that were sent, of which only the newest opens.
    `last_request` is that of a submission that came while `request` went on, and added nothing to it but a contact.
    `links_at` is when links were sent again on the last such day. `vendor` is the vendor's own word, which only revenue
    share needs. `consent_asked_at` is when the client was last asked to confirm once more, until it has.
    """

    api_key: str
    request: int = 1
    last_request: int = 0
    requested_at: datetime
    lapses_at: datetime
    reminders: tuple[datetime, ...] = ()
    contact: int = 1
    bounced_at: datetime | None = None
    link: int = 1
    links_at: tuple[datetime, ...] = ()

    client_confirmed_at: datetime | None = None
    consent_ages_at: datetime | None = None
    consent_asked_at: datetime | None = None
    consent_overdue_at: datetime | None = None
    overdue: bool = False

    vendor: Literal["undecided", "confirmed", "declined"] = "undecided"
    vendor_at: datetime | None = None
    vendor_reason: str = ""

    superseded_by: str = ""
    outcome: str = ""
    why_ended: str = ""
    undo_until: datetime | None = None

    @property
    def rules(self) -> AccountRules:
        """The rules on managed accounts of the edition under which this one was requested."""
        return edition(self.edition).accounts

    def subject(self) -> str:
        """The account's public API key."""
        return self.api_key

    def is_overdue(self) -> bool:
        """Whether the client's word is older than it should be, and nobody has got a new one."""
        return self.overdue

    def facts(self) -> dict[str, Any]:
        """What staff and the partner should see."""
        confirmed = self.client_confirmed_at
        return {
            "account": self.api_key,
            "partner": self.partner_id,
            "request": self.request,
            "last request": self.last_request or None,
            "requested": self.requested_at,
            "request lapses": None if confirmed or self.outcome else self.lapses_at,
            "contact": self.contact,
            "link": self.link,
            "mail came back": self.bounced_at,
            "client confirmed": confirmed,
            "asked once more": self.consent_asked_at,
            "vendor": self.vendor,
            "vendor decided": self.vendor_at,
            "vendor's reason": self.vendor_reason or None,
            "superseded by": self.superseded_by or None,
            "outcome": self.outcome or None,
            "why": self.why_ended or None,
            "to decide": _to_decide(self),
        }

    @classmethod
    def submit(
        cls,
        api_key: str,
        partner_id: str,
        requested_at: datetime,
        *,
        edition_name: str,
        lifecycle_version: int,
        request: int = 1,
        contact: int = 1,
    ) -> Account:
        """An account as a partner submits it; `requested_at` is the moment of receipt.

        ValueError for an unknown edition or a naive instant.
        """
        requested_at = in_utc(requested_at)
        return cls(
            id=f"{api_key}:{partner_id}",
            partner_id=partner_id,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=requested_at,
            api_key=api_key,
            request=request,
            contact=contact,
            requested_at=requested_at,
            lapses_at=window_end(requested_at, edition(edition_name).accounts.request_lapses_days),
        )


def learn(account: Account, receipt: Receipt) -> tuple[str, Message] | None:  # noqa: ARG001
    """Take in what a commit decided: the client's last word counts, and it may have been another partner's."""
    if receipt.claim in ("behind", "taken"):
        return "superseded", Superseded(by_process=receipt.claimed_by)
    if newer := receipt.found.get("superseded_by"):
        return "superseded", Superseded(by_process=newer)
    return None


def waits_for_staff(account: Account) -> Role | None:
    """Reviewers, until the vendor has said its word; managers, when the client's word has aged without an answer."""
    if account.vendor == "undecided":
        return Role.REVIEWER
    return Role.MANAGER if account.overdue else None


def _to_decide(account: Account) -> str | None:
    if account.state != "active":
        return None
    if account.overdue and account.consent_asked_at is not None:
        asked = program_date(account.consent_asked_at)
        return f"The client was asked on {asked} to confirm once more, and has not answered. That changes nothing."
    if account.vendor == "undecided":
        return "Does the vendor confirm this account? Without that it earns no share."
    return None
