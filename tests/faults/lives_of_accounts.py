"""Managed accounts from the question to their ends: taken over by another partner, denied, revoked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Connection, select

from program.calendar import at_hour, program_date
from program.clock import ProgramClock
from program.edition import LATEST
from records import accounts
from records.accounts import process_of
from records.tables import client_links, managements, vendor_words
from states.account import ACCOUNT
from states.account_data import Account
from tests.faults.lives import Life, Step
from workflows.doors import start_process

STAFF = "reviewer@vendor.example"
REQUESTED = datetime(2027, 1, 5, 15, tzinfo=UTC)
REMINDED = at_hour(
    program_date(REQUESTED) + timedelta(days=LATEST.accounts.reminder_days[0]), LATEST.accounts.reminder_hour
)
# How long before its first reminder an account is heard of.
SOON = timedelta(seconds=4)


class OfAccounts(Life):
    """One account of a client under the partner alster (a), and perhaps under isar (b)."""

    PARTNERS: ClassVar = {"a": "alster"}

    @property
    def processes(self) -> dict[str, str]:
        return {name: process_of(self.name, partner) for name, partner in self.PARTNERS.items()}

    async def submit(self, process: str) -> None:
        """As the portal does: the contact into the records, then the process."""
        at = self.stamps.setdefault(f"{process} requested", self.now())
        await asyncio.to_thread(self._keep)
        data = Account.submit(
            self.name, self.PARTNERS[process], at, edition_name="2022", lifecycle_version=ACCOUNT.version
        )
        await start_process(self.client, ACCOUNT, data, clock=self.clock, workflow_id=self.processes[process])

    def _keep(self) -> None:
        """All contacts at once, so that a later submission needs no database to be told."""
        for process, partner in self.PARTNERS.items():
            made = accounts.submit(
                self.engine, api_key=self.name, partner_id=partner, contact_name="Head of Marketing",
                contact_email=f"{process}@{self.name}.example", received_at=self.now(),
            )  # fmt: skip
            if not made.existing:
                accounts.acknowledge(self.engine, made.process, made.number)

    def more(self, connection: Connection) -> dict[str, Any]:
        ours = tuple(self.processes.values())
        managed = select(managements).where(managements.c.process.in_(ours)).order_by(managements.c.client_confirmed_at)
        links = select(client_links).where(client_links.c.process.in_(ours))
        words = select(vendor_words).where(vendor_words.c.process.in_(ours)).order_by(vendor_words.c.at)
        return {
            "managements": [
                (self.plain(row.process), self.instant(row.client_confirmed_at), self.instant(row.ended_at), row.why)
                for row in connection.execute(managed)
            ],
            "links": sorted(
                (self.plain(row.process), row.purpose, row.number, bool(row.dead)) for row in connection.execute(links)
            ),
            "vendor": [(self.plain(row.process), row.word) for row in connection.execute(words)],
        }


async def _time_passes() -> None:
    """Nobody does anything."""


class TakenOver(OfAccounts):
    """Asked, reminded, confirmed by the client and by staff; then the client confirms another partner, who ends it."""

    PARTNERS: ClassVar = {"a": "alster", "b": "isar"}
    restless: ClassVar = 1

    OUTCOME: ClassVar = {
        "audit of a": [
            ("begin", "received", "waiting", "a requested", "partnerflow", "", False),
            ("remind_client", "waiting", "waiting", "the third day", "partnerflow", "", False),
            ("client_confirms", "waiting", "active", "a client_confirms", "client", "", "said client_confirms"),
            ("confirm_for_vendor", "active", "active", "when handled", STAFF, "checked", False),
            ("superseded", "active", "superseded", "b client_confirms", "system", "", True),
        ],
        "audit of b": [
            ("begin", "received", "waiting", "b requested", "partnerflow", "", False),
            ("client_confirms", "waiting", "active", "b client_confirms", "client", "", "said client_confirms"),
            ("end_management", "active", "ended", "b end_management", "partner", "", "said end_management"),
        ],
        "mails": [
            ("account_asked", "client", "a", "sent"), ("account_asked", "client", "b", "sent"),
            ("account_confirmed", "partner", "a", "sent"), ("account_confirmed", "partner", "b", "sent"),
            ("account_ended", "client", "b", "sent"), ("account_ended", "manager", "b", "sent"),
            ("account_receipt", "client", "a", "sent"), ("account_receipt", "client", "b", "sent"),
            ("account_received", "partner", "a", "sent"), ("account_received", "partner", "b", "sent"),
            ("account_reminder", "client", "a", "sent"), ("account_share_confirmed", "partner", "a", "sent"),
            ("account_superseded", "manager", "a", "sent"), ("account_superseded", "partner", "a", "sent"),
            ("account_to_confirm", "staff:reviewer", "a", "sent"),
            ("account_to_confirm", "staff:reviewer", "b", "sent"),
        ],
        "signals": [("superseded", "a", "b", "sent")],
        "claims": [],
        "managements": [
            ("a", "a client_confirms", "b client_confirms", "superseded"),
            ("b", "b client_confirms", "b end_management", "ended"),
        ],
        "links": [
            ("a", "confirm", 1, False), ("a", "revoke", 1, False),
            ("b", "confirm", 1, False), ("b", "revoke", 1, False),
        ],
        "vendor": [("a", "confirmed")],
        "a": {"state": "superseded", "outcome": "superseded"},
        "b": {"state": "ended", "outcome": "ended"},
    }  # fmt: skip

    def steps(self) -> list[Step]:
        return [
            Step(self._submit_before_the_reminder, {"a": "begin"}),
            Step(_time_passes, {"a": "remind_client"}),
            Step(lambda: self.fact("a", "client_confirms", by="client"), {"a": "client_confirms"}),
            Step(lambda: self.decide("a", "confirm_for_vendor", f"{STAFF}: checked"), {"a": "confirm_for_vendor"}),
            Step(lambda: self.submit("b"), {"b": "begin"}),
            Step(lambda: self.fact("b", "client_confirms", by="client"), {"b": "client_confirms", "a": "superseded"}),
            Step(lambda: self.fact("b", "end_management", by="partner"), {"b": "end_management"}),
        ]

    async def _submit_before_the_reminder(self) -> None:
        if not self.stamps:
            self.clock = ProgramClock(origin=datetime.now(UTC), starts=REMINDED - SOON, speed=1)
            self.stamps |= {"a requested": REQUESTED, "the third day": REMINDED}
        await self.submit("a")


class Denied(OfAccounts):
    """The client says no."""

    OUTCOME: ClassVar = {
        "audit of a": [
            ("begin", "received", "waiting", "a requested", "partnerflow", "", False),
            ("client_denies", "waiting", "denied", "a client_denies", "client", "", "said client_denies"),
        ],
        "mails": [
            ("account_asked", "client", "a", "sent"), ("account_denied", "partner", "a", "sent"),
            ("account_received", "partner", "a", "sent"),
        ],
        "signals": [],
        "claims": [],
        "managements": [],
        "links": [("a", "confirm", 1, False)],
        "vendor": [],
        "a": {"state": "denied", "outcome": "denied"},
    }  # fmt: skip

    def steps(self) -> list[Step]:
        return [
            Step(lambda: self.submit("a"), {"a": "begin"}),
            Step(lambda: self.fact("a", "client_denies", by="client"), {"a": "client_denies"}),
        ]


class Revoked(OfAccounts):
    """Staff decline before the client confirms; the client takes its word back."""

    OUTCOME: ClassVar = {
        "audit of a": [
            ("begin", "received", "waiting", "a requested", "partnerflow", "", False),
            ("decline_for_vendor", "waiting", "waiting", "when handled", STAFF, "managed by the client itself", False),
            ("client_confirms", "waiting", "active", "a client_confirms", "client", "", "said client_confirms"),
            ("client_revokes", "active", "revoked", "a client_revokes", "client", "", "said client_revokes"),
        ],
        "mails": [
            ("account_asked", "client", "a", "sent"), ("account_confirmed", "partner", "a", "sent"),
            ("account_receipt", "client", "a", "sent"), ("account_received", "partner", "a", "sent"),
            ("account_revoked", "manager", "a", "sent"), ("account_revoked", "partner", "a", "sent"),
            ("account_share_declined", "partner", "a", "sent"),
        ],
        "signals": [],
        "claims": [],
        "managements": [("a", "a client_confirms", "a client_revokes", "revoked")],
        "links": [("a", "confirm", 1, False), ("a", "revoke", 1, False)],
        "vendor": [("a", "declined")],
        "a": {"state": "revoked", "outcome": "revoked"},
    }  # fmt: skip

    def steps(self) -> list[Step]:
        declined = f"{STAFF}: managed by the client itself"
        return [
            Step(lambda: self.submit("a"), {"a": "begin"}),
            Step(lambda: self.decide("a", "decline_for_vendor", declined), {"a": "decline_for_vendor"}),
            Step(lambda: self.fact("a", "client_confirms", by="client"), {"a": "client_confirms"}),
            Step(lambda: self.fact("a", "client_revokes", by="client"), {"a": "client_revokes"}),
        ]
