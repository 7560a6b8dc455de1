"""Who holds a prospect: each rule by an example. `test_claims_model.py` plays all of them against each other."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, update

from program.edition import Tier, Track
from records import leads
from records.commits import write_commit
from records.database import writing
from records.facts import PAID, record_fact
from records.partners import set_tier
from records.tables import audit, claims, client_accounts, outbox, referrals
from states.effects import Receipt, Step
from tests.records.making import DOMAIN, NOW, a_partner, claim, commit, credit, day, pin, release, rows, step
from tests.records.telling import pay, refer

HELD = Receipt(claim="held")


class Player:
    """A process, reduced to the commits it sends."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name, self.number = engine, name, 0

    def does(self, *steps: Step) -> Receipt:
        self.number += 1
        return write_commit(self.engine, commit(self.name, self.number, *steps), now=NOW)

    def claims(self, since: datetime, **asks: bool) -> Receipt:
        return self.does(step(claim(since, subject=DOMAIN, **asks)))


def told(engine: Engine) -> list[tuple[str, str]]:
    """Who was sent what, in order."""
    return [(row["target"], row["signal"]) for row in rows(engine, outbox)]


def places(engine: Engine) -> dict[str, str]:
    return {row["process"]: row["status"] for row in rows(engine, claims)}


def behind(process: str) -> Receipt:
    return Receipt(claim="behind", claimed_by=process)


def test_the_second_stands_in_line_and_comes_up(engine: Engine) -> None:
    first, second = Player(engine, "lead:1"), Player(engine, "lead:2")
    assert first.claims(day(0)) == HELD
    assert second.claims(day(1)) == behind("lead:1")
    assert places(engine) == {"lead:1": "held", "lead:2": "in_line"}

    first.does(step(release(), trigger="expire"))

    assert places(engine) == {"lead:2": "held"}
    assert told(engine) == [("lead:2", "come_up")]
    assert second.claims(day(1)) == HELD


def test_the_earlier_registration_displaces_one_that_is_not_firm(engine: Engine) -> None:
    late, early = Player(engine, "lead:late"), Player(engine, "lead:early")
    assert late.claims(day(1)) == HELD
    assert early.claims(day(0)) == HELD
    assert places(engine) == {"lead:early": "held", "lead:late": "in_line"}
    [row] = rows(engine, outbox)
    assert (row["target"], row["signal"]) == ("lead:late", "stand_in_line")
    assert row["payload"] == {"id": row["key"], "at": NOW.isoformat(), "behind": "lead:early"}


def test_a_firm_claim_is_never_displaced(engine: Engine) -> None:
    late, early = Player(engine, "lead:late"), Player(engine, "lead:early")
    late.claims(day(1))
    assert late.claims(day(1), firm=True) == HELD
    assert early.claims(day(0)) == behind("lead:late")
    assert told(engine) == []


def test_asking_again_keeps_the_place_in_line(engine: Engine) -> None:
    for name, since in (("lead:1", day(0)), ("lead:2", day(1)), ("lead:3", day(2))):
        Player(engine, name).claims(since)
    third = Player(engine, "lead:3")
    third.number = 1
    assert third.claims(day(2), firm=True) == behind("lead:1")
    Player(engine, "lead:x").does(step(release()))
    assert told(engine) == []
    first = Player(engine, "lead:1")
    first.number = 1
    first.does(step(release()))
    assert told(engine) == [("lead:2", "come_up")]


def test_net_new_means_that_nobody_holds_it_and_nobody_paid_before(engine: Engine) -> None:
    Player(engine, "lead:1").claims(day(0))
    assert Player(engine, "lead:2").claims(day(-5), net_new=True) == Receipt(claim="taken", claimed_by="lead:1")
    assert places(engine) == {"lead:1": "held"}


def test_a_payment_from_before_the_sign_up_is_not_net_new(engine: Engine) -> None:
    fact = {"source": "billing", "kind": PAID, "subject": DOMAIN, "received_at": NOW, "digest": "x"}
    record_fact(engine, **fact, fact_id="1", occurred_at=day(5))  # type: ignore[arg-type]
    assert Player(engine, "lead:1").claims(day(5), net_new=True) == HELD
    Player(engine, "lead:1x").does(step(release()))
    record_fact(engine, **fact, fact_id="2", occurred_at=day(4))  # type: ignore[arg-type]
    assert Player(engine, "lead:2").claims(day(5), net_new=True) != HELD


