"""Imported MRR is held against what the partners' processes know, and told where it says something else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from program.edition import Tier, Track
from records.commits import write_commit
from records.jobs import Job
from records.looking import look_page
from states import partner_data
from states.effects import Projection
from states.lifecycle import Event
from states.partner import PARTNER
from states.partner_data import Partner
from tests.records.making import a_partner, commit
from tests.records.telling import certify, manage, pay, refer, tell
from tests.states.alone import Trial
from workflows.partner import effects_of

JOINED = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAID = datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 5, 15, tzinfo=UTC)
BY = {"by": "manager@vendor.example", "reason": "agreed"}


class Recorded:
    """A partner's process that records what it does; with everything but MRR that master gold needs."""

    def __init__(self, engine: Engine, name: str, tier: Tier = Tier.PARTNER) -> None:
        self.engine, self.name, self.number, self.read = engine, name, 0, 0
        a_partner(engine, name, tier=tier, joined_at=JOINED)
        certify(engine, name, at=JOINED)
        tell(engine, name, "website", at=JOINED, evidence=["badge"])
        tell(engine, name, "services", at=JOINED, services=["implementation"])
        data = Partner.join(name, JOINED, edition_name="2022", lifecycle_version=1, track=Track.ADVISOR, tier=tier)
        self.trial = Trial(PARTNER, data, NOW, effects_of=effects_of, says={})

    def say(self, action: str = "facts_changed", **said: Any) -> None:
        self.trial.say(action, **said)
        self.record()

    def record(self) -> None:
        """Commit what has happened, learn what that brings, and so on until nothing follows."""
        while steps := tuple(self.trial.steps[self.read :]):
            self.read, self.number = self.read + len(steps), self.number + 1
            data, now = self.trial.data, self.trial.now
            shown = Projection(
                kind="partner", state=data.state, partner_id=self.name, subject=self.name, edition=data.edition,
                lifecycle_version=1, since=data.since, facts=json.loads(json.dumps(data.facts(), default=str)),
            )  # fmt: skip
            made = commit(f"partner:{self.name}", self.number, *steps).model_copy(update={"projection": shown})
            if follows := partner_data.learn(data, write_commit(self.engine, made, now=now)):
                self.trial.take(PARTNER.fire(data, Event(follows[0], now, now, message=follows[1])))

    def pays(self, account: str, email: int, sms: int = 0) -> None:
        """MRR of the next month, loaded in it."""
        self.trial.until(self.trial.now + timedelta(days=31))
        pay(self.engine, account, email, sms, at=self.trial.now)

    def is_told(self) -> bool:
        """Whether an import tells this partner, the only one; it hears so."""
        job = Job("mrr/1", "look_at_standings", {"what": "MRR"}, ("", ""), "", 0, {}, 0)
        told = look_page(self.engine, job, self.trial.now).counted["told"]
        if told:
            self.say()
        return bool(told)


def a_gold_advisor(engine: Engine, managed: int = 0) -> tuple[Recorded, str, str]:
    """Gold by its referrals, with one managed account; its process, and the accounts of both."""
    acme = Recorded(engine, "acme")
    referral, account = refer(engine, "acme", 3_000, 600, paid=PAID), manage(engine, "acme", managed, since=PAID)
    acme.say()
    assert str(acme.trial.data.standing) == "advisor gold"
    return acme, referral, account


def test_mrr_that_makes_a_lower_master_tier_possible_is_heard_of(engine: Engine) -> None:
    acme, _, account = a_gold_advisor(engine)
    assert acme.trial.refusal("ask_for_master") != ""
    assert not acme.is_told(), "nothing has changed"
    acme.pays(account, 1_000)
    assert acme.is_told()
    assert acme.trial.data.as_master == "master silver"
    # Its last commit was written before it heard that, and its card in the records does not say so yet.
    assert not acme.is_told(), "it knows already"
    acme.say("ask_for_master")
    assert str(acme.trial.data.standing) == "master silver"


def test_mrr_that_makes_it_impossible_again_is_heard_of(engine: Engine) -> None:
    acme, _, account = a_gold_advisor(engine, 1_000)
    assert acme.trial.data.as_master == "master silver"
    acme.pays(account, 100)
    assert acme.is_told()
    assert acme.trial.data.as_master == ""
    assert acme.trial.refusal("ask_for_master") != ""
    # And once more, after a commit that has asked nothing.
    acme.say("hold_downtier", **BY)
    assert not acme.is_told()
    acme.pays(account, 1_000)
    assert acme.is_told()
    assert acme.trial.data.as_master == "master silver"


def test_other_amounts_alone_are_told_to_nobody(engine: Engine) -> None:
    acme, referral, account = a_gold_advisor(engine, 1_000)
    acme.pays(account, 900)
    acme.pays(referral, 2_700, 650)
    assert not acme.is_told()


def test_one_that_is_at_risk_hears_how_far_it_would_fall_and_what_else_it_misses(engine: Engine) -> None:
    acme, referral, _ = a_gold_advisor(engine)
    acme.pays(referral, 2_000)
    assert acme.is_told()
    assert (acme.trial.state, acme.trial.data.falls_to) == ("at_risk", "advisor silver")
    acme.pays(referral, 1_900)
    assert not acme.is_told()
    acme.pays(referral, 100)
    assert acme.is_told()
    assert (acme.trial.state, acme.trial.data.falls_to) == ("at_risk", "advisor partner")


def test_one_that_is_set_by_hand_hears_of_what_its_card_says_and_of_nothing_else(engine: Engine) -> None:
    acme, referral, _ = a_gold_advisor(engine)
    acme.say("set_tier", track="advisor", tier="silver", until="2027-12-31", **BY)
    assert acme.trial.data.next_tier == "advisor platinum"
    assert not acme.is_told(), "its facts give more than it holds, and nothing moves it"
    acme.pays(referral, 1_000)
    assert acme.is_told()
    assert acme.trial.data.next_tier == "advisor gold"
    acme.pays(referral, 0)
    assert acme.is_told()
    assert (acme.trial.state, acme.trial.data.falls_to) == ("by_hand", "advisor partner")
    assert not acme.is_told(), "it knows already that it would fall"
