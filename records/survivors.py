"""Which partner has taken over what belongs to one that was merged. Of several mergers in a row it is the last one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, select

from records.database import reading
from records.posting import Postings
from records.tables import partners

_INTO = select(partners.c.merged_into).where(partners.c.id == bindparam("of"))
# Whoever merges two partners locks their rows.
_INTO_FOR_NOW = _INTO.with_for_update(read=True, key_share=True)
_FORMER = select(partners.c.id).where(partners.c.merged_into == bindparam("of"))


def merged_into(engine: Engine, partner_id: str) -> str:
    """The partner that has taken over all that one had; "" for one that is a partner itself, or unknown."""
    with reading(engine) as connection:
        return connection.execute(_INTO, {"of": partner_id}).scalar() or ""


def survivor_of(connection: Connection, partner_id: str) -> str:
    """To whom belongs what is a partner's: to itself, or to the one that has taken over what it had."""
    return connection.execute(_INTO, {"of": partner_id}).scalar() or partner_id


def survivor_held(connection: Connection, partner_id: str) -> str:
    """The same for whoever writes: no merger changes it before the transaction ends."""
    return connection.execute(_INTO_FOR_NOW, {"of": partner_id}).scalar() or partner_id


def merged_into_it(connection: Connection, partner_id: str) -> list[str]:
    """The partners that were merged into one."""
    return list(connection.execute(_FORMER, {"of": partner_id}).scalars())


def tell_new_partner(postings: Postings, process: str, *, was: str, into: str, at: datetime) -> None:
    """Tell a process that it goes on as another partner's since an instant; once, whoever finds out first."""
    key = f"{process}/change_partner/{into}"
    postings.signal(key, process, "change_partner", at, {"to": into, "merged": was})


def says_merged(partner_id: str, into: str, what_to_do: str) -> str:
    """The sentence for whoever asks something of a partner that was merged; `what_to_do` names what is possible."""
    return f"The partner {partner_id} was merged into {into}, which can't be undone; {what_to_do} {into}."
