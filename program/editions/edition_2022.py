"""Edition 2022, the guide in force: every value with its table; sources stand at the fields in `program.rules`."""

from datetime import date
from decimal import Decimal

from program.rules.leads import LeadRules
from program.rules.money import MoneyRules, Share
from program.rules.rule import codes
from program.rules.standing import Tier, Track
from program.rules.whole import Edition

ADVISOR, MASTER = Track.ADVISOR, Track.MASTER

LEADS = LeadRules(
    sources=codes(
        ("form", "registered by the partner through the portal's form"),
        ("affiliate", "opened an account through the partner's affiliate link"),
    ),
    review_factors=codes(
        ("timely", "How timely is the submission?"),
        ("relationship", "How deep is the partner's relationship with the lead?"),
        ("accurate", "Is what the partner says of the lead right?"),
        ("engaged", "Is the vendor's sales team or another partner already engaged with the lead?"),
    ),
    rejection_reasons=codes(
        ("too_late", "The lead was registered too late."),
        ("weak_relationship", "The partner's relationship with the lead is not deep enough."),
        ("inaccurate", "What was said of the lead is not right."),
        ("already_engaged", "The vendor's sales team or another partner is already engaged with the lead."),
        ("existing_client", "The lead is already a client."),
        ("duplicate", "The lead is already registered."),
        ("other", "Another reason, told in the reviewer's words."),
    ),
    review_reminder_business_days=2,
    review_overdue_business_days=5,
    window_days=90,
    working_opportunity_counts=True,
    review_stops_the_window=False,
    late_acceptance_days=14,
    undo_days=14,
    expiry_reminder_days=(14, 3),
    reminder_hour=9,
    renewal_allowed=True,
    renewal_days=90,
    renewal_limit=None,
    renewal_answer_business_days=10,
    renewal_notice_without_partner_manager="partner_team",
    progress_silence_days=30,
    progress_answer_days=10,
    progress_requests=2,
    opportunity_bound_to_window=False,
    opportunity_stalled_days=180,
    won_unpaid_days=60,
    affiliate_window_days=90,
    affiliate_is_reviewed=False,
    affiliate_renewal_allowed=False,
    affiliate_net_new=codes(
        ("never_paid", "The prospect's domain never paid before."),
        ("held_by_nobody", "No partner holds the prospect."),
    ),
    affiliate_terms_fixed_at="account_opened",
    holders_per_prospect=1,
    prospect_is="registrable_domain",
    precedence="earlier_registration",
    line_window_runs_from="own_registration",
    referred_terms_fixed_at="acceptance",
)


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

EDITION = Edition(
    name="2022",
    based_on=None,
    in_force_from=date(2022, 1, 1),
    notes=(),
    leads=LEADS,
    money=MONEY,
)
