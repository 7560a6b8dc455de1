"""Managed accounts in a `World`: how they are submitted, and what is said by default."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from states.account import ACCOUNT
from states.account_data import Account, learn
from tests.states.simulate import REVIEWER, Kind, Trial, World
from workflows.account import effects_of

SAYS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(
        ("confirm_for_vendor", "decline_for_vendor", "remind_of_consent", "void", "reinstate"),
        REVIEWER,
    ),
    "contact_corrected": {"contact": 2},
    "mail_bounced": {"contact": 1},
    "submit_again": {"request": 2, "contact": 2, "edition": "2022"},
    "superseded": {"by_process": "account:Ab12Cd:south"},
    "change_partner": {"to": "isar", "merged": "elbe"},
}
ACCOUNTS = Kind(ACCOUNT, effects_of, learn, SAYS)

AccountTrial = Trial[Account]


def submit(
    world: World,
    partner: str = "north",
    *,
    api_key: str = "Ab12Cd",
    at: datetime | None = None,
    edition: str = "2022",
) -> AccountTrial:
    """A partner submits an account; it begins now."""
    data = Account.submit(
        api_key, partner, at or world.now, edition_name=edition, lifecycle_version=ACCOUNT.version
    )  # fmt: skip
    return world.begin(ACCOUNTS, data)


def managing(world: World) -> list[str]:
    """The partners that manage an account now, by the register."""
    return [process.rpartition(":")[2] for (process, _), each in world.register.managements.items() if not each.ended]
