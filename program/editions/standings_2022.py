"""Edition 2022: what each standing asks, and what it gives besides money."""

from datetime import date
from decimal import Decimal

from program.rules.benefits import Benefit, BenefitRules, FundsLine, FundsRules, Grant, Level
from program.rules.rule import codes
from program.rules.standing import Tier, Track
from program.rules.tiers import Requirements, TierRules

ADVISOR, MASTER = Track.ADVISOR, Track.MASTER
PARTNER, SILVER, GOLD, PLATINUM, ELITE = Tier

ADVISORS = tuple((ADVISOR, tier) for tier in (PARTNER, SILVER, GOLD, PLATINUM))
MASTERS = tuple((MASTER, tier) for tier in (SILVER, GOLD, PLATINUM, ELITE))
STANDINGS = ADVISORS + MASTERS


def _asks(
    track: Track,
    tier: Tier,
    referred: int | None,
    sms: int | None,
    managed: int | None,
    website: bool,
    certified: bool = True,
) -> Requirements:
    def dollars(amount: int | None) -> Decimal | None:
        return None if amount is None else Decimal(amount)

    return Requirements(
        track=track,
        tier=tier,
        referred_mrr=dollars(referred),
        referred_sms_mrr=dollars(sms),
        managed_mrr=dollars(managed),
        visible_on_website=website,
        approved_and_signed=True,
        services_acknowledged=track is MASTER,
        certifications=("partner", "product") if certified else (),
    )


REQUIREMENTS = (
    #                        referred    SMS  managed  website
    _asks(ADVISOR, PARTNER,      None,  None,    None, False, certified=False),
    _asks(ADVISOR, SILVER,        250,  None,    None, False),
    _asks(ADVISOR, GOLD,        2_500,  None,    None, True),
    _asks(ADVISOR, PLATINUM,   10_000,  None,    None, True),
    _asks(MASTER,  SILVER,        250,  None,     250, False),
    _asks(MASTER,  GOLD,        2_500,   500,   2_500, True),
    _asks(MASTER,  PLATINUM,   10_000, 1_000,  10_000, True),
    _asks(MASTER,  ELITE,      20_000,  None,  20_000, True),
)  # fmt: skip

TIERS = TierRules(
    master_services=codes(
        ("strategic_guidance", "strategic guidance"),
        ("technical_support", "technical support"),
        ("implementation", "implementation"),
        ("other", "another service, described by the partner"),
    ),
    order=(PARTNER, SILVER, GOLD, PLATINUM, ELITE),
    requirements=REQUIREMENTS,
    advisor_moves_to_master="by itself, when the master tier ranks at least as high",
    advisor_may_ask_for_a_lower_master_tier=True,
    master_moves_to_advisor="by itself, when the advisor tier ranks higher, unless it asked to be a master",
    master_without_managed_mrr_falls_to="best tier of either track",
    website_evidence=codes(
        ("case_study", "a case study"),
        ("badge", "the tier badge or logo among the partner's partner logos"),
        ("landing_page", "a landing page"),
    ),
    certification_pass_percent=80,
    certified_employees=1,
    certification_before=(),
    referred_months=12,
    referral_counts_with="latest known monthly MRR, 0 once the client left",
    referred_mrr_includes_sms=True,
    managed_mrr_is="sum over active managed accounts",
    sms_exempt_where_not_sold=True,
    sms_sold_in=("AU", "CA", "GB", "US"),
    sms_needed_to_move_up_from=date(2022, 4, 1),
    sms_can_move_down_from=date(2022, 10, 1),
)


def _benefit(
    code: str,
    title: str,
    *given: tuple[tuple[tuple[Track, Tier], ...], Level],
    is_task: bool = False,
    agreed_beforehand: bool = False,
    is_taken_back: bool = False,
) -> Benefit:
    grants = tuple(
        Grant(track=track, tier=tier, level=level) for standings, level in given for track, tier in standings
    )
    return Benefit(
        code=code,
        title=title,
        is_task=is_task,
        agreed_beforehand=agreed_beforehand,
        is_taken_back=is_taken_back,
        grants=grants,
    )


def _both(*tiers: Tier) -> tuple[tuple[Track, Tier], ...]:
    return tuple((track, tier) for track, tier in STANDINGS if tier in tiers)


