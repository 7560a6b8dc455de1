"""The life of a managed account: the client confirms, and only the client. (2022 guide, managed accounts.)

The vendor's own confirmation is separate: it may come before or after the client's, may be declined and reversed, and
only revenue share needs it. How the data change is in `states/account_deeds.py`.
"""

from __future__ import annotations

from datetime import datetime

from program.calendar import program_date
from states import account_data
from states import account_deeds as what
from states.account_data import Account
from states.account_messages import Bounced, Corrected, LinkWanted, SubmittedAgain, Superseded
from states.lifecycle import Action, Deadline, Guard, Lifecycle, Move, Phase
from states.messages import ChangePartner, Happened, Message, Reasoned, StaffMessage
from states.staff import Role

REVIEWERS = (Role.REVIEWER,)
REVIEWERS_AND_MANAGERS = (Role.REVIEWER, Role.MANAGER)

# -- guards ------------------------------------------------------------------------------------------------------------


def _in_time(account: Account, at: datetime) -> bool:
    return account.requested_at <= at <= account.lapses_at


def _asked_by_then(account: Account, at: datetime) -> bool:
    return account.requested_at <= at


def _in_time_and_never_confirmed(account: Account, at: datetime) -> bool:
    return account.client_confirmed_at is None and _in_time(account, at)


