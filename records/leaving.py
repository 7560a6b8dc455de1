"""What a partner's leaving or suspension means to everything of it that is open: it is told so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from records.claims import Asker
from records.posting import Postings
from records.tables import processes
from states.account import ACCOUNT
from states.lead import LEAD
from states.lifecycle import Lifecycle
from states.nomination import NOMINATION

# By which of its own actions a process of each kind ends when its partner goes.
ENDS: dict[str, tuple[Lifecycle[Any], str]] = {
    LEAD.name: (LEAD, "withdraw"),
    ACCOUNT.name: (ACCOUNT, "end_management"),
    NOMINATION.name: (NOMINATION, "partner_gone"),
}

_OPEN = select(processes.c.process, processes.c.kind, processes.c.state).where(
    processes.c.partner_id == bindparam("of_partner"), processes.c.final.is_(False)
)


def tell_leads_of_suspension(connection: Connection, postings: Postings, asker: Asker, *, suspended: bool) -> None:
    """Leads of a suspended partner are not accepted, until they are told that it is lifted."""
    signal = "partner_suspended" if suspended else "suspension_lifted"
    for row in connection.execute(_OPEN, {"of_partner": asker.partner_id}).all():
        if row.kind == LEAD.name:
            postings.signal(f"{asker.key}/{row.process}", row.process, signal, asker.at, {})


def end_what_is_open(connection: Connection, postings: Postings, asker: Asker, *, because: str) -> None:
    """Tell the partner's open processes to end, each in its own way; what is over already is left alone."""
    for row in connection.execute(_OPEN, {"of_partner": asker.partner_id}).all():
        if row.kind not in ENDS:
            continue
        lifecycle, signal = ENDS[row.kind]
        if any(move.trigger == signal and row.state in move.sources for move in lifecycle.moves):
            payload = {"by": "partner", "reason": because}
            postings.signal(f"{asker.key}/{row.process}", row.process, signal, asker.at, payload)
