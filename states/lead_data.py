"""What a lead knows, and how its own data change when something happens to it. The table is in `states/lead.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from program.calendar import (
    at_hour,
    business_deadline,
    last_day,
    program_date,
    window_end,
    window_extended,
)
from program.edition import edition
from program.rules.leads import LeadRules
from states.effects import Receipt
from states.lead_messages import CloseLine, StandInLine
from states.lifecycle import Event, ProcessData
from states.messages import Message
from states.staff import Role

PROSPECT = "prospect"


class Lead(ProcessData):
    """One prospect that one partner brings. Instants are aware and in UTC; who the people are, SQL knows.

    `valid_until` is the end of the window in force. `claim` says what the database answered about the prospect:
    nobody else holds it, or we stand in line behind the process `behind`. `holds_since` is when it became ours.
    """

    domain: str
    origin: Literal["form", "affiliate"] = "form"
    self_closed: bool = False
    registered_at: datetime
    valid_until: datetime

    claim: Literal["asked", "held", "in_line"] = "asked"
    behind: str = ""
    holds_since: datetime

    review_reminder_at: datetime | None = None
    review_overdue_at: datetime | None = None
    outlasted: bool = False
    overdue: bool = False
    factors: dict[str, str] = Field(default_factory=dict)
    accepted_at: datetime | None = None
    terms: dict[str, Any] | None = None

    window_reminders: list[datetime] = Field(default_factory=list)
    notice_at: datetime | None = None
    answer_by: datetime | None = None
    renewals: int = 0

    progress_due_at: datetime | None = None
    progress_asked: int = 0

    opportunity_at: datetime | None = None
    stalled_at: datetime | None = None
    won_at: datetime | None = None
    unpaid_at: datetime | None = None
    paid_at: datetime | None = None

    outcome: str = ""
    why_ended: str = ""
    undo_until: datetime | None = None
    decide: str = ""

    @property
    def rules(self) -> LeadRules:
        """The rules on leads of the edition under which this one was registered."""
        return edition(self.edition).leads

    def subject(self) -> str:
        """The prospect's registrable web domain."""
        return self.domain

    def is_overdue(self) -> bool:
        """Whether a review is late."""
        return self.overdue

    def facts(self) -> dict[str, Any]:
        """What staff and the partner should see."""
        terms = self.terms or {}
        share = (
            f"{terms['percent']}% for {terms['months']} months ({terms['track']} {terms['tier']})" if terms else None
        )
        return {
            "prospect": self.domain,
            "partner": self.partner_id,
            "registered": self.registered_at,
            "by": "affiliate link" if self.origin == "affiliate" else "form",
            "self-closed": "yes" if self.self_closed else None,
            "valid until": self.valid_until,
            "claim": f"in line behind {self.behind}" if self.claim == "in_line" else self.claim,
            "review outlasted the window": "yes" if self.outlasted else None,
            "accepted": self.accepted_at,
            "factors": ", ".join(f"{name}: {value}" for name, value in self.factors.items()) or None,
            "share": share,
            "renewals": self.renewals or None,
            "notice of renewal": self.notice_at,
            "progress requests unanswered": self.progress_asked or None,
            "opportunity": self.opportunity_at,
            "won": self.won_at,
            "client paid": self.paid_at,
            "outcome": self.outcome or None,
            "why": self.why_ended or None,
            "to decide": self.decide or None,
        }

    @classmethod
    def register(
        cls,
        lead_id: str,
        partner_id: str,
        domain: str,
        registered_at: datetime,
        *,
        edition_name: str,
        lifecycle_version: int,
        origin: Literal["form", "affiliate"] = "form",
        self_closed: bool = False,
    ) -> Lead:
        """A lead as it is submitted: `registered_at` is the moment of receipt (affiliate: of the account's opening)."""
        rules = edition(edition_name).leads
        registered_at = registered_at.astimezone(UTC)
        days = rules.affiliate_window_days if origin == "affiliate" else rules.window_days
        return cls(
            id=lead_id,
            partner_id=partner_id,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=registered_at,
            domain=domain,
            origin=origin,
            self_closed=self_closed,
            registered_at=registered_at,
            holds_since=registered_at,
            valid_until=window_end(registered_at, days),
        )


# -- what happens to it: each is called before the state changes -------------------------------------------------------


def begin_review(lead: Lead, event: Event) -> None:
    """Staff have from the later of registration and now: a lead that comes up from the line is new to them."""
    start = max(lead.registered_at, event.at)
    lead.review_reminder_at = business_deadline(start, lead.rules.review_reminder_business_days)
    lead.review_overdue_at = business_deadline(start, lead.rules.review_overdue_business_days)
    lead.overdue = False


