"""What the page knows on which a partner answers whether it becomes one with another: the link, both, what moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, bindparam, func, null, select

from program.edition import Tier, Track
from program.evaluation import Standing
from records.database import reading
from records.links import ClientLink, link_with
from records.mergers import SIDES, Merger, Side, in_the_way, merger_of
from records.merging import Counted, what_moves
from records.tables import api_keys, partners

_PARTNERS = select(partners.c.id, partners.c.name, partners.c.track, partners.c.tier).where(
    partners.c.id.in_(bindparam("these", expanding=True))
)
_KEYS = (
    select(func.count())
    .select_from(api_keys)
    .where(api_keys.c.partner_id == bindparam("of"), api_keys.c.revoked_at.is_(null()))
)


@dataclass(frozen=True, slots=True)
class Party:
    """A partner of a merger, and what it holds now."""

    id: str
    name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class AskedToMerge:
    """What a partner is asked with a link: `merged` becomes a part of `into`; `side` says which of the two is asked.

    `moves` is what goes over, `keys` how many keys for programs end, `in_the_way` what keeps it from being confirmed.
    """

    link: ClientLink
    side: Side
    merger: Merger
    merged: Party
    into: Party
    moves: tuple[Counted, ...]
    keys: int
    in_the_way: str

    @property
    def other(self) -> Party:
        """The partner that is asked as well."""
        return self.into if self.side == "merge_from" else self.merged

    @property
    def confirmed_at(self) -> datetime | None:
        """When the partner that is asked confirmed it."""
        return self.merger.confirmed_at(self.side)


def asked_to_merge(engine: Engine, nonce: str) -> AskedToMerge | None:
    """What is asked with the link of that nonce; None when there is none."""
    link = link_with(engine, nonce)
    side = next((each for each in SIDES if link is not None and each == link.purpose), None)
    if link is None or side is None:
        return None
    with reading(engine) as connection:
        merger = merger_of(connection, link.process, link.request)
        if merger is None:
            return None
        rows = {row.id: row for row in connection.execute(_PARTNERS, {"these": [merger.partner_id, merger.into]})}
        merged, into = (
            Party(each, rows[each].name, Standing(Track(rows[each].track), Tier(rows[each].tier)))
            for each in (merger.partner_id, merger.into)
        )
        return AskedToMerge(
            link,
            side,
            merger,
            merged,
            into,
            tuple(what_moves(connection, merger.partner_id)),
            connection.execute(_KEYS, {"of": merger.partner_id}).scalar_one(),
            in_the_way(connection, merger),
        )
