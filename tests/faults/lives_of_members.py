"""A company applies, is asked, approved and taken in; the partner that comes of it gets its first benefit."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from sqlalchemy import Connection, select

from records import applications
from records.applications import PREFIX, Form
from records.tables import partners
from states.application import APPLICATION
from states.application_data import Application
from tests.faults.lives import Life, Step
from workflows.doors import start_process

REVIEWER, MANAGER = "reviewer@vendor.example", "manager@vendor.example"


class Joined(Life):
    """The application, the partner, and the benefit that somebody carries out for it."""

    OUTCOME: ClassVar = {
        "audit of application": [
            ("begin", "received", "in_review", "applied", "partnerflow", "", False),
            ("ask_information", "in_review", "information_asked", "when handled", REVIEWER,
             "which services do you offer?", False),
            ("give_information", "information_asked", "in_review", "application give_information", "applicant", "",
             "said give_information"),
            ("approve", "in_review", "onboarding", "when handled", REVIEWER, "a good fit", False),
            ("assign_specialist", "onboarding", "onboarding", "when handled", MANAGER, "knows the region", False),
            ("acknowledge_agreement", "onboarding", "onboarding", "application acknowledge_agreement", "applicant", "",
             "said acknowledge_agreement"),
            ("hold_conversation", "onboarding", "member", "when handled", MANAGER, "by phone on Monday", False),
        ],
        "audit of partner": [
            ("begin", "received", "member", "application hold_conversation", "partnerflow", "", False),
        ],
        "audit of benefit": [
            ("begin", "received", "not_given", "application hold_conversation", "partnerflow", "", False),
            ("grant", "not_given", "to_do", "application hold_conversation", "system", "", True),
            ("carry_out", "to_do", "given", "when handled", MANAGER, "invited", False),
        ],
        "mails": [
            ("application_approved", "applicant", "application", "sent"),
            ("application_member", "applicant", "application", "sent"),
            ("application_received", "applicant", "application", "sent"),
            ("application_to_onboard", "staff:manager", "application", "sent"),
            ("benefit_given", "partner", "benefit", "sent"), ("information_asked", "applicant", "application", "sent"),
            ("information_given", "staff:reviewer", "application", "sent"), ("logo_kit", "partner", "partner", "sent"),
            ("specialist_assigned", "applicant", "application", "sent"),
        ],
        "signals": [
            ("begin", "benefit", "partner", "sent"), ("begin", "partner", "application", "sent"),
            ("grant", "benefit", "partner", "sent"),
        ],
        "claims": [],
        "partners": [("Acme Agency", "advisor", "partner", True, "application hold_conversation")],
        "application": {"state": "member", "outcome": "member"},
        "partner": {"state": "member", "waiting": False, "notices": []},
        "benefit": {"state": "given", "waiting": False, "notices": []},
    }  # fmt: skip

    _application: str = ""

    @property
    def processes(self) -> dict[str, str]:
        if not self._application:
            return {}
        return {
            "application": f"{PREFIX}{self._application}",
            "partner": f"partner:{self._application}",
            "benefit": f"benefit:{self._application}:slack_community",
        }

    def steps(self) -> list[Step]:
        return [
            Step(self._apply, {"application": "begin"}),
            self._staff("ask_information", f"{REVIEWER}: which services do you offer?"),
            Step(
                lambda: self.fact("application", "give_information", by="applicant"),
                {"application": "give_information"},
            ),
            self._staff("approve", f"{REVIEWER}: a good fit"),
            self._staff("assign_specialist", f"{MANAGER}: knows the region"),
            Step(
                lambda: self.fact("application", "acknowledge_agreement", by="applicant", version="1"),
                {"application": "acknowledge_agreement"},
            ),
            self._staff(
                "hold_conversation", f"{MANAGER}: by phone on Monday", {"partner": "begin", "benefit": "grant"}
            ),
            Step(lambda: self.decide("benefit", "carry_out", f"{MANAGER}: invited"), {"benefit": "carry_out"}),
        ]

    def _staff(self, action: str, said: str, leads_to: dict[str, str] | None = None) -> Step:
        return Step(lambda: self.decide("application", action, said), {"application": action, **(leads_to or {})})

    async def _apply(self) -> None:
        """As the portal does: the form into the records, then the process."""
        at = self.stamps.setdefault("applied", self.now())
        if not self._application:
            self._application = await asyncio.to_thread(self._keep)
        data = Application.submit(
            self._application, self._domain, at, edition_name="2022", lifecycle_version=APPLICATION.version
        )
        await start_process(self.client, APPLICATION, data, clock=self.clock, workflow_id=self.processes["application"])

    @property
    def _domain(self) -> str:
        return f"{self.name}.example"

    def _keep(self) -> str:
        form = Form(
            company="Acme Agency", domain=self._domain, tax_number="", country="US", contact_name="A founder",
            contact_email=f"founder@{self._domain}", service_offerings="mail", technology_partners="shops",
            client_profile="merchants",
        )  # fmt: skip
        made = applications.submit(self.engine, form, received_at=self.stamps["applied"])
        applications.acknowledge(self.engine, made.application_id)
        return made.application_id

    def more(self, connection: Connection) -> dict[str, Any]:
        joined = connection.execute(select(partners).where(partners.c.id == self._application))
        return {
            "partners": [(row.name, row.track, row.tier, row.active, self.instant(row.joined_at)) for row in joined]
        }