def stand_in_line(lead: Lead, event: Event) -> None:
    """The database says that another lead holds the prospect."""
    lead.claim, lead.outcome = "in_line", ""
    lead.behind = str(event.message.details().get("behind", "")) if event.message else ""
    lead.undo_until = None


def come_up(lead: Lead, event: Event) -> None:
    """The claim before ours has ended: the prospect is ours, and staff look at it."""
    lead.claim, lead.behind, lead.holds_since = "held", "", event.at
    begin_review(lead, event)


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
    """Staff have accepted: factors recorded, the partner's duties begin, a window that has ended is given more days."""
    lead.accepted_at = event.at
    lead.factors = event.message.details() if event.message else {}
    lead.overdue, lead.outlasted, lead.decide = False, False, ""
    if event.at > lead.valid_until:
        lead.valid_until = window_end(event.at, lead.rules.late_acceptance_days)
    open_window(lead, event)


def open_window(lead: Lead, event: Event) -> None:
    """Set the reminders that are still to come, and the first progress report that is due."""
    end = last_day(lead.valid_until)
    hour = lead.rules.reminder_hour
    reminders = (at_hour(end - timedelta(days=days), hour) for days in lead.rules.expiry_reminder_days)
    lead.window_reminders = sorted(at for at in reminders if at > event.at)
    lead.notice_at = lead.answer_by = None
    lead.overdue = False
    expect_report(lead, event)


def remind_window(lead: Lead, event: Event) -> None:
    """This reminder is out; later ones stand."""
    lead.window_reminders = [at for at in lead.window_reminders if at > event.at]


def expect_report(lead: Lead, event: Event) -> None:
    """A self-closed deal has reported (or begun): the next report is due when it has been silent for so long."""
    lead.progress_asked = 0
    silence = lead.rules.progress_silence_days
    lead.progress_due_at = window_end(event.at, silence) if lead.self_closed else None


def ask_progress(lead: Lead, event: Event) -> None:
    """The partner is asked for a report, and has so many days to answer."""
    lead.progress_asked += 1
    lead.progress_due_at = window_end(event.at, lead.rules.progress_answer_days)


def take_notice(lead: Lead, event: Event) -> None:
    """Notice was given in time: the window stays open until staff have answered, so long at most."""
    lead.notice_at = event.at
    start = max(event.at, lead.since) if lead.state != "accepted" else event.at
    lead.answer_by = business_deadline(start, lead.rules.renewal_answer_business_days)
    lead.outcome, lead.undo_until, lead.decide = "", None, ""


def await_renewal(lead: Lead, event: Event) -> None:
    """Staff reinstate an expired lead: they answer for its renewal as if notice had been given."""
    take_notice(lead, event)
    lead.answer_by = business_deadline(event.at, lead.rules.renewal_answer_business_days)


def renew(lead: Lead, event: Event) -> None:
    """The new window starts where the old one ends."""
    lead.valid_until = window_extended(lead.valid_until, lead.rules.renewal_days)
    lead.renewals += 1
    open_window(lead, event)


def keep_credit(lead: Lead, event: Event) -> None:
    """Staff leave the credit with the partner; the duty to report starts anew."""
    lead.decide = ""
    expect_report(lead, event)


def note_opportunity(lead: Lead, event: Event) -> None:
    """A working opportunity was opened; it no longer depends on the window, only on moving."""
    lead.opportunity_at = lead.opportunity_at or event.at
    lead.outcome, lead.undo_until, lead.decide = "", None, ""
    watch_for_movement(lead, event)


def watch_for_movement(lead: Lead, event: Event) -> None:
    """Staff are asked when the opportunity has not moved for so long."""
    lead.stalled_at = window_end(event.at, lead.rules.opportunity_stalled_days)
    lead.decide, lead.overdue = "", False


def opportunity_stalls(lead: Lead, event: Event) -> None:
    """Staff are asked once; they answer, or something moves."""
    lead.stalled_at = None
    lead.decide = f"The opportunity has not moved since {_day(event, -lead.rules.opportunity_stalled_days)}."


def note_win(lead: Lead, event: Event) -> None:
    """The client has signed; the first payment is expected within so many days."""
    lead.opportunity_at = lead.opportunity_at or event.at
    lead.won_at = event.at
    lead.outcome, lead.undo_until = "", None
    await_payment(lead, event)


def await_payment(lead: Lead, event: Event) -> None:
    """Staff are asked when no payment has come for so long."""
    lead.unpaid_at = window_end(event.at, lead.rules.won_unpaid_days)
    lead.decide, lead.overdue = "", False


