"""Mergers: two partners that become one."""

from typing import Annotated, Literal

from program.rules.rule import Part, chosen


class MergerRules(Part):
    """How two partners become one, and what the one keeps that goes on."""

    proposal_days: Annotated[int, chosen("Days for which both partners can confirm a merger; then it lapses")]
    wrong_codes_lock_link: Annotated[
        int, chosen("Wrong codes after which a partner's link is locked; staff send a new one")
    ]
    higher_tier_is_kept: Annotated[
        Literal["until the next adjustment"], chosen("For how long the partner that goes on keeps the higher tier")
    ]
    elite_moves: Annotated[
        Literal["while it is retained"],
        chosen("When elite goes over to the partner that goes on; otherwise master platinum is the tier that counts"),
    ]
