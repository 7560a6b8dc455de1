"""Managed accounts as partners submit them: which request goes on, which one is over, and who is its contact."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine

from records.accounts import Submission, account, acknowledge, contact_of, name_contact, submit
from records.checkup import accepted_without_process
from records.commits import write_commit
from records.database import reading
from tests.records.making import NOW, a_partner, commit, day, step

KEY = "Ab12Cd"


def submitted(engine: Engine, at: datetime = NOW) -> Submission:
    return submit(
        engine, api_key=KEY, partner_id="p-1", contact_name="Someone", contact_email="a@shop.example", received_at=at
    )


def waiting(engine: Engine) -> str:
    """An account that its client was asked about."""
    a_partner(engine)
    first = submitted(engine)
    acknowledge(engine, first.process, 1)
    recorded(engine, first.process, 1, "waiting")
    return first.process


def recorded(
    engine: Engine, process: str, number: int, state: str, *, final: bool = False, last: int | None = None
) -> None:
    """What the process recorded so many days after the start."""
    written = commit(
        process, number, step(dest=state), kind="account", subject=KEY, state=state, final=final,
        facts={"request": 1, "contact": 1, "last request": last},
    )  # fmt: skip
    write_commit(engine, written, now=day(number))


def submitted_when_out(engine: Engine) -> str:
    """Submitted again when it was out, and brought back at that moment."""
    process = waiting(engine)
    recorded(engine, process, 2, "voided")
    again = submitted(engine, day(2.5))
    assert (again.number, again.existing) == (2, False)
    recorded(engine, process, 3, "waiting")
    acknowledge(engine, process, 2)
    return process


def test_a_request_that_its_process_took_up_without_beginning_anew_goes_on_with_it(engine: Engine) -> None:
    process = submitted_when_out(engine)
    recorded(engine, process, 4, "waiting", last=2)
    found = account(engine, process)
    assert found is not None
    assert (found.number, found.state) == (2, "waiting")
    assert (submitted(engine, day(5)).existing, submitted(engine, day(5)).state) == (True, "waiting")
    assert accepted_without_process(engine, before=day(9)) == []
    recorded(engine, process, 6, "ended", final=True, last=2)
    third = submitted(engine, day(7))
    assert (third.number, third.existing) == (3, False)


def test_a_request_that_nobody_took_up_is_over_with_the_process_that_was_told_of_it(engine: Engine) -> None:
    process = submitted_when_out(engine)
    recorded(engine, process, 4, "ended", final=True)
    found = account(engine, process)
    assert found is not None
    assert (found.number, found.state) == (2, "ended")
    third = submitted(engine, day(5))
    assert (third.number, third.existing) == (3, False)


def test_a_request_after_the_end_goes_on_before_its_process_has_spoken(engine: Engine) -> None:
    process = waiting(engine)
    recorded(engine, process, 2, "ended", final=True)
    again = submitted(engine, day(3))
    acknowledge(engine, process, again.number)
    found = account(engine, process)
    assert found is not None
    assert (found.number, found.state) == (2, "received")
    assert (submitted(engine, day(4)).existing, submitted(engine, day(4)).number) == (True, 2)


@pytest.mark.timeout(120)
def test_contacts_that_are_corrected_at_once_get_numbers_of_their_own(engine: Engine) -> None:
    process = waiting(engine)
    together = Barrier(2)

    def correct(number: int) -> int:
        together.wait()
        named = {"name": f"Number {number}", "email": f"{number}@shop.example"}
        return name_contact(engine, process, **named, at=NOW, message_id=f"message-{number}")

    with ThreadPoolExecutor(2) as threads:
        numbers = list(threads.map(correct, range(40)))
    assert sorted(numbers) == list(range(2, 42))
    with reading(engine) as connection:
        for index, number in enumerate(numbers):
            contact = contact_of(connection, process, number)
            assert contact is not None
            assert contact.name == f"Number {index}"