def payment_is_missing(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """Staff are asked once."""
    lead.unpaid_at = None
    lead.decide = f"Won, but no payment has come for {lead.rules.won_unpaid_days} days."


def note_payment(lead: Lead, event: Event) -> None:
    """The client paid; what it means is decided elsewhere. The first payment counts."""
    lead.paid_at = min(lead.paid_at or event.at, event.at)


def put_payment_to_staff(lead: Lead, event: Event) -> None:
    """A payment that credits nothing by itself: staff look at it."""
    note_payment(lead, event)
    lead.decide = f"The client paid on {_day(event)}, which credits nothing by itself here."


def note_earlier_payment(lead: Lead, event: Event) -> None:
    """The client paid before the prospect was ours: it credits nothing, and staff see it."""
    lead.decide = f"The client paid on {_day(event)}, before this lead held the prospect."


def credit(lead: Lead, event: Event) -> None:
    """A first payment that counts."""
    note_payment(lead, event)
    finish(lead, "credited")


def accept_and_credit(lead: Lead, event: Event) -> None:
    """Accepted after the client had paid: credited at once."""
    accept(lead, event)
    finish(lead, "credited")


def credit_after_all(lead: Lead, event: Event) -> None:  # noqa: ARG001
    """Staff let a payment count that is known already."""
    finish(lead, "credited")


def accept_into_opportunity(lead: Lead, event: Event) -> None:
    """Accepted after it had become a working opportunity."""
    accept(lead, event)
    watch_for_movement(lead, event)


def finish(lead: Lead, outcome: str) -> None:
    """The outcome is known and nothing is expected any more."""
    lead.outcome, lead.undo_until, lead.decide, lead.overdue = outcome, None, "", False


def _end(lead: Lead, event: Event, outcome: str) -> None:
    """End with an outcome that stays open to late facts and second thoughts for some days.

    They are counted from when the end was handled: nobody could object before.
    """
    undecided = lead.decide if lead.paid_at else ""
    finish(lead, outcome)
    lead.decide = undecided
    lead.why_ended = event.message.reason if event.message else ""
    lead.undo_until = window_end(max(event.at, event.handled_at), lead.rules.undo_days)


def reject(lead: Lead, event: Event) -> None:
    """Staff do not accept the lead; the factors and the reason stay with it."""
    lead.factors = event.message.details() if event.message else {}
    _end(lead, event, "rejected")


def expire(lead: Lead, event: Event) -> None:
    """The window has ended without a client or a working opportunity."""
    _end(lead, event, "expired")


def take_credit(lead: Lead, event: Event) -> None:
    """Staff take the credit from a partner that was silent."""
    _end(lead, event, "credit_lost")


def lose(lead: Lead, event: Event) -> None:
    """The opportunity is lost."""
    _end(lead, event, "lost")


def void(lead: Lead, event: Event) -> None:
    """Staff take the lead out: entered by mistake, a test, a duplicate."""
    _end(lead, event, "voided")


def end_for_good(lead: Lead, event: Event) -> None:
    """Ends a lead by somebody else's doing: the partner's own, or because the prospect was credited to another."""
    finish(lead, "withdrawn" if event.trigger == "withdraw" else "closed_out")
    lead.why_ended = event.message.reason if event.message else ""


def back_to_review(lead: Lead, event: Event) -> None:
    """Reinstated before anybody accepted it, with its old dates."""
    finish(lead, "")
    begin_review(lead, event)
    lead.outlasted = event.at > lead.valid_until


def back_to_window(lead: Lead, event: Event) -> None:
    """Reinstated after it was accepted, with its old dates."""
    finish(lead, "")
    open_window(lead, event)


def back_to_opportunity(lead: Lead, event: Event) -> None:
    """Reinstated as a working opportunity."""
    finish(lead, "")
    watch_for_movement(lead, event)


# -- what the database answered ----------------------------------------------------------------------------------------


def learn(lead: Lead, receipt: Receipt) -> tuple[str, Message] | None:
    """Take in what a commit decided; returns the trigger and message that follow from it, if any."""
    if receipt.terms is not None:
        lead.terms = receipt.terms
    match receipt.claim:
        case "held":
            lead.claim, lead.behind = "held", ""
        case "behind" if lead.origin == "affiliate":
            return "close_line", CloseLine(reason="The prospect is held already, so this sign-up is not net-new.")
        case "behind":
            return "stand_in_line", StandInLine(behind=receipt.claimed_by)
        case "taken" if lead.origin == "affiliate":
            return "close_line", CloseLine(reason="The domain has paid before or is credited, so it is not net-new.")
        case "taken":
            return "close_line", CloseLine(reason="The prospect has been credited to another lead.")
    return None


def waits_for_decision(lead: Lead) -> Role | None:
    """Staff, when there is something that only they can decide."""
    return Role.REVIEWER if lead.decide else None


def waits_for_partner(lead: Lead) -> Role | None:
    """The partner works the lead, unless staff have something to decide."""
    return Role.REVIEWER if lead.decide else Role.PARTNER


def _day(event: Event, days: int = 0) -> str:
    return f"{program_date(event.at) + timedelta(days=days):%Y-%m-%d}"
