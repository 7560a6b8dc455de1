"""Signals leave in order, at once, from whichever relay is there."""

import asyncio

from sqlalchemy import Engine, text

from activities.relay import Relay, pause_after
from records.commits import write_commit
from records.database import writing
from records.tables import outbox
from states.effects import Begin, Effect, Tell
from tests.activities.other_ends import Clock, Signals, eventually
from tests.records.making import NOW, claim, commit, day, release, rows, step


async def test_signals_to_one_process_leave_in_order_however_often_they_fail(
    engine: Engine, relay: Relay, signals: Signals, real: Clock
) -> None:
    write_commit(engine, commit("lead:late", 1, step(claim(day(1)))), now=NOW)
    write_commit(engine, commit("lead:early", 1, step(claim(day(0)))), now=NOW)
    write_commit(engine, commit("lead:early", 2, step(release(), trigger="expire")), now=NOW)
    signals.failures = 3
    for _ in range(8):
        await relay.signals_once()
        real.passes(10)
    assert [(process, signal) for process, signal, _ in signals.sent] == [
        ("lead:late", "stand_in_line"),
        ("lead:late", "come_up"),
    ]
    assert all(payload["id"] and payload["at"] for _, _, payload in signals.sent)


async def test_a_signal_to_nobody_is_dropped_with_a_record(engine: Engine, relay: Relay, signals: Signals) -> None:
    signals.gone = {"partner:p-1"}
    write_commit(engine, commit("lead:a", 1, step(Tell(process="partner:p-1", signal="note"))), now=NOW)
    await relay.signals_once()
    [row] = rows(engine, outbox)
    assert (row["status"], row["last_error"]) == ("dropped", "No process partner:p-1 is running.")


async def test_who_is_told_only_if_begun_hears_it_after_its_beginning(
    engine: Engine, relay: Relay, signals: Signals, real: Clock
) -> None:
    """The beginning fails at first, so that what follows would arrive at a process that is not there."""
    there, nowhere = "benefit:p-1:slack_community", "benefit:p-1:directory_listing"
    withdraws: list[Effect] = [Tell(process=each, signal="withdraw", if_begun=True) for each in (there, nowhere)]
    begins = Begin(process=there, kind="benefit", data={"id": "p-1:slack_community"})
    grants = Tell(process=there, signal="grant")
    for number, effects in enumerate(((begins, grants), withdraws), 1):
        write_commit(engine, commit("partner:p-1", number, step(*effects)), now=NOW)
    signals.failures = 2
    for _ in range(6):
        await relay.signals_once()
        real.passes(10)
    assert [(process, signal) for process, signal, _ in signals.sent] == [
        (there, "begin"), (there, "grant"), (there, "withdraw"),
    ]  # fmt: skip
    assert {row["status"] for row in rows(engine, outbox)} == {"sent"}


async def test_waking_is_quicker_than_polling_and_stopping_is_quick(
    engine: Engine, relay: Relay, signals: Signals
) -> None:
    relay.poll = 30
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(0.2)
    write_commit(engine, commit("lead:a", 1, step(Tell(process="partner:p-1", signal="note"))), now=NOW)
    await asyncio.to_thread(relay.wake)
    await eventually(lambda: bool(signals.sent), within=20)
    stop.set()
    await asyncio.wait_for(running, 20)


async def test_the_relay_outlives_a_database_that_is_away(engine: Engine, relay: Relay, signals: Signals) -> None:
    write_commit(engine, commit("lead:a", 1, step(Tell(process="partner:p-1", signal="note"))), now=NOW)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO outbox_away"))
    relay.poll = 0.02
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(0.3)
    assert not running.done()
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE outbox_away RENAME TO outbox"))
    await eventually(lambda: bool(signals.sent))
    stop.set()
    await running


def test_pauses_grow_to_five_minutes() -> None:
    assert [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 9, 10, 50)] == [1, 2, 4, 256, 300, 300]
