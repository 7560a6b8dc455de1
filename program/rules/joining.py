"""Joining the program: application, review, appeal, membership."""

from typing import Annotated

from program.rules.rule import Code, Part, chosen, guide
from program.rules.standing import Tier, Track


class JoiningRules(Part):
    """How an applicant becomes a member; days are business days where the name says so."""

    questions: Annotated[tuple[Code, ...], guide("What the application asks", "application")]
    review_reminder_business_days: Annotated[
        int,
        guide("Business days after which a reviewer is reminded, the least a review takes", "application"),
    ]
    review_deadline_business_days: Annotated[
        int, guide("Business days after submission at whose end the review is due", "application")
    ]
    denial_reasons: Annotated[tuple[Code, ...], guide("Why an application is denied", "application")]
    appeals: Annotated[int, chosen("How often a denial can be appealed, as an error")]
    appeal_is_read_by_somebody_else: Annotated[bool, chosen("Who denied does not decide the appeal")]
    information_days: Annotated[
        int, chosen("Days an applicant has for information staff ask for; the review's clock stops meanwhile")
    ]
    information_missing_reason: Annotated[str, chosen("The denial reason when that information does not come")]
    appeal_days: Annotated[int, chosen("Days after a denial in which it can be appealed")]
    undo_days: Annotated[int, chosen("Days for which a denial or what staff took out stays open for their mistakes")]
    steps_after_approval: Annotated[
        tuple[Code, ...],
        guide("What follows an approval; once all of it is done, the applicant is a member", "onboarding"),
    ]
    agreement_version: Annotated[str, chosen("The version of the agreement that is acknowledged")]
    onboarding_denial_reason: Annotated[
        str, guide("The reason for which an onboarding can end in a denial", "application")
    ]
    onboarding_stalls_days: Annotated[
        int, chosen("Days after which staff are asked about an onboarding that does not move")
    ]
    prospect_until_webinar: Annotated[
        bool, guide("An approved applicant is a prospect until the onboarding webinar is done", "onboarding")
    ]
    joins_track: Annotated[Track, guide("The track on which a member starts", "onboarding")]
    joins_tier: Annotated[Tier, guide("The tier at which a member starts", "onboarding")]