def test_mrr_of_an_earlier_month_is_not_net_new(engine: Engine) -> None:
    account = refer(engine, "p-1", 0, paid=day(0) - timedelta(days=40))
    with writing(engine) as connection:
        connection.execute(delete(referrals))
        connection.execute(update(client_accounts).values(domain=DOMAIN))
    pay(engine, account, 900, at=day(0))
    assert Player(engine, "lead:1").claims(day(0), net_new=True) == HELD, "the month of the sign-up may be its own"
    Player(engine, "lead:1x").does(step(release()))
    pay(engine, account, 900, at=day(0) - timedelta(days=80))
    assert Player(engine, "lead:2").claims(day(0), net_new=True) != HELD


def test_a_repetition_hears_how_its_claim_stands_now(engine: Engine) -> None:
    """Its first answer was lost, and what came of the claim since was told to a process that did not know of it."""
    first, second, third = (Player(engine, f"lead:{number}") for number in (1, 2, 3))
    first.claims(day(1))
    assert second.claims(day(2)) == behind("lead:1")
    first.does(step(release()))
    second.number -= 1
    assert second.claims(day(2)) == HELD, "it has come up"
    assert third.claims(day(0)) == HELD, "registered earlier"
    second.number -= 1
    assert second.claims(day(2)) == behind("lead:3"), "it has been displaced"


def test_what_waited_for_a_claim_that_has_come_up_is_done_by_the_repetition(engine: Engine) -> None:
    a_partner(engine)
    first, second = Player(engine, "lead:1"), Player(engine, "lead:2")
    first.claims(day(0))
    second.claims(day(1))
    paid = step(claim(day(1), firm=True), pin(day(1)), credit(day(3)), trigger="client_paid", at=day(3))
    assert second.does(paid) == behind("lead:1")
    assert rows(engine, referrals) == []
    first.does(step(release()))
    for _ in range(2):
        second.number -= 1
        told = second.does(paid)
        assert (told.claim, told.terms is not None) == ("held", True)
    [referral] = rows(engine, referrals)
    assert (referral["process"], referral["first_payment_at"]) == ("lead:2", day(3))
    assert places(engine) == {}
    assert [row["trigger"] for row in rows(engine, audit) if row["process"] == "lead:2"] == ["begin", "client_paid"]


def test_credit_pins_the_share_and_closes_the_line(engine: Engine) -> None:
    a_partner(engine)
    set_tier(engine, "p-1", Track.ADVISOR, Tier.GOLD, at=day(2), why="met")
    winner, other, third = (Player(engine, f"lead:{number}") for number in (1, 2, 3))
    winner.claims(day(0))
    other.claims(day(1))
    third.claims(day(2))
    accepted = winner.does(step(pin(day(1)), claim(day(0), firm=True), trigger="accept"))
    set_tier(engine, "p-1", Track.ADVISOR, Tier.PLATINUM, at=day(3), why="met")

    credited = winner.does(step(credit(day(10)), trigger="client_paid", at=day(10)))

    assert (accepted.claim, credited) == ("held", HELD)
    assert accepted.terms == {"percent": "10", "months": 12, "track": "advisor", "tier": "partner"}
    [referral] = rows(engine, referrals)
    assert (referral["process"], str(referral["percent"]), referral["months"]) == ("lead:1", "10", 12)
    assert (referral["first_payment_at"], referral["credited_at"]) == (day(10), day(10))
    assert told(engine) == [("lead:2", "close_line"), ("lead:3", "close_line")]
    assert rows(engine, outbox)[0]["payload"]["to"] == "lead:1"
    assert places(engine) == {}
    assert other.claims(day(1)) == Receipt(claim="taken", claimed_by="lead:1")
    assert winner.claims(day(0)) == HELD


