"""Two partners with a lead and an account, from the proposal that they become one to what the one is credited."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, select

from program.edition import Tier, Track
from records import accounts
from records.accounts import process_of
from records.database import reading
from records.mergers import Side, merger_of, say
from records.partners import Partner, put_partner
from records.tables import managements, mergers, partners, referrals, tier_intervals
from states import partner_data
from states.account import ACCOUNT
from states.account_data import Account
from states.lead import LEAD
from states.lead_data import Lead
from states.partner import PARTNER
from tests.faults.lives import Life, Step
from workflows.doors import start_process

REVIEWER, MANAGER = "reviewer@vendor.example", "manager@vendor.example"
JOINED = datetime(2020, 1, 1, tzinfo=UTC)


class Merged(Life):
    """One is merged into the other; the lead that it had registered is credited to that one."""

    OUTCOME: ClassVar = {
        "audit of one": [
            ("begin", "received", "member", "2020-01-01T00:00:00+00:00", "partnerflow", "", False),
            ("facts_changed", "member", "member", "account client_confirms", "system", "", True),
            ("propose_merger", "member", "member", "when handled", MANAGER, "bought", False),
            ("merge", "member", "merged", "merge_into", "system", "", True),
        ],
        "audit of other": [
            ("begin", "received", "member", "one begin", "partnerflow", "", False),
            ("take_over", "member", "member", "merge_into", "system", "", True),
            ("facts_changed", "member", "member", "lead client_paid", "system", "", True),
        ],
        "audit of lead": [
            ("begin", "received", "in_review", "registered", "partnerflow", "", False),
            ("accept", "in_review", "accepted", "when handled", REVIEWER, "fits", False),
            ("change_partner", "accepted", "accepted", "merge_into", "system", "", True),
            ("client_paid", "accepted", "credited", "lead client_paid", "crm", "", "said client_paid"),
        ],
        "audit of account": [
            ("begin", "received", "waiting", "requested", "partnerflow", "", False),
            ("client_confirms", "waiting", "active", "account client_confirms", "client", "", "said client_confirms"),
            ("change_partner", "active", "active", "merge_into", "system", "", True),
        ],
        "mails": [
            ("account_asked", "client", "account", "sent"), ("account_confirmed", "partner", "account", "sent"),
            ("account_moved", "client", "account", "sent"), ("account_receipt", "client", "account", "sent"),
            ("account_received", "partner", "account", "sent"),
            ("account_to_confirm", "staff:reviewer", "account", "sent"), ("lead_accepted", "partner", "lead", "sent"),
            ("lead_credited", "partner", "lead", "sent"), ("lead_received", "partner", "lead", "sent"),
            ("merger_asked", "partner", "one", "sent"), ("merger_asked", "partner", "other", "sent"),
            ("merger_done", "manager", "one", "sent"), ("merger_done", "manager", "other", "sent"),
            ("merger_done", "partner", "one", "sent"), ("merger_done", "partner", "other", "sent"),
        ],
        "signals": [
            ("begin", "benefit:…-one:slack_community", "one", "sent"),
            ("facts_changed", "one", "account", "sent"), ("facts_changed", "other", "lead", "sent"),
            ("given_already", "benefit:…-one:slack_community", "one", "sent"), ("merge", "one", "one", "sent"),
            ("take_over", "other", "one", "sent"), ("withdraw", "benefit:…-one:slack_community", "one", "sent"),
        ],
        "claims": ["account"],
        "mergers": [("done", "merge_into")],
        "partners": [("…-one", False, "…-other"), ("…-other", True, "")],
        "held": [("…-one", "partner", "merge_into"), ("…-other", "partner", "never")],
        "referrals": [("…-other", "partner")],
        "managements": [("…-other", "account client_confirms", "never")],
        "one": {"state": "merged", "outcome": "merged"},
        "other": {"state": "member", "waiting": False, "notices": []},
        "lead": {"state": "credited", "outcome": "credited"},
        "account": {"state": "active", "waiting": False, "notices": []},
    }  # fmt: skip

    @property
    def one(self) -> str:
        """The partner that ends."""
        return f"{self.name}-one"

    @property
    def other(self) -> str:
        """The partner that goes on."""
        return f"{self.name}-other"

    @property
    def processes(self) -> dict[str, str]:
        return {
            "one": f"partner:{self.one}",
            "other": f"partner:{self.other}",
            "lead": f"lead:{self.name}",
            "account": process_of(self.name, self.one),
        }

    def steps(self) -> list[Step]:
        proposed = f"{MANAGER}: into={self.other} bought"
        accepted = f"{REVIEWER}: timely=yes relationship=deep accurate=yes engaged=nobody fits"
        everybody = {"one": "merge", "other": "take_over", "lead": "change_partner", "account": "change_partner"}
        return [
            Step(self._join, {"one": "begin", "other": "begin"}),
            Step(self._register, {"lead": "begin"}),
            Step(lambda: self.decide("lead", "accept", accepted), {"lead": "accept"}),
            Step(self._submit, {"account": "begin"}),
            Step(
                lambda: self.fact("account", "client_confirms", by="client"),
                {"account": "client_confirms", "one": "facts_changed"},
            ),
            Step(lambda: self.decide("one", "propose_merger", proposed), {"one": "propose_merger"}),
            Step(lambda: self._word("merge_from"), {}),
            Step(lambda: self._word("merge_into"), everybody),
            Step(lambda: self.fact("lead", "client_paid", by="crm"), {"lead": "client_paid", "other": "facts_changed"}),
        ]

    async def _join(self) -> None:
        for each in (self.one, self.other):
            await asyncio.to_thread(self._enter, each)
            data = partner_data.Partner.join(each, JOINED, edition_name="2022", lifecycle_version=PARTNER.version)
            await start_process(self.client, PARTNER, data, clock=self.clock, workflow_id=f"partner:{each}")

    def _enter(self, partner_id: str) -> None:
        entered = Partner(
            id=partner_id, name=partner_id, contact_name="Desk", contact_email=f"desk@{partner_id}.example",
            manager_address=MANAGER, track=Track.ADVISOR, tier=Tier.PARTNER, joined_at=JOINED,
        )  # fmt: skip
        put_partner(self.engine, entered, now=JOINED)

    async def _register(self) -> None:
        at = self.stamps.setdefault("registered", self.now())
        data = Lead.register(
            self.name, self.one, f"{self.name}.example", at, edition_name="2022", lifecycle_version=LEAD.version
        )
        await start_process(self.client, LEAD, data, clock=self.clock, workflow_id=self.processes["lead"])

    async def _submit(self) -> None:
        at = self.stamps.setdefault("requested", self.now())
        await asyncio.to_thread(self._keep)
        data = Account.submit(self.name, self.one, at, edition_name="2022", lifecycle_version=ACCOUNT.version)
        await start_process(self.client, ACCOUNT, data, clock=self.clock, workflow_id=self.processes["account"])

    def _keep(self) -> None:
        made = accounts.submit(
            self.engine, api_key=self.name, partner_id=self.one, contact_name="Head of Marketing",
            contact_email=f"contact@{self.name}.example", received_at=self.stamps["requested"],
        )  # fmt: skip
        if not made.existing:
            accounts.acknowledge(self.engine, made.process, made.number)

    async def _word(self, side: Side) -> None:
        """As the page takes it in."""
        at = self.stamps.setdefault(side, self.now())
        await asyncio.to_thread(self._say, side, at)

    def _say(self, side: Side, at: datetime) -> None:
        with reading(self.engine) as connection:
            proposed = merger_of(connection, self.processes["one"], 1)
        assert proposed is not None
        say(self.engine, proposed, side, "confirm", at=at, now=at)

    def more(self, connection: Connection) -> dict[str, Any]:
        both = (self.one, self.other)
        told = select(mergers).where(mergers.c.partner_id == self.one)
        known = select(partners).where(partners.c.id.in_(both)).order_by(partners.c.id)
        held = select(tier_intervals).where(tier_intervals.c.partner_id.in_(both)).order_by(tier_intervals.c.partner_id)
        credited = select(referrals).where(referrals.c.partner_id.in_(both))
        managed = select(managements).where(managements.c.partner_id.in_(both))
        return {
            "mergers": [(row.state, self.instant(row.ended_at)) for row in connection.execute(told)],
            "partners": [
                (self.plain(row.id), row.active, self.plain(row.merged_into or "")) for row in connection.execute(known)
            ],
            "held": [(self.plain(row.partner_id), row.tier, self.instant(row.to)) for row in connection.execute(held)],
            "referrals": [(self.plain(row.partner_id), row.tier) for row in connection.execute(credited)],
            "managements": [
                (self.plain(row.partner_id), self.instant(row.client_confirmed_at), self.instant(row.ended_at))
                for row in connection.execute(managed)
            ],
        }
