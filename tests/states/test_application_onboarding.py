"""From approval to membership: a specialist, the agreement, the conversation or webinar, in any order."""

from itertools import permutations

import pytest

from program.edition import EDITIONS, Tier, Track
from states.effects import Enrol
from tests.states.application_situations import an_application
from tests.states.simulate import DAY, end_of, ny

STEPS = ("assign_specialist", "acknowledge_agreement", "hold_conversation")


@pytest.mark.parametrize("order", list(permutations(STEPS)))
def test_the_last_step_makes_a_member_whatever_the_order(order: tuple[str, ...]) -> None:
    application = an_application()
    assert application.say("approve") == "onboarding"
    for step in order[:-1]:
        assert application.say(step) == "onboarding"
    assert application.say(order[-1]) == "member"
    assert application.data.outcome == "member"
    enrolled = [effect for effect in application.effects if isinstance(effect, Enrol)]
    assert enrolled == [Enrol(application="a-1", track=Track.ADVISOR, tier=Tier.PARTNER, at=application.now)]
    assert application.mails[-1] == ("application_member", "applicant")


def test_an_approval_opens_the_portal_and_tells_both_sides() -> None:
    application = an_application()
    application.say("approve")
    assert application.mails[-2:] == [
        ("application_approved", "applicant"), ("application_to_onboard", "staff:manager"),
    ]  # fmt: skip
    assert application.data.facts()["missing"] == "onboarding specialist, agreement, conversation"


def test_under_2021_an_approved_applicant_is_a_prospect_until_the_webinar() -> None:
    application = an_application(edition="2021")
    assert application.say("approve") == "prospect"
    application.say("assign_specialist")
    application.say("acknowledge_agreement")
    assert "in the state «prospect»" in application.refusal("hold_conversation")
    assert application.say("attend_webinar") == "member"


def test_whoever_says_so_is_the_specialist_unless_somebody_is_named() -> None:
    application = an_application()
    application.say("approve")
    application.say("assign_specialist")
    assert application.data.specialist == "reviewer@vendor.example"
    application.say("assign_specialist", specialist="manager@vendor.example")
    assert application.data.specialist == "manager@vendor.example"
    assert application.refusal("assign_specialist", specialist="somebody").startswith("«specialist» can't be")


def test_the_agreement_is_acknowledged_in_the_version_in_force_and_the_first_time_counts() -> None:
    application = an_application()
    application.say("approve")
    assert application.refusal("acknowledge_agreement", version="0") == (
        "«acknowledge agreement» can't be done now: the version in force is 1, not 0."
    )
    application.say("acknowledge_agreement")
    first = application.data.agreement_at
    application.until(application.now + DAY)
    application.say("acknowledge_agreement")
    assert (application.data.agreement_version, application.data.agreement_at) == ("1", first)


def test_an_applicant_that_does_not_answer_is_denied_for_that_reason() -> None:
    application = an_application()
    application.say("approve")
    assert application.say("no_answer") == "denied"
    assert application.data.because == "no_answer"
    assert application.say("reinstate") == "onboarding"
    application.say("no_answer")
    assert application.say("appeal") == "appealed"
    assert application.say("approve", by="second@vendor.example") == "onboarding"


def test_what_is_done_stays_done_over_a_denial() -> None:
    application = an_application()
    application.say("approve")
    application.say("assign_specialist")
    application.say("acknowledge_agreement")
    application.say("no_answer")
    application.say("reinstate")
    assert application.say("attend_webinar") == "member"


def test_staff_are_asked_about_an_onboarding_that_does_not_move() -> None:
    application = an_application("2027-01-05 10:00")
    application.say("approve")
    application.until(ny("2027-01-20 10:00"))
    application.say("assign_specialist")
    application.until(end_of("2027-02-19"))
    assert application.at_of("onboarding_stalls") == end_of("2027-02-19")
    assert application.mails[-1] == ("onboarding_stalls", "staff:manager")
    assert application.data.is_overdue()
    application.say("acknowledge_agreement")
    assert not application.data.is_overdue()


@pytest.mark.parametrize("name", EDITIONS)
def test_the_table_is_right_for_every_edition(name: str) -> None:
    rules = EDITIONS[name].joining
    assert {step.code for step in rules.steps_after_approval} == {
        "portal_access", "onboarding_specialist", "agreement", "conversation",
    }, f"Edition {name} has another step: states/application_data.py does not know when it is done."  # fmt: skip
