"""A whole edition of the program: every table, number and window of one guide."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

from program.rules.leads import LeadRules
from program.rules.money import MoneyRules, Share
from program.rules.rule import Note, Part, StatedRule, chosen, stated_rules
from program.rules.standing import ReferredTerms, Tier, Track


class Edition(Part):
    """One guide's program, immutable: a change of any rule is a new edition."""

    name: str
    based_on: str | None
    notes: tuple[Note, ...]
    in_force_from: Annotated[
        date, chosen("First day on which the edition holds", "the guides name their year, not their day")
    ]

    leads: LeadRules
    money: MoneyRules

    def rules(self) -> Iterator[StatedRule]:
        """Every value of the edition with its path, its words, its source, and whether it is a choice."""
        return stated_rules(self, self.notes)

    def digest(self) -> str:
        """SHA-256 (hex) over the edition's values; the words about their sources do not count."""
        values = self.model_dump(mode="json", exclude={"notes"})
        text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def referred_terms(self, track: Track, tier: Tier) -> ReferredTerms:
        """The share that a lead accepted at this standing is pinned to; ValueError where there is no such standing."""
        share = self._share(track, tier)
        return ReferredTerms(share.referred_percent, share.referred_months)

    def managed_percent(self, track: Track, tier: Tier) -> Decimal | None:
        """The percentage of managed MRR at this standing, None for advisors; ValueError as in `referred_terms`."""
        return self._share(track, tier).managed_percent

    def _share(self, track: Track, tier: Tier) -> Share:
        for share in self.money.shares:
            if (share.track, share.tier) == (track, tier):
                return share
        raise self._no_such_standing(track, tier)

    def _no_such_standing(self, track: Track, tier: Tier) -> ValueError:
        standings = ", ".join(share.row for share in self.money.shares)
        return ValueError(f"Edition {self.name} has no standing {track} {tier}; it has {standings}.")
