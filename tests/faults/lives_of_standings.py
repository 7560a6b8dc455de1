"""A partner's standing: up by a fact, at risk by another, set by hand, suspended, left, and taken back in."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from program.edition import Tier, Track
from program.fact_kinds import WhatIsSaid
from records.partner_told import take_partner_fact
from records.partners import Partner, put_partner
from records.tables import partners, tier_intervals
from states import partner_data
from states.partner import PARTNER
from tests.faults.lives import Life, Step
from tests.records.telling import refer, tell
from workflows.doors import start_process

MANAGER = "manager@vendor.example"
BY_HAND = {"by": MANAGER, "track": "advisor", "tier": "partner", "until": "2199-12-31", "reason": "agreed with it"}


class Stood(Life):
    """The standing, and the benefit that comes and goes with the tier."""

    OUTCOME: ClassVar = {
        "audit of partner": [
            ("begin", "received", "member", "joined", "partnerflow", "", False),
            ("facts_changed", "member", "member", "certified", "system", "", True),
            ("rise", "member", "member", "when handled", "partnerflow", "", False),
            ("facts_changed", "member", "member", "new people", "system", "", True),
            ("endanger", "member", "at_risk", "when handled", "partnerflow", "", False),
            ("set_tier", "at_risk", "by_hand", "when handled", MANAGER, "agreed with it", False),
            ("suspend", "by_hand", "suspended", "when handled", MANAGER, "looked into", False),
            ("leave", "suspended", "left", "partner leave", "partner", "", "said leave"),
            ("rejoin", "left", "member", "when handled", MANAGER, "signed again", False),
        ],
        "audit of benefit": [
            ("begin", "received", "not_given", "partner rise", "partnerflow", "", False),
            ("grant", "not_given", "to_do", "partner rise", "system", "", True),
            ("withdraw", "to_do", "not_given", "partner set_tier", "system", "", True),
        ],
        "mails": [
            ("logo_kit", "partner", "partner", "sent"), ("logo_kit", "partner", "partner", "sent"),
            ("partner_left", "manager", "partner", "sent"), ("partner_left", "partner", "partner", "sent"),
            ("partner_suspended", "partner", "partner", "sent"),
            ("standing_changed", "manager", "partner", "sent"), ("standing_changed", "manager", "partner", "sent"),
            ("standing_changed", "partner", "partner", "sent"), ("standing_changed", "partner", "partner", "sent"),
        ],
        "signals": [
            ("begin", "benefit", "partner", "sent"), ("begin", "benefit:…:slack_community", "partner", "sent"),
            ("begin", "benefit:…:slack_community", "partner", "sent"), ("facts_changed", "partner", "partner", "sent"),
            ("facts_changed", "partner", "partner", "sent"),
            ("given_already", "benefit:…:slack_community", "partner", "sent"), ("grant", "benefit", "partner", "sent"),
            ("grant", "benefit:…:slack_community", "partner", "sent"), ("withdraw", "benefit", "partner", "sent"),
            ("withdraw", "benefit:…:slack_community", "partner", "sent"),
        ],
        "claims": [],
        "held": [
            ("advisor partner", "joined", "partner rise"), ("advisor silver", "partner rise", "partner set_tier"),
            ("advisor partner", "partner set_tier", "partner leave"), ("advisor partner", "partner rejoin", "never"),
        ],
        "partners": [("advisor", "partner", True, False, "never")],
        "partner": {"state": "member", "waiting": False, "notices": []},
        "benefit": {"state": "not_given", "waiting": False, "notices": []},
    }  # fmt: skip

    @property
    def processes(self) -> dict[str, str]:
        return {"partner": f"partner:{self.name}", "benefit": f"benefit:{self.name}:directory_listing"}

    def steps(self) -> list[Step]:
        return [
            Step(self._join, {"partner": "begin"}),
            Step(
                lambda: self._learn("certified", kind="certification", course="partner", person="p1", percent="90"),
                {"partner": "rise", "benefit": "grant"},
            ),
            Step(lambda: self._learn("new people", kind="team", people=["p2"]), {"partner": "endanger"}),
            Step(lambda: self.decide("partner", "set_tier", BY_HAND), {"partner": "set_tier", "benefit": "withdraw"}),
            Step(lambda: self.decide("partner", "suspend", f"{MANAGER}: looked into"), {"partner": "suspend"}),
            Step(lambda: self.fact("partner", "leave", by="partner"), {"partner": "leave"}),
            Step(lambda: self.decide("partner", "rejoin", f"{MANAGER}: signed again"), {"partner": "rejoin"}),
        ]

    async def _join(self) -> None:
        """A partner of whom all is known that silver asks for, but one certification."""
        at = self.stamps.setdefault("joined", self.now())
        await asyncio.to_thread(self._put)
        data = partner_data.Partner.join(self.name, at, edition_name="2022", lifecycle_version=PARTNER.version)
        await start_process(self.client, PARTNER, data, clock=self.clock, workflow_id=self.processes["partner"])

    def _put(self) -> None:
        at = self.stamps["joined"]
        joined = Partner(
            id=self.name, name="Acme Agency", contact_name="Partner desk", contact_email=f"desk@{self.name}.example",
            track=Track.ADVISOR, tier=Tier.PARTNER, joined_at=at,
        )  # fmt: skip
        put_partner(self.engine, joined, now=at)
        if not self._known:
            refer(self.engine, self.name, 300, paid=at)
            tell(self.engine, self.name, "certification", at=at, course="product", person="p1", percent="90")
            self._known = True

    _known: bool = False

    async def _learn(self, name: str, **said: Any) -> None:
        """A fact as the portal takes it."""
        at = self.stamps.setdefault(name, self.now())
        fact = TypeAdapter(WhatIsSaid).validate_python(said)
        await asyncio.to_thread(
            take_partner_fact, self.engine, source="crm", fact_id=f"{self.name}/{name}", partner_id=self.name,
            said=fact, at=at, now=at,
        )  # fmt: skip

    def more(self, connection: Connection) -> dict[str, Any]:
        held = select(tier_intervals).where(tier_intervals.c.partner_id == self.name).order_by(tier_intervals.c["from"])
        stands = select(partners).where(partners.c.id == self.name)
        return {
            "held": [
                (f"{row['track']} {row['tier']}", self.instant(row["from"]), self.instant(row["to"]))
                for row in connection.execute(held).mappings()
            ],
            "partners": [
                (row.track, row.tier, row.active, row.suspended, self.instant(row.left_at))
                for row in connection.execute(stands)
            ],
        }
