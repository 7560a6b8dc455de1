"""Edition 2022 against figures written anew from the guide: every table, number and window."""

from datetime import date
from decimal import Decimal

import pytest

from program.calendar import ZONE
from program.edition import Tier, Track, edition
from program.rules.days import MonthDay
from program.rules.rule import Code

E2022 = edition("2022")

STANDINGS = [
    (Track.ADVISOR, Tier.PARTNER),
    (Track.ADVISOR, Tier.SILVER),
    (Track.ADVISOR, Tier.GOLD),
    (Track.ADVISOR, Tier.PLATINUM),
    (Track.MASTER, Tier.SILVER),
    (Track.MASTER, Tier.GOLD),
    (Track.MASTER, Tier.PLATINUM),
    (Track.MASTER, Tier.ELITE),
]


def names(table: tuple[Code, ...]) -> list[str]:
    return [row.code for row in table]


def by_standing(line: str) -> dict[tuple[Track, Tier], str]:
    return dict(zip(STANDINGS, line.split(), strict=True))


def test_days_are_counted_as_the_calendar_counts_them() -> None:
    assert E2022.days.time_zone == ZONE.key == "America/New_York"
    assert E2022.days.day_ends_at == "midnight"
    assert E2022.days.window_day_zero == "first_date"


def test_standings_and_their_rank() -> None:
    assert [(row.track, row.tier) for row in E2022.tiers.requirements] == STANDINGS
    assert [(share.track, share.tier) for share in E2022.money.shares] == STANDINGS
    assert [E2022.rank(tier) for tier in Tier] == [0, 1, 2, 3, 4]
    assert E2022.tiers_of(Track.ADVISOR) == (Tier.PARTNER, Tier.SILVER, Tier.GOLD, Tier.PLATINUM)
    assert E2022.tiers_of(Track.MASTER) == (Tier.SILVER, Tier.GOLD, Tier.PLATINUM, Tier.ELITE)


@pytest.mark.parametrize(
    ("requirement", "line"),
    [
        ("referred_mrr", "None 250 2500 10000 250 2500 10000 20000"),
        ("referred_sms_mrr", "None None None None None 500 1000 None"),
        ("managed_mrr", "None None None None 250 2500 10000 20000"),
        ("visible_on_website", "False False True True False True True True"),
        ("approved_and_signed", "True True True True True True True True"),
        ("services_acknowledged", "False False False False True True True True"),
    ],
)
def test_requirements(requirement: str, line: str) -> None:
    for (track, tier), expected in by_standing(line).items():
        assert str(getattr(E2022.requirements(track, tier), requirement)) == expected, (track, tier)


def test_certifications() -> None:
    for track, tier in STANDINGS:
        expected = () if tier == Tier.PARTNER else ("partner", "product")
        assert E2022.requirements(track, tier).certifications == expected
    assert E2022.tiers.certification_pass_percent == 80
    assert E2022.tiers.certified_employees == 1
    assert E2022.tiers.certification_before == ()
    assert names(E2022.tiers.website_evidence) == ["case_study", "badge", "landing_page"]


def test_mrr_and_sms() -> None:
    tiers = E2022.tiers
    assert tiers.referred_months == 12
    assert tiers.referred_mrr_includes_sms is True
    assert tiers.sms_exempt_where_not_sold is True
    assert tiers.sms_sold_in == ("AU", "CA", "GB", "US")
    assert tiers.sms_needed_to_move_up_from == date(2022, 4, 1)
    assert tiers.sms_can_move_down_from == date(2022, 10, 1)
    assert tiers.advisor_may_ask_for_a_lower_master_tier is True
    assert names(tiers.master_services)[:3] == ["strategic_guidance", "technical_support", "implementation"]


