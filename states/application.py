"""The life of an application: review, decision, onboarding, membership. (2022 guide, application and onboarding.)

Read the table from top to bottom; of several moves for the same message the first one whose guards hold is taken. How
the data change is in `states/application_deeds.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from states import application_deeds as what
from states.application_data import Application
from states.application_messages import Acknowledged, Assigned, Denial
from states.lifecycle import Action, Deadline, Event, Guard, Lifecycle, Move, Phase
from states.messages import Happened, Message, Reasoned, StaffMessage
from states.staff import Role

REVIEWERS = (Role.REVIEWER,)
ONBOARDERS = (Role.MANAGER, Role.REVIEWER)

# -- guards ------------------------------------------------------------------------------------------------------------


def _prospect_first(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return application.rules.prospect_until_webinar


def _for_silence(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return application.left_from == "information_asked"


def _before_its_end(application: Application, at: datetime) -> bool:
    return at <= application.since


def _appeal_left(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return application.appeals < application.rules.appeals


def _may_be_appealed(application: Application, at: datetime) -> bool:
    return application.appeal_until is not None and at <= application.appeal_until


def _can_be_undone(application: Application, at: datetime) -> bool:
    return application.undo_until is not None and at <= application.undo_until


def _left_appeal(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return application.left_from == "appealed"


def _left_onboarding(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return application.left_from == "onboarding"


def _left_prospect(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return application.left_from == "prospect"


def _only_specialist_missing(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return set(application.missing()) <= {"onboarding specialist"}


def _only_agreement_missing(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return set(application.missing()) <= {"agreement"}


def _only_meeting_missing(application: Application, at: datetime) -> bool:  # noqa: ARG001
    return set(application.missing()) <= {"conversation"}


prospect_first = Guard(_prospect_first, "under its edition there are no prospects.")
for_silence = Guard(_for_silence, "it was not denied for missing information.")
before_its_end = Guard(_before_its_end, "that was after the application had been denied.")
appeal_left = Guard(_appeal_left, "this denial has been appealed already, and the second look is the last.")
may_be_appealed = Guard(_may_be_appealed, "the time to appeal has ended.")
can_be_undone = Guard(_can_be_undone, "the time to undo it has ended; the applicant may appeal, or apply again later.")
left_appeal = Guard(_left_appeal, "it was not left from an appeal.")
left_onboarding = Guard(_left_onboarding, "it was not left from onboarding.")
left_prospect = Guard(_left_prospect, "it was not left from the prospect stage.")
only_specialist_missing = Guard(_only_specialist_missing, "more than the specialist is missing.")
only_agreement_missing = Guard(_only_agreement_missing, "more than the agreement is missing.")
only_meeting_missing = Guard(_only_meeting_missing, "more than the conversation is missing.")

# -- due times ---------------------------------------------------------------------------------------------------------


def _reminder(application: Application) -> datetime | None:
    return application.remind_at


def _overdue(application: Application) -> datetime | None:
    return application.overdue_at


def _information(application: Application) -> datetime | None:
    return application.information_by


def _stalls(application: Application) -> datetime | None:
    return application.stalls_at


def _settled(application: Application) -> datetime | None:
    ends = [end for end in (application.undo_until, application.appeal_until) if end is not None]
    return max(ends, default=None)


REVIEW = (
    Deadline("remind_review", _reminder, "reviewers are reminded"),
    Deadline("review_overdue", _overdue, "the review is overdue"),
)
STALL = (Deadline("onboarding_stalls", _stalls, "staff are asked about an onboarding that does not move"),)

PHASES: tuple[Phase[Application], ...] = (
    Phase("received", "Submitted, about to begin."),
    Phase("in_review", "Staff decide whether the company joins, or ask for information.", Role.REVIEWER, REVIEW),
    Phase(
        "information_asked",
        "The review's clock stands still until the applicant has given the information.",
        Role.APPLICANT,
        (Deadline("information_missing", _information, "denied for missing information", costs_a_right=True),),
    ),
    Phase(
        "onboarding",
        "Approved: a specialist, the agreement and the conversation or webinar make it a member.",
        Role.MANAGER,
        STALL,
    ),
    Phase("prospect", "Approved, and a prospect until the onboarding webinar is done.", Role.MANAGER, STALL),
    Phase(
        "denied",
        "Denied. The applicant may appeal once; staff may undo a mistake.",
        deadlines=(Deadline("settle", _settled, "the denial stands for good", costs_a_right=True),),
    ),
    Phase("appealed", "Somebody other than who denied looks once more.", Role.REVIEWER, REVIEW),
    Phase(
        "voided",
        "Taken out by staff.",
        deadlines=(Deadline("settle", _settled, "until then staff can bring it back"),),
    ),
    Phase("member", "The company is a partner.", final=True),
    Phase("withdrawn", "Withdrawn by the applicant.", final=True),
    Phase("closed", "Over, and the time to bring it back is over too.", final=True),
)

ON_THE_WAY = ("onboarding", "prospect")
OPEN = ("in_review", "information_asked", *ON_THE_WAY, "appealed")


def approved(source: str, do: Callable[[Application, Event], None]) -> tuple[Move[Application], ...]:
    """An approval leads into onboarding, by way of the prospect stage where the edition has one."""
    return (
        Move("approve", source, "prospect", when=(prospect_first,), do=do),
        Move("approve", source, "onboarding", do=do),
    )


def step(
    trigger: str, source: str | tuple[str, ...], last: Guard[Application], do: Callable[[Application, Event], None]
) -> tuple[Move[Application], ...]:
    """A step of onboarding; the last one makes a member."""
    return (Move(trigger, source, "member", when=(last,), do=do), Move(trigger, source, None, do=do))


def undone(source: str) -> tuple[Move[Application], ...]:
    """Back to where it was left."""
    return (
        Move("reinstate", source, "appealed", when=(can_be_undone, left_appeal), do=what.back_to_review),
        Move("reinstate", source, "onboarding", when=(can_be_undone, left_onboarding), do=what.back_to_onboarding),
        Move("reinstate", source, "prospect", when=(can_be_undone, left_prospect), do=what.back_to_onboarding),
        Move("reinstate", source, "in_review", when=(can_be_undone,), do=what.back_to_review),
    )


MOVES: tuple[Move[Application], ...] = (
    Move("begin", "received", "in_review", do=what.begin_review),
    Move("apply_again", (*OPEN, "denied", "voided"), None, do=what.apply_again),
    # Review: its clock counts business days and stands still while information is asked for.
    Move("remind_review", ("in_review", "appealed"), None, do=what.remind_review),
    Move("review_overdue", ("in_review", "appealed"), None, do=what.review_is_overdue),
    Move("ask_information", "in_review", "information_asked", do=what.ask_information),
    Move("give_information", "information_asked", "in_review", do=what.take_information),
    Move("give_information", "denied", "in_review", when=(for_silence, before_its_end), do=what.take_late_information),
    Move("give_information", ("in_review", "appealed", *ON_THE_WAY), None),
    Move("information_missing", "information_asked", "denied", do=what.deny_for_silence),
    *approved("in_review", what.approve),
    Move("deny", "in_review", "denied", do=what.deny),
    # An appeal is one more look by somebody else.
    Move("appeal", "denied", "appealed", when=(appeal_left, may_be_appealed), do=what.appeal),
    *approved("appealed", what.approve_appeal),
    Move("deny", "appealed", "denied", do=what.deny_appeal),
    # Onboarding, in any order. A prospect becomes a member by the webinar, and not by a conversation.
    *step("assign_specialist", ON_THE_WAY, only_specialist_missing, what.assign),
    *step("acknowledge_agreement", ON_THE_WAY, only_agreement_missing, what.acknowledge),
    *step("hold_conversation", "onboarding", only_meeting_missing, what.converse),
    *step("attend_webinar", ON_THE_WAY, only_meeting_missing, what.attend_webinar),
    Move("onboarding_stalls", ON_THE_WAY, None, do=what.onboarding_stalls),
    Move("no_answer", ON_THE_WAY, "denied", do=what.deny_onboarding),
    # Ends that are not a review's, and the way back.
    Move("withdraw", (*OPEN, "denied"), "withdrawn", do=what.withdraw),
    Move("void", OPEN, "voided", do=what.void),
    *undone("denied"),
    *undone("voided"),
    Move("settle", ("denied", "voided"), "closed"),
)

_WHO = "reviewer@vendor.example"
_SAID = {"id": "portal-815", "at": "2027-01-20T15:30:00Z", "by": "applicant"}

ACTIONS = (
    Action("approve", StaffMessage, REVIEWERS, "Approve the application: onboarding begins.",
           {"by": _WHO, "reason": "a good fit"}),
    Action("ask_information", Reasoned, REVIEWERS, "Ask the applicant for what is missing; the clock stops. Your words "
           "are the question.", {"by": _WHO, "reason": "which services do you offer?"}),
    Action("deny", Denial, REVIEWERS, "Deny the application, with a reason from the list and words for the applicant.",
           {"by": _WHO, "because": "not_a_fit", "reason": "we work with agencies only"}),
    Action("assign_specialist", Assigned, ONBOARDERS, "Say who onboards the applicant; without a name it is you.",
           {"by": _WHO, "specialist": "manager@vendor.example", "reason": "knows the region"}),
    Action("hold_conversation", StaffMessage, ONBOARDERS, "The onboarding conversation is held.",
           {"by": _WHO, "reason": "by phone on Monday"}),
    Action("attend_webinar", StaffMessage, ONBOARDERS, "The applicant has attended the onboarding webinar.",
           {"by": _WHO, "reason": "the one of March"}),
    Action("no_answer", Reasoned, ONBOARDERS, "Deny it: the applicant did not answer to schedule the conversation or "
           "webinar.", {"by": _WHO, "reason": "three mails and two calls without an answer"}),
    Action("reinstate", Reasoned, REVIEWERS, "Bring back what was denied or taken out by mistake.",
           {"by": _WHO, "reason": "denied by mistake"}),
    Action("void", Reasoned, REVIEWERS, "Take the application out: a test, a mistake.",
           {"by": _WHO, "reason": "a test"}),
    Action("give_information", Happened, (Role.APPLICANT,), "Give the information that was asked for.", _SAID),
    Action("acknowledge_agreement", Acknowledged, (Role.APPLICANT,), "Acknowledge the agreement.",
           {**_SAID, "version": "1"}),
    Action("appeal", Happened, (Role.APPLICANT,), "Appeal the denial as an error.", _SAID),
    Action("withdraw", Happened, (Role.APPLICANT,), "Withdraw the application.", _SAID),
    Action("apply_again", Happened, (Role.SYSTEM,), "The same company has applied once more.",
           {"id": "portal-816", "at": "2027-01-21T15:30:00Z"}),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
)  # fmt: skip

APPLICATION = Lifecycle(
    "application",
    version=1,
    data=Application,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
    on_cancel="void",
)
