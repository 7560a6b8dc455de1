"""What must hold for a lead's moves, each with the sentence for whom it does not; and when its deadlines are due.

An instant that equals a window's end lies inside: only what comes after it is too late.
"""

from __future__ import annotations

from datetime import datetime

from states.lead_data import Lead
from states.lifecycle import Guard

# -- what is known -----------------------------------------------------------------------------------------------------


def _from_affiliate(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.origin == "affiliate"


def _holds_prospect(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.claim == "held"


def _was_accepted(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.accepted_at is not None


def _counts(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.accepted_at is not None or lead.origin == "affiliate"


def _not_suspended(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return not lead.partner_suspended


def _never_accepted(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.accepted_at is None and lead.origin == "form"


def _has_paid(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.paid_at is not None


def _has_won(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.won_at is not None


def _has_opportunity(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.opportunity_at is not None


def _has_notice(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.notice_at is not None


def _no_notice(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.notice_at is None


def _self_closed(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.self_closed


from_affiliate = Guard(_from_affiliate, "the lead was registered by form, not by the affiliate link.")
holds_prospect = Guard(
    _holds_prospect,
    "whether another lead holds this prospect is not known yet: the database has not answered. Try again shortly.",
)
was_accepted = Guard(_was_accepted, "the lead was never accepted.")
counts = Guard(_counts, "the lead was never accepted.")
not_suspended = Guard(_not_suspended, "the partner is suspended: none of its leads is accepted until that is lifted.")
never_accepted = Guard(_never_accepted, "the lead was accepted before.")
has_paid = Guard(_has_paid, "no payment of the client is known.")
has_won = Guard(_has_won, "the opportunity is not won.")
has_opportunity = Guard(_has_opportunity, "no working opportunity is known.")
has_notice = Guard(_has_notice, "the partner has given no notice.")
no_notice = Guard(_no_notice, "notice for this window was given before.")
self_closed = Guard(_self_closed, "the lead is worked with a sales representative, who reports.")

# -- what the edition allows -------------------------------------------------------------------------------------------


def _opportunities_count(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    return lead.rules.working_opportunity_counts and lead.origin == "form"


def _renewable(lead: Lead, at: datetime) -> bool:  # noqa: ARG001
    limit = lead.rules.renewal_limit
    allowed = lead.rules.renewal_allowed and lead.origin == "form"
    return allowed and (limit is None or lead.renewals < limit)


def _accepted_and_renewable(lead: Lead, at: datetime) -> bool:
    return lead.accepted_at is not None and _renewable(lead, at)


opportunities_count = Guard(
    _opportunities_count, "under its edition only a paying client counts here, a working opportunity does not."
)
renewable = Guard(_renewable, "under its edition this lead can't be renewed.")
accepted_and_renewable = Guard(
    _accepted_and_renewable,
    "there is nothing to bring it back to: its window has ended, it can't be renewed, and no payment is known.",
)

# -- when it happened --------------------------------------------------------------------------------------------------


def _since_registered(lead: Lead, at: datetime) -> bool:
    return at >= lead.registered_at


def _since_ours(lead: Lead, at: datetime) -> bool:
    return at >= lead.holds_since


def _window_open(lead: Lead, at: datetime) -> bool:
    return at <= lead.valid_until


def _before_its_end(lead: Lead, at: datetime) -> bool:
    return at <= lead.since


def _before_question(lead: Lead, at: datetime) -> bool:
    return lead.questioned_at is not None and at <= lead.questioned_at


def _unquestioned(lead: Lead, at: datetime) -> bool:
    return lead.questioned_at is None or at <= lead.questioned_at


def _before_window_ends(lead: Lead, at: datetime) -> bool:
    return at < lead.valid_until


since_registered = Guard(_since_registered, "that was before the lead was registered.")
since_ours = Guard(_since_ours, "that was before this lead held the prospect.")
window_open = Guard(_window_open, "the window has ended.")
before_its_end = Guard(_before_its_end, "that was after the lead had ended.")
before_question = Guard(_before_question, "that was after the credit was put in question.")
unquestioned = Guard(_unquestioned, "that was after the credit was put in question.")
before_window_ends = Guard(_before_window_ends, "the window has ended.")

# -- due times: instants that the data hold, so that nothing is computed twice -----------------------------------------


def review_reminder(lead: Lead) -> datetime | None:
    """The first reminder of a review."""
    return lead.review_reminder_at


def review_overdue(lead: Lead) -> datetime | None:
    """The deadline of a review."""
    return lead.review_overdue_at


def window_outlasted(lead: Lead) -> datetime | None:
    """The window's end, noted once while staff review."""
    return None if lead.outlasted else lead.valid_until


def window_end(lead: Lead) -> datetime | None:
    """The window's end."""
    return lead.valid_until


def window_end_in_line(lead: Lead) -> datetime | None:
    """The window's end; a client that has paid inside it leaves nothing to expire, staff decide."""
    return None if lead.paid_at is not None else lead.valid_until


def window_end_in_question(lead: Lead) -> datetime | None:
    """The window's end, kept open by notice; nothing expires for a lead that has what the window asks of it."""
    if lead.paid_at is not None or lead.opportunity_at is not None:
        return None
    return max(lead.valid_until, lead.answer_by or lead.valid_until)


def window_reminder(lead: Lead) -> datetime | None:
    """The next reminder of the window's end."""
    return lead.window_reminders[0] if lead.window_reminders else None


def progress_request(lead: Lead) -> datetime | None:
    """The next request for a progress report, while there are requests left."""
    return lead.progress_due_at if lead.progress_asked < lead.rules.progress_requests else None


def progress_silence(lead: Lead) -> datetime | None:
    """The end of the time to answer the last request."""
    return lead.progress_due_at if lead.progress_asked >= lead.rules.progress_requests else None


def answer_end(lead: Lead) -> datetime | None:
    """The end of the time to answer a notice."""
    return lead.answer_by


def stall(lead: Lead) -> datetime | None:
    """When an opportunity has not moved for too long."""
    return lead.stalled_at


def payment_overdue(lead: Lead) -> datetime | None:
    """When the payment of a won opportunity has not come for too long."""
    return lead.unpaid_at


def undo_end(lead: Lead) -> datetime | None:
    """The end of the time in which a lead that has ended can be brought back."""
    return lead.undo_until
