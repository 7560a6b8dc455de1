"""What an application knows, and what the database's answers mean to it. Its table is in `states/application.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from program.calendar import in_utc
from program.edition import edition
from program.rules.joining import JoiningRules
from states.effects import Receipt
from states.lifecycle import ProcessData
from states.messages import Message


class Application(ProcessData):
    """A company that wants to join. Instants are aware and in UTC; who the people are and what they wrote, SQL knows.

    The clock of a review counts business days: `days_used` of them before `counted_from`, the rest after it; it stands
    still while information is asked for. `left_from` is the state that a denial or a removal left, so that it can be
    undone. `denied_by` is who denied: an appeal is for somebody else.
    """

    domain: str
    submitted_at: datetime
    applied_again: int = 0

    counted_from: datetime | None = None
    days_used: int = 0
    remind_at: datetime | None = None
    overdue_at: datetime | None = None
    overdue: bool = False
    information_by: datetime | None = None
    asked: int = 0

    left_from: str = ""
    because: str = ""
    denied_by: str = ""
    appeals: int = 0
    appeal_until: datetime | None = None
    undo_until: datetime | None = None

    approved_at: datetime | None = None
    specialist: str = ""
    agreement_version: str = ""
    agreement_at: datetime | None = None
    met: Literal["", "conversation", "webinar"] = ""
    stalls_at: datetime | None = None

    outcome: str = ""
    why_ended: str = ""

    @property
    def rules(self) -> JoiningRules:
        """The rules on joining of the edition under which this application was made."""
        return edition(self.edition).joining

    def subject(self) -> str:
        """The applicant's registrable web domain."""
        return self.domain

    def is_overdue(self) -> bool:
        """Whether staff are late; they are not while they wait for the applicant."""
        return self.overdue and self.state != "information_asked"

    def facts(self) -> dict[str, Any]:
        """What staff and the applicant should see."""
        return {
            "applicant": self.domain,
            "submitted": self.submitted_at,
            "applied again": self.applied_again or None,
            "review due": self.overdue_at if self.counted_from else None,
            "information asked": f"{self.asked} times" if self.asked > 1 else "once" if self.asked else None,
            "information due": self.information_by,
            "approved": self.approved_at,
            "specialist": self.specialist or None,
            "agreement": f"version {self.agreement_version}" if self.agreement_version else None,
            "agreement acknowledged": self.agreement_at,
            "met": self.met or None,
            "missing": ", ".join(self.missing()) or None,
            "denied because": self.because or None,
            "denied by": self.denied_by or None,
            "can be appealed until": self.appeal_until,
            "appeals": self.appeals or None,
            "outcome": self.outcome or None,
            "why": self.why_ended or None,
        }

    def missing(self) -> tuple[str, ...]:
        """What an approved applicant still lacks to be a member, in the edition's order; its portal is open."""
        if self.approved_at is None:
            return ()
        done = {
            "portal_access": True,
            "onboarding_specialist": bool(self.specialist),
            "agreement": bool(self.agreement_version),
            "conversation": bool(self.met),
        }
        return tuple(step.code.replace("_", " ") for step in self.rules.steps_after_approval if not done[step.code])

    @classmethod
    def submit(
        cls, application_id: str, domain: str, submitted_at: datetime, *, edition_name: str, lifecycle_version: int
    ) -> Application:
        """An application as it is submitted; the partner that it may become has its id.

        ValueError for an unknown edition or a naive instant.
        """
        submitted_at = in_utc(submitted_at)
        edition(edition_name)
        return cls(
            id=application_id,
            partner_id=application_id,
            edition=edition_name,
            lifecycle_version=lifecycle_version,
            state="received",
            since=submitted_at,
            domain=domain,
            submitted_at=submitted_at,
        )


def learn(application: Application, receipt: Receipt) -> tuple[str, Message] | None:  # noqa: ARG001
    """Nothing that the database could decide: of two applications of a company the portal lets one in."""
    return None