def test_moves() -> None:
    first, second = E2022.moves.halves
    assert (first.half, first.cut_off, first.adjustment) == (1, MonthDay(3, 25), MonthDay(4, 1))
    assert (second.half, second.cut_off, second.adjustment) == (2, MonthDay(9, 15), MonthDay(10, 1))
    assert E2022.moves.corrections_rewrite_the_cut_off is False
    assert E2022.moves.falls_straight_to_its_facts is True
    assert E2022.moves.recovery_after_cut_off_keeps_tier is True
    assert E2022.moves.decline_after_cut_off_waits is True
    assert E2022.moves.retained_elite_is_adjusted is False
    assert E2022.moves.warning_days == (30, 7)
    assert E2022.moves.runs_without_release is True
    assert E2022.moves.opens_days_before_cut_off == 35


LEAD_RULES = {
    "window_days": 90,
    "review_reminder_business_days": 2,
    "review_overdue_business_days": 5,
    "review_stops_the_window": False,
    "late_acceptance_days": 14,
    "undo_days": 14,
    "working_opportunity_counts": True,
    "renewal_allowed": True,
    "renewal_days": 90,
    "renewal_limit": None,
    "renewal_answer_business_days": 10,
    "expiry_reminder_days": (14, 3),
    "reminder_hour": 9,
    "progress_silence_days": 30,
    "progress_answer_days": 10,
    "progress_requests": 2,
    "opportunity_bound_to_window": False,
    "opportunity_stalled_days": 180,
    "won_unpaid_days": 60,
    "affiliate_window_days": 90,
    "affiliate_is_reviewed": False,
    "affiliate_renewal_allowed": False,
    "affiliate_terms_fixed_at": "account_opened",
    "referred_terms_fixed_at": "acceptance",
    "holders_per_prospect": 1,
}


@pytest.mark.parametrize("rule", LEAD_RULES)
def test_leads(rule: str) -> None:
    assert getattr(E2022.leads, rule) == LEAD_RULES[rule]


def test_what_a_review_of_a_lead_asks_and_answers() -> None:
    assert names(E2022.leads.sources) == ["form", "affiliate"]
    assert names(E2022.leads.review_factors) == ["timely", "relationship", "accurate", "engaged"]
    assert names(E2022.leads.rejection_reasons) == (
        [
            "too_late",
            "weak_relationship",
            "inaccurate",
            "already_engaged",
            "existing_client",
            "duplicate",
            "other",
        ]
    )
    assert names(E2022.leads.affiliate_net_new) == ["never_paid", "held_by_nobody"]


def test_accounts() -> None:
    accounts = E2022.accounts
    assert accounts.api_key_pattern == "[A-Za-z0-9]{6}"
    assert "{partner}" in accounts.client_confirms
    assert "All e-mail marketing activities" in accounts.client_confirms
    assert accounts.confirmed_for_dashboard == ("client",)
    assert accounts.confirmed_for_share == ("client", "vendor")
    assert accounts.reminder_days == (3, 7, 14)
    assert accounts.request_lapses_days == 30
    assert accounts.may_submit_again is True
    assert accounts.correction_restarts_request is False
    assert accounts.confirming_link_ends_with_request is True
    assert accounts.revoking_link_ends is False
    assert accounts.new_links_a_day == 3
    assert accounts.wrong_codes_lock_link == 5
    assert accounts.managing_partners == 1
    assert (accounts.client_may_revoke, accounts.partner_may_end) == (True, True)
    assert accounts.vendor_may_decline_and_reverse is True


