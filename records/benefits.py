"""The benefits of a partner: which links can give them, and where those stand that people have to do with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, select

from records.columns import word
from records.database import reading
from records.posting import BEGIN
from records.tables import outbox, processes

PREFIX = "benefit:"
"""What the process id of a benefit begins with; the partner's id, a colon and the benefit's code follow."""


PARTNER_IN_LINK = "{partner}"
"""What stands for the partner's id in the template of its affiliate link."""


@dataclass(frozen=True, slots=True)
class BenefitLinks:
    """The links that this installation has for benefits; "" where it has none.

    `affiliate` is a template with `{partner}` in it, `slack` one invitation for everybody.
    """

    affiliate: str = ""
    slack: str = ""

    def of(self, code: str, partner_id: str) -> str:
        """The link by which a partner has a benefit; "" where no link gives it here."""
        match code:
            case "affiliate_link":
                return self.affiliate.replace(PARTNER_IN_LINK, quote(partner_id, safe=""))
            case "slack_community":
                return self.slack
            case _:
                return ""


NO_LINKS = BenefitLinks()


@dataclass(frozen=True, slots=True)
class BenefitStands:
    """Where a benefit's process stands; UTC."""

    code: str
    process: str
    state: str
    since: datetime
    waits_for: str
    overdue: bool
    due_at: datetime | None
    due_summary: str
    facts: dict[str, Any]


def benefits_to_come(engine: Engine, partner_id: str, codes: Iterable[str]) -> set[str]:
    """Those of a partner's benefits whose processes have been asked to begin; they may not have recorded anything."""
    targets = {f"{PREFIX}{partner_id}:{code}": code for code in codes}
    asked = select(outbox.c.target).where(outbox.c.signal == word(BEGIN), outbox.c.target.in_(targets))
    with reading(engine) as connection:
        return {targets[target] for target in connection.execute(asked).scalars()}


def benefits_of(engine: Engine, partner_id: str) -> dict[str, BenefitStands]:
    """By code: where each benefit of a partner stands that has a process."""
    wanted = select(processes).where(processes.c.partner_id == partner_id, processes.c.kind == "benefit")
    with reading(engine) as connection:
        return {
            row.subject: BenefitStands(
                code=row.subject,
                process=row.process,
                state=row.state,
                since=row.since,
                waits_for=row.waits_for,
                overdue=row.overdue,
                due_at=row.due_at,
                due_summary=row.due_summary,
                facts=row.facts,
            )
            for row in connection.execute(wanted)
        }
