"""What a lead knows, and what the database's answers mean to it. Its table is in `states/lead.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from program.calendar import in_utc, window_end
from program.edition import edition
from program.rules.leads import LeadRules
from states.effects import Receipt
from states.lead_messages import CloseLine, StandInLine
from states.lifecycle import ProcessData
from states.messages import Message
from states.staff import Role

PROSPECT = "prospect"


class Lead(ProcessData):
    """One prospect that one partner brings. Instants are aware and in UTC; who the people are, SQL knows.

    `valid_until` is the end of the window in force. `claim` says what the database answered about the prospect:
    nobody else holds it, or we stand in line behind the process `behind`; `holds_since` is when it became ours.
    `decide` is what staff are to decide, in a sentence; empty when nothing waits for them.
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

    window_reminders: tuple[datetime, ...] = ()
    notice_at: datetime | None = None
    answer_by: datetime | None = None
    renewals: int = 0

    reported_at: datetime | None = None
    progress_due_at: datetime | None = None
    progress_asked: int = 0
    questioned_at: datetime | None = None

    opportunity_at: datetime | None = None
    stalled_at: datetime | None = None
    won_at: datetime | None = None
    unpaid_at: datetime | None = None
    paid_at: datetime | None = None
    paid_before_at: datetime | None = None

    partner_suspended: bool = False
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
        """Whether a review or the answer to a notice is late."""
        return self.overdue

    def facts(self) -> dict[str, Any]:
        """What staff and the partner should see."""
        return {
            "prospect": self.domain,
            "partner": self.partner_id,
            "registered": self.registered_at,
            "by": "affiliate link" if self.origin == "affiliate" else "form",
            "self-closed": "yes" if self.self_closed else None,
            "valid until": self.valid_until,
            "claim": None if self.outcome else f"in line behind {self.behind}" if self.behind else self.claim,
            "review outlasted the window": "yes" if self.outlasted else None,
            "accepted": self.accepted_at,
            "factors": ", ".join(f"{name}: {value}" for name, value in self.factors.items()) or None,
            "share": _share(self.terms),
            "partner suspended": "yes" if self.partner_suspended else None,
            "renewals": self.renewals or None,
            "notice of renewal": self.notice_at,
            "progress requests unanswered": self.progress_asked or None,
            "opportunity": self.opportunity_at,
            "won": self.won_at,
            "client paid": self.paid_at,
            "client paid before": self.paid_before_at,
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
        partner_suspended: bool = False,
    ) -> Lead:
        """A lead as it is submitted: `registered_at` is the moment of receipt (affiliate: of opening the account).

        ValueError for an unknown edition or a naive instant.
        """
        rules = edition(edition_name).leads
        registered_at = in_utc(registered_at)
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
            partner_suspended=partner_suspended,
            registered_at=registered_at,
            holds_since=registered_at,
            valid_until=window_end(registered_at, days),
        )


def learn(lead: Lead, receipt: Receipt) -> tuple[str, Message] | None:
    """Take in what a commit decided; returns the trigger and message that follow from it, if any."""
    if receipt.terms is not None:
        lead.terms = receipt.terms
    # Only the first claim asks whether a sign-up is net-new; one that was granted has pinned the terms.
    signs_up = lead.origin == "affiliate" and lead.claim == "asked" and lead.terms is None
    match receipt.claim:
        case "held":
            lead.claim, lead.behind = "held", ""
        case "behind" if signs_up:
            return "close_line", CloseLine(reason="The prospect is held already, so this sign-up is not net-new.")
        case "behind":
            return "stand_in_line", StandInLine(behind=receipt.claimed_by)
        case "taken" if signs_up:
            return "close_line", CloseLine(reason="The domain paid before or is credited, so it is not net-new.")
        case "taken":
            return "close_line", CloseLine(to=receipt.claimed_by)
    return None


def waits_for_decision(lead: Lead) -> Role | None:
    """Staff, when there is something that only they can decide."""
    return Role.REVIEWER if lead.decide else None


def waits_for_partner(lead: Lead) -> Role | None:
    """The partner works the lead, unless staff have something to decide."""
    return Role.REVIEWER if lead.decide else Role.PARTNER


def _share(terms: dict[str, Any] | None) -> str | None:
    if terms is None:
        return None
    return f"{terms['percent']}% for {terms['months']} months ({terms['track']} {terms['tier']})"