def test_elite_thresholds() -> None:
    elite = E2022.elite
    assert (elite.referred_mrr, elite.managed_mrr) == (Decimal(20_000), Decimal(20_000))
    assert elite.sms_accounts_percent == 25
    assert elite.sms_without_any_account_passes is False
    assert (elite.sms_exemption_holds, elite.sms_phase_in_holds) == (True, False)
    assert (elite.case_studies, elite.case_study_months) == (1, 12)
    assert elite.health_score == 65
    assert elite.report_card_percent == 8
    certifications = [row.certification for row in elite.team_certifications]
    assert certifications == ["product", "sales", "sms", "sms_strategy", "system_integrator"]
    assert {row.team_percent for row in elite.team_certifications} == {50}
    assert [row.only_where_it_applies for row in elite.team_certifications] == [False] * 4 + [True]
    assert elite.other_requirements_of == "master platinum"
    # The requirement table and the elite section must not drift apart.
    row = E2022.requirements(Track.MASTER, Tier.ELITE)
    assert (row.referred_mrr, row.managed_mrr) == (elite.referred_mrr, elite.managed_mrr)


def test_elite_season() -> None:
    elite = E2022.elite
    assert [(row.phase, row.h1_month, row.h2_month) for row in elite.phases] == [
        ("mrr_review", 1, 7),
        ("nominations", 2, 8),
        ("committee", 3, 9),
    ]
    assert elite.list_looked_through_every_days == 1
    assert (elite.nomination_reminder_days, elite.nomination_reminder_hour) == ((10, 3), 9)
    assert (elite.silence_at_the_close_is, elite.reevaluation_needs_nomination) == ("declined", False)
    assert elite.scoring_closes_business_days == 5
    assert elite.scoring_extended_business_days == 3
    assert elite.without_quorum == "not reviewed"
    assert elite.chair_confirms is True
    assert elite.unconfirmed_reminder_days == 1
    assert elite.retention_years == 1
    assert elite.season_decides_before_adjustment is True
    assert names(elite.extras) == ["social_promotion", "trophy"]


def test_rubric() -> None:
    rubric = E2022.elite.rubric
    assert [(area.area, area.letter, len(area.questions)) for area in rubric.areas] == [
        ("leadership", "L", 2),
        ("operations", "O", 5),
        ("product", "P", 5),
        ("client_health", "C", 1),
        ("marketing", "M", 4),
        ("community", "R", 1),
    ]
    assert (rubric.lowest_score, rubric.highest_score) == (0, 4)
    assert rubric.areas_weigh == "the same"
    assert (rubric.passing_average, rubric.lowest_area_average) == (Decimal("3.0"), Decimal("2.0"))
    assert rubric.quorum == 3
    assert names(rubric.excluded_members) == ["nominated", "manages"]


def test_mergers() -> None:
    mergers = E2022.mergers
    assert (mergers.proposal_days, mergers.wrong_codes_lock_link) == (30, 5)
    assert mergers.higher_tier_is_kept == "until the next adjustment"
    assert mergers.elite_moves == "while it is retained"


def test_joining() -> None:
    joining = E2022.joining
    assert names(joining.questions) == ["service_offerings", "technology_partners", "client_profile"]
    assert (joining.review_reminder_business_days, joining.review_deadline_business_days) == (2, 5)
    assert names(joining.denial_reasons) == ["information", "no_answer", "not_a_fit"]
    assert (joining.appeals, joining.appeal_is_read_by_somebody_else) == (1, True)
    assert joining.information_days == 14
    assert joining.information_missing_reason == joining.denial_reasons[0].code
    assert names(joining.steps_after_approval) == [
        "portal_access", "onboarding_specialist", "agreement", "conversation",
    ]  # fmt: skip
    assert (joining.appeal_days, joining.undo_days, joining.onboarding_stalls_days) == (30, 14, 30)
    assert joining.onboarding_denial_reason == joining.denial_reasons[1].code
    assert joining.prospect_until_webinar is False
    assert (joining.joins_track, joining.joins_tier) == (Track.ADVISOR, Tier.PARTNER)


def test_shares() -> None:
    percents = by_standing("10 10 15 20 10 15 20 20")
    months = by_standing("12 12 16 24 12 16 24 24")
    managed = by_standing("None None None None 2 3 4 4")
    for track, tier in STANDINGS:
        terms = E2022.referred_terms(track, tier)
        assert terms == (Decimal(percents[track, tier]), int(months[track, tier]))
        assert str(E2022.managed_percent(track, tier)) == managed[track, tier]


