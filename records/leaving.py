"""What a partner's leaving or suspension means to everything of it that is open: it is told so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.engine import Row

from records.claims import Asker
from records.posting import Postings
from records.tables import partners, processes
from states.account import ACCOUNT
from states.effects import Commit, Projection, Step
from states.lead import LEAD
from states.lifecycle import Lifecycle
from states.nomination import NOMINATION
from states.nomination_data import PREFIX as NOMINATION_PREFIX
from states.season_data import PREFIX as SEASON_PREFIX

# By which of its own actions a process of each kind ends when its partner goes.
ENDS: dict[str, tuple[Lifecycle[Any], str]] = {
    LEAD.name: (LEAD, "withdraw"),
    ACCOUNT.name: (ACCOUNT, "end_management"),
    NOMINATION.name: (NOMINATION, "partner_gone"),
}

AGAIN = "submit_again"
"""By which trigger a process that was over, or about to be, is open again because its partner asks for it."""

_STATE = select(processes.c.state).where(processes.c.process == bindparam("of"))
_OPEN = select(processes.c.process, processes.c.kind, processes.c.state).where(
    processes.c.partner_id == bindparam("of_partner"), processes.c.final.is_(False)
)
# Whoever suspends a partner, or lets it leave, changes its row first: it waits for us, or we for it.
_PARTNER_FOR_NOW: Select[Any] = (
    select(partners.c.active, partners.c.suspended, partners.c.left_at, partners.c.merged_into)
    .where(partners.c.id == bindparam("of_partner"))
    .with_for_update(read=True)
)


def tell_leads_of_suspension(connection: Connection, postings: Postings, asker: Asker, *, suspended: bool) -> None:
    """Leads of a suspended partner are not accepted, until they are told that it is lifted."""
    for row in connection.execute(_OPEN, {"of_partner": asker.partner_id}).all():
        if row.kind == LEAD.name:
            _tell_of_suspension(postings, f"{asker.key}/{row.process}", row.process, asker.at, suspended=suspended)


def end_what_is_open(connection: Connection, postings: Postings, asker: Asker, *, because: str) -> None:
    """Tell the partner's open processes to end, each in its own way; what is over already is left alone."""
    for row in connection.execute(_OPEN, {"of_partner": asker.partner_id}).all():
        if _can_be_ended(row.kind, row.state):
            _tell_to_end(postings, f"{asker.key}/{row.process}", row.process, row.kind, asker.at, because)


def begins(commit: Commit, steps: Collection[Step]) -> bool:
    """Whether a process of a kind that ends with its partner begins here, or begins again.

    What was over when the partner went was told nothing, and can come back: by staff, or by a fact that comes late.
    """
    kind = commit.projection.kind
    return kind in ENDS and (commit.number == 1 or any(_comes_back(kind, step) for step in steps))


def partner_held(connection: Connection, partner_id: str) -> Row[Any] | None:
    """How a partner stands, if it is one: it is not suspended, lost or merged before the transaction ends."""
    return connection.execute(_PARTNER_FOR_NOW, {"of_partner": partner_id}).first()


def tell_what_it_missed(postings: Postings, commit: Commit, steps: Collection[Step], partner: Row[Any]) -> None:
    """Tell a process that begins if its partner (`partner_held`) has left or been suspended in the meantime.

    It runs before it has recorded anything, and is not told with the partner's other processes. From here on it is.
    """
    shown = commit.projection
    key = f"{commit.process}/{commit.chain}/{commit.number}/partner"
    if partner.left_at is not None and not partner.active:
        if _can_be_ended(shown.kind, shown.state):
            into = partner.merged_into
            because = f"The partner was merged into {into}." if into else "The partner has left the program."
            at = max(partner.left_at, *(step.at for step in steps))
            _tell_to_end(postings, key, commit.process, shown.kind, at, because)
    elif shown.kind == LEAD.name and partner.suspended != _knows_of_suspension(shown):
        _tell_of_suspension(postings, key, commit.process, postings.now, suspended=partner.suspended)


def tell_if_called_off(connection: Connection, postings: Postings, commit: Commit) -> None:
    """Tell a nomination that begins if its season was called off before it had heard of it."""
    if commit.projection.kind != NOMINATION.name or commit.number != 1:
        return
    season = SEASON_PREFIX + commit.process.removeprefix(NOMINATION_PREFIX).partition(":")[0]
    if connection.execute(_STATE, {"of": season}).scalar() == "called_off":
        why = {"reason": "The season was called off before this nomination began."}
        postings.signal(f"{commit.process}/called_off", commit.process, "call_off", postings.now, why)


def _comes_back(kind: str, step: Step) -> bool:
    return step.trigger == AGAIN or (_is_open(kind, step.dest) and not _is_open(kind, step.source))


def _is_open(kind: str, state: str) -> bool:
    """Whether the partner's going takes it to another state."""
    return any(dest is not None for dest in _ways_out(kind, state))


def _can_be_ended(kind: str, state: str) -> bool:
    return bool(_ways_out(kind, state))


@cache
def _ways_out(kind: str, state: str) -> tuple[str | None, ...]:
    """Where the partner's going leads from a state; None stays there."""
    if kind not in ENDS:
        return ()
    lifecycle, signal = ENDS[kind]
    return tuple(move.dest for move in lifecycle.moves if move.trigger == signal and state in move.sources)


def _tell_to_end(postings: Postings, key: str, process: str, kind: str, at: datetime, because: str) -> None:
    _, signal = ENDS[kind]
    postings.signal(key, process, signal, at, {"by": "partner", "reason": because})


def _knows_of_suspension(lead: Projection) -> bool:
    return bool(lead.facts.get("partner suspended"))


def _tell_of_suspension(postings: Postings, key: str, process: str, at: datetime, *, suspended: bool) -> None:
    postings.signal(key, process, "partner_suspended" if suspended else "suspension_lifted", at, {})
