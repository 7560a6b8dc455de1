"""The life of a managed account: the client confirms, and only the client. (2022 guide, managed accounts.)

The vendor's own confirmation is separate: it may come before or after the client's, may be declined and reversed, and
only revenue share needs it. How the data change is in `states/account_data.py`.
"""

from __future__ import annotations

from datetime import datetime

from states import account_data as what
from states.account_data import Account
from states.account_messages import Bounced, Corrected, Superseded
from states.lifecycle import Action, Deadline, Guard, Lifecycle, Move, Phase
from states.messages import Happened, Message, Reasoned, StaffMessage
from states.staff import Role

REVIEWERS = (Role.REVIEWER,)

# -- guards ------------------------------------------------------------------------------------------------------------


def _in_time(account: Account, at: datetime) -> bool:
    return account.requested_at <= at <= account.lapses_at


def _not_confirmed(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.vendor != "confirmed"


def _not_declined(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.vendor != "declined"


def _was_active(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.client_confirmed_at is not None


def _still_waiting(account: Account, at: datetime) -> bool:
    return account.client_confirmed_at is None and at <= account.lapses_at


in_time = Guard(_in_time, "the request has lapsed; the partner may submit the account again.")
not_confirmed = Guard(_not_confirmed, "the vendor has confirmed the account already.")
not_declined = Guard(_not_declined, "the vendor has declined the account already.")
was_active = Guard(_was_active, "the client never confirmed the account.")
still_waiting = Guard(_still_waiting, "the request has lapsed; the partner may submit the account again.")

# -- due times ---------------------------------------------------------------------------------------------------------


def _reminder(account: Account) -> datetime | None:
    return account.reminders[0] if account.reminders else None


def _lapses(account: Account) -> datetime | None:
    return account.lapses_at


def _reconfirm(account: Account) -> datetime | None:
    return account.reconfirm_at


def _reconfirm_overdue(account: Account) -> datetime | None:
    return account.reconfirm_overdue_at


def _undo_end(account: Account) -> datetime | None:
    return account.undo_until


UNDO = (Deadline("settle", _undo_end, "until then a late answer or staff can bring the account back"),)

PHASES: tuple[Phase[Account], ...] = (
    Phase("received", "Submitted, about to begin."),
    Phase(
        "waiting",
        "The client has been asked to confirm that this partner manages its e-mail marketing.",
        waits_for=Role.CLIENT,
        deadlines=(
            Deadline("remind_client", _reminder, "the client is reminded"),
            Deadline("lapse", _lapses, "the request lapses", costs_a_right=True),
        ),
    ),
    Phase(
        "active",
        "Confirmed by the client: on the partner's dashboard, and its MRR counts.",
        waits_for=what.waits_for_vendor,
        deadlines=(
            Deadline("ask_again", _reconfirm, "the client is asked to confirm again"),
            Deadline("consent_overdue", _reconfirm_overdue, "staff see that the client has not answered"),
        ),
    ),
    Phase("lapsed", "The client did not answer in time.", deadlines=UNDO),
    Phase("voided", "Taken out by staff.", deadlines=UNDO),
    Phase("denied", "The client said no.", final=True),
    Phase("revoked", "The client took its confirmation back.", final=True),
    Phase("superseded", "The client has confirmed another partner.", final=True),
    Phase("ended", "Over.", final=True),
)

MOVES: tuple[Move[Account], ...] = (
    Move("begin", "received", "waiting", do=what.ask_client),
    # The client's word.
    Move("remind_client", "waiting", None, do=what.remind_client),
    Move("client_confirms", "waiting", "active", do=what.confirm),
    Move("client_confirms", "lapsed", "active", when=(in_time,), do=what.confirm),
    Move("client_confirms", "active", None, do=what.consent),
    Move("client_denies", "waiting", "denied", do=what.deny),
    Move("client_denies", "lapsed", "denied", when=(in_time,), do=what.deny),
    Move("client_revokes", "active", "revoked", do=what.revoke),
    Move("lapse", "waiting", "lapsed", do=what.lapse),
    Move("superseded", "active", "superseded", do=what.supersede),
    # The way to the client.
    Move("contact_corrected", "waiting", None, do=what.correct_contact),
    Move("mail_bounced", "waiting", None, do=what.note_bounce),
    Move("new_link", ("waiting", "active"), None, do=what.send_new_link),
    # Consent ages, and silence changes nothing.
    Move("ask_again", "active", None, do=what.ask_again),
    Move("consent_overdue", "active", None, do=what.consent_is_overdue),
    # The vendor's word.
    Move("confirm_for_vendor", ("waiting", "active"), None, when=(not_confirmed,), do=what.vendor_confirms),
    Move("decline_for_vendor", ("waiting", "active"), None, when=(not_declined,), do=what.vendor_declines),
    # Ends that are neither the client's nor the clock's, and the way back.
    Move("end_management", ("waiting", "active"), "ended", do=what.end),
    Move("void", ("waiting", "active"), "voided", do=what.void),
    Move("reinstate", "voided", "active", when=(was_active,), do=what.reinstate),
    Move("reinstate", "voided", "waiting", when=(still_waiting,), do=what.reinstate),
    Move("settle", ("lapsed", "voided"), "ended"),
)

_WHO = "reviewer@vendor.example"
_CLIENT = {"id": "page-1", "at": "2027-01-20T15:30:00Z", "by": "client"}
_PARTNER = {"id": "portal-815", "at": "2027-01-20T15:30:00Z", "by": "partner"}

ACTIONS = (
    Action("confirm_for_vendor", StaffMessage, REVIEWERS, "Confirm the account for the vendor: it may earn its share.",
           {"by": _WHO, "reason": "checked with the account's owner"}),
    Action("decline_for_vendor", Reasoned, REVIEWERS, "Decline the account for the vendor: no share. Reversible.",
           {"by": _WHO, "reason": "managed by the client itself"}),
    Action("void", Reasoned, REVIEWERS, "Take the account out: a test, a mistake, a duplicate.",
           {"by": _WHO, "reason": "entered by mistake"}),
    Action("reinstate", Reasoned, REVIEWERS, "Bring back an account that staff took out, with its old dates.",
           {"by": _WHO, "reason": "taken out by mistake"}),
    Action("client_confirms", Happened, (Role.CLIENT,), "Confirm that the partner manages the account.", _CLIENT),
    Action("client_denies", Happened, (Role.CLIENT,), "Deny it.", _CLIENT),
    Action("client_revokes", Happened, (Role.CLIENT,), "Take the confirmation back.", _CLIENT),
    Action("new_link", Happened, (Role.CLIENT,), "Send a new link; the one before is dead.", _CLIENT),
    Action("contact_corrected", Corrected, (Role.PARTNER,), "The client's contact has been corrected.",
           {**_PARTNER, "contact": 2}),
    Action("end_management", Happened, (Role.PARTNER,), "End the management, or withdraw the request.", _PARTNER),
    Action("mail_bounced", Bounced, (Role.SYSTEM,), "A mail to the client came back.",
           {"id": "outbox-7", "at": "2027-01-20T15:30:00Z"}),
    Action("superseded", Superseded, (Role.SYSTEM,), "The client has confirmed another partner.",
           {"id": "outbox-8", "by_process": "account:Xy12Zz:isar"}),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
)  # fmt: skip

ACCOUNT = Lifecycle(
    "account",
    version=1,
    data=Account,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
    on_cancel="void",
)