def _masters(*tiers: Tier) -> tuple[tuple[Track, Tier], ...]:
    return tuple((MASTER, tier) for tier in tiers)


BENEFITS = BenefitRules(
    benefits=(
        _benefit("courses", "courses and certifications", (STANDINGS, "yes")),
        _benefit("affiliate_link", "affiliate link", (STANDINGS, "yes")),
        _benefit("portal_access", "portal access for any number of users", (STANDINGS, "yes")),
        _benefit("slack_community", "Slack community", (STANDINGS, "yes"), is_task=True, is_taken_back=True),
        _benefit("badge", "badge", (STANDINGS, "yes")),
        _benefit("marketing_collateral", "marketing collateral", (STANDINGS, "yes")),
        _benefit("sales_enablement", "sales enablement", (STANDINGS, "yes")),
        _benefit(
            "directory_listing",
            "partner directory listing; anybody may prepare the profile",
            (_both(SILVER, GOLD, PLATINUM, ELITE), "yes"),
            is_task=True,
            is_taken_back=True,
        ),
        _benefit(
            "leadership_access",
            "access to leadership",
            (_both(GOLD), "limited"),
            (_both(PLATINUM), "prioritised"),
            (_both(ELITE), "quarterly"),
            is_task=True,
        ),
        _benefit(
            "developer_support",
            "developer experience support",
            (_both(GOLD, PLATINUM, ELITE), "yes"),
            is_task=True,
            is_taken_back=True,
        ),
        _benefit(
            "partner_manager",
            "dedicated partner manager",
            (_both(GOLD), "chosen partners"),
            (_both(PLATINUM, ELITE), "yes"),
            is_task=True,
            is_taken_back=True,
        ),
        _benefit(
            "success_manager",
            "dedicated partner success manager",
            (_masters(GOLD), "chosen partners"),
            (_masters(PLATINUM, ELITE), "yes"),
            is_task=True,
            is_taken_back=True,
        ),
        _benefit(
            "priority_support",
            "priority in-app product support for the accounts the partner actively manages",
            (_masters(SILVER, GOLD), "coming soon"),
            (_masters(PLATINUM, ELITE), "with a service level"),
            is_task=True,
            is_taken_back=True,
        ),
        _benefit(
            "co_marketing",
            "co-marketing invitations",
            (_both(GOLD), "eligible"),
            (_both(PLATINUM, ELITE), "prioritised"),
        ),
        _benefit(
            "development_funds",
            "marketing development funds (MDF)",
            (_both(GOLD), "by invitation"),
            (_both(PLATINUM, ELITE), "eligible"),
        ),
        _benefit(
            "social_promotion",
            "social promotion, agreed with the partner beforehand",
            (_masters(ELITE), "yes"),
            is_task=True,
            agreed_beforehand=True,
        ),
        _benefit("yearly_trophy", "a trophy for every year", (_masters(ELITE), "yearly"), is_task=True),
    ),
    withdrawn_when_moving_down=True,
    sent_at_every_uptier=codes(("logo_kit", "the logo kit of the new tier")),
    task_reminder_business_days=5,
    task_due_business_days=10,
    mdf=FundsRules(
        funds=(
            FundsLine(track=ADVISOR, tier=GOLD, by_invitation=True, up_to=None),
            FundsLine(track=ADVISOR, tier=PLATINUM, by_invitation=False, up_to=Decimal(5_000)),
            FundsLine(track=MASTER, tier=GOLD, by_invitation=True, up_to=None),
            FundsLine(track=MASTER, tier=PLATINUM, by_invitation=False, up_to=Decimal(5_000)),
            FundsLine(track=MASTER, tier=ELITE, by_invitation=False, up_to=Decimal(5_000)),
        ),
        proposal=codes(
            ("activity", "the activity"),
            ("theme", "the quarter's theme that it serves"),
            ("amount", "the amount in dollars"),
        ),
        activities=codes(
            ("incentives", "content or internal sales incentives"),
            ("events", "events"),
            ("sponsorships", "sponsorships"),
            ("paid_ads", "paid ads"),
        ),
        decided_by=("partner manager", "marketing"),
        guaranteed=False,
        reimbursed="after proof, up to the approved amount",
    ),
)
