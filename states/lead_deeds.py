"""How a lead's data change when something happens to it. Each deed is done before the state changes.

An `Event` has two instants: `at`, when somebody acted or a deadline was due, from which everything is counted, and
`handled_at`, when we learned of it, which counts only where staff need time from then on.
"""

from __future__ import annotations

from datetime import timedelta

from program.calendar import (
    at_hour,
    business_deadline,
    last_day,
    program_date,
    window_end,
    window_extended,
)
from states.lead_data import Lead
from states.lifecycle import Event
from states.messages import ChangePartner

# -- review and line ---------------------------------------------------------------------------------------------------


def begin_review(lead: Lead, event: Event) -> None:
    """Staff have from the later of registration and now: a lead that comes up from the line is new to them.

    A window that has ended before is no delay of theirs.
    """
    start = max(lead.registered_at, event.at)
    lead.outlasted = event.at >= lead.valid_until
    lead.review_reminder_at = business_deadline(start, lead.rules.review_reminder_business_days)
    lead.review_overdue_at = business_deadline(start, lead.rules.review_overdue_business_days)
    lead.overdue = False


def remind_review(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """The first reminder is out."""
    lead.review_reminder_at = None


def review_is_overdue(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """The review's deadline has passed; staff's delay only makes it overdue."""
    lead.review_reminder_at = lead.review_overdue_at = None
    lead.overdue = True


def outlast_window(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """The window has ended while staff were reviewing."""
    lead.outlasted = lead.overdue = True


def accept(lead: Lead, event: Event) -> None:
    """Staff have accepted: factors are kept, and a window that has ended is given more days.

    A lead that had been accepted before keeps that instant, and with it the terms.
    """
    lead.accepted_at = lead.accepted_at or event.at
    lead.factors = event.message.details() if event.message else {}
    lead.outlasted = False
    if event.at > lead.valid_until:
        lead.valid_until = window_end(event.at, lead.rules.late_acceptance_days)
    go_on(lead, event)


def reject(lead: Lead, event: Event) -> None:
    """Staff do not accept the lead; the factors and the reason stay with it."""
    lead.factors = event.message.details() if event.message else {}
    _end(lead, event, "rejected")


def back_to_review(lead: Lead, event: Event) -> None:
    """Reinstated before anybody accepted it, with its old dates."""
    _bring_back(lead)
    begin_review(lead, event)


def stand_in_line(lead: Lead, event: Event) -> None:
    """The database says that another lead holds the prospect.

    As the answer to what we asked, it also says that an acceptance was not recorded, so that does not count. As a
    signal (which has an id) it may be older than an acceptance that is still being recorded.
    """
    _bring_back(lead)
    lead.claim = "in_line"
    is_answer = event.message is not None and not event.message.id
    lead.behind = str(event.message.details().get("behind", "")) if event.message else ""
    if is_answer and lead.terms is None:
        lead.accepted_at = None
    if lead.paid_at is not None:
        lead.decide = f"The client paid on {program_date(lead.paid_at)}, but another lead holds the prospect."


def come_up(lead: Lead, event: Event) -> None:
    """The claim before ours has ended: the prospect is ours, and staff look at it."""
    _hold(lead, event)
    begin_review(lead, event)


def come_up_paid(lead: Lead, event: Event) -> None:
    """Nobody stands before a lead any more that counts and paid in time: it is credited."""
    _hold(lead, event)
    go_on(lead, event)


def come_up_unpaid(lead: Lead, event: Event) -> None:
    """Nobody stands before a sign-up any more: a payment inside its window credits it."""
    _bring_back(lead)
    _hold(lead, event)


def come_up_after_all(lead: Lead, event: Event) -> None:
    """The claim before ours had ended inside our window, but we expired before we heard of it."""
    _bring_back(lead)
    lead.holds_since = event.at
    begin_review(lead, event)


def _hold(lead: Lead, event: Event) -> None:
    lead.claim, lead.behind, lead.holds_since = "held", "", event.at


# -- the window --------------------------------------------------------------------------------------------------------


def go_on(lead: Lead, event: Event) -> None:
    """A lead that counts goes on as far as the facts have come: paid, won, working opportunity, or its window."""
    _bring_back(lead)
    lead.notice_at = lead.answer_by = lead.questioned_at = None
    if lead.paid_at is not None:
        lead.outcome = "credited"
    elif lead.won_at is not None:
        await_payment(lead, event)
    elif lead.opportunity_at is not None:
        watch_for_movement(lead, event)
    else:
        open_window(lead, event)


def open_window(lead: Lead, event: Event) -> None:
    """Set the reminders that are still to come, and the progress report that is due first."""
    end = last_day(lead.valid_until)
    hour = lead.rules.reminder_hour
    reminders = (at_hour(end - timedelta(days=days), hour) for days in lead.rules.expiry_reminder_days)
    lead.window_reminders = tuple(sorted(at for at in reminders if at > event.at))
    expect_report(lead, event)


def remind_window(lead: Lead, event: Event) -> None:
    """This reminder is out; later ones stand."""
    lead.window_reminders = tuple(at for at in lead.window_reminders if at > event.at)


def take_notice(lead: Lead, event: Event) -> None:
    """Notice was given in time: the window stays open until staff have answered, so long at most.

    For notice that arrives when the lead has expired they have the days from then on: nobody could answer before.
    """
    start = event.handled_at if lead.outcome else event.at
    if lead.outcome:
        _bring_back(lead)
        if lead.paid_at is not None:
            lead.decide = f"The client paid on {program_date(lead.paid_at)}: renewing credits the lead."
    lead.notice_at = event.at
    lead.answer_by = business_deadline(start, lead.rules.renewal_answer_business_days)


def keep_asking(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """The partner keeps the credit, and the notice given meanwhile still waits for its answer."""
    lead.questioned_at, lead.decide = None, ""


def answer_is_overdue(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """Staff have not answered a notice; while the window is open their delay costs the partner nothing."""
    lead.overdue = True
    lead.answer_by = lead.valid_until


def renew(lead: Lead, event: Event) -> None:
    """The new window starts where the old one ends."""
    lead.valid_until = window_extended(lead.valid_until, lead.rules.renewal_days)
    lead.renewals += 1
    go_on(lead, event)


def expire(lead: Lead, event: Event) -> None:
    """The window has ended without a client or a working opportunity."""
    _end(lead, event, "expired")
    if lead.behind:
        lead.why_ended = f"The window ended in line behind {lead.behind}."


# -- progress of self-closed deals -------------------------------------------------------------------------------------


def expect_report(lead: Lead, event: Event) -> None:
    """The duty to report begins, or begins anew: the next report is due when it has been silent for so long."""
    lead.reported_at, lead.progress_asked = event.at, 0
    silence = lead.rules.progress_silence_days
    lead.progress_due_at = window_end(event.at, silence) if lead.self_closed else None


def hear_report(lead: Lead, event: Event) -> None:
    """A report counts unless a later one is known already."""
    if lead.reported_at is None or event.at >= lead.reported_at:
        expect_report(lead, event)


def ask_progress(lead: Lead, event: Event) -> None:
    """The partner is asked for a report, and has so many days to answer."""
    lead.progress_asked += 1
    lead.progress_due_at = window_end(event.at, lead.rules.progress_answer_days)


def question_credit(lead: Lead, event: Event) -> None:
    """The partner did not answer: staff decide."""
    lead.questioned_at = event.at
    lead.decide = f"{lead.progress_asked} requests for a progress report were not answered."


def hear_late_report(lead: Lead, event: Event) -> None:
    """A report after the credit was put in question is one more thing for staff to weigh."""
    lead.decide = f"The partner reported on {program_date(event.at)}, after the time to answer."


def take_credit(lead: Lead, event: Event) -> None:
    """Staff take the credit."""
    _end(lead, event, "credit_lost")


# -- working opportunities ---------------------------------------------------------------------------------------------


def note_opportunity(lead: Lead, event: Event) -> None:
    """A working opportunity was opened; what it means is decided elsewhere."""
    lead.opportunity_at = min(lead.opportunity_at or event.at, event.at)


def become_opportunity(lead: Lead, event: Event) -> None:
    """The lead no longer depends on the window, only on moving."""
    note_opportunity(lead, event)
    go_on(lead, event)


def watch_for_movement(lead: Lead, event: Event) -> None:
    """Staff are asked when the opportunity has not moved for so long; an older movement changes nothing."""
    until = window_end(event.at, lead.rules.opportunity_stalled_days)
    lead.stalled_at = max(lead.stalled_at or until, until)
    lead.decide = ""


def opportunity_stalls(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """Staff are asked once; they answer, or something moves."""
    lead.stalled_at = None
    lead.decide = f"The opportunity has not moved for {lead.rules.opportunity_stalled_days} days."


def note_win(lead: Lead, event: Event) -> None:
    """The client has signed; what it means is decided elsewhere."""
    note_opportunity(lead, event)
    lead.won_at = min(lead.won_at or event.at, event.at)


def become_won(lead: Lead, event: Event) -> None:
    """The client has signed: a payment is expected."""
    note_win(lead, event)
    go_on(lead, event)


def await_payment(lead: Lead, event: Event) -> None:
    """Staff are asked when no payment has come for so long."""
    lead.unpaid_at = window_end(event.at, lead.rules.won_unpaid_days)
    lead.decide = ""


def payment_is_missing(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """Staff are asked once."""
    lead.unpaid_at = None
    lead.decide = f"Won, but no payment has come for {lead.rules.won_unpaid_days} days."


def forget_opportunity(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """Lost again before staff had decided anything: the reviewer sees a lead without an opportunity."""
    lead.opportunity_at = lead.won_at = None


def lose(lead: Lead, event: Event) -> None:
    """The opportunity is lost."""
    _end(lead, event, "lost")


# -- payments ----------------------------------------------------------------------------------------------------------


def note_payment(lead: Lead, event: Event) -> None:
    """The client paid; staff decide what it means. The first payment counts."""
    lead.paid_at = min(lead.paid_at or event.at, event.at)
    lead.decide = f"The client paid on {program_date(event.at)}."


def credit(lead: Lead, event: Event) -> None:
    """A first payment that counts."""
    note_payment(lead, event)
    go_on(lead, event)


def question_payment(lead: Lead, event: Event) -> None:
    """The client paid before the prospect was ours, when another lead might have brought it: staff decide."""
    note_payment(lead, event)
    lead.decide = f"The client paid on {program_date(event.at)}, before this lead held the prospect."


def note_earlier_payment(lead: Lead, event: Event) -> None:
    """A client that paid before the lead was registered credits nothing, and staff see it."""
    lead.paid_before_at = min(lead.paid_before_at or event.at, event.at)
    lead.decide = f"The client paid on {program_date(event.at)}, before the lead was registered."


def put_payment_to_staff(lead: Lead, event: Event) -> None:
    """A payment that credits nothing by itself: staff look at it, and have the time to undo from now on."""
    note_payment(lead, event)
    lead.decide = f"The client paid on {program_date(event.at)}, which credits nothing by itself here."
    lead.undo_until = window_end(max(event.at, event.handled_at), lead.rules.undo_days)


# -- ends --------------------------------------------------------------------------------------------------------------


def void(lead: Lead, event: Event) -> None:
    """Staff take the lead out: entered by mistake, a test, a duplicate."""
    _end(lead, event, "voided")


def note_suspension(lead: Lead, event: Event) -> None:
    """The partner is suspended, or is not any more."""
    lead.partner_suspended = event.trigger == "partner_suspended"


def change_partner(lead: Lead, event: Event) -> None:
    """The lead is another partner's, with all that it has been."""
    if isinstance(event.message, ChangePartner):
        lead.partner_id = event.message.to


def withdraw(lead: Lead, event: Event) -> None:
    """The partner takes the lead back, for good."""
    _end(lead, event, "withdrawn")
    lead.undo_until = None


def close_out(lead: Lead, event: Event) -> None:
    """The prospect is another's, for good."""
    _end(lead, event, "closed_out")
    lead.undo_until = None
    lead.why_ended = lead.why_ended or "The prospect was credited to another lead."


def _end(lead: Lead, event: Event, outcome: str) -> None:
    """End with an outcome that stays open to late facts and second thoughts for some days.

    They are counted from when the end was handled: nobody could object before.
    """
    lead.outcome, lead.decide, lead.overdue = outcome, "", False
    lead.why_ended = event.message.reason if event.message else ""
    lead.undo_until = window_end(max(event.at, event.handled_at), lead.rules.undo_days)


def _bring_back(lead: Lead) -> None:
    """Nothing is over and nothing to be decided. A lead that had ended gave up its claim, and asks for it again."""
    if lead.outcome:
        lead.claim = "asked"
    lead.outcome, lead.why_ended, lead.undo_until = "", "", None
    lead.behind, lead.decide, lead.overdue = "", "", False
