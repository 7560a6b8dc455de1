"""Edition 2022: elite requirements, season and rubric."""

from decimal import Decimal

from program.rules.elite import Area, EliteRules, PhaseRow, Rubric, TeamCertification
from program.rules.rule import codes

RUBRIC = Rubric(
    areas=(
        Area(
            area="leadership",
            letter="L",
            title="Leadership",
            questions=(
                "Are we connected to key leaders who make themselves available?",
                "Is there a clear plan for growth?",
            ),
        ),
        Area(
            area="operations",
            letter="O",
            title="Operations and communications",
            questions=(
                "Is there regular contact with the wider team?",
                "Does it run well as a people business?",
                "Are there clear roles, and do they communicate?",
                "Does it put team training first?",
                "Is it engaged with its vendor contacts?",
            ),
        ),
        Area(
            area="product",
            letter="P",
            title="Product use and education",
            questions=(
                "Does it use the product beyond its core?",
                "Does it make time to learn?",
                "Does it adopt new features early?",
                "Does it give feedback?",
                "Does it hold the right certifications?",
            ),
        ),
        Area(
            area="client_health",
            letter="C",
            title="Client account health",
            questions=("Is its book of accounts above the performance benchmarks?",),
        ),
        Area(
            area="marketing",
            letter="M",
            title="Marketing and advocacy",
            questions=(
                "What is the reach and frequency of its promotion?",
                "Has it given a testimonial?",
                "Has it published a case study?",
                "Do its marketing activities promote the vendor or bring net-new leads?",
            ),
        ),
        Area(
            area="community",
            letter="R",
            title="Community reputation",
            questions=("Is this somebody by whom the vendor is at ease to be represented?",),
        ),
    ),
    lowest_score=0,
    highest_score=4,
    areas_weigh="the same",
    passing_average=Decimal("3.0"),
    lowest_area_average=Decimal("2.0"),
    quorum=3,
    excluded_members=codes(
        ("nominated", "a member who nominated the partner"),
        ("manages", "a member who manages the partner"),
    ),
)

ELITE = EliteRules(
    judged_on="cut-off",
    referred_mrr=Decimal(20_000),
    managed_mrr=Decimal(20_000),
    sms_accounts_percent=25,
    sms_accounts_counted_by="number",
    sms_without_any_account_passes=False,
    sms_exemption_holds=True,
    sms_phase_in_holds=False,
    case_studies=1,
    case_study_months=12,
    health_score=Decimal(65),
    report_card_percent=Decimal(8),
    team_certifications=(
        TeamCertification(certification="product", team_percent=50, only_where_it_applies=False),
        TeamCertification(certification="sales", team_percent=50, only_where_it_applies=False),
        TeamCertification(certification="sms", team_percent=50, only_where_it_applies=False),
        TeamCertification(certification="sms_strategy", team_percent=50, only_where_it_applies=False),
        TeamCertification(certification="system_integrator", team_percent=50, only_where_it_applies=True),
    ),
    team_certifications_count="each for itself",
    other_requirements_of="master platinum",
    exception_needs_recorded_reason=True,
    granted_on="adjustment date",
    phases=(
        PhaseRow(
            phase="mrr_review",
            h1_month=1,
            h2_month=7,
            what_happens="partners that meet the MRR thresholds are listed, and their managers told",
        ),
        PhaseRow(
            phase="nominations",
            h1_month=2,
            h2_month=8,
            what_happens="partner managers nominate, or decline to, and present the case to the committee",
        ),
        PhaseRow(
            phase="committee",
            h1_month=3,
            h2_month=9,
            what_happens="the committee scores every nomination with the rubric and confirms the selection",
        ),
    ),
    list_looked_through_every_days=1,
    nomination_reminder_days=(10, 3),
    nomination_reminder_hour=9,
    silence_at_the_close_is="declined",
    reevaluation_needs_nomination=False,
    phase_fills="its whole month",
    scoring_closes_business_days=5,
    scoring_extended_business_days=3,
    without_quorum="not reviewed",
    chair_confirms=True,
    unconfirmed_reminder_days=1,
    late_confirmation_is_dated="grant date",
    undecided_retention_is="extended until decided",
    retention_years=1,
    reevaluated_in="the season whose grant date is the anniversary",
    not_confirmed_becomes="the tier its facts give, from the anniversary on",
    season_decides_before_adjustment=True,
    rubric=RUBRIC,
    extras=codes(
        ("social_promotion", "social promotion after the uptier, agreed with the partner beforehand"),
        ("trophy", "a trophy for every year in which the partner holds the status"),
    ),
)
