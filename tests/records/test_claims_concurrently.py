"""Many threads want the same prospect at once: nobody meets the constraint, and one of them gets it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Event

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import OperationalError, TimeoutError

from records.commits import write_commit
from records.database import writing
from records.tables import claims, commits, lead_details, outbox, processes, referrals
from states.effects import Commit, Receipt
from tests.records.making import NOW, a_partner, claim, commit, credit, day, pin, release, rows, step


def _written(engine: Engine, sent: Commit) -> Receipt:
    """As the activity does it: busy is no answer."""
    while True:
        try:
            return write_commit(engine, sent, now=NOW)
        except (OperationalError, TimeoutError):
            continue


@pytest.mark.timeout(120)
def test_one_holder_at_any_time_and_the_earliest_in_the_end(engine: Engine) -> None:
    sent = [commit(f"lead:{number:02}", 1, step(claim(day(number)))) for number in range(40)]
    Random(7).shuffle(sent)
    with ThreadPoolExecutor(8) as threads:
        # Each twice: the second is a worker that did not hear the first one's answer.
        list(threads.map(lambda each: _written(engine, each), sent + sent))

    found = {row["process"]: row["status"] for row in rows(engine, claims)}
    assert [process for process, status in found.items() if status == "held"] == ["lead:00"]
    assert len(found) == 40
    displaced = [row["target"] for row in rows(engine, outbox)]
    assert len(displaced) == len(set(displaced))


@pytest.mark.timeout(120)
def test_a_prospect_is_credited_once(engine: Engine) -> None:
    a_partner(engine)
    wanted = [commit(f"lead:{number:02}", 1, step(pin(), claim(NOW, firm=True), credit())) for number in range(30)]
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda each: _written(engine, each), wanted))

    [referral] = rows(engine, referrals)
    assert sum(receipt.claim == "held" for receipt in receipts) == 1
    assert rows(engine, claims) == []
    taken = [receipt for receipt in receipts if receipt.claim == "taken"]
    assert {receipt.claimed_by for receipt in taken} <= {referral["process"]}


@pytest.mark.timeout(120)
def test_crossing_subjects_are_no_deadlock(engine: Engine) -> None:
    def play(number: int) -> None:
        one, two = ("a.example", "b.example") if number % 2 else ("b.example", "a.example")
        _written(engine, commit(f"lead:{number}", 1, step(claim(subject=one)), step(claim(subject=two))))
        _written(engine, commit(f"lead:{number}", 2, step(release(two), release(one))))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(play, range(30)))
    assert rows(engine, claims) == []
    assert len(rows(engine, commits)) == 60


@pytest.mark.parametrize("registered", [True, False], ids=["and stays", "and is taken back"])
def test_a_lead_is_reinstated_while_its_partner_registers_the_prospect_again(engine: Engine, registered: bool) -> None:
    given = {
        "company": "Client", "contact_name": "A buyer", "contact_email": "buyer@client.example", "note": "",
        "partner_id": "p-1", "domain": "client.example", "received_at": NOW,
    }  # fmt: skip
    a_partner(engine)
    with writing(engine) as connection:
        connection.execute(insert(lead_details), {"lead_id": "old", **given, "open": True})
    write_commit(engine, commit("lead:old", 1, step(claim())), now=NOW)
    write_commit(engine, commit("lead:old", 2, step(release(), trigger="reject"), state="rejected"), now=NOW)
    begun = Event()

    def register() -> None:
        with suppress(ConnectionError), writing(engine) as connection:
            connection.execute(insert(lead_details), {"lead_id": "new", **given, "open": True})
            begun.set()
            # Nobody wakes it: long enough for the other one to come, and to wait.
            Event().wait(0.4)
            if not registered:
                raise ConnectionError

    with ThreadPoolExecutor(1) as thread:
        registering = thread.submit(register)
        assert begun.wait(20)
        back = step(claim(), trigger="reinstate", source="rejected", dest="in_review")
        receipt = write_commit(engine, commit("lead:old", 3, back), now=NOW)
        registering.result()
    assert receipt.claim == "held"
    assert [row["state"] for row in rows(engine, processes)] == ["in_review"]
    assert [row["lead_id"] for row in rows(engine, lead_details) if row["open"]] == ["new" if registered else "old"]
