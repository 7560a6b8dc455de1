"""How a managed account's data change when something happens to it. Each deed is done before the state changes.

An `Event` has two instants: `at`, when somebody acted or a deadline was due, from which everything is counted, and
`handled_at`, when we learned of it, which counts only where people need time from then on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from program.calendar import at_hour, months_later, program_date, window_end
from program.edition import edition
from states.account_data import Account
from states.lifecycle import Event
from states.messages import ChangePartner

# -- asking the client -------------------------------------------------------------------------------------------------


def ask_client(account: Account, event: Event) -> None:  # noqa: ARG001
    """The client is asked, and reminded some days later."""
    day, rules = program_date(account.requested_at), account.rules
    account.reminders = tuple(at_hour(day + timedelta(days=days), rules.reminder_hour) for days in rules.reminder_days)


def ask_anew(account: Account, event: Event) -> None:
    """The partner submits the account once more: a request of its own, which nothing of the one before touches."""
    said = _said(event)
    anew = Account.submit(
        account.api_key,
        account.partner_id,
        event.at,
        edition_name=said["edition"],
        lifecycle_version=account.lifecycle_version,
        request=said["request"],
        contact=said["contact"],
    )
    for name in Account.model_fields.keys() - {"id", "partner_id", "state", "since", "link"}:
        setattr(account, name, getattr(anew, name))
    account.link += 1
    ask_client(account, event)


def note_request(account: Account, event: Event) -> None:
    """The partner has submitted an account that goes on: it stays as it is."""
    account.last_request = max(account.last_request, int(_said(event)["request"]))


def note_request_and_contact(account: Account, event: Event) -> None:
    """The partner has submitted an account whose client is being asked: whom it names now is asked from now on."""
    note_request(account, event)
    correct_contact(account, event)


def remind_client(account: Account, event: Event) -> None:
    """This reminder is out; later ones stand."""
    account.reminders = tuple(at for at in account.reminders if at > event.at)


def correct_contact(account: Account, event: Event) -> None:
    """A new link to another address; the old link is dead. The edition says whether the request's days go on.

    A correction that was overtaken by a later one changes nothing.
    """
    contact = int(_said(event)["contact"])
    if contact <= account.contact:
        return
    account.contact, account.bounced_at = contact, None
    send_new_link(account, event)
    if account.rules.correction_restarts_request:
        account.lapses_at = window_end(event.at, account.rules.request_lapses_days)


def send_new_link(account: Account, event: Event) -> None:
    """A new link; the one before is dead."""
    today = program_date(event.at)
    account.link += 1
    account.links_at = (*(at for at in account.links_at if program_date(at) == today), event.at)


def note_bounce(account: Account, event: Event) -> None:
    """The contact's address does not work. One that has been corrected since does not matter any more."""
    if int(_said(event)["contact"]) == account.contact:
        account.bounced_at = event.at


def change_partner(account: Account, event: Event) -> None:
    """The account is another partner's, with the words of its client and of the vendor."""
    if isinstance(event.message, ChangePartner):
        account.partner_id = event.message.to


# -- the client's word -------------------------------------------------------------------------------------------------


def confirm(account: Account, event: Event) -> None:
    """The client confirms that this partner manages the account, from this moment on."""
    _bring_back(account)
    account.client_confirmed_at = event.at
    consent(account, event)


def consent(account: Account, event: Event) -> None:
    """The client's word is fresh; it is asked for again when it has aged."""
    account.consent_ages_at = months_later(event.at, account.rules.consent_ages_months)
    account.consent_asked_at = account.consent_overdue_at = None
    account.overdue = False


def ask_once_more(account: Account, event: Event) -> None:
    """The client is asked to confirm once more. Silence changes nothing."""
    account.link += 1
    account.consent_ages_at = None
    account.consent_asked_at = event.at
    account.consent_overdue_at = window_end(event.at, account.rules.reconfirm_answer_days)
    account.overdue = False


def consent_is_overdue(account: Account, event: Event) -> None:  # noqa: ARG001
    """No answer: staff see it, nothing else changes."""
    account.consent_overdue_at = None
    account.overdue = True


# -- the vendor's word -------------------------------------------------------------------------------------------------


def vendor_confirms(account: Account, event: Event) -> None:
    """The vendor's word for revenue share."""
    account.vendor, account.vendor_at = "confirmed", event.at
    account.vendor_reason = event.message.reason if event.message else ""


def vendor_declines(account: Account, event: Event) -> None:
    """No revenue share, with a reason."""
    account.vendor, account.vendor_at = "declined", event.at
    account.vendor_reason = event.message.reason if event.message else ""


# -- ends --------------------------------------------------------------------------------------------------------------


def deny(account: Account, event: Event) -> None:
    """The client says no."""
    _end(account, event, "denied")


def revoke(account: Account, event: Event) -> None:
    """The client takes its word back."""
    _end(account, event, "revoked")


def supersede(account: Account, event: Event) -> None:
    """The client has confirmed another partner: this management ended at that very moment."""
    _end(account, event, "superseded")
    account.superseded_by = str(_said(event).get("by_process", ""))


def end(account: Account, event: Event) -> None:
    """The partner ends the management, or withdraws the request."""
    _end(account, event, "ended")


def lapse(account: Account, event: Event) -> None:
    """No answer in time. An answer that was given in time and arrives late still counts."""
    _end(account, event, "lapsed")
    _leave_open(account, event)


def void(account: Account, event: Event) -> None:
    """Staff take the account out: entered by mistake, a test, a duplicate."""
    _end(account, event, "voided")
    _leave_open(account, event)


def reinstate(account: Account, event: Event) -> None:  # noqa: ARG001
    """Back as it was, with its old dates."""
    _bring_back(account)
    account.overdue = account.consent_asked_at is not None and account.consent_overdue_at is None


def _end(account: Account, event: Event, outcome: str) -> None:
    account.outcome, account.overdue, account.undo_until = outcome, False, None
    account.why_ended = event.message.reason if event.message else ""


def _leave_open(account: Account, event: Event) -> None:
    """Open to late facts and second thoughts, counted from when the end was handled: nobody could object before."""
    days = edition(account.edition).leads.undo_days
    account.undo_until = window_end(max(event.at, event.handled_at), days)


def _bring_back(account: Account) -> None:
    account.outcome, account.why_ended, account.undo_until = "", "", None


def _said(event: Event) -> dict[str, Any]:
    return event.message.details() if event.message else {}