def test_the_terms_are_those_of_the_instant_pinned(engine: Engine) -> None:
    a_partner(engine)
    set_tier(engine, "p-1", Track.MASTER, Tier.GOLD, at=day(2), why="met")
    player = Player(engine, "lead:1")
    before = player.does(step(pin(day(1.9)))).terms
    after = player.does(step(pin(day(2)))).terms
    long_ago = player.does(step(pin(day(-1000)))).terms
    assert before == {"percent": "10", "months": 12, "track": "advisor", "tier": "partner"}
    assert after == {"percent": "15", "months": 16, "track": "master", "tier": "gold"}
    # Before it joined there is no interval; what it is now stands in.
    assert long_ago == after


def test_credit_needs_the_held_claim(engine: Engine) -> None:
    a_partner(engine)
    Player(engine, "lead:1").claims(day(0))
    second = Player(engine, "lead:2")
    second.claims(day(1))
    assert second.does(step(pin(), credit())).claim == "behind"
    assert Player(engine, "lead:3").does(step(pin(), credit())).claimed_by == "lead:1"
    assert rows(engine, referrals) == []


def test_the_last_word_takes_over_at_once_and_the_loser_is_told(engine: Engine) -> None:
    first, second = Player(engine, "account:a:1"), Player(engine, "account:a:2")
    assert first.claims(day(0), firm=True, takes_over=True) == HELD
    assert second.claims(day(1), firm=True, takes_over=True) == HELD

    assert places(engine) == {"account:a:2": "held"}
    assert told(engine) == [("account:a:1", "superseded")]
    [signal] = rows(engine, outbox)
    assert signal["payload"]["by_process"] == "account:a:2"


def test_an_older_word_that_arrives_late_takes_nothing_over(engine: Engine) -> None:
    stuck, newer = Player(engine, "account:a:1"), Player(engine, "account:a:2")
    assert newer.claims(day(2), firm=True, takes_over=True) == HELD
    assert stuck.claims(day(1), firm=True, takes_over=True) == Receipt(claim="taken", claimed_by="account:a:2")

    assert places(engine) == {"account:a:2": "held"}
    assert told(engine) == []


def submitted(engine: Engine, partner_id: str, at: datetime) -> tuple[str, bool]:
    """The process of the lead that a partner has for the prospect after submitting it, and whether it had it before."""
    lead_id, existing = leads.submit(
        engine, partner_id=partner_id, company="Client", domain=DOMAIN, contact_name="", contact_email="", note="",
        received_at=at,
    )  # fmt: skip
    return f"lead:{lead_id}", existing


def registered(engine: Engine, partner_id: str, since: datetime) -> Player:
    a_partner(engine, partner_id)
    process, _ = submitted(engine, partner_id, since)
    player = Player(engine, process)
    player.claims(since)
    return player


def expires(player: Player, at: datetime) -> None:
    """Its window ended in line."""
    player.number += 1
    ended = step(release(), trigger="expire", at=at, source="in_line", dest="expired", handled_at=day(9))
    sent = commit(player.name, player.number, ended, state="expired", since=at)
    write_commit(player.engine, sent, now=day(9))


def test_who_expired_in_line_after_the_claim_had_ended_comes_up_after_all(engine: Engine) -> None:
    first = Player(engine, "lead:1")
    first.claims(day(0))
    second, third = registered(engine, "p-1", day(1)), registered(engine, "p-2", day(2))
    expires(third, day(6))
    expires(second, day(5))

    first.does(step(release(), trigger="expire", at=day(4)))

    assert places(engine) == {second.name: "held"}
    assert told(engine) == [(second.name, "come_up")]
    [row] = rows(engine, outbox)
    assert row["payload"]["at"] == day(4).isoformat()
    [place] = rows(engine, claims)
    assert (place["partner_id"], place["since"], place["firm"]) == ("p-1", day(1), False)


def test_one_that_comes_up_after_all_is_its_partner_s_lead_again(engine: Engine) -> None:
    first = Player(engine, "lead:1")
    first.claims(day(0))
    second = registered(engine, "p-1", day(1))
    expires(second, day(5))
    first.does(step(release(), trigger="expire", at=day(4)))

    second.does(step(claim(day(1)), trigger="come_up", at=day(4), source="expired", dest="in_review"))

    assert submitted(engine, "p-1", day(9)) == (second.name, True)