def _was_confirmed(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.client_confirmed_at is not None


def _confirmed_by_then(account: Account, at: datetime) -> bool:
    return account.client_confirmed_at is not None and account.client_confirmed_at <= at


def _asked_once_more(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.consent_asked_at is not None


def _links_left(account: Account, at: datetime) -> bool:
    today = program_date(at)
    return sum(program_date(sent) == today for sent in account.links_at) < account.rules.new_links_a_day


def _may_be_submitted_again(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.rules.may_submit_again


def _may_revoke(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.rules.client_may_revoke and account.client_confirmed_at is not None


def _may_end(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.rules.partner_may_end


def _not_confirmed_by_vendor(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.vendor != "confirmed"


def _not_declined_by_vendor(account: Account, at: datetime) -> bool:  # noqa: ARG001
    return account.vendor != "declined" and account.rules.vendor_may_decline_and_reverse


in_time = Guard(_in_time, "the request had lapsed by then; the partner may submit the account again.")
asked_by_then = Guard(_asked_by_then, "that was before this request; the client answers with its newest link.")
never_confirmed = Guard(
    _in_time_and_never_confirmed, "the request has lapsed, or the client had confirmed and may revoke."
)
still_asked = Guard(
    _in_time_and_never_confirmed, "the request has lapsed meanwhile; the partner may submit the account again."
)
was_confirmed = Guard(_was_confirmed, "the client never confirmed the account.")
confirmed_by_then = Guard(_confirmed_by_then, "that was before the client confirmed this partner.")
asked_once_more = Guard(_asked_once_more, "the client's word is fresh: nobody waits for it.")
links_left = Guard(_links_left, "so many new links as a day may have were sent today; tomorrow there may be more.")
may_be_submitted_again = Guard(_may_be_submitted_again, "under its edition an account can't be submitted again.")
may_revoke = Guard(_may_revoke, "the client never confirmed, or may not revoke under this edition.")
may_end = Guard(_may_end, "under its edition a partner can't end a management itself.")
not_confirmed = Guard(_not_confirmed_by_vendor, "the vendor has confirmed the account already.")
not_declined = Guard(_not_declined_by_vendor, "the vendor has declined the account already, or may not.")

# -- due times: instants that the data hold ----------------------------------------------------------------------------


def _reminder(account: Account) -> datetime | None:
    return account.reminders[0] if account.reminders else None


def _lapses(account: Account) -> datetime | None:
    return account.lapses_at


def _consent_ages(account: Account) -> datetime | None:
    return account.consent_ages_at


def _consent_overdue(account: Account) -> datetime | None:
    return account.consent_overdue_at


def _undo_end(account: Account) -> datetime | None:
    return account.undo_until


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
        waits_for=account_data.waits_for_staff,
        deadlines=(
            Deadline("ask_once_more", _consent_ages, "the client is asked to confirm once more"),
            Deadline("consent_overdue", _consent_overdue, "staff see that the client has not answered"),
        ),
    ),
    Phase(
        "lapsed",
        "The client did not answer in time.",
        deadlines=(Deadline("settle", _undo_end, "until then an answer that was given in time still counts"),),
    ),
    Phase(
        "voided",
        "Taken out by staff.",
        deadlines=(Deadline("settle", _undo_end, "until then staff can bring the account back"),),
    ),
    Phase("denied", "The client said no.", final=True),
    Phase("revoked", "The client took its confirmation back.", final=True),
    Phase("superseded", "The client has confirmed another partner.", final=True),
    Phase("ended", "Over.", final=True),
)

OPEN = ("waiting", "active")
UNDOABLE = ("lapsed", "voided")
# A process that is over may be told of a new request in the moment before Temporal closes it.
OVER = ("denied", "revoked", "superseded", "ended")

MOVES: tuple[Move[Account], ...] = (
    Move("begin", "received", "waiting", do=what.ask_client),
    Move("submit_again", (*UNDOABLE, *OVER), "waiting", when=(may_be_submitted_again,), do=what.ask_anew),
    # Submitted when it was out, and staff have brought it back: the request that goes on is the one that counts.
    Move("submit_again", "waiting", None, when=(links_left,), do=what.note_request_and_contact),
    Move("submit_again", OPEN, None, do=what.note_request),
    # The way to the client.
    Move("remind_client", "waiting", None, do=what.remind_client),
    Move("contact_corrected", "waiting", None, when=(links_left,), do=what.correct_contact),
    Move("mail_bounced", OPEN, None, do=what.note_bounce),
    Move("new_link", OPEN, None, when=(links_left,), do=what.send_new_link),
    # The client's word.
    Move("client_confirms", "waiting", "active", when=(asked_by_then,), do=what.confirm),
    Move("client_confirms", "lapsed", "active", when=(in_time,), do=what.confirm),
    Move("client_confirms", "active", None, do=what.consent),
    Move("client_denies", "waiting", "denied", when=(asked_by_then,), do=what.deny),
    Move("client_denies", "lapsed", "denied", when=(in_time,), do=what.deny),
    Move("client_denies", "voided", "denied", when=(never_confirmed,), do=what.deny),
    Move("client_revokes", ("active", "voided"), "revoked", when=(may_revoke,), do=what.revoke),
    Move("superseded", ("active", "voided"), "superseded", when=(confirmed_by_then,), do=what.supersede),
    Move("lapse", "waiting", "lapsed", do=what.lapse),
    # The client's word ages, and silence changes nothing.
    Move("ask_once_more", "active", None, do=what.ask_once_more),
    Move("consent_overdue", "active", None, do=what.consent_is_overdue),
    Move("remind_of_consent", "active", None, when=(asked_once_more,), do=what.ask_once_more),
    # The vendor's word.
    Move("confirm_for_vendor", OPEN, None, when=(not_confirmed,), do=what.vendor_confirms),
    Move("decline_for_vendor", OPEN, None, when=(not_declined,), do=what.vendor_declines),
    # Its partner was merged into another one, which manages the account from now on.
    Move("change_partner", (*OPEN, *UNDOABLE), None, do=what.change_partner),
    # Ends that are neither the client's nor the clock's, and the way back.
    Move("end_management", OPEN, "ended", when=(may_end,), do=what.end),
    Move("void", OPEN, "voided", do=what.void),
    Move("reinstate", "voided", "active", when=(was_confirmed,), do=what.reinstate),
    Move("reinstate", "voided", "waiting", when=(still_asked,), do=what.reinstate),
    Move("settle", UNDOABLE, "ended"),
)

_WHO = "reviewer@vendor.example"
_CLIENT = {"id": "page-1", "at": "2027-01-20T15:30:00Z", "by": "client"}
_PARTNER = {"id": "portal-815", "at": "2027-01-20T15:30:00Z", "by": "partner"}

ACTIONS = (
    Action("confirm_for_vendor", StaffMessage, REVIEWERS, "Confirm the account for the vendor: it may earn its share.",
           {"by": _WHO, "reason": "checked with the account's owner"}),
    Action("decline_for_vendor", Reasoned, REVIEWERS, "Decline the account for the vendor: no share. Reversible.",
           {"by": _WHO, "reason": "managed by the client itself"}),
    Action("remind_of_consent", StaffMessage, REVIEWERS_AND_MANAGERS, "Ask the client once more to confirm.",
           {"by": _WHO, "reason": "the mail may have been overlooked"}),
    Action("void", Reasoned, REVIEWERS, "Take the account out: a test, a mistake, a duplicate.",
           {"by": _WHO, "reason": "entered by mistake"}),
    Action("reinstate", Reasoned, REVIEWERS, "Bring back, with its old dates, an account that staff took out.",
           {"by": _WHO, "reason": "taken out by mistake"}),
    Action("client_confirms", Happened, (Role.CLIENT,), "Confirm that the partner manages the account.", _CLIENT),
    Action("client_denies", Happened, (Role.CLIENT,), "Deny it.", _CLIENT),
    Action("client_revokes", Happened, (Role.CLIENT,), "Take the confirmation back.", _CLIENT),
    Action("new_link", LinkWanted, (Role.CLIENT,), "Send a new link; the one before is dead.", _CLIENT),
    Action("contact_corrected", Corrected, (Role.PARTNER,), "Correct the client's contact.",
           {**_PARTNER, "contact": 2}),
    Action("end_management", Happened, (Role.PARTNER,), "End the management, or withdraw the request.", _PARTNER),
    Action("submit_again", SubmittedAgain, (Role.PARTNER,), "Submit the account once more.",
           {**_PARTNER, "request": 2, "contact": 2, "edition": "2022"}),
    Action("mail_bounced", Bounced, (Role.CRM,), "A mail to the client came back.",
           {"id": "bounce-7", "at": "2027-01-20T15:30:00Z", "by": "mail", "contact": 1}),
    Action("superseded", Superseded, (Role.SYSTEM,), "The client has confirmed another partner.",
           {"id": "outbox-8", "by_process": "account:Xy12Zz:isar"}),
    Action("change_partner", ChangePartner, (Role.SYSTEM,), "Its partner was merged into another one.",
           {"id": "outbox-9", "to": "isar", "merged": "acme"}),
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
