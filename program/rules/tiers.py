"""What a standing asks of a partner, and how what is asked is measured."""

from datetime import date
from typing import Annotated, Literal

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from program.rules.bounds import Dollars, Employees, Months, WholePercent
from program.rules.rule import UNCLEAR, Code, Part, StandingRow, chosen, guide
from program.rules.standing import Tier

Certification = Literal["partner", "product"]


class Requirements(StandingRow):
    """What one standing asks: monthly dollars (None: nothing asked), yes or no, certifications held."""

    referred_mrr: Dollars | None
    referred_sms_mrr: Dollars | None
    managed_mrr: Dollars | None
    visible_on_website: bool
    approved_and_signed: bool
    services_acknowledged: bool
    certifications: tuple[Certification, ...]


class TierRules(Part):
    """Tracks, tiers and their requirements."""

    master_services: Annotated[
        tuple[Code, ...], guide("What a master does for the accounts it manages, and acknowledges", "tracks")
    ]
    order: Annotated[
        tuple[Tier, ...], chosen("Tiers from the lowest to the highest, equal across the two tracks", UNCLEAR)
    ]
    requirements: Annotated[tuple[Requirements, ...], guide("Requirements by standing", "requirement table")]

    advisor_moves_to_master: Annotated[
        Literal["by itself, when the master tier ranks at least as high"],
        chosen("When an advisor with managed accounts changes track", UNCLEAR),
    ]
    advisor_may_ask_for_a_lower_master_tier: Annotated[
        bool, chosen("An advisor told that it would rank lower as a master may ask to move", UNCLEAR)
    ]
    master_moves_to_advisor: Annotated[
        Literal["by itself, when the advisor tier ranks higher, unless it asked to be a master"],
        chosen("When a master changes track upwards", UNCLEAR),
    ]
    master_without_managed_mrr_falls_to: Annotated[
        Literal["best tier of either track"],
        chosen("Where a master falls whose managed MRR is gone", UNCLEAR),
    ]

    website_evidence: Annotated[
        tuple[Code, ...], guide("What makes the vendor visible on a partner's website; any of it", "glossary")
    ]
    certification_pass_percent: Annotated[
        WholePercent, guide("Percent with which an employee passes a certification", "certifications")
    ]
    certified_employees: Annotated[
        Employees, guide("Employees who must have passed for a certification to count", "certifications")
    ]
    certification_before: Annotated[
        tuple[Certification, ...],
        guide("Order in which certifications are taken; empty means any order", "certifications"),
    ]

    referred_months: Annotated[
        Months,
        chosen("Months before a date in which a referral's first payment counts toward referred MRR", UNCLEAR),
    ]
    referral_counts_with: Annotated[
        Literal["latest known monthly MRR, 0 once the client left"],
        chosen("What each referral adds to referred MRR", UNCLEAR),
    ]
    referred_mrr_includes_sms: Annotated[bool, chosen("SMS MRR counts inside referred MRR too", UNCLEAR)]
    managed_mrr_is: Annotated[Literal["sum over active managed accounts"], guide("What managed MRR is", "glossary")]
    sms_exempt_where_not_sold: Annotated[
        bool, guide("No SMS minimum in countries where the vendor's SMS product is not sold", "SMS exemption")
    ]
    sms_sold_in: Annotated[
        tuple[str, ...], chosen("Countries (ISO 3166) in which the vendor's SMS product is sold", UNCLEAR)
    ]
    sms_needed_to_move_up_from: Annotated[
        date, guide("First day on which the SMS minimum must be met to move up", "SMS phase-in")
    ]
    sms_can_move_down_from: Annotated[
        date, guide("First adjustment at which the SMS minimum can move a partner down", "SMS phase-in")
    ]

    @field_validator("order")
    @classmethod
    def _every_tier_once(cls, order: tuple[Tier, ...]) -> tuple[Tier, ...]:
        if sorted(order) != sorted(Tier):
            raise PydanticCustomError("every_tier_once", f"The order has each of {', '.join(Tier)} once")
        return order
