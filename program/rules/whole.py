"""A whole edition of the program: every table, number and window of one guide."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from program.calendar import (
    Half,
    Quarter,
    Year,
    business_days_before,
    days_after_or_business_day_before,
    end_of_day,
    last_day_of_month,
    start_of_day,
)
from program.rules.accounts import AccountRules
from program.rules.benefits import Benefit, BenefitRules, DashboardRules, Level
from program.rules.days import DayRules, MoveRules
from program.rules.elite import EliteRules, Phase, PhaseName, Season
from program.rules.joining import JoiningRules
from program.rules.leads import LeadRules
from program.rules.mergers import MergerRules
from program.rules.money import MoneyRules
from program.rules.rule import NOT_A_RULE, Note, Part, StandingRow, StatedRule, chosen, stated_rules
from program.rules.standing import ReferredTerms, Tier, Track
from program.rules.tiers import Requirements, TierRules

RowT = TypeVar("RowT", bound=StandingRow)


class Edition(Part):
    """One guide's program, immutable: a change of any rule is a new edition."""

    name: Annotated[str, NOT_A_RULE]
    based_on: Annotated[str | None, NOT_A_RULE]
    notes: Annotated[tuple[Note, ...], NOT_A_RULE]
    in_force_from: Annotated[
        date, chosen("First day on which the edition holds", "the guides name their year, not their day")
    ]

    days: DayRules
    tiers: TierRules
    moves: MoveRules
    leads: LeadRules
    accounts: AccountRules
    elite: EliteRules
    joining: JoiningRules
    mergers: MergerRules
    money: MoneyRules
    benefits: BenefitRules
    dashboards: DashboardRules

    def rules(self) -> Iterator[StatedRule]:
        """Every value of the edition with its path, its words, its source, and whether it is a choice."""
        return stated_rules(self, self.notes)

    def digest(self) -> str:
        """SHA-256 (hex) over the edition's values; the words about their sources do not count."""
        values = self.model_dump(mode="json", exclude={"notes"})
        text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def referred_terms(self, track: Track, tier: Tier) -> ReferredTerms:
        """The share to which a lead accepted at this standing is pinned; ValueError if there is none such."""
        share = self._at(self.money.shares, track, tier)
        return ReferredTerms(share.referred_percent, share.referred_months)

    def managed_percent(self, track: Track, tier: Tier) -> Decimal | None:
        """The percent of managed MRR at this standing, None for advisors; ValueError if none such."""
        return self._at(self.money.shares, track, tier).managed_percent

    def requirements(self, track: Track, tier: Tier) -> Requirements:
        """What a standing asks of a partner; ValueError if there is none such."""
        return self._at(self.tiers.requirements, track, tier)

    def rank(self, tier: Tier) -> int:
        """The place of a tier among all tiers, 0 for the lowest, the same on both tracks."""
        return self.tiers.order.index(tier)

    def tiers_of(self, track: Track) -> tuple[Tier, ...]:
        """The tiers of a track, lowest first."""
        return tuple(sorted((row.tier for row in self.tiers.requirements if row.track == track), key=self.rank))

    def benefits_of(self, track: Track, tier: Tier) -> tuple[tuple[Benefit, Level], ...]:
        """The benefits of a standing, each with how far it goes there, in the order of the benefit table."""
        held = ((benefit, benefit.level(track, tier)) for benefit in self.benefits.benefits)
        return tuple((benefit, level) for benefit, level in held if level is not None)

    def season(self, half: Half) -> Season:
        """The dates of a half-year's elite season."""
        months = {row.phase: row.h1_month if half.number == 1 else row.h2_month for row in self.elite.phases}
        grant = self.moves.adjustment_date(half)

        def month_of(phase: PhaseName) -> Phase:
            first = date(half.year, months[phase], 1)
            return Phase(start_of_day(first), end_of_day(last_day_of_month(first.year, first.month)))

        def end_of_business_day_before_grant(count: int) -> datetime:
            return end_of_day(business_days_before(grant, count))

        return Season(
            half=half,
            mrr_review=month_of("mrr_review"),
            nominations=month_of("nominations"),
            committee=month_of("committee"),
            cut_off=self.moves.cut_off(half),
            scoring_closes=end_of_business_day_before_grant(self.elite.scoring_closes_business_days),
            extended_scoring_closes=end_of_business_day_before_grant(self.elite.scoring_extended_business_days),
            grant_date=grant,
            grant=start_of_day(grant),
        )

    def payout_due(self, period: Quarter | Year) -> date:
        """The day by which the payout of a quarter (referred) or a year (managed) is made."""
        return days_after_or_business_day_before(period.last_day, self.money.payout_days)

    def _at(self, table: tuple[RowT, ...], track: Track, tier: Tier) -> RowT:
        for row in table:
            if (row.track, row.tier) == (track, tier):
                return row
        standings = ", ".join(row.row for row in table)
        raise ValueError(f"Edition {self.name} has no standing {track} {tier}; it has {standings}.")
