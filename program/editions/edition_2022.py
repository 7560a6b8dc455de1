"""Edition 2022, the guide in force: every value in its table.

Sources stand at the fields in `program.rules`.
"""

from datetime import date
from decimal import Decimal

from program.editions.elite_2022 import ELITE
from program.editions.money_2022 import MONEY
from program.editions.standings_2022 import BENEFITS, TIERS
from program.rules.accounts import AccountRules
from program.rules.benefits import DashboardRules
from program.rules.days import DayRules, HalfRow, MonthDay, MoveRules
from program.rules.joining import JoiningRules
from program.rules.leads import LeadRules
from program.rules.mergers import MergerRules
from program.rules.rule import CONTRADICTION, Note, codes
from program.rules.standing import Tier, Track
from program.rules.whole import Edition

DAYS = DayRules(
    time_zone="America/New_York",
    day_ends_at="midnight",
    window_day_zero="first_date",
    closed_days="weekends and US federal holidays as observed",
)

MOVES = MoveRules(
    up="at any time",
    down="at the adjustment",
    halves=(
        HalfRow(half=1, cut_off=MonthDay(3, 25), adjustment=MonthDay(4, 1)),
        HalfRow(half=2, cut_off=MonthDay(9, 15), adjustment=MonthDay(10, 1)),
    ),
    facts_count_when="effective by the cut-off, arrived before the adjustment",
    mrr_is="latest month loaded for each account at the cut-off",
    corrections_rewrite_the_cut_off=False,
    falls_straight_to_its_facts=True,
    recovery_after_cut_off_keeps_tier=True,
    decline_after_cut_off_waits=True,
    warning_days=(30, 7),
    runs_without_release=True,
    opens_days_before_cut_off=35,
    retained_elite_is_adjusted=False,
)

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
    next_in_line_is_reviewed_when="the holder's claim ends without credit and its own window is open",
    line_ends_when="the holder is credited",
    same_partner_again_gets="its existing lead",
    won_means="the client has signed",
)

ACCOUNTS = AccountRules(
    api_key_pattern="[A-Za-z0-9]{6}",
    client_confirms=(
        "All e-mail marketing activities of our account (onboarding, campaigns, flows, ongoing support, …) "
        "are managed by {partner}."
    ),
    confirmed_for_dashboard=("client",),
    confirmed_for_share=("client", "vendor"),
    reminder_days=(3, 7, 14),
    reminder_hour=9,
    request_lapses_days=30,
    may_submit_again=True,
    correction_restarts_request=False,
    vendor_may_decline_and_reverse=True,
    confirming_link_ends_with_request=True,
    revoking_link_ends=False,
    new_links_a_day=3,
    wrong_codes_lock_link=5,
    client_may_revoke=True,
    partner_may_end=True,
    managing_partners=1,
    consent_ages_months=12,
    reconfirm_answer_days=30,
)

JOINING = JoiningRules(
    questions=codes(
        ("service_offerings", "Which services do you offer?"),
        ("technology_partners", "Which technology partners do you work with?"),
        ("client_profile", "Who is your typical client?"),
    ),
    review_reminder_business_days=2,
    review_deadline_business_days=5,
    denial_reasons=codes(
        ("information", "Required information is missing or wrong."),
        ("no_answer", "The applicant did not answer to schedule an onboarding conversation or webinar."),
        ("not_a_fit", "The applicant is not a good fit for the program or its values."),
    ),
    appeals=1,
    appeal_is_read_by_somebody_else=True,
    information_days=14,
    information_missing_reason="information",
    appeal_days=30,
    undo_days=14,
    steps_after_approval=codes(
        ("portal_access", "The portal opens."),
        ("onboarding_specialist", "An onboarding specialist reaches out."),
        ("agreement", "The applicant acknowledges the agreement."),
        ("conversation", "The onboarding conversation is held, or the webinar attended."),
    ),
    agreement_version="1",
    onboarding_denial_reason="no_answer",
    onboarding_stalls_days=30,
    prospect_until_webinar=False,
    joins_track=Track.ADVISOR,
    joins_tier=Tier.PARTNER,
)

DASHBOARDS = DashboardRules(
    client_lines=(Decimal(50_000), Decimal(100_000), Decimal(250_000), Decimal(1_000_000)),
)

DASHES = f"{CONTRADICTION}: the table of the master track shows dashes, the text grants it and wins"

MERGERS = MergerRules(
    proposal_days=30,
    wrong_codes_lock_link=5,
    higher_tier_is_kept="until the next adjustment",
    elite_moves="while it is retained",
)

NOTES = (
    Note(
        path="tiers.requirements.master gold.visible_on_website",
        source=f"{CONTRADICTION}: the requirement table says no, the glossary gold or higher, which wins",
        choice=True,
    ),
    Note(
        path="tiers.requirements.*.certifications",
        source=f"{CONTRADICTION}: the glossary asks all partner types, the requirement table wins",
        choice=True,
    ),
    Note(
        path="tiers.requirements.*.services_acknowledged",
        source="2022 guide, tracks: a master has acknowledged which services it provides",
        choice=False,
    ),
    Note(
        path="tiers.requirements.master elite.referred_sms_mrr",
        source="2022 guide, elite requirements: a share of accounts instead of an SMS minimum",
        choice=False,
    ),
    Note(
        path="elite.phases.*.h2_month",
        source=f"{CONTRADICTION}: the timeline drawing puts H2 a month earlier, the process page wins",
        choice=True,
    ),
    Note(path="elite.phases.mrr_review.h2_month", source="2022 guide, elite process page", choice=False),
    Note(
        path="joining.review_reminder_business_days",
        source="2022 guide, application: reviewed within 2 to 5 business days",
        choice=False,
    ),
    Note(
        path="joining.steps_after_approval.conversation.text",
        source="the guide names the conversation and the webinar only where it says who is denied",
        choice=True,
    ),
    *(
        Note(
            path=f"benefits.benefits.{benefit}.grants.master *",
            source=DASHES,
            choice=True,
        )
        for benefit in ("co_marketing", "social_promotion", "yearly_trophy")
    ),
    Note(
        path="benefits.benefits.development_funds.grants.master *",
        source=DASHES,
        choice=True,
    ),
    Note(
        path="benefits.benefits.co_marketing.grants.master elite.level",
        source="the text prioritises platinum and names no level for elite, which ranks higher",
        choice=True,
    ),
    Note(
        path="benefits.mdf.funds.master *",
        source=DASHES,
        choice=True,
    ),
    *(
        Note(
            path=f"benefits.benefits.*.{column}",
            source="the guides do not say which benefits somebody must carry out or take back",
            choice=True,
        )
        for column in ("is_task", "agreed_beforehand", "is_taken_back")
    ),
    Note(
        path="benefits.benefits.social_promotion.agreed_beforehand",
        source="2022 guide, elite: the promotion is agreed with the partner",
        choice=False,
    ),
)

EDITION = Edition(
    name="2022",
    based_on=None,
    in_force_from=date(2022, 1, 1),
    notes=NOTES,
    days=DAYS,
    tiers=TIERS,
    moves=MOVES,
    leads=LEADS,
    accounts=ACCOUNTS,
    elite=ELITE,
    joining=JOINING,
    mergers=MERGERS,
    money=MONEY,
    benefits=BENEFITS,
    dashboards=DASHBOARDS,
)
