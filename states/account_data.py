"""What a managed account knows, and how its data change. The table is in `states/account.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from program.calendar import at_hour, months_later, program_date, window_end
from program.edition import edition
from program.rules.accounts import AccountRules
from states.effects import Receipt
from states.lifecycle import Event, ProcessData
from states.messages import Message
from states.staff import Role

ACCOUNT = "account"


class Account(ProcessData):
    """One client account that one partner says it manages. Instants are aware and in UTC.

    Who the client's contact is, SQL knows; `contact` counts its corrections and `link` the links sent, so that only the
    newest one opens. `vendor` is the vendor's own word, which only revenue share needs.
    """

    api_key: str
    requested_at: datetime
    lapses_at: datetime
    reminders: tuple[datetime, ...] = ()
    contact: int = 1
    link: int = 1
    bounced: bool = False

    client_confirmed_at: datetime | None = None
    reconfirm_at: datetime | None = None
    reconfirm_overdue_at: datetime | None = None
    reconfirm_asked_at: datetime | None = None
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

    @classmethod
    def request(
        cls, api_key: str, partner_id: str, requested_at: datetime, *, edition_name: str, lifecycle_version: int
    ) -> Account:
        """An account as it is submitted; `requested_at` is the moment of receipt."""
        requested_at = requested_at.astimezone(UTC)
        rules = edition(edition_name).accounts
        return cls(
            id=f"{api_key}:{partner_id}",
            partner_id=partner_id,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=requested_at,
            api_key=api_key,
            requested_at=requested_at,
            lapses_at=window_end(requested_at, rules.request_lapses_days),
        )

    def subject(self) -> str:
        """The account's public API key."""
        return self.api_key

    def is_overdue(self) -> bool:
        """Whether the client's consent is older than it should be."""
        return self.overdue

    def facts(self) -> dict[str, Any]:
        """What staff and the partner should see."""
        return {
            "account": self.api_key,
            "partner": self.partner_id,
            "requested": self.requested_at,
            "request lapses": self.lapses_at if self.client_confirmed_at is None else None,
            "contact corrected": f"{self.contact - 1} times" if self.contact > 1 else None,
            "mail came back": "yes" if self.bounced else None,
            "client": "has confirmed" if self.client_confirmed_at else "has not confirmed",
            "client confirmed": self.client_confirmed_at,
            "confirmation asked for again": self.reconfirm_asked_at,
            "vendor": self.vendor,
            "vendor decided": self.vendor_at,
            "vendor's reason": self.vendor_reason or None,
            "confirmed instead": self.superseded_by or None,
            "outcome": self.outcome or None,
            "why": self.why_ended or None,
        }


# -- what happens to it: each is called before the state changes -------------------------------------------------------


def ask_client(account: Account, event: Event) -> None:  # noqa: ARG001
    """The client is asked, and reminded some days later."""
    day, rules = program_date(account.requested_at), account.rules
    account.reminders = tuple(at_hour(day + timedelta(days=days), rules.reminder_hour) for days in rules.reminder_days)


def remind_client(account: Account, event: Event) -> None:
    """This reminder is out; later ones stand."""
    account.reminders = tuple(at for at in account.reminders if at > event.at)


def correct_contact(account: Account, event: Event) -> None:
    """A new link to another address; the old link is dead. The request's days stay as they were."""
    account.contact += 1
    send_new_link(account, event)
    account.bounced = False


def send_new_link(account: Account, event: Event) -> None:  # noqa: ARG001
    """A new link for the same contact; the one before is dead."""
    account.link += 1


def note_bounce(account: Account, event: Event) -> None:  # noqa: ARG001
    """The address does not work; the partner can correct it."""
    account.bounced = True


def confirm(account: Account, event: Event) -> None:
    """The client confirms that this partner manages the account, from this moment on."""
    account.client_confirmed_at = event.at
    account.outcome, account.undo_until = "", None
    consent(account, event)


def consent(account: Account, event: Event) -> None:
    """The client's word is fresh; it is asked for again when it has aged."""
    account.reconfirm_at = months_later(event.at, account.rules.consent_ages_months)
    account.reconfirm_asked_at = account.reconfirm_overdue_at = None
    account.overdue = False


def ask_again(account: Account, event: Event) -> None:
    """The client is asked to confirm once more. Silence changes nothing."""
    account.link += 1
    account.reconfirm_at = None
    account.reconfirm_asked_at = event.at
    account.reconfirm_overdue_at = window_end(event.at, account.rules.reconfirm_answer_days)


def consent_is_overdue(account: Account, event: Event) -> None:  # noqa: ARG001
    """No answer: staff see it, nothing else changes."""
    account.reconfirm_overdue_at = None
    account.overdue = True


def vendor_confirms(account: Account, event: Event) -> None:
    """The vendor's word for revenue share."""
    account.vendor, account.vendor_at = "confirmed", event.at
    account.vendor_reason = event.message.reason if event.message else ""


def vendor_declines(account: Account, event: Event) -> None:
    """No revenue share, with a reason."""
    account.vendor, account.vendor_at = "declined", event.at
    account.vendor_reason = event.message.reason if event.message else ""


def deny(account: Account, event: Event) -> None:
    """The client says no."""
    _finish(account, event, "denied")


def lapse(account: Account, event: Event) -> None:
    """No answer in time."""
    _finish(account, event, "lapsed")
    account.undo_until = window_end(max(event.at, event.handled_at), edition(account.edition).leads.undo_days)


def revoke(account: Account, event: Event) -> None:
    """The client takes its word back."""
    _finish(account, event, "revoked")


def end(account: Account, event: Event) -> None:
    """The partner ends the management, or withdraws the request."""
    _finish(account, event, "ended")


def supersede(account: Account, event: Event) -> None:
    """The client has confirmed another partner: this management ended at that very moment."""
    _finish(account, event, "superseded")
    account.superseded_by = str(event.message.details().get("by_process", "")) if event.message else ""


def void(account: Account, event: Event) -> None:
    """Staff take the account out."""
    _finish(account, event, "voided")
    account.undo_until = window_end(event.at, edition(account.edition).leads.undo_days)


def reinstate(account: Account, event: Event) -> None:  # noqa: ARG001
    """Back as it was, with its old dates."""
    account.outcome, account.why_ended, account.undo_until = "", "", None


def _finish(account: Account, event: Event, outcome: str) -> None:
    account.outcome = outcome
    account.why_ended = event.message.reason if event.message else ""
    account.overdue = False


# -- what the database answered, and who has to act --------------------------------------------------------------------


def learn(account: Account, receipt: Receipt) -> tuple[str, Message] | None:  # noqa: ARG001
    """The last client's word wins, so no commit is ever contradicted."""
    return None


def waits_for_vendor(account: Account) -> Role | None:
    """Staff, as long as the vendor has not said its word; managers, when consent has aged without an answer."""
    if account.vendor == "undecided":
        return Role.REVIEWER
    return Role.MANAGER if account.overdue else None
