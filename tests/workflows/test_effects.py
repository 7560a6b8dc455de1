"""What follows from a lead's steps, where it is easy to get wrong."""

from datetime import UTC, datetime

import pytest

from states.effects import Claim, Credit, Release
from states.lead import LEAD
from states.lead_data import Lead
from states.lifecycle import Event
from workflows.lead import effects_of

NOW = datetime(2027, 1, 5, 15, tzinfo=UTC)


def a_lead(state: str, **fields: object) -> Lead:
    lead = Lead.register("one", "alster", "one.example", NOW, edition_name="2022", lifecycle_version=1)
    return lead.model_copy(update={"state": state, **fields})


@pytest.mark.parametrize("state", ["rejected", "expired", "withdrawn", "ended"])
@pytest.mark.parametrize("trigger", ["stand_in_line", "come_up"])
def test_a_place_given_to_a_lead_that_has_ended_is_given_up(state: str, trigger: str) -> None:
    lead = a_lead(state, accepted_at=NOW)
    payload = {"behind": "lead:other"} if trigger == "stand_in_line" else {}
    message = LEAD.actions[trigger].message.parse(payload)
    step = LEAD.fire(lead, Event(trigger, NOW, NOW, message=message))
    assert effects_of(lead, step) == (Release(kind="prospect", subject="one.example"),)


@pytest.mark.parametrize(("claim", "asks"), [("held", False), ("asked", True)])
def test_a_credit_first_asks_for_a_claim_that_is_not_held(claim: str, asks: bool) -> None:
    lead = a_lead("accepted", claim=claim, accepted_at=NOW)
    message = LEAD.actions["client_paid"].message.parse({"at": NOW.isoformat(), "by": "crm"})
    step = LEAD.fire(lead, Event("client_paid", NOW, NOW, message=message))
    effects = effects_of(lead, step)
    assert lead.state == "credited"
    assert any(isinstance(effect, Claim) for effect in effects) is asks
    assert any(isinstance(effect, Credit) for effect in effects)