def test_payouts() -> None:
    money = E2022.money
    assert (money.referred_period, money.managed_period, money.payout_days) == ("quarter", "year", 45)
    assert (money.referred_minimum, money.managed_minimum) == (Decimal(200), None)
    assert money.managed_share_months is None
    assert money.managed_percent_basis == "tier_on_last_day"
    assert money.minimum_is_tested == "after_rounding"
    assert money.smaller_sums_are_carried is True
    assert money.last_settlement_has_minimum is False
    assert money.rounding == "half_even_per_line"
    assert money.one_client_may_earn_both is True


BENEFITS = {
    "courses": "yes yes yes yes yes yes yes yes",
    "affiliate_link": "yes yes yes yes yes yes yes yes",
    "portal_access": "yes yes yes yes yes yes yes yes",
    "slack_community": "yes yes yes yes yes yes yes yes",
    "badge": "yes yes yes yes yes yes yes yes",
    "marketing_collateral": "yes yes yes yes yes yes yes yes",
    "sales_enablement": "yes yes yes yes yes yes yes yes",
    "directory_listing": "- yes yes yes yes yes yes yes",
    "leadership_access": "- - limited prioritised - limited prioritised quarterly",
    "developer_support": "- - yes yes - yes yes yes",
    "partner_manager": "- - chosen_partners yes - chosen_partners yes yes",
    "success_manager": "- - - - - chosen_partners yes yes",
    "priority_support": "- - - - coming_soon coming_soon with_a_service_level with_a_service_level",
    "co_marketing": "- - eligible prioritised - eligible prioritised prioritised",
    "development_funds": "- - by_invitation eligible - by_invitation eligible eligible",
    "social_promotion": "- - - - - - - yes",
    "yearly_trophy": "- - - - - - - yearly",
}


def test_benefits() -> None:
    assert [benefit.code for benefit in E2022.benefits.benefits] == list(BENEFITS)
    for benefit in E2022.benefits.benefits:
        for (track, tier), level in by_standing(BENEFITS[benefit.code]).items():
            expected = None if level == "-" else level.replace("_", " ")
            assert benefit.level(track, tier) == expected, (benefit.code, track, tier)
    assert names(E2022.benefits.sent_at_every_uptier) == ["logo_kit"]
    assert (E2022.benefits.task_reminder_business_days, E2022.benefits.task_due_business_days) == (5, 10)


def test_benefits_of_a_standing() -> None:
    held = {benefit.code: level for benefit, level in E2022.benefits_of(Track.ADVISOR, Tier.GOLD)}
    assert held["co_marketing"] == "eligible"
    assert "success_manager" not in held
    assert len(E2022.benefits_of(Track.ADVISOR, Tier.PARTNER)) == 7
    assert len(E2022.benefits_of(Track.MASTER, Tier.ELITE)) == 17


def test_development_funds() -> None:
    mdf = E2022.benefits.mdf
    assert {(line.track, line.tier): (line.by_invitation, line.up_to) for line in mdf.funds} == {
        (Track.ADVISOR, Tier.GOLD): (True, None),
        (Track.ADVISOR, Tier.PLATINUM): (False, Decimal(5_000)),
        (Track.MASTER, Tier.GOLD): (True, None),
        (Track.MASTER, Tier.PLATINUM): (False, Decimal(5_000)),
        (Track.MASTER, Tier.ELITE): (False, Decimal(5_000)),
    }
    assert names(mdf.activities) == ["incentives", "events", "sponsorships", "paid_ads"]
    assert names(mdf.proposal) == ["activity", "theme", "amount"]
    assert mdf.guaranteed is False


def test_lines_that_clients_cross() -> None:
    assert [int(line) for line in E2022.dashboards.client_lines] == [50_000, 100_000, 250_000, 1_000_000]
