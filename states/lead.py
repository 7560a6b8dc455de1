"""The life of a lead: from submission through 90 days to a referral. (2022 guide, lead registration and validity.)

Read the table from top to bottom. Each move names what happens, where from, where to; of several moves for the same
message the first one whose guards hold is taken. Guards and due times are in `states/lead_guards.py`, what happens to
the data in `states/lead_deeds.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from states import lead_data
from states import lead_deeds as what
from states import lead_guards as due
from states.lead_data import Lead
from states.lead_guards import (
    accepted_and_renewable,
    before_its_end,
    before_question,
    before_window_ends,
    counts,
    from_affiliate,
    has_notice,
    has_opportunity,
    has_paid,
    has_won,
    holds_prospect,
    never_accepted,
    no_notice,
    not_suspended,
    opportunities_count,
    renewable,
    self_closed,
    since_ours,
    since_registered,
    unquestioned,
    was_accepted,
    window_open,
)
from states.lead_messages import CloseLine, Factors, Occurred, Reasoned, Reject, StaffMessage, StandInLine
from states.lifecycle import Action, Deadline, Event, Guard, Lifecycle, Move, Phase
from states.messages import ChangePartner, Happened, Message
from states.staff import Role

REVIEWERS = (Role.REVIEWER,)
REVIEWERS_AND_MANAGERS = (Role.REVIEWER, Role.MANAGER)

UNDO = (Deadline("settle", due.undo_end, "until then a late fact or staff can bring the lead back"),)

PHASES: tuple[Phase[Lead], ...] = (
    Phase("received", "Submitted, about to begin."),
    Phase(
        "in_review",
        "Staff decide whether to accept the lead. Its window runs from registration.",
        waits_for=Role.REVIEWER,
        deadlines=(
            Deadline("remind_review", due.review_reminder, "reviewers are reminded"),
            Deadline("review_overdue", due.review_overdue, "the review is overdue"),
            Deadline("outlast_window", due.window_outlasted, "the window ends; the review goes on"),
        ),
    ),
    Phase(
        "in_line",
        "Another lead holds this prospect; this one stands in line behind it.",
        waits_for=lead_data.waits_for_decision,
        deadlines=(Deadline("expire", due.window_end_in_line, "the window ends in line", costs_a_right=True),),
    ),
    Phase(
        "signed_up",
        "The prospect opened an account through the affiliate link; a payment inside the window credits it.",
        waits_for=lead_data.waits_for_decision,
        deadlines=(Deadline("expire", due.window_end, "the window ends", costs_a_right=True),),
    ),
    Phase(
        "accepted",
        "Valid: until the window ends it must become a paying client or a working opportunity.",
        waits_for=lead_data.waits_for_partner,
        deadlines=(
            Deadline("remind_window", due.window_reminder, "the partner is reminded of the window's end"),
            Deadline("ask_progress", due.progress_request, "the partner is asked for a progress report"),
            Deadline(
                "question_credit", due.progress_silence, "silence puts the credit in question", costs_a_right=True
            ),
            Deadline("expire", due.window_end, "the lead expires", costs_a_right=True),
        ),
    ),
    Phase(
        "renewal_asked",
        "The partner gave notice in time; the window stays open until staff have answered.",
        waits_for=Role.MANAGER,
        deadlines=(
            Deadline("renewal_unanswered", due.answer_end, "the time to answer the notice ends", costs_a_right=True),
        ),
    ),
    Phase(
        "credit_in_question",
        "Staff decide whether the partner keeps the credit.",
        waits_for=Role.REVIEWER,
        deadlines=(Deadline("expire", due.window_end_in_question, "the lead expires", costs_a_right=True),),
    ),
    Phase(
        "opportunity",
        "A working opportunity, no longer bound to the window: it ends as won or lost.",
        waits_for=lead_data.waits_for_decision,
        deadlines=(Deadline("ask_stalled", due.stall, "staff are asked about an opportunity that does not move"),),
    ),
    Phase(
        "won",
        "The client has signed; the referral starts with the first payment.",
        waits_for=lead_data.waits_for_decision,
        deadlines=(Deadline("ask_unpaid", due.payment_overdue, "staff are asked about the missing payment"),),
    ),
    Phase("rejected", "Not accepted.", lead_data.waits_for_decision, UNDO),
    Phase("expired", "The window ended without credit.", lead_data.waits_for_decision, UNDO),
    Phase("credit_lost", "Staff took the credit.", lead_data.waits_for_decision, UNDO),
    Phase("lost", "The opportunity was lost.", lead_data.waits_for_decision, UNDO),
    Phase("voided", "Taken out by staff.", lead_data.waits_for_decision, UNDO),
    Phase("credited", "The client pays: a referral, with percentage and months as pinned.", final=True),
    Phase("withdrawn", "Withdrawn by the partner.", final=True),
    Phase("closed_out", "Closed: the prospect is another's.", final=True),
    Phase("ended", "Over, and the time to bring it back is over too.", final=True),
)

VALID = ("accepted", "renewal_asked", "opportunity", "won")
UNDECIDED = ("in_review", "in_line", "credit_in_question")
OPEN = (*VALID, *UNDECIDED, "signed_up")
UNDOABLE = ("rejected", "expired", "credit_lost", "lost", "voided")

# What a fact of the CRM must be, and what the lead must have been when it happened.
IS_OPPORTUNITY = (opportunities_count, since_registered)
WAS_VALID_THEN = (was_accepted, unquestioned, before_its_end)


def as_far_as_known(
    trigger: str, source: str | tuple[str, ...], *when: Guard[Lead], do: Callable[[Lead, Event], None]
) -> tuple[Move[Lead], ...]:
    """A lead that counts goes where its facts have come already: paid, won, or a working opportunity."""
    return (
        Move(trigger, source, "credited", when=(*when, has_paid), do=do),
        Move(trigger, source, "won", when=(*when, has_won), do=do),
        Move(trigger, source, "opportunity", when=(*when, has_opportunity), do=do),
    )


MOVES: tuple[Move[Lead], ...] = (
    Move("begin", "received", "signed_up", when=(from_affiliate,)),
    Move("begin", "received", "in_review", do=what.begin_review),
    # Review: the 90 days run meanwhile, and nobody loses a lead to the vendor's delay.
    Move("remind_review", "in_review", None, do=what.remind_review),
    Move("review_overdue", "in_review", None, do=what.review_is_overdue),
    Move("outlast_window", "in_review", None, do=what.outlast_window),
    *as_far_as_known("accept", "in_review", holds_prospect, not_suspended, do=what.accept),
    Move("accept", "in_review", "accepted", when=(holds_prospect, not_suspended), do=what.accept),
    Move("reject", ("in_review", "in_line"), "rejected", do=what.reject),
    # The line behind the holder.
    Move("stand_in_line", "in_line", None, do=what.stand_in_line),
    Move("stand_in_line", (*VALID, "in_review", "credit_in_question", "signed_up", "credited"), "in_line",
         do=what.stand_in_line),
    Move("come_up", "in_line", "credited", when=(counts, has_paid), do=what.come_up_paid),
    Move("come_up", "in_line", "signed_up", when=(from_affiliate, before_window_ends), do=what.come_up_unpaid),
    Move("come_up", "in_line", "in_review", when=(has_paid,), do=what.come_up),
    Move("come_up", "in_line", "in_review", when=(before_window_ends,), do=what.come_up),
    Move("come_up", "expired", "in_review", when=(never_accepted, before_window_ends), do=what.come_up_after_all),
    Move("close_line", (*OPEN, "credited"), "closed_out", do=what.close_out),
    # Told of a claim that it no longer wants, a lead gives it back.
    Move("stand_in_line", (*UNDOABLE, "withdrawn", "ended"), None),
    Move("come_up", (*UNDOABLE, "withdrawn", "ended"), None),
    # The window, and its renewal.
    Move("remind_window", "accepted", None, do=what.remind_window),
    Move("expire", ("accepted", "credit_in_question", "in_line", "signed_up"), "expired", do=what.expire),
    Move("give_notice", "accepted", "renewal_asked", when=(renewable,), do=what.take_notice),
    Move("give_notice", "credit_in_question", None, when=(renewable, no_notice, window_open), do=what.take_notice),
    Move("give_notice", "expired", "renewal_asked", when=(was_accepted, renewable, no_notice, window_open),
         do=what.take_notice),
    Move("renew", "renewal_asked", "credited", when=(has_paid,), do=what.renew),
    Move("renew", "renewal_asked", "accepted", do=what.renew),
    Move("decline_renewal", "renewal_asked", "accepted", when=(window_open,), do=what.go_on),
    Move("decline_renewal", "renewal_asked", "expired", do=what.expire),
    Move("renewal_unanswered", "renewal_asked", None, when=(before_window_ends,), do=what.answer_is_overdue),
    Move("renewal_unanswered", "renewal_asked", "expired", do=what.expire),
    # Self-closed deals report of their own accord, and answer when asked.
    Move("ask_progress", "accepted", None, do=what.ask_progress),
    Move("question_credit", "accepted", "credit_in_question", do=what.question_credit),
    Move("report_progress", "accepted", None, when=(self_closed,), do=what.hear_report),
    Move("report_progress", "opportunity", None, do=what.watch_for_movement),
    Move("report_progress", ("renewal_asked", "won"), None),
    *as_far_as_known("report_progress", "credit_in_question", before_question, do=what.go_on),
    Move("report_progress", "credit_in_question", "renewal_asked", when=(before_question, has_notice),
         do=what.keep_asking),
    Move("report_progress", "credit_in_question", "accepted", when=(before_question,), do=what.go_on),
    Move("report_progress", "credit_in_question", None, do=what.hear_late_report),
    *as_far_as_known("keep_credit", "credit_in_question", do=what.go_on),
    Move("keep_credit", "credit_in_question", "renewal_asked", when=(has_notice,), do=what.keep_asking),
    Move("keep_credit", "credit_in_question", "accepted", do=what.go_on),
    Move("take_credit", "credit_in_question", "credit_lost", do=what.take_credit),
    # Working opportunities.
    Move("opportunity_opened", "accepted", "opportunity", when=IS_OPPORTUNITY, do=what.become_opportunity),
    Move("opportunity_opened", "renewal_asked", "credited", when=(*IS_OPPORTUNITY, has_paid),
         do=what.become_opportunity),
    Move("opportunity_opened", "renewal_asked", "opportunity", when=IS_OPPORTUNITY, do=what.become_opportunity),
    *as_far_as_known("opportunity_opened", "credit_in_question", *IS_OPPORTUNITY, before_question,
                     do=what.become_opportunity),
    Move("opportunity_opened", "credit_in_question", "opportunity", when=(*IS_OPPORTUNITY, before_question),
         do=what.become_opportunity),
    Move("opportunity_opened", "expired", None, when=(*IS_OPPORTUNITY, *WAS_VALID_THEN, has_paid),
         do=what.note_opportunity),
    Move("opportunity_opened", "expired", "opportunity", when=(*IS_OPPORTUNITY, *WAS_VALID_THEN),
         do=what.become_opportunity),
    Move("opportunity_opened", UNDECIDED, None, when=IS_OPPORTUNITY, do=what.note_opportunity),
    Move("opportunity_moved", "opportunity", None, do=what.watch_for_movement),
    Move("opportunity_moved", ("won", *UNDECIDED), None, when=(has_opportunity,)),
    Move("opportunity_won", ("accepted", "opportunity"), "won", when=IS_OPPORTUNITY, do=what.become_won),
    Move("opportunity_won", "renewal_asked", "credited", when=(*IS_OPPORTUNITY, has_paid), do=what.become_won),
    Move("opportunity_won", "renewal_asked", "won", when=IS_OPPORTUNITY, do=what.become_won),
    Move("opportunity_won", "credit_in_question", "credited", when=(*IS_OPPORTUNITY, before_question, has_paid),
         do=what.become_won),
    Move("opportunity_won", "credit_in_question", "won", when=(*IS_OPPORTUNITY, before_question), do=what.become_won),
    Move("opportunity_won", "expired", None, when=(*IS_OPPORTUNITY, *WAS_VALID_THEN, has_paid), do=what.note_win),
    Move("opportunity_won", "expired", "won", when=(*IS_OPPORTUNITY, *WAS_VALID_THEN), do=what.become_won),
    Move("opportunity_won", UNDECIDED, None, when=IS_OPPORTUNITY, do=what.note_win),
    Move("opportunity_lost", ("opportunity", "won"), "lost", do=what.lose),
    Move("opportunity_lost", UNDECIDED, None, when=(has_opportunity,), do=what.forget_opportunity),
    Move("ask_stalled", "opportunity", None, do=what.opportunity_stalls),
    Move("ask_unpaid", "won", None, do=what.payment_is_missing),
    Move("wait_longer", "opportunity", None, do=what.watch_for_movement),
    Move("wait_longer", "won", None, do=what.await_payment),
    Move("give_up", ("opportunity", "won"), "lost", do=what.lose),
    # The client pays: while the lead counts, before it counts, and after it ended.
    Move("client_paid", (*VALID, "signed_up"), "credited", when=(since_ours,), do=what.credit),
    Move("client_paid", VALID, "credit_in_question", when=(since_registered,), do=what.question_payment),
    Move("client_paid", "credit_in_question", "credited", when=(since_ours, before_question), do=what.credit),
    Move("client_paid", UNDECIDED, None, when=(since_registered,), do=what.note_payment),
    Move("client_paid", OPEN, None, do=what.note_earlier_payment),
    Move("client_paid", "expired", "credited", when=(since_ours, *WAS_VALID_THEN), do=what.credit),
    Move("client_paid", "expired", "credited", when=(from_affiliate, since_ours, before_its_end), do=what.credit),
    Move("client_paid", "lost", "credited", when=(since_ours, before_its_end), do=what.credit),
    Move("client_paid", UNDOABLE, None, when=(since_registered,), do=what.put_payment_to_staff),
    Move("client_paid", UNDOABLE, None),
    # A suspended partner's leads are not accepted; those that were, go on.
    Move("partner_suspended", (*OPEN, *UNDOABLE), None, do=what.note_suspension),
    Move("suspension_lifted", (*OPEN, *UNDOABLE), None, do=what.note_suspension),
    # Its partner was merged into another one, and the lead goes on as that one's.
    Move("change_partner", (*OPEN, *UNDOABLE), None, do=what.change_partner),
    # Ends that are not the clock's.
    Move("withdraw", OPEN, "withdrawn", do=what.withdraw),
    Move("void", OPEN, "voided", do=what.void),
    # The way back: to the review that ended wrongly, to what is known by now, or to the window.
    Move("reinstate", "rejected", "in_review", do=what.back_to_review),
    Move("reinstate", "voided", "in_review", when=(never_accepted,), do=what.back_to_review),
    Move("reinstate", "expired", "in_review", when=(never_accepted, has_paid), do=what.back_to_review),
    *as_far_as_known("reinstate", ("expired", "credit_lost", "lost", "voided"), counts, do=what.go_on),
    Move("reinstate", "voided", "signed_up", when=(from_affiliate, window_open), do=what.go_on),
    Move("reinstate", ("credit_lost", "voided"), "accepted", when=(was_accepted, window_open), do=what.go_on),
    Move("reinstate", ("expired", "credit_lost", "voided"), "renewal_asked", when=(accepted_and_renewable,),
         do=what.take_notice),
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
    Action("keep_credit", StaffMessage, REVIEWERS_AND_MANAGERS, "Leave the credit with the partner.",
           {"by": _WHO, "reason": "reported by phone"}),
    Action("take_credit", Reasoned, REVIEWERS_AND_MANAGERS, "Take the credit from the partner.",
           {"by": _WHO, "reason": "no answer to two requests"}),
    Action("wait_longer", StaffMessage, REVIEWERS_AND_MANAGERS,
           "Wait longer for an opportunity that does not move, or a payment that does not come.",
           {"by": _WHO, "reason": "the client asked for time"}),
    Action("give_up", Reasoned, REVIEWERS_AND_MANAGERS, "Close the opportunity as lost.",
           {"by": _WHO, "reason": "the client chose another product"}),
    Action("reinstate", Reasoned, REVIEWERS, "Bring back, with its old dates, a lead that has ended.",
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
    Action("partner_suspended", Message, (Role.SYSTEM,), "The partner is suspended.", {"id": "outbox-4"}),
    Action("suspension_lifted", Message, (Role.SYSTEM,), "The partner's suspension is lifted.", {"id": "outbox-5"}),
    Action("change_partner", ChangePartner, (Role.SYSTEM,), "Its partner was merged into another one.",
           {"id": "outbox-6", "to": "isar", "merged": "acme"}),
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
