"""Shares and payouts."""

from typing import Annotated, Literal

from program.rules.bounds import Days, Dollars, Months, Percent
from program.rules.rule import UNCLEAR, Part, StandingRow, chosen, guide


class Share(StandingRow):
    """What a standing earns: percent of MRR, months of a referral; no managed share where it is None."""

    referred_percent: Percent
    referred_months: Months
    managed_percent: Percent | None


class MoneyRules(Part):
    """Revenue shares and how they are paid; dollars and cents, periods in the program's time zone."""

    currency: Annotated[str, guide("The currency of every amount", "payouts")]
    shares: Annotated[tuple[Share, ...], guide("Revenue share by standing, in percent of MRR", "revenue share")]
    managed_share_months: Annotated[
        Months | None,
        guide("Months for which a managed account pays; none means without limit", "managed share"),
    ]

    referred_period: Annotated[Literal["quarter"], guide("The period of referred payouts", "payouts")]
    managed_period: Annotated[Literal["year"], guide("The period of managed payouts", "payouts")]
    payout_days: Annotated[Days, guide("Calendar days after a period's end in which its payout is due", "payouts")]
    payout_on_a_closed_day: Annotated[
        Literal["business_day_before"], chosen("When a payout is due that falls on a weekend or a holiday")
    ]
    referred_minimum: Annotated[
        Dollars | None, guide("The least sum of referred shares that is paid; none means any sum", "payouts")
    ]
    minimum_is_tested: Annotated[Literal["after_rounding"], chosen("When the least sum is compared", UNCLEAR)]
    smaller_sums_are_carried: Annotated[
        bool, chosen("A smaller sum is carried to the next quarter, for as long as it takes", UNCLEAR)
    ]
    last_settlement_has_minimum: Annotated[
        bool, chosen("The last settlement of a partner that leaves, which staff approve, asks the least sum")
    ]
    managed_minimum: Annotated[
        Dollars | None, guide("The least sum of managed shares that is paid; none means any sum", "payouts")
    ]
    managed_percent_basis: Annotated[
        Literal["tier_on_last_day", "tier_at_each_month_end"],
        chosen("Whose tier gives the managed percentage: that on the period's last day, or at each month's end"),
    ]
    managed_month_counts_for: Annotated[
        Literal["holder_of_both_confirmations_at_month_end"],
        chosen("Whom a month of a managed account counts for"),
    ]

    rounding: Annotated[Literal["half_even_per_line"], chosen("How each line of a statement is rounded to the cent")]
    referral_months_start: Annotated[
        Literal["month_of_first_payment"],
        guide("The first of a referral's consecutive months", "revenue share"),
    ]
    returning_client_resumes: Annotated[
        bool,
        chosen("A client that comes back inside the months resumes the share, its absence being lost", UNCLEAR),
    ]
    refund_is: Annotated[
        Literal["negative_line_carried_as_debt"],
        chosen("How a refund shows, at the percentage pinned before"),
    ]
    late_data_go_to: Annotated[
        Literal["next_run_with_own_month_and_percent"], chosen("Where data go that arrive after their payout")
    ]
    one_client_may_earn_both: Annotated[bool, guide("One client can earn a partner both shares", "revenue share")]