def test_when_a_partner_s_open_lead_ends_its_other_one_is_the_open_one(engine: Engine) -> None:
    first = registered(engine, "p-1", day(0))
    first.does(step(release(), trigger="reject"))
    again = registered(engine, "p-1", day(1))
    assert again.name != first.name
    assert first.does(step(claim(day(0)), trigger="reinstate")) == HELD
    assert submitted(engine, "p-1", day(2)) == (again.name, True), "one of them is open, not both"

    again.does(step(release(), trigger="withdraw"))

    assert submitted(engine, "p-1", day(3)) == (first.name, True)


def test_one_that_was_paid_but_has_to_stand_in_line_is_open_still(engine: Engine) -> None:
    """It expired, another one came, and then it was heard that its client had paid in time."""
    first = registered(engine, "p-1", day(0))
    first.does(step(release(), trigger="expire"))
    second = registered(engine, "p-2", day(1))
    second.does(step(claim(day(1), firm=True), pin(), trigger="accept"))
    paid = step(claim(day(0), firm=True), credit(), trigger="client_paid", dest="credited")
    for _ in range(2):
        sent = commit(first.name, first.number + 1, paid, state="credited", final=True)
        assert write_commit(engine, sent, now=NOW) == behind(second.name)
        assert submitted(engine, "p-1", day(3)) == (first.name, True)


def test_a_lead_that_is_over_is_never_the_open_one(engine: Engine) -> None:
    over, other = registered(engine, "p-1", day(0)), Player(engine, "lead:of another")
    over.does(step(release(), trigger="reject"))
    other.claims(day(1))
    write_commit(
        engine, commit(over.name, over.number + 1, step(claim(day(0))), state="closed_out", final=True), now=NOW
    )
    again = registered(engine, "p-1", day(2))
    assert again.name != over.name

    again.does(step(release(), trigger="withdraw"))

    assert submitted(engine, "p-1", day(3))[0] not in (over.name, again.name)


def test_of_several_it_is_the_one_that_holds_the_prospect(engine: Engine) -> None:
    first = registered(engine, "p-1", day(0))
    first.does(step(release(), trigger="reject"))
    second = registered(engine, "p-1", day(1))
    second.does(step(release(), trigger="reject"))
    third = registered(engine, "p-1", day(2))
    for player, since in ((first, day(0)), (second, day(1))):
        player.does(step(claim(since), trigger="reinstate"))
    assert places(engine) == {first.name: "held", second.name: "in_line", third.name: "in_line"}

    third.does(step(release(), trigger="withdraw"))
    assert submitted(engine, "p-1", day(3)) == (first.name, True)

    first.does(step(release(), trigger="reject"))
    assert submitted(engine, "p-1", day(4)) == (second.name, True)


def test_one_that_gives_such_a_place_back_is_not_offered_it_again(engine: Engine) -> None:
    first = Player(engine, "lead:1")
    first.claims(day(0))
    second, third = registered(engine, "p-1", day(1)), registered(engine, "p-2", day(2))
    expires(second, day(5))
    expires(third, day(6))
    first.does(step(release(), trigger="expire", at=day(4)))
    for player, since in ((second, day(5)), (third, day(6))):
        player.number += 1
        back = step(
            release(), trigger="come_up", at=day(4), source="expired", dest="expired", handled_at=day(9)
        )  # fmt: skip
        write_commit(engine, commit(player.name, player.number, back, state="expired", since=since), now=day(9))
    assert told(engine) == [(second.name, "come_up"), (third.name, "come_up")]
    assert places(engine) == {}


def test_one_that_stands_in_line_with_precedence_is_before_those_that_expired_there(engine: Engine) -> None:
    first = Player(engine, "lead:1")
    first.claims(day(0))
    Player(engine, "lead:2").claims(day(1))
    expires(registered(engine, "p-1", day(2)), day(5))
    first.does(step(release(), trigger="expire", at=day(4)))
    assert told(engine) == [("lead:2", "come_up")]


def test_a_claim_that_ends_later_than_a_place_in_line_leaves_it_expired(engine: Engine) -> None:
    first = Player(engine, "lead:1")
    first.claims(day(0))
    expires(registered(engine, "p-1", day(1)), day(4))
    first.does(step(release(), trigger="expire", at=day(4)))
    assert (told(engine), places(engine)) == ([], {})
