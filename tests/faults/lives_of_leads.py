"""Two leads for one prospect: the first one is accepted and lost, the one behind it comes up and is credited."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, select

from records.parked import how_many_parked
from records.tables import referrals
from states.lead import LEAD
from states.lead_data import Lead
from tests.faults.lives import PATIENCE, Life, Step
from tests.workflows.conftest import ACCEPT
from workflows.doors import TemporalAway, start_process, tell

STAFF = "reviewer@vendor.example"


class TwoLeads(Life):
    """Lead a is first, is accepted and lost; lead b stands in line behind it, comes up and is credited."""

    # Audit rows are: trigger, source, dest, the message whose stamp counts, by, reason, message id.
    OUTCOME: ClassVar = {
        "audit of a": [
            ("begin", "received", "in_review", "a registered", "partnerflow", "", False),
            ("accept", "in_review", "accepted", "when handled", STAFF, "fits well", False),
            ("opportunity_opened", "accepted", "opportunity", "a opportunity_opened", "crm", "",
             "said opportunity_opened"),
            ("opportunity_lost", "opportunity", "lost", "a opportunity_lost", "crm", "", "said opportunity_lost"),
        ],
        "audit of b": [
            ("begin", "received", "in_review", "b registered", "partnerflow", "", False),
            ("stand_in_line", "in_review", "in_line", "when handled", "partnerflow", "", False),
            ("come_up", "in_line", "in_review", "a opportunity_lost", "system", "", True),
            ("accept", "in_review", "accepted", "when handled", STAFF, "fits well", False),
            ("client_paid", "accepted", "credited", "b client_paid", "crm", "", "said client_paid"),
        ],
        "mails": [
            ("lead_accepted", "partner", "a", "sent"),
            ("lead_accepted", "partner", "b", "sent"),
            ("lead_came_up", "partner", "b", "sent"),
            ("lead_came_up", "staff:reviewer", "b", "sent"),
            ("lead_credited", "partner", "b", "sent"),
            ("lead_in_line", "staff:reviewer", "b", "sent"),
            ("lead_in_line_partner", "partner", "b", "sent"),
            ("lead_received", "partner", "a", "sent"),
            ("opportunity_lost", "partner", "a", "sent"),
            ("opportunity_recorded", "partner", "a", "sent"),
        ],
        "signals": [("come_up", "b", "a", "sent")],
        "referrals": [("b", "isar", "15", 16, "b client_paid", "b client_paid")],
        "claims": [],
        "a": {"state": "lost", "waiting": False, "notices": []},
        "b": {"state": "credited", "outcome": "credited"},
    }  # fmt: skip

    @property
    def processes(self) -> dict[str, str]:
        return {"a": f"lead:a-{self.name}", "b": f"lead:b-{self.name}"}

    def steps(self) -> list[Step]:
        return [
            Step(lambda: self._register("a", "alster"), {"a": "begin"}),
            Step(lambda: self._register("b", "isar"), {"b": "stand_in_line"}),
            Step(lambda: self.decide("a", "accept", ACCEPT), {"a": "accept"}),
            Step(lambda: self.fact("a", "opportunity_opened", by="crm"), {"a": "opportunity_opened"}),
            Step(lambda: self.fact("a", "opportunity_lost", by="crm"), {"a": "opportunity_lost", "b": "come_up"}),
            Step(lambda: self.decide("b", "accept", ACCEPT), {"b": "accept"}),
            Step(lambda: self.fact("b", "client_paid", by="crm"), {"b": "client_paid"}),
        ]

    async def withdraw(self) -> None:
        """Lead a is withdrawn, whatever it is by now; the records say so too, and nothing is parked."""
        at = datetime.now(UTC).isoformat()
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(TemporalAway):
                    await tell(self.client, self.processes["a"], "withdraw", {"id": "p-1", "at": at, "by": "partner"})
                    break
            while not await self.is_recorded("a", "withdraw"):  # noqa: ASYNC110 - it is another process's doing
                await asyncio.sleep(0.1)
        moved, _ = await asyncio.to_thread(self._stands)
        assert moved["a"] == "withdraw", self.name
        assert await asyncio.to_thread(how_many_parked, self.engine) == 0, self.name

    def more(self, connection: Connection) -> dict[str, Any]:
        earned = connection.execute(select(referrals).where(referrals.c.subject == self._domain))
        return {
            "referrals": [
                (
                    self.plain(row.process), row.partner_id, str(row.percent), row.months,
                    self.instant(row.first_payment_at), self.instant(row.credited_at),
                )
                for row in earned
            ]
        }  # fmt: skip

    @property
    def _domain(self) -> str:
        return f"{self.name}.example"

    async def _register(self, process: str, partner: str) -> None:
        at = self.stamps.setdefault(f"{process} registered", self.now())
        workflow_id = self.processes[process]
        lead = Lead.register(
            workflow_id.removeprefix("lead:"), partner, self._domain, at, edition_name="2022",
            lifecycle_version=LEAD.version,
        )  # fmt: skip
        await start_process(self.client, LEAD, lead, clock=self.clock, workflow_id=workflow_id)
