"""The life of a lead: from submission through 90 days to a referral. (2022 guide, lead registration and validity.)

Read the table from top to bottom. Each move names what happens, where from, where to; of several moves for the same
message the first one whose guards hold is taken. How the data change is in `states/lead_data.py`.
"""

from __future__ import annotations

from datetime import datetime

from states import lead_data as what
from states.lead_data import Lead
from states.lead_messages import CloseLine, Factors, Occurred, Reasoned, Reject, StaffMessage, StandInLine
from states.lifecycle import Action, Deadline, Guard, Lifecycle, Move, Phase
from states.messages import Happened, Message
from states.staff import Role

REVIEWERS = (Role.REVIEWER,)
REVIEWERS_AND_MANAGERS = (Role.REVIEWER, Role.MANAGER)

# -- guards: what must hold, and the sentence for whom it does not ------------------------------------------------------


def _from_affiliate(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.origin == "affiliate"


def _holds_prospect(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.claim == "held"


def _has_paid(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.paid_at is not None


def _has_opportunity(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.opportunity_at is not None


def _inside_window(lead: Lead, at: datetime) -> bool:
    return lead.holds_since <= at <= lead.valid_until


def _since_ours(lead: Lead, at: datetime) -> bool:
    return at >= lead.holds_since


def _since_registered(lead: Lead, at: datetime) -> bool:
    return at >= lead.registered_at


def _was_accepted(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.accepted_at is not None


def _never_accepted(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.accepted_at is None and lead.origin == "form"


def _opportunities_count(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.rules.working_opportunity_counts


def _renewable(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.rules.renewal_allowed and lead.origin == "form"


def _was_accepted_and_renewable(lead: Lead, at: datetime) -> bool:
    return _renewable(lead, at) and lead.accepted_at is not None


def _window_open(lead: Lead, at: datetime) -> bool:
    return at <= lead.valid_until


def _window_over(lead: Lead, at: datetime) -> bool:
    return at > lead.valid_until


def _answer_due_inside_window(lead: Lead, at: datetime) -> bool:
    return at < lead.valid_until


def _self_closed(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.self_closed


from_affiliate = Guard(_from_affiliate, "the lead was registered by form, not by the affiliate link.")
holds_prospect = Guard(
    _holds_prospect,
    "whether another partner holds this prospect is not known yet: the database has not answered. Try again shortly.",
)
has_paid = Guard(_has_paid, "no payment of the client is known.")
has_opportunity = Guard(_has_opportunity, "no working opportunity is known.")
inside_window = Guard(_inside_window, "that lies outside the lead's window.")
since_ours = Guard(_since_ours, "that was before this lead held the prospect.")
since_registered = Guard(_since_registered, "that was before the lead was registered.")
was_accepted = Guard(_was_accepted, "the lead was never accepted.")
never_accepted = Guard(_never_accepted, "the lead was accepted before.")
opportunities_count = Guard(
    _opportunities_count, "under this edition only a paying client counts, a working opportunity does not."
)
renewable = Guard(_renewable, "a lead of this kind can't be renewed under its edition.")
reinstatable = Guard(
    _was_accepted_and_renewable,
    "there is nothing to bring it back to: its window has ended, it can't be renewed, and no payment is known.",
)
window_open = Guard(_window_open, "the window has ended.")
window_over = Guard(_window_over, "the window is still open.")
answer_due_inside_window = Guard(_answer_due_inside_window, "the window has ended.")
self_closed = Guard(_self_closed, "the lead is worked with a sales representative, who reports.")

# -- due times: instants that the data hold, so that nothing is computed twice ------------------------------------------


def _review_reminder(lead: Lead) -> datetime | None:
    return lead.review_reminder_at


def _review_overdue(lead: Lead) -> datetime | None:
    return lead.review_overdue_at


def _window_outlasted(lead: Lead) -> datetime | None:
    return None if lead.outlasted else lead.valid_until


def _window_end(lead: Lead) -> datetime | None:
    return lead.valid_until


def _window_end_unless_fulfilled(lead: Lead) -> datetime | None:
    return None if lead.paid_at or lead.opportunity_at else lead.valid_until


def _window_reminder(lead: Lead) -> datetime | None:
    return lead.window_reminders[0] if lead.window_reminders else None


def _progress_request(lead: Lead) -> datetime | None:
    return lead.progress_due_at if lead.progress_asked < lead.rules.progress_requests else None


def _progress_silence(lead: Lead) -> datetime | None:
    return lead.progress_due_at if lead.progress_asked >= lead.rules.progress_requests else None


def _answer_by(lead: Lead) -> datetime | None:
    return lead.answer_by


def _stalled(lead: Lead) -> datetime | None:
    return lead.stalled_at


def _unpaid(lead: Lead) -> datetime | None:
    return lead.unpaid_at


def _undo_end(lead: Lead) -> datetime | None:
    return lead.undo_until


UNDO = (Deadline("settle", _undo_end, "until then a late fact or staff can bring the lead back"),)

PHASES: tuple[Phase[Lead], ...] = (
    Phase("received", "Submitted, about to begin."),
    Phase(
        "in_review",
        "Staff decide whether to accept the lead. Its window runs from registration.",
        waits_for=Role.REVIEWER,
        deadlines=(
            Deadline("remind_review", _review_reminder, "reviewers are reminded"),
            Deadline("review_overdue", _review_overdue, "the review is overdue"),
            Deadline("outlast_window", _window_outlasted, "the window ends; the review goes on"),
        ),
    ),
    Phase(
        "in_line",
        "Another lead holds this prospect; this one stands in line behind it.",
        waits_for=what.waits_for_decision,
        deadlines=(Deadline("expire", _window_end, "the window ends in line", costs_a_right=True),),
    ),
    Phase(
        "signed_up",
        "The prospect opened an account through the affiliate link; a payment inside the window credits it.",
        waits_for=what.waits_for_decision,
        deadlines=(Deadline("expire", _window_end, "the window ends", costs_a_right=True),),
    ),
    Phase(
        "accepted",
        "Valid: until the window ends it must become a paying client or a working opportunity.",
        waits_for=what.waits_for_partner,
        deadlines=(
            Deadline("remind_window", _window_reminder, "the partner is reminded of the window's end"),
            Deadline("ask_progress", _progress_request, "the partner is asked for a progress report"),
            Deadline("question_credit", _progress_silence, "silence puts the credit in question", costs_a_right=True),
            Deadline("expire", _window_end, "the lead expires", costs_a_right=True),
        ),
    ),
    Phase(
        "renewal_asked",
        "The partner gave notice in time; the window stays open until staff have answered.",
        waits_for=Role.MANAGER,
        deadlines=(
            Deadline("renewal_unanswered", _answer_by, "the time to answer the notice ends", costs_a_right=True),
        ),
    ),
    Phase(
        "credit_in_question",
        "Two progress requests were not answered; staff decide whether the partner keeps the credit.",
        waits_for=Role.REVIEWER,
        deadlines=(Deadline("expire", _window_end_unless_fulfilled, "the lead expires", costs_a_right=True),),
    ),
    Phase(
        "opportunity",
        "A working opportunity, no longer bound to the window: it ends as won or lost.",
        waits_for=what.waits_for_decision,
        deadlines=(Deadline("ask_stalled", _stalled, "staff are asked about an opportunity that does not move"),),
    ),
    Phase(
        "won",
        "The client has signed; the referral starts with the first payment.",
        waits_for=what.waits_for_decision,
        deadlines=(Deadline("ask_unpaid", _unpaid, "staff are asked about the missing payment"),),
    ),
    Phase("rejected", "Not accepted.", waits_for=what.waits_for_decision, deadlines=UNDO),
    Phase("expired", "The window ended without credit.", waits_for=what.waits_for_decision, deadlines=UNDO),
    Phase("credit_lost", "Staff took the credit.", waits_for=what.waits_for_decision, deadlines=UNDO),
    Phase("lost", "The opportunity was lost.", waits_for=what.waits_for_decision, deadlines=UNDO),
    Phase("voided", "Taken out by staff.", waits_for=what.waits_for_decision, deadlines=UNDO),
    Phase("credited", "The client pays: a referral, with percentage and months as pinned.", final=True),
    Phase("withdrawn", "Withdrawn by the partner.", final=True),
    Phase("closed_out", "Closed: the prospect is another's.", final=True),
    Phase("ended", "Over, and the time to bring it back is over too.", final=True),
)

OPEN = ("in_review", "in_line", "signed_up", "accepted", "renewal_asked", "credit_in_question", "opportunity", "won")
UNDOABLE = ("rejected", "expired", "credit_lost", "lost", "voided")

MOVES: tuple[Move[Lead], ...] = (
    Move("begin", "received", "signed_up", when=(from_affiliate,)),
    Move("begin", "received", "in_review", do=what.begin_review),
    # Review: the 90 days run meanwhile, and nobody loses a lead to the vendor's delay.
    Move("remind_review", "in_review", None, do=what.remind_review),
    Move("review_overdue", "in_review", None, do=what.review_is_overdue),
    Move("outlast_window", "in_review", None, do=what.outlast_window),
    Move("accept", "in_review", "credited", when=(holds_prospect, has_paid), do=what.accept_and_credit),
    Move(
        "accept", "in_review", "opportunity",
        when=(holds_prospect, has_opportunity, opportunities_count), do=what.accept_into_opportunity,
    ),
    Move("accept", "in_review", "accepted", when=(holds_prospect,), do=what.accept),
    Move("reject", ("in_review", "in_line"), "rejected", do=what.reject),
    # The line behind the holder.
    Move("stand_in_line", "in_line", None, do=what.stand_in_line),
    Move(
        "stand_in_line",
        ("in_review", "accepted", "renewal_asked", "credit_in_question", "opportunity", "won", "credited"),
        "in_line",
        do=what.stand_in_line,
    ),
    Move("come_up", "in_line", "in_review", do=what.come_up),
    Move("close_line", (*OPEN, "credited"), "closed_out", do=what.end_for_good),
    # The window.
    Move("remind_window", "accepted", None, do=what.remind_window),
    Move("expire", ("accepted", "credit_in_question", "in_line", "signed_up"), "expired", do=what.expire),
    Move("give_notice", "accepted", "renewal_asked", when=(renewable,), do=what.take_notice),
    Move("give_notice", "expired", "renewal_asked", when=(reinstatable, inside_window), do=what.take_notice),
    Move("renew", "renewal_asked", "accepted", do=what.renew),
    Move("decline_renewal", "renewal_asked", "accepted", when=(window_open,), do=what.open_window),
    Move("decline_renewal", "renewal_asked", "expired", do=what.expire),
    Move("renewal_unanswered", "renewal_asked", "accepted", when=(answer_due_inside_window,), do=what.open_window),
    Move("renewal_unanswered", "renewal_asked", "expired", do=what.expire),
    # Self-closed deals report of their own accord.
    Move("ask_progress", "accepted", None, do=what.ask_progress),
    Move("question_credit", "accepted", "credit_in_question"),
    Move("report_progress", "accepted", None, when=(self_closed,), do=what.expect_report),
    Move("report_progress", "opportunity", None, do=what.watch_for_movement),
    Move("report_progress", ("renewal_asked", "credit_in_question", "won"), None),
    Move("keep_credit", "credit_in_question", "credited", when=(has_paid,), do=what.credit_after_all),
    Move("keep_credit", "credit_in_question", "opportunity", when=(has_opportunity,), do=what.back_to_opportunity),
    Move("keep_credit", "credit_in_question", "accepted", do=what.keep_credit),
    Move("take_credit", "credit_in_question", "credit_lost", do=what.take_credit),
    # Working opportunities.
    Move("opportunity_opened", ("in_review", "in_line"), None, when=(since_registered, opportunities_count),
         do=what.note_opportunity),
    Move("opportunity_opened", "credit_in_question", None, when=(since_ours, opportunities_count),
         do=what.note_opportunity),
    Move("opportunity_opened", ("accepted", "renewal_asked"), "opportunity", when=(since_ours, opportunities_count),
         do=what.note_opportunity),
    Move("opportunity_opened", "expired", "opportunity", when=(was_accepted, inside_window, opportunities_count),
         do=what.note_opportunity),
    Move("opportunity_moved", "opportunity", None, do=what.watch_for_movement),
    Move("opportunity_won", ("accepted", "renewal_asked", "opportunity"), "won", when=(since_ours, opportunities_count),
         do=what.note_win),
    Move("opportunity_won", "expired", "won", when=(was_accepted, inside_window, opportunities_count), do=what.note_win),
    Move("opportunity_won", ("in_review", "in_line", "credit_in_question"), None,
         when=(since_registered, opportunities_count), do=what.note_opportunity),
    Move("opportunity_lost", ("opportunity", "won"), "lost", do=what.lose),
    Move("ask_stalled", "opportunity", None, do=what.opportunity_stalls),
    Move("ask_unpaid", "won", None, do=what.payment_is_missing),
    Move("wait_longer", "opportunity", None, do=what.watch_for_movement),
    Move("wait_longer", "won", None, do=what.await_payment),
    Move("give_up", ("opportunity", "won"), "lost", do=what.lose),
    # The client pays.
    Move("client_paid", ("accepted", "renewal_asked", "opportunity", "won", "signed_up"), "credited",
         when=(since_ours,), do=what.credit),
    Move("client_paid", ("in_review", "in_line", "credit_in_question"), None, when=(since_registered,),
         do=what.note_payment),
    Move("client_paid", OPEN, None, do=what.note_earlier_payment),
    Move("client_paid", "expired", "credited", when=(was_accepted, inside_window), do=what.credit),
    Move("client_paid", "expired", "credited", when=(from_affiliate, inside_window), do=what.credit),
    Move("client_paid", UNDOABLE, None, do=what.put_payment_to_staff),
    # Ends that are not the clock's, and the way back.
    Move("withdraw", OPEN, "withdrawn", do=what.end_for_good),
    Move("void", OPEN, "voided", do=what.void),
    Move("reinstate", UNDOABLE, "credited", when=(has_paid,), do=what.credit_after_all),
    Move("reinstate", ("lost", "voided", "credit_lost"), "opportunity", when=(was_accepted, has_opportunity),
         do=what.back_to_opportunity),
    Move("reinstate", "voided", "signed_up", when=(from_affiliate,), do=what.back_to_window),
    Move("reinstate", ("rejected", "voided"), "in_review", when=(never_accepted,), do=what.back_to_review),
    Move("reinstate", ("credit_lost", "voided"), "accepted", when=(was_accepted,), do=what.back_to_window),
    Move("reinstate", "expired", "renewal_asked", when=(reinstatable,), do=what.await_renewal),
    Move("settle", UNDOABLE, "ended"),
)  # fmt: skip

_WHO = "reviewer@vendor.example"
_FACTORS = {"by": _WHO, "timely": "yes", "relationship": "deep", "accurate": "yes", "engaged": "nobody"}
_OCCURRED = {"id": "crm-4711", "at": "2027-01-20T15:30:00Z", "by": "crm"}
_PARTNER = {"id": "portal-815", "at": "2027-01-20T15:30:00Z", "by": "partner"}

ACTIONS = (
    Action("accept", Factors, REVIEWERS, "Accept the lead: it is valid until its window ends.",
           {**_FACTORS, "reason": "fits well"}),
    Action("reject", Reject, REVIEWERS, "Reject the lead, with the factors and a reason from the list.",
           {**_FACTORS, "engaged": "vendor", "because": "already_engaged", "reason": "our sales team is in talks"}),
    Action("renew", StaffMessage, REVIEWERS_AND_MANAGERS, "Renew the lead: a new window starts where the old one ends.",
           {"by": _WHO, "reason": "talks go on"}),
    Action("decline_renewal", Reasoned, REVIEWERS_AND_MANAGERS, "Decline the renewal that the partner asked for.",
           {"by": _WHO, "reason": "nothing has happened for weeks"}),
    Action("keep_credit", StaffMessage, REVIEWERS_AND_MANAGERS, "Leave the credit with the partner despite the silence.",
           {"by": _WHO, "reason": "reported by phone"}),
    Action("take_credit", Reasoned, REVIEWERS_AND_MANAGERS, "Take the credit: two progress requests went unanswered.",
           {"by": _WHO, "reason": "no answer to two requests"}),
    Action("wait_longer", StaffMessage, REVIEWERS_AND_MANAGERS,
           "Wait longer for an opportunity that does not move, or a payment that does not come.",
           {"by": _WHO, "reason": "the client asked for time"}),
    Action("give_up", Reasoned, REVIEWERS_AND_MANAGERS, "Close the opportunity as lost.",
           {"by": _WHO, "reason": "the client chose another product"}),
    Action("reinstate", Reasoned, REVIEWERS, "Bring back a lead that a deadline or a decision ended, with its old dates.",
           {"by": _WHO, "reason": "rejected by mistake"}),
    Action("void", Reasoned, REVIEWERS, "Take the lead out: a test, a mistake, a duplicate.",
           {"by": _WHO, "reason": "entered twice by mistake"}),
    Action("give_notice", Happened, (Role.PARTNER,), "Tell the primary contact that the lead is still being worked.",
           _PARTNER),
    Action("report_progress", Happened, (Role.PARTNER,), "Report progress on a self-closed deal.", _PARTNER),
    Action("withdraw", Happened, (Role.PARTNER,), "Withdraw the lead.", _PARTNER),
    Action("opportunity_opened", Occurred, (Role.CRM,), "The lead has become a working opportunity.", _OCCURRED),
    Action("opportunity_moved", Occurred, (Role.CRM,), "The working opportunity has moved.", _OCCURRED),
    Action("opportunity_won", Occurred, (Role.CRM,), "The opportunity is won: the client has signed.", _OCCURRED),
    Action("opportunity_lost", Occurred, (Role.CRM,), "The opportunity is lost.", _OCCURRED),
    Action("client_paid", Occurred, (Role.CRM,), "The client has paid for the first time.", _OCCURRED),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
    Action("stand_in_line", StandInLine, (Role.SYSTEM,), "Another lead holds the prospect.",
           {"id": "outbox-1", "behind": "lead:01jh8m3c"}),
    Action("come_up", Message, (Role.SYSTEM,), "The claim before this one has ended.", {"id": "outbox-2"}),
    Action("close_line", CloseLine, (Role.SYSTEM,), "The prospect has been credited to another lead.",
           {"id": "outbox-3", "to": "lead:01jh8m3c"}),
)  # fmt: skip

LEAD = Lifecycle(
    "lead",
    version=1,
    data=Lead,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
    on_cancel="void",
)
