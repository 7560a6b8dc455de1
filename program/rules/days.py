"""How days are counted, and the half-year's dates; both are instants only in `program.calendar`."""

from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple

from program.calendar import Half, end_of_day, program_date, start_of_day
from program.rules.rule import NOT_A_RULE, UNCLEAR, Part, Row, chosen, guide


class DayRules(Part):
    """How instants, days and windows are counted; `program.calendar` is built on these."""

    time_zone: Annotated[str, chosen("The time zone of every date, deadline and report")]
    day_ends_at: Annotated[Literal["midnight"], chosen("When a day ends, in the program's time zone")]
    window_day_zero: Annotated[
        Literal["first_date"],
        chosen("The date that counts as day 0; the window ends with its last day", UNCLEAR),
    ]
    closed_days: Annotated[
        Literal["weekends and US federal holidays as observed"], chosen("The days that are no business days")
    ]


class MonthDay(NamedTuple):
    """A date of every year."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The date in one year."""
        return date(year, self.month, self.day)


class HalfRow(Row):
    """The dates of one half-year: the last day whose facts count, and the day on which tiers are adjusted."""

    half: Annotated[int, NOT_A_RULE]
    cut_off: MonthDay
    adjustment: MonthDay

    @property
    def row(self) -> str:
        """The half, like "H1"."""
        return f"H{self.half}"


class MoveRules(Part):
    """Moving between tiers: up at any time, down twice a year."""

    up: Annotated[Literal["at any time"], guide("When a partner moves up; elite is the exception", "tier changes")]
    down: Annotated[Literal["at the adjustment"], guide("When a partner moves down", "tier changes")]
    halves: Annotated[
        tuple[HalfRow, ...],
        guide("Cut-off (end of that day) and adjustment of each half-year", "tier changes"),
    ]
    facts_count_when: Annotated[
        Literal["effective by the cut-off, arrived before the adjustment"],
        chosen("The facts on which an adjustment judges", UNCLEAR),
    ]
    mrr_is: Annotated[
        Literal["latest month loaded for each account at the cut-off"],
        chosen("The MRR on which an adjustment judges", UNCLEAR),
    ]
    corrections_rewrite_the_cut_off: Annotated[
        bool, chosen("MRR corrected after the cut-off changes what it found", UNCLEAR)
    ]
    falls_straight_to_its_facts: Annotated[
        bool, guide("A partner falls to the tier its facts give, not by one step", "tier changes")
    ]
    recovery_after_cut_off_keeps_tier: Annotated[
        bool, chosen("Facts that recover before the adjustment date keep the tier", UNCLEAR)
    ]
    decline_after_cut_off_waits: Annotated[
        bool, chosen("Facts that worsen after the cut-off wait for the next half-year", UNCLEAR)
    ]
    warning_days: Annotated[
        tuple[int, ...], chosen("Days before the cut-off at which partners at risk are warned, with what is missing")
    ]
    runs_without_release: Annotated[
        bool, chosen("The adjustment runs on its day also where staff have not released its list")
    ]
    opens_days_before_cut_off: Annotated[int, chosen("Days before the cut-off at which an adjustment begins")]
    retained_elite_is_adjusted: Annotated[
        bool, guide("The adjustment can take elite away while its retention runs", "elite")
    ]

    def cut_off_date(self, half: Half) -> date:
        """The last day whose facts count for a half-year's adjustment."""
        return self._row(half).cut_off.in_year(half.year)

    def cut_off(self, half: Half) -> datetime:
        """The instant (UTC) at which the cut-off day ends."""
        return end_of_day(self.cut_off_date(half))

    def adjustment_date(self, half: Half) -> date:
        """The day on which tiers are adjusted, and elite is granted, for a half-year."""
        return self._row(half).adjustment.in_year(half.year)

    def adjustment(self, half: Half) -> datetime:
        """The instant (UTC) at which the adjustment day starts."""
        return start_of_day(self.adjustment_date(half))

    def next_adjustment(self, after: datetime) -> Half:
        """The half-year whose adjustment is the first one strictly after an instant."""
        half = Half.of(program_date(after)).previous()
        while self.adjustment(half) <= after:
            half = half.next()
        return half

    def _row(self, half: Half) -> HalfRow:
        return self.halves[half.number - 1]
