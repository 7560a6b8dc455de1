"""Telling a process only if there is one: whether it has begun is what the same transaction sees."""

import pytest
from sqlalchemy import Engine, update

from records.commits import write_commit
from records.database import writing
from records.posting import BEGIN
from records.tables import outbox
from states.effects import Begin, Step, Tell
from tests.records.making import NOW, a_partner, commit, rows, step

BENEFIT = "benefit:p-1:slack_community"
BEGINS = Begin(process=BENEFIT, kind="benefit", data={"id": "p-1:slack_community"})
WITHDRAW = Tell(process=BENEFIT, signal="withdraw", payload={"by": "system"}, if_begun=True)


@pytest.fixture(autouse=True)
def partner(engine: Engine) -> None:
    a_partner(engine)


def told(engine: Engine) -> list[str]:
    """What is on its way to the benefit, in order."""
    return [row["signal"] for row in rows(engine, outbox) if row["target"] == BENEFIT]


def test_nobody_is_told_where_nothing_has_begun(engine: Engine) -> None:
    write_commit(engine, commit("partner:p-1", 1, step(WITHDRAW)), now=NOW)
    assert rows(engine, outbox) == []
    # Another one's beginning is not this one's, and neither is another thing that this one was told.
    others = (BEGINS.model_copy(update={"process": f"{BENEFIT}_too"}), Tell(process=BENEFIT, signal="grant"))
    write_commit(engine, commit("partner:p-1", 2, step(*others), step(WITHDRAW)), now=NOW)
    assert told(engine) == ["grant"]


def test_one_that_has_recorded_anything_is_told(engine: Engine) -> None:
    write_commit(engine, commit(BENEFIT, 1, step(), kind="benefit", state="not_given"), now=NOW)
    for _ in range(2):
        write_commit(engine, commit("partner:p-1", 1, step(WITHDRAW)), now=NOW)
    [row] = rows(engine, outbox)
    assert (row["signal"], row["payload"]["by"], row["status"]) == ("withdraw", "system", "waiting")


@pytest.mark.parametrize("status", ["waiting", "sent"])
def test_one_whose_beginning_is_on_its_way_is_told_after_it(engine: Engine, status: str) -> None:
    write_commit(engine, commit("partner:p-1", 1, step(BEGINS)), now=NOW)
    with writing(engine) as connection:
        connection.execute(update(outbox).values(status=status))
    write_commit(engine, commit("partner:p-1", 2, step(WITHDRAW)), now=NOW)
    assert told(engine) == [BEGIN, "withdraw"]


@pytest.mark.parametrize("steps", [(step(BEGINS, WITHDRAW),), (step(BEGINS), step(WITHDRAW, trigger="leave"))])
def test_one_that_begins_in_the_same_commit_is_told_after_it(engine: Engine, steps: tuple[Step, ...]) -> None:
    for _ in range(2):
        write_commit(engine, commit("partner:p-1", 1, *steps), now=NOW)
    assert told(engine) == [BEGIN, "withdraw"]


def test_a_beginning_that_comes_later_is_not_foreseen(engine: Engine) -> None:
    write_commit(engine, commit("partner:p-1", 1, step(WITHDRAW), step(BEGINS, trigger="rejoin")), now=NOW)
    assert told(engine) == [BEGIN]
    # What was carried out stays so: a repetition that goes further does not tell it either.
    longer = commit("partner:p-1", 1, step(WITHDRAW), step(BEGINS, trigger="rejoin"), step(trigger="note"))
    write_commit(engine, longer, now=NOW)
    assert told(engine) == [BEGIN]
