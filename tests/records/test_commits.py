"""One commit is written once, all of it or nothing, whoever sends it how often."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg.errors import NotNullViolation, UniqueViolation
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from records import carrying
from records.commits import write_commit
from records.leads import lead, submit
from records.posting import BEGIN, Postings
from records.refusal import NeverHappened, Refused
from records.tables import audit, claims, outbox, processes
from records.tables import commits as commits_table
from states.effects import Begin, Commit, Mail, Receipt, Tell
from states.lifecycle import SYSTEM
from tests.records.making import (
    DOMAIN,
    NOW,
    a_partner,
    claim,
    commit,
    credit,
    day,
    pin,
    release,
    rows,
    step,
)

MAIL = Mail(template="lead_received", to="partner", only_while=("in_review",), about={"reason": "none"})
TELL = Tell(process="partner:p-1", signal="note", payload={"what": "new lead"})


def everything(process: str = "lead:a") -> Commit:
    """A commit with an effect of every kind."""
    return commit(
        process,
        1,
        step(claim(), MAIL, TELL),
        step(pin(), claim(firm=True), trigger="accept", by="reviewer@vendor.example", reason="fits well"),
        step(credit(day(3)), trigger="client_paid", at=day(3)),
        step(release(), trigger="settle", at=day(3)),
        state="credited",
        final=True,
        facts={"valid_until": "2026-04-05"},
    )


def test_a_commit_writes_projection_audit_and_outbox(engine: Engine) -> None:
    receipt = write_commit(engine, commit("lead:a", 1, step(MAIL, TELL), due_at=day(90)), now=NOW)

    assert receipt == Receipt()
    [projected] = rows(engine, processes)
    assert projected["state"] == "in_review"
    assert projected["due_at"] == day(90)
    [happened] = rows(engine, audit)
    assert (happened["trigger"], happened["at"]) == ("begin", NOW)
    mail, signal = rows(engine, outbox)
    assert mail["key"] == "lead:a/run-1/1/0/0"
    assert (mail["template"], mail["to"], mail["only_while"]) == ("lead_received", "partner", ["in_review"])
    assert (signal["target"], signal["signal"]) == ("partner:p-1", "note")
    assert signal["payload"] == {"id": "lead:a/run-1/1/0/1", "at": NOW.isoformat(), "what": "new lead"}


def test_a_repeated_commit_gets_the_same_receipt_and_has_no_second_effect(engine: Engine) -> None:
    a_partner(engine)
    first = write_commit(engine, everything(), now=NOW)
    before = {table.name: rows(engine, table) for table in (audit, outbox, commits_table)}

    again = write_commit(engine, everything(), now=day(1))

    assert again == first
    assert first.claim == "held"
    assert first.terms == {"percent": "10", "months": 12, "track": "advisor", "tier": "partner"}
    assert {table.name: rows(engine, table) for table in (audit, outbox, commits_table)} == before


@pytest.mark.parametrize("dies_in", ["take", "pin_terms", "give_credit", "give_up"])
def test_a_commit_that_dies_anywhere_leaves_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    a_partner(engine)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(carrying, dies_in, die)
        with pytest.raises(KeyboardInterrupt):
            write_commit(engine, everything(), now=NOW)
    for table in (processes, audit, outbox, commits_table):
        assert rows(engine, table) == []

    assert write_commit(engine, everything(), now=NOW).claim == "held"
    assert len(rows(engine, audit)) == 4


def test_a_commit_that_dies_while_posting_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Postings, "write", die)
        with pytest.raises(KeyboardInterrupt):
            write_commit(engine, commit("lead:a", 1, step(MAIL)), now=NOW)
    for table in (processes, audit, outbox, commits_table):
        assert rows(engine, table) == []


def test_the_same_key_with_other_content_is_refused(engine: Engine) -> None:
    write_commit(engine, commit("lead:a", 1, step(MAIL)), now=NOW)
    for other in (step(TELL), step(MAIL, at=day(1), handled_at=day(2))):
        with pytest.raises(Refused, match="was written before with other content") as refused:
            write_commit(engine, commit("lead:a", 1, other), now=NOW)
        assert not isinstance(refused.value, NeverHappened), "the same message with other effects contradicts itself"
    assert len(rows(engine, audit)) == 1
    assert len(rows(engine, outbox)) == 1


def test_a_number_that_a_lost_message_took_says_what_is_written_before_it(engine: Engine) -> None:
    lost = step(MAIL, trigger="accept", by="reviewer@vendor.example")
    write_commit(engine, commit("lead:a", 1, step(), lost), now=NOW)
    for steps, done in (
        ((step(trigger="expire"),), 0),
        ((step(), step(MAIL, trigger="accept", by="somebody@vendor.example")), 1),
        ((step(), step(trigger="withdraw"), step(TELL)), 1),
        ((step(),), 1),
    ):
        with pytest.raises(NeverHappened) as never:
            write_commit(engine, commit("lead:a", 1, *steps), now=NOW)
        assert never.value.done == done
    write_commit(engine, commit("lead:a", 2), now=NOW)
    with pytest.raises(Refused) as refused:
        write_commit(engine, commit("lead:a", 1, step(trigger="expire")), now=NOW)
    assert not isinstance(refused.value, NeverHappened), "more was recorded since: the process was set back"


def test_a_step_done_again_later_by_a_new_worker_is_the_same_step(engine: Engine) -> None:
    """The first worker died after the transaction; the process does the step again, at a later moment of handling."""
    first = write_commit(engine, commit("lead:a", 1, step(MAIL, at=NOW)), now=NOW)
    later = NOW + timedelta(seconds=11)
    again = write_commit(engine, commit("lead:a", 1, step(MAIL, at=later, handled_at=later)), now=later)
    stamped = commit("lead:b", 1, step(MAIL, at=NOW, handled_at=day(1)))
    write_commit(engine, stamped, now=NOW)
    write_commit(engine, commit("lead:b", 1, step(MAIL, at=NOW, handled_at=day(2))), now=NOW)

    assert again == first
    assert len(rows(engine, outbox)) == 2


def test_a_deadline_that_came_due_after_its_writer_died_does_not_make_it_another_message(engine: Engine) -> None:
    """A word of staff has no stamp: done again, it comes after what has come due meanwhile."""
    write_commit(engine, commit("lead:a", 1, step()), now=NOW)
    says = {"trigger": "accept", "dest": "accepted", "by": "reviewer@vendor.example", "reason": "fits"}
    first = commit("lead:a", 2, step(MAIL, source="in_review", at=day(1), handled_at=day(1), **says), state="accepted")
    write_commit(engine, first, now=day(1))
    reminds = step(TELL, trigger="remind_review", source="in_review", dest="in_review", by=SYSTEM, at=day(2))
    later = step(MAIL, source="in_review", at=day(3), handled_at=day(3), **says)
    write_commit(engine, commit("lead:a", 2, reminds, later, state="accepted"), now=day(3))
    assert [row["trigger"] for row in rows(engine, audit)] == ["begin", "accept"]
    assert [row["kind"] for row in rows(engine, outbox)] == ["mail"]
    further = step(trigger="note", source="accepted", dest="accepted", by="reviewer@vendor.example")
    for _ in range(2):
        write_commit(engine, commit("lead:a", 2, reminds, later, further, state="accepted"), now=day(3))
    assert [row["trigger"] for row in rows(engine, audit)] == ["begin", "accept", "note"]
    other = step(MAIL, source="in_review", at=day(3), handled_at=day(3), **{**says, "reason": "other"})
    with pytest.raises(NeverHappened):
        write_commit(engine, commit("lead:a", 2, reminds, other, state="accepted"), now=day(3))


def test_a_deadline_that_would_have_come_due_all_the_same_is_not_left_out(engine: Engine) -> None:
    holds = step(trigger="hold", source="warning", dest="warning", by="manager@vendor.example", reason="pays late")
    write_commit(engine, commit("adjustment:a", 1, holds, kind="adjustment"), now=NOW)
    warns = step(TELL, trigger="warn", source="warning", dest="warning", by=SYSTEM, at=day(1))
    with pytest.raises(NeverHappened):
        write_commit(engine, commit("adjustment:a", 1, warns, holds, kind="adjustment"), now=day(1))


def test_what_was_parked_says_nothing_of_a_life_that_has_begun_since(engine: Engine) -> None:
    write_commit(engine, commit("lead:a", 1, step(), chain="old"), now=NOW)
    ended = commit("lead:a", 2, step(release(), trigger="withdraw"), chain="old", state="withdrawn", final=True)
    write_commit(engine, commit("lead:a", 1, step(claim()), chain="new"), now=day(2))
    write_commit(engine, ended, now=day(3), parked_at=day(1))
    assert [row["status"] for row in rows(engine, claims)] == ["held"]
    [projected] = rows(engine, processes)
    assert (projected["chain"], projected["state"]) == ("new", "in_review")
    assert [row["trigger"] for row in rows(engine, audit)] == ["begin", "begin", "withdraw"]


def test_a_commit_that_goes_further_has_only_its_new_steps_carried_out(engine: Engine) -> None:
    """As above, and another message came in between: the second commit of that number begins like the first."""
    held = write_commit(engine, commit("lead:a", 1, step(claim(), MAIL)), now=NOW)
    longer = commit("lead:a", 1, step(claim(), MAIL), step(TELL, trigger="note"), state="accepted")
    receipt = write_commit(engine, longer, now=day(1))

    assert receipt == held
    assert [row["trigger"] for row in rows(engine, audit)] == ["begin", "note"]
    assert [row["key"] for row in rows(engine, outbox)] == ["lead:a/run-1/1/0/1", "lead:a/run-1/1/1/0"]
    assert rows(engine, processes)[0]["state"] == "accepted"
    assert write_commit(engine, longer, now=day(1)) == held
    with pytest.raises(Refused):
        write_commit(engine, commit("lead:a", 1, step(claim(), MAIL), step(trigger="other")), now=day(1))


def test_an_older_number_of_the_same_chain_never_overwrites_a_newer_projection(engine: Engine) -> None:
    write_commit(engine, commit("lead:a", 2, step(), state="accepted"), now=NOW)
    write_commit(engine, commit("lead:a", 1, step(), state="in_review"), now=day(1))
    assert rows(engine, processes)[0]["state"] == "accepted"
    write_commit(engine, commit("lead:a", 1, step(), chain="run-2", state="in_review"), now=day(2))
    assert rows(engine, processes)[0]["state"] == "in_review"


def test_effects_after_a_claim_that_was_not_granted_are_not_carried_out(engine: Engine) -> None:
    write_commit(engine, commit("lead:first", 1, step(claim(NOW))), now=NOW)
    receipt = write_commit(
        engine, commit("lead:second", 1, step(TELL, claim(day(1)), MAIL), step(MAIL, trigger="next")), now=NOW
    )
    assert receipt == Receipt(claim="behind", claimed_by="lead:first")
    assert [row["signal"] for row in rows(engine, outbox)] == ["note"]
    assert len([row for row in rows(engine, audit) if row["process"] == "lead:second"]) == 2
    assert len(rows(engine, processes)) == 2


def test_what_the_database_cannot_hold_is_refused_without_its_content(engine: Engine) -> None:
    a_partner(engine)
    secret = commit("lead:a", 1, step(pin(), reason="a personal remark"), partner_id="p-unknown")
    with pytest.raises(Refused, match="p-unknown is not in the list of partners") as refused:
        write_commit(engine, secret, now=NOW)
    assert "personal" not in str(refused.value)
    assert rows(engine, commits_table) == []
    with pytest.raises(Refused, match="no pinned terms"):
        write_commit(engine, commit("lead:a", 1, step(claim(), credit())), now=NOW)


@pytest.mark.parametrize(
    "sent",
    [
        commit("lead:a", 1, step(claim(NOW.replace(tzinfo=None)))),
        commit("lead:a", 1, step(reason="half a character: \ud83d")),
        commit("lead:a", 1, step(details={"half": "\ud83d"})),
        commit("lead:a", 1, step(), lifecycle_version=2**70),
    ],
    ids=["naive instant", "half a character", "half a character in JSON", "endless number"],
)
def test_what_can_never_be_written_is_refused_and_not_tried_for_ever(engine: Engine, sent: Commit) -> None:
    with pytest.raises(Refused, match="can't hold commit 1 of lead:a"):
        write_commit(engine, sent, now=NOW)
    assert rows(engine, commits_table) == []


@pytest.mark.parametrize(("times", "error", "written"), [
    (1, UniqueViolation(), True), (2, UniqueViolation(), False), (1, NotNullViolation(), False),
])  # fmt: skip
def test_what_another_transaction_wrote_at_the_same_moment_is_looked_at_once_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, times: int, error: Exception, written: bool
) -> None:
    real, left = Postings.write, [IntegrityError("INSERT", None, error)] * times

    def write(postings: Postings, connection: Connection) -> None:
        if left:
            raise left.pop()
        real(postings, connection)

    monkeypatch.setattr(Postings, "write", write)
    if written:
        write_commit(engine, commit("lead:a", 1, step(MAIL)), now=NOW)
    else:
        with pytest.raises(Refused, match="can't hold commit 1 of lead:a"):
            write_commit(engine, commit("lead:a", 1, step(MAIL)), now=NOW)
    assert len(rows(engine, outbox)) == len(rows(engine, commits_table)) == int(written)


def test_a_final_lead_is_closed_for_its_partner(engine: Engine) -> None:
    wanted: dict[str, Any] = {
        "partner_id": "p-1",
        "company": "Client",
        "domain": DOMAIN,
        "contact_name": "A buyer",
        "contact_email": "buyer@client.example",
        "note": "",
    }
    lead_id, existing = submit(engine, **wanted, received_at=NOW)
    assert not existing
    assert submit(engine, **wanted, received_at=day(1)) == (lead_id, True)
    write_commit(engine, commit(f"lead:{lead_id}", 1, step(), state="withdrawn", final=True), now=NOW)

    another, existing = submit(engine, **wanted, received_at=day(2))
    assert not existing
    assert another != lead_id
    found = lead(engine, lead_id)
    assert found is not None
    assert (found.state, found.final) == ("withdrawn", True)


def test_a_process_that_is_to_begin_is_posted_before_what_it_is_told(engine: Engine) -> None:
    begin = Begin(process="partner:p-1", kind="partner", data={"id": "p-1"})
    write_commit(engine, commit("application:a", 1, step(begin, TELL)), now=NOW)

    start, signal = rows(engine, outbox)
    assert (start["target"], start["signal"], start["payload"]) == (
        "partner:p-1",
        BEGIN,
        {"kind": "partner", "data": {"id": "p-1"}},
    )
    assert (signal["target"], signal["signal"]) == ("partner:p-1", "note")
