"""Edition 2022: shares and payouts."""

from decimal import Decimal

from program.rules.money import MoneyRules, Share
from program.rules.standing import Tier, Track

ADVISOR, MASTER = Track.ADVISOR, Track.MASTER


def _share(track: Track, tier: Tier, percent: str, months: int, managed: str | None = None) -> Share:
    return Share(
        track=track,
        tier=tier,
        referred_percent=Decimal(percent),
        referred_months=months,
        managed_percent=None if managed is None else Decimal(managed),
    )


MONEY = MoneyRules(
    currency="USD",
    shares=(
        _share(ADVISOR, Tier.PARTNER, "10", 12),
        _share(ADVISOR, Tier.SILVER, "10", 12),
        _share(ADVISOR, Tier.GOLD, "15", 16),
        _share(ADVISOR, Tier.PLATINUM, "20", 24),
        _share(MASTER, Tier.SILVER, "10", 12, managed="2"),
        _share(MASTER, Tier.GOLD, "15", 16, managed="3"),
        _share(MASTER, Tier.PLATINUM, "20", 24, managed="4"),
        _share(MASTER, Tier.ELITE, "20", 24, managed="4"),
    ),
    managed_share_months=None,
    referred_period="quarter",
    managed_period="year",
    payout_days=45,
    payout_on_a_closed_day="business_day_before",
    referred_minimum=Decimal(200),
    minimum_is_tested="after_rounding",
    smaller_sums_are_carried=True,
    last_settlement_has_minimum=False,
    managed_minimum=None,
    managed_percent_basis="tier_on_last_day",
    managed_month_counts_for="holder_of_both_confirmations_at_month_end",
    rounding="half_even_per_line",
    referral_months_start="month_of_first_payment",
    returning_client_resumes=True,
    refund_is="negative_line_carried_as_debt",
    late_data_go_to="next_run_with_own_month_and_percent",
    one_client_may_earn_both=True,
)
