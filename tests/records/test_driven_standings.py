"""Standings whose process and records speak with each other: several questions at once, answers that come late."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from program.calendar import end_of_day
from program.edition import Tier
from records.database import reading, writing
from records.entering import enter_partner
from records.partners import Partner
from records.posting import Postings
from records.tables import mergers
from tests.records.driven import JOINED, Driven
from tests.records.making import a_partner
from tests.records.telling import certify, manage, refer, tell

JANUARY = datetime(2027, 1, 5, 15, tzinfo=UTC)
APRIL = datetime(2027, 4, 1, 13, tzinfo=UTC)
LEFT_OUT = ("track", "tier", "joined_at")


def driven(engine: Engine, track: str = "advisor", tier: str = "partner", *, now: datetime = JANUARY) -> Driven:
    partner = Driven(engine, "elbe", track, tier)
    partner.trial.until(now)
    return partner


def test_what_is_settled_counts_beside_another_question_in_the_same_commit(engine: Engine) -> None:
    last = date(2027, 3, 31)
    partner = driven(engine)
    certify(engine, "elbe", at=JOINED, until=last)
    partner.say("set_tier", track="advisor", tier="platinum", until=last.isoformat())
    partner.commit()
    steps = len(partner.trial.steps)
    partner.trial.until(end_of_day(last))
    assert {step.trigger for step in partner.trial.steps[steps:]} == {"hand_ends", "look_again"}, "at one midnight"
    partner.commit()
    assert partner.stands == "advisor partner"


@pytest.mark.parametrize("beside", [(), ("facts_changed",)])
def test_elite_that_is_not_confirmed_ends_whatever_is_told_with_it(engine: Engine, beside: tuple[str, ...]) -> None:
    partner = driven(engine, "master", "elite")
    for action in ("end_elite", *beside):
        partner.say(action)
    partner.commit()
    assert (partner.stands, partner.data.state) == ("advisor partner", "member")
    assert partner.data.settles_since is None


def test_what_was_set_by_hand_and_ended_while_suspended_is_settled_once_that_is_lifted(engine: Engine) -> None:
    partner = driven(engine)
    partner.say("set_tier", track="advisor", tier="platinum", until="2027-01-31")
    partner.say("suspend")
    partner.commit()
    partner.trial.until(datetime(2027, 2, 10, tzinfo=UTC))
    partner.say("lift_suspension")
    partner.commit()
    assert partner.stands == "advisor partner"


@pytest.mark.parametrize(("asks", "stands"), [(True, "master gold"), (False, "advisor platinum")])
def test_a_master_that_asked_to_stay_one_is_settled_as_one(engine: Engine, asks: bool, stands: str) -> None:
    partner = driven(engine, "master", "gold")
    certify(engine, "elbe", at=JOINED)
    refer(engine, "elbe", 12_000, 600, paid=datetime(2026, 12, 1, tzinfo=UTC))
    manage(engine, "elbe", 3_000, since=datetime(2026, 12, 1, tzinfo=UTC))
    tell(engine, "elbe", "website", at=JOINED, evidence=["badge"])
    tell(engine, "elbe", "services", at=JOINED, services=["implementation"])
    if asks:
        partner.say("ask_for_master", by="partner")
    partner.say("set_tier", track="master", tier="platinum", until="2027-06-30")
    partner.say("release_tier")
    partner.commit()
    assert partner.stands == stands


@pytest.mark.parametrize(
    ("track", "tier", "signal", "told", "stands"),
    [
        ("master", "platinum", "grant_elite", {"until": "2028-04-01T04:00:00Z"}, "master elite"),
        (
            "advisor", "gold", "adjust",
            {"track": "advisor", "tier": "partner", "half": "2027-H1", "judged": "advisor gold", "edition": "2022"},
            "advisor partner",
        ),
    ],
    ids=["a grant", "an adjustment"],
)  # fmt: skip
def test_a_corrected_address_undoes_no_move_that_is_on_its_way(
    engine: Engine, track: str, tier: str, signal: str, told: dict[str, Any], stands: str
) -> None:
    partner = driven(engine, track, tier, now=APRIL)
    with writing(engine) as connection:
        postings = Postings("season:2027-H1", APRIL)
        postings.signal(f"{signal}/elbe", partner.process, signal, APRIL, told)
        postings.write(connection)
    soon = APRIL + timedelta(seconds=1)
    moved = Partner(id="elbe", name="Elbe", contact_name="Desk", contact_email="new@elbe.example", joined_at=soon)
    enter_partner(engine, moved, edition="2022", now=soon, left_out=LEFT_OUT)
    partner.trial.until(APRIL + timedelta(seconds=5))
    assert partner.hear() == [signal, "facts_changed"]
    assert partner.stands == stands
    assert (partner.data.elite_until is not None) == (partner.data.tier is Tier.ELITE)


@pytest.mark.parametrize("late", [False, True], ids=["in one commit", "the answer comes late"])
def test_a_merger_that_is_refused_does_not_forget_the_next_one(engine: Engine, late: bool) -> None:
    partner = driven(engine)
    a_partner(engine, "isar", joined_at=JOINED)
    partner.say("propose_merger", into="isarr")
    receipt = partner.write() if late else None
    partner.say("withdraw_merger")
    partner.say("propose_merger", into="isar")
    if receipt is not None:
        partner.learn(receipt)
    partner.commit()
    with reading(engine) as connection:
        assert connection.execute(select(mergers.c.into, mergers.c.state)).all() == [("isar", "proposed")]
    assert (partner.data.merger_into, partner.data.merger_over) == ("isar", "")
    partner.trial.until(datetime(2027, 6, 1, tzinfo=UTC))
    partner.commit()
    with reading(engine) as connection:
        assert connection.execute(select(mergers.c.state)).scalars().all() == ["lapsed"]
