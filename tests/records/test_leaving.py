"""A partner leaves, or is suspended: everything of it that is open is told so, once, whenever it began."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, update

from records import accounts, carrying, commits, leads
from records.commits import write_commit
from records.database import writing
from records.tables import outbox, partners
from states.effects import Commit, Leave, Suspend, TakeStanding
from tests.records.making import DOMAIN, NOW, a_partner, claim, commit, day, rows, step
from tests.records.merging_two import both_confirm, proposed, two_partners

LEFT = "The partner has left the program."
SUSPENDED: dict[str, Any] = {"facts": {"partner suspended": "yes"}}


@pytest.fixture(autouse=True)
def partner(engine: Engine) -> None:
    a_partner(engine)


def a_lead(engine: Engine) -> str:
    """A lead that Temporal holds and that has recorded nothing yet."""
    lead_id, _ = leads.submit(
        engine, partner_id="p-1", company="Client", domain=DOMAIN, contact_name="A buyer",
        contact_email="buyer@client.example", note="", received_at=NOW, pending=True,
    )  # fmt: skip
    leads.acknowledge(engine, lead_id)
    return f"lead:{lead_id}"


def an_account(engine: Engine) -> str:
    """A managed account of which the same is true."""
    made = accounts.submit(
        engine, api_key="Abc123", partner_id="p-1", contact_name="A buyer", contact_email="buyer@client.example",
        received_at=NOW,
    )  # fmt: skip
    accounts.acknowledge(engine, made.process, made.number)
    return made.process


def a_nomination(engine: Engine) -> str:
    return "nomination:2026-H1:p-1"


def first_of(process: str, **projected: Any) -> Commit:
    """The first commit of a lead, an account or a nomination."""
    kind, _, _ = process.partition(":")
    effects, state = {"lead": ((claim(),), "in_review"), "account": ((), "waiting")}.get(kind, ((), "to_nominate"))
    return commit(process, 1, step(*effects, dest=state), **{"kind": kind, "state": state, **projected})


def of_partner(number: int, *effects: Any, at: datetime) -> Commit:
    said: dict[str, Any] = {"kind": "partner", "state": "member", "subject": "p-1"}
    return commit("partner:p-1", number, step(*effects, trigger="said", at=at), **said)


def leaves(engine: Engine, number: int = 1) -> None:
    write_commit(engine, of_partner(number, Leave(at=day(1), because=LEFT), at=day(1)), now=day(1))


def is_suspended(engine: Engine, suspended: bool = True, number: int = 1) -> None:
    write_commit(engine, of_partner(number, Suspend(suspended=suspended), at=day(1)), now=day(1))


def told(engine: Engine, process: str) -> list[str]:
    """What is on its way to a process."""
    return [row["signal"] for row in rows(engine, outbox) if row["target"] == process]


ENDS = [(a_lead, "withdraw"), (an_account, "end_management"), (a_nomination, "partner_gone")]


@pytest.mark.parametrize(("begun", "signal"), ENDS)
def test_what_has_recorded_nothing_ends_as_soon_as_it_has(
    engine: Engine, begun: Callable[[Engine], str], signal: str
) -> None:
    process = begun(engine)
    leaves(engine)
    assert told(engine, process) == [], "nobody could hear it yet"
    for _ in range(2):
        write_commit(engine, first_of(process), now=day(2))
    [row] = [row for row in rows(engine, outbox) if row["target"] == process]
    assert (row["signal"], row["payload"]["reason"], row["payload"]["by"]) == (signal, LEFT, "partner")
    assert row["payload"]["at"] == day(1).isoformat()
    goes_on = first_of(process)
    stays = step(trigger="noted", source=goes_on.projection.state, dest=goes_on.projection.state)
    write_commit(engine, goes_on.model_copy(update={"number": 2, "steps": (stays,)}), now=day(3))
    assert told(engine, process) == [signal]


@pytest.mark.parametrize(("begun", "signal"), ENDS)
def test_what_has_recorded_something_is_told_when_it_happens(
    engine: Engine, begun: Callable[[Engine], str], signal: str
) -> None:
    process = begun(engine)
    write_commit(engine, first_of(process), now=NOW)
    leaves(engine)
    write_commit(engine, first_of(process), now=day(2))
    assert told(engine, process) == [signal]


def test_what_was_over_and_comes_back_when_the_partner_has_left_ends_again(engine: Engine) -> None:
    lead = a_lead(engine)
    write_commit(engine, first_of(lead), now=NOW)
    ended = step(trigger="expire", source="accepted", dest="expired")
    write_commit(engine, commit(lead, 2, ended, state="expired"), now=NOW)
    leaves(engine)
    assert told(engine, lead) == [], "it is over"
    late = step(trigger="opportunity_opened", source="expired", dest="opportunity", at=day(0.5))
    write_commit(engine, commit(lead, 3, late, state="opportunity"), now=day(2))
    assert told(engine, lead) == ["withdraw"]
    moved = step(trigger="opportunity_moved", source="opportunity", dest="opportunity", at=day(3))
    write_commit(engine, commit(lead, 4, moved, state="opportunity"), now=day(3))
    assert told(engine, lead) == ["withdraw"]


def test_a_nomination_that_is_reinstated_when_the_partner_has_left_is_out_again(engine: Engine) -> None:
    nomination = a_nomination(engine)
    write_commit(engine, first_of(nomination), now=NOW)
    out = step(trigger="partner_gone", source="to_nominate", dest="taken_out")
    write_commit(engine, first_of(nomination).model_copy(update={"number": 2, "steps": (out,)}), now=NOW)
    leaves(engine)
    before = told(engine, nomination)
    back = step(trigger="reinstate", source="taken_out", dest="nominated", at=day(2))
    write_commit(engine, first_of(nomination).model_copy(update={"number": 3, "steps": (back,)}), now=day(3))
    assert told(engine, nomination) == [*before, "partner_gone"]


def test_a_nomination_that_begins_when_its_season_was_called_off_is_told_so(engine: Engine) -> None:
    season = commit("elite:2027-H1", 9, step(trigger="call_off"), kind="season", state="called_off", final=True)
    write_commit(engine, season, now=NOW)
    nomination = "nomination:2027-H1:p-1"
    a_partner(engine)
    for number in (1, 2):
        begins = commit(nomination, number, step(), kind="nomination", state="to_nominate", subject="p-1")
        write_commit(engine, begins, now=day(number))
    assert told(engine, nomination) == ["call_off"]


def test_what_is_registered_after_the_partner_has_left_is_told_so(engine: Engine) -> None:
    # The portal had asked a moment before.
    leaves(engine)
    lead = a_lead(engine)
    write_commit(engine, first_of(lead), now=day(2))
    assert told(engine, lead) == ["withdraw"]


def test_what_ends_at_once_is_left_alone(engine: Engine) -> None:
    leaves(engine)
    lead = a_lead(engine)
    write_commit(engine, first_of(lead, state="closed_out", final=True), now=day(2))
    assert told(engine, lead) == []


def test_who_is_a_partner_again_registers_as_before(engine: Engine) -> None:
    leaves(engine)
    back = TakeStanding(track="advisor", tier="partner", since=day(2), why="entered")
    write_commit(engine, of_partner(2, back, at=day(2)), now=day(2))
    for process in (a_lead(engine), an_account(engine)):
        write_commit(engine, first_of(process), now=day(3))
        assert told(engine, process) == []


def test_one_that_is_entered_as_a_partner_again_is_one_before_its_process_says_so(engine: Engine) -> None:
    leaves(engine)
    with writing(engine) as connection:
        connection.execute(update(partners).values(active=True))
    lead = a_lead(engine)
    write_commit(engine, first_of(lead), now=day(3))
    assert told(engine, lead) == []


def test_an_account_that_is_submitted_again_meanwhile_ends(engine: Engine) -> None:
    account = an_account(engine)
    lapsed = commit(account, 1, step(dest="lapsed"), kind="account", state="lapsed")
    write_commit(engine, lapsed, now=NOW)
    leaves(engine)
    assert told(engine, account) == []
    again = step(trigger="submit_again", source="lapsed", dest="waiting", at=day(2))
    for _ in range(2):
        write_commit(engine, commit(account, 2, again, kind="account", state="waiting"), now=day(2))
    assert told(engine, account) == ["end_management"]


def test_what_a_merged_partner_had_begun_is_the_other_ones(engine: Engine) -> None:
    two_partners(engine)
    proposed(engine)
    both_confirm(engine)
    write_commit(engine, first_of("lead:a", partner_id="elbe"), now=day(9))
    write_commit(engine, first_of("nomination:2026-H1:elbe", partner_id="elbe"), now=day(9))
    again = step(trigger="submit_again", source="lapsed", dest="waiting", at=day(2))
    submitted = commit("account:Abc123:elbe", 2, again, kind="account", state="waiting", partner_id="elbe")
    write_commit(engine, submitted, now=day(9))
    assert told(engine, "lead:a") == told(engine, "account:Abc123:elbe") == ["change_partner"]
    [gone] = [row for row in rows(engine, outbox) if row["target"] == "nomination:2026-H1:elbe"]
    assert (gone["signal"], gone["payload"]["reason"]) == ("partner_gone", "The partner was merged into isar.")


def test_a_lead_hears_of_a_suspension_that_it_missed(engine: Engine) -> None:
    lead, account = a_lead(engine), an_account(engine)
    is_suspended(engine)
    for process in (lead, account):
        write_commit(engine, first_of(process), now=day(2))
    assert (told(engine, lead), told(engine, account)) == (["partner_suspended"], [])
    is_suspended(engine, False, number=2)
    assert told(engine, lead) == ["partner_suspended", "suspension_lifted"]


def test_a_lead_that_knows_of_the_suspension_is_not_told(engine: Engine) -> None:
    is_suspended(engine)
    lead = a_lead(engine)
    write_commit(engine, first_of(lead, **SUSPENDED), now=day(2))
    assert told(engine, lead) == []


def test_a_lead_hears_that_the_suspension_it_knew_of_is_lifted(engine: Engine) -> None:
    is_suspended(engine)
    lead = a_lead(engine)
    is_suspended(engine, False, number=2)
    write_commit(engine, first_of(lead, **SUSPENDED), now=day(2))
    assert told(engine, lead) == ["suspension_lifted"]


@contextmanager
def _held(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> Iterator[Event]:
    """After a function has run once, its transaction goes on for a moment; the event says that it has run."""
    ran, real = Event(), getattr(where, name)

    def slowly(*args: Any, **kwargs: Any) -> Any:
        done = real(*args, **kwargs)
        if not ran.is_set():
            ran.set()
            # Nobody wakes it: long enough for the other one to come, and to wait.
            Event().wait(0.4)
        return done

    monkeypatch.setattr(where, name, slowly)
    yield ran


@pytest.mark.parametrize(
    ("where", "name", "lead_first"),
    [(carrying, "end_what_is_open", False), (commits, "tell_what_it_missed", True)],
    ids=["the partner leaves first", "the lead begins first"],
)
def test_of_two_that_are_written_at_once_one_tells(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, lead_first: bool
) -> None:
    lead = a_lead(engine)

    def begins(engine: Engine) -> None:
        write_commit(engine, first_of(lead), now=day(1))

    one, other = (begins, leaves) if lead_first else (leaves, begins)
    with _held(monkeypatch, where, name) as ran, ThreadPoolExecutor(1) as thread:
        under_way = thread.submit(one, engine)
        assert ran.wait(20)
        other(engine)
        under_way.result()
    assert told(engine, lead) == ["withdraw"]
