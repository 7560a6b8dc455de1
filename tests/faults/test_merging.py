"""Killed while two partners become one: nothing of it has happened, or all of it."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from records.database import open_database
from records.tables import metadata
from tests.faults.lives import House
from tests.faults.lives_of_mergers import Merged
from tests.faults.test_killed_between_steps import ended_as_undisturbed, house
from tests.records.making import NOW, rows
from tests.records.merging_two import a_lead, an_account, merger, proposed, said, two_partners
from tests.records.telling import certify, refer, tell

pytestmark = [pytest.mark.faults, pytest.mark.timeout(280)]
__all__ = ["house"]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Two partners with something of everything, of whom one has confirmed."""
    engine = open_database(database_url)
    two_partners(engine)
    for name in ("elbe", "isar"):
        a_lead(engine, name, "both.example", state="in_review" if name == "elbe" else "in_line")
        an_account(engine, name, "Ab12Cd", "active" if name == "elbe" else "waiting")
        certify(engine, name, at=NOW, person=name)
        tell(engine, name, "team", at=NOW, people=[name])
        refer(engine, name, 300, paid=NOW)
    proposed(engine)
    said(engine, "merge_from")
    yield engine
    engine.dispose()


def everything(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    return {table.name: rows(engine, table) for table in metadata.sorted_tables}


def killed_at(url: str, number: int) -> bool:
    """Say the second word in a process of its own, killed before its statement of that number; whether it was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child touches nothing that another thread holds
        child = os.fork()
    if child == 0:
        try:
            engine = open_database(url)
            found = merger(engine)
            left = [number]

            def count(*_: Any) -> None:
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1

            event.listen(engine, "before_cursor_execute", count)
            event.listen(engine, "commit", count)
            assert found.state == "proposed"
            said(engine, "merge_into")
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"the child ended with {status}"
    return status != 0


def test_killed_before_every_statement_nothing_has_happened_and_the_next_word_does_it(
    engine: Engine, database_url: str
) -> None:
    before = everything(engine)
    engine.dispose()
    number = 0
    while killed_at(database_url, number):
        number += 1
        if number % 7 == 0:
            assert everything(engine) == before, f"killed before statement {number}"
            engine.dispose()
    assert number > 30, "so many statements there are at least"
    assert merger(engine).state == "done"
    after = everything(engine)
    said(engine, "merge_into")
    assert everything(engine) == after
    assert {row["partner_id"] for name in ("claims", "referrals", "managements") for row in after[name]} == {"isar"}


@pytest.mark.parametrize("what", ["worker", "server"])
async def test_killed_between_two_steps(house: House, what: str) -> None:
    lives = await house.scattered([Merged], first=1)
    await house.kill(what)
    await ended_as_undisturbed(house, lives)
