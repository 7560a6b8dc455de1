"""What the page knows on which a client answers: its link, who asks for which account, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, select

from program.edition import edition
from program.rules.accounts import AccountRules
from records.database import reading
from records.links import PURPOSES, ClientLink, link_with
from records.managements import manager_of
from records.tables import partners, processes

_STANDING = select(processes).where(processes.c.process == bindparam("of"))
_NAME = select(partners.c.name).where(partners.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client is asked with a link, and the state of it that was recorded last.

    `managed_by` names another partner that manages the account now; `updated_at` is when the state was recorded, and
    `request` the request of which it speaks. Instants are UTC, program time.
    """

    link: ClientLink
    account: str
    partner: str
    managed_by: str
    rules: AccountRules
    state: str
    outcome: str
    request: int
    lapses_at: datetime | None
    confirmed_at: datetime | None
    since: datetime
    updated_at: datetime

    @property
    def statement(self) -> str:
        """What the client confirms."""
        return self.rules.client_confirms.format(partner=self.partner)

    @property
    def is_being_recorded(self) -> bool:
        """Whether an answer came in through this link, and its process has not spoken since."""
        return self.link.answered_at is not None and self.updated_at <= self.link.answered_at


def asked(engine: Engine, nonce: str) -> Asked | None:
    """What is asked with the link of that nonce; None when there is none."""
    link = link_with(engine, nonce)
    if link is None or link.purpose not in PURPOSES:
        return None
    with reading(engine) as connection:
        # The transaction that made the link has written this row.
        shown = connection.execute(_STANDING, {"of": link.process}).mappings().one()
        managing = manager_of(connection, shown["subject"])
        other = managing.partner_id if managing and managing.process != link.process else ""
        names = {of: connection.execute(_NAME, {"of": of}).scalar() or of for of in (shown["partner_id"], other) if of}
    facts: dict[str, Any] = shown["facts"]
    return Asked(
        link=link,
        account=shown["subject"],
        partner=names[shown["partner_id"]],
        managed_by=names.get(other, ""),
        rules=edition(shown["edition"]).accounts,
        state=shown["state"],
        outcome=shown["outcome"],
        request=facts["request"],
        lapses_at=_instant(facts.get("request lapses")),
        confirmed_at=_instant(facts.get("client confirmed")),
        since=shown["since"],
        updated_at=shown["updated_at"],
    )


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
