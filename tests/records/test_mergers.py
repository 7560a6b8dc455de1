"""A merger is proposed once and confirmed by both; it is over when one declines, staff withdraw it, or its days end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, TimeoutError

from records import entering
from records.commits import write_commit
from records.database import writing
from records.entering import enter_partner
from records.links import link_of_mail
from records.mergers import SIDES, Merger, Side, mergers_with, say
from records.partners import Partner, put_in, suspend
from records.tables import client_links, mergers, outbox, partners, tier_intervals
from states.effects import Leave
from tests.records.making import NOW, a_partner, commit, day, rows, step
from tests.records.merging_two import (
    ELBE,
    ISAR,
    LAPSES,
    asked_again,
    both_confirm,
    merger,
    proposed,
    said,
    two_partners,
    withdrawn,
)


@pytest.fixture(autouse=True)
def two(engine: Engine) -> None:
    two_partners(engine)


def mails(engine: Engine, template: str) -> list[tuple[str, str]]:
    return [(row["process"], row["to"]) for row in rows(engine, outbox) if row["template"] == template]


def signals(engine: Engine) -> list[tuple[str, str]]:
    return [(row["target"], row["signal"]) for row in rows(engine, outbox) if row["kind"] == "signal"]


def test_both_are_asked_each_with_a_link_of_its_own(engine: Engine) -> None:
    assert proposed(engine).found == {}
    found = merger(engine)
    assert (found.partner_id, found.into, found.state, found.lapses_at) == ("elbe", "isar", "proposed", LAPSES)
    assert (found.proposed_by, found.reason) == ("m@vendor.example", "bought")
    assert mails(engine, "merger_asked") == [(ELBE, "partner"), (ISAR, "partner")]
    links = rows(engine, client_links)
    assert [(link["process"], link["purpose"], link["dies_at"]) for link in links] == [
        (ELBE, "merge_from", LAPSES), (ELBE, "merge_into", LAPSES),
    ]  # fmt: skip
    assert links[0]["nonce"] != links[1]["nonce"]
    with engine.connect() as connection:
        for row, link in zip([row for row in rows(engine, outbox) if row["template"]], links, strict=True):
            opens = link_of_mail(connection, row["about"]["merger"], row["about"])
            assert opens is not None
            assert opens.code == link["code"]


def test_the_same_step_again_is_the_same_proposal(engine: Engine) -> None:
    for _ in range(2):
        proposed(engine)
    assert len(rows(engine, mergers)) == 1
    assert len(rows(engine, client_links)) == 2


@pytest.mark.parametrize(
    ("into", "why"),
    [
        ("nobody", "There is no partner nobody."),
        ("left", "left has left the program."),
        ("held", "held is suspended; the suspension has to be lifted before."),
        ("merged", "merged was merged into isar."),
    ],
)
def test_what_can_not_be_merged_is_refused_with_a_sentence(engine: Engine, into: str, why: str) -> None:
    for name in ("left", "held", "merged"):
        a_partner(engine, name, active=name == "held")
    with writing(engine) as connection:
        suspend(connection, "held", suspended=True)
        connection.execute(partners.update().where(partners.c.id == "merged").values(merged_into="isar"))
    assert proposed(engine, into).found == {"merger": {"into": into, "at": NOW.isoformat(), "why": why}}
    assert rows(engine, mergers) == []
    assert mails(engine, "merger_refused") == [(ELBE, "manager")]
    assert mails(engine, "merger_asked") == []


@pytest.mark.parametrize(("of", "into"), [("elbe", "saale"), ("saale", "isar"), ("isar", "saale"), ("saale", "elbe")])
def test_neither_may_be_part_of_another_proposal(engine: Engine, of: str, into: str) -> None:
    a_partner(engine, "saale")
    proposed(engine)
    found = proposed(engine, into, of=of, number=7).found
    assert found["merger"]["why"] == "It is proposed already to merge elbe into isar; withdraw that first."
    assert len(rows(engine, mergers)) == 1


def test_the_second_word_is_the_merger_in_whatever_order(engine: Engine) -> None:
    proposed(engine)
    first = said(engine, "merge_into", at=day(1))
    assert (first.state, first.into_confirmed_at, first.partner_confirmed_at) == ("proposed", day(1), None)
    assert signals(engine) == []
    done = said(engine, "merge_from", at=day(2))
    assert (done.state, done.ended_at) == ("done", day(2))
    assert signals(engine) == [(ISAR, "take_over"), (ELBE, "merge")]
    [told] = [row["payload"] for row in rows(engine, outbox) if row["signal"] == "take_over"]
    assert (told["merged"], told["track"], told["tier"]) == ("elbe", "master", "gold")
    assert "until" not in told
    assert mails(engine, "merger_done") == [
        (ELBE, "partner"), (ELBE, "manager"), (ISAR, "partner"), (ISAR, "manager"),
    ]  # fmt: skip


@pytest.mark.parametrize("side", SIDES)
def test_one_that_confirms_twice_has_not_confirmed_for_both(engine: Engine, side: Side) -> None:
    proposed(engine)
    said(engine, side, at=day(1))
    again = said(engine, side, at=day(2))
    assert again.state == "proposed"
    assert again.confirmed_at(side) == day(1)


@pytest.mark.parametrize("side", SIDES)
def test_a_no_ends_it_also_after_a_yes_and_a_yes_comes_too_late_then(engine: Engine, side: Side) -> None:
    proposed(engine)
    said(engine, side)
    declined = said(engine, side, "decline", at=day(1))
    assert (declined.state, declined.ended_by, declined.ended_at) == ("declined", side, day(1))
    assert both_confirm(engine, at=day(2)) == declined
    assert all(link["dead"] for link in rows(engine, client_links))
    assert mails(engine, "merger_over") == [(ELBE, "partner"), (ELBE, "manager"), (ISAR, "partner")]
    [(target, signal)] = signals(engine)
    assert (target, signal) == (ELBE, "merger_over")
    [payload] = [row["payload"] for row in rows(engine, outbox) if row["kind"] == "signal"]
    assert payload["proposed_at"] == NOW.isoformat()
    assert payload["reason"].endswith("has declined it.")


def test_withdrawn_it_can_be_proposed_anew(engine: Engine) -> None:
    proposed(engine)
    said(engine, "merge_from")
    withdrawn(engine, at=day(1))
    over = merger(engine)
    assert (over.state, over.ended_by, over.why) == ("withdrawn", "staff", "called off")
    assert said(engine, "merge_into") == over
    assert signals(engine) == [], "the process has said it itself"
    assert proposed(engine, at=day(2), number=4).found == {}
    assert merger(engine, 2).confirmed_at("merge_from") is None
    assert [each.number for each in mergers_with(engine, "isar")] == [2, 1]


def test_after_its_days_a_yes_does_not_count(engine: Engine) -> None:
    proposed(engine)
    said(engine, "merge_from", at=LAPSES)
    late = said(engine, "merge_into", at=LAPSES + timedelta(seconds=1))
    assert (late.state, late.into_confirmed_at) == ("proposed", None)
    assert late.partner_confirmed_at == LAPSES


def test_one_that_is_suspended_meanwhile_keeps_it_from_happening(engine: Engine) -> None:
    proposed(engine)
    said(engine, "merge_from")
    with writing(engine) as connection:
        suspend(connection, "isar", suspended=True)
    assert said(engine, "merge_into").into_confirmed_at is None
    with writing(engine) as connection:
        suspend(connection, "isar", suspended=False)
    assert said(engine, "merge_into").state == "done"


@pytest.mark.parametrize("leaves", ["elbe", "isar"])
def test_one_that_leaves_ends_it(engine: Engine, leaves: str) -> None:
    proposed(engine)
    gone = step(Leave(at=day(1), because="It left."), trigger="leave", at=day(1), source="member", dest="left")
    written = commit(f"partner:{leaves}", 9, gone, kind="partner", state="left", partner_id=leaves, subject=leaves)
    write_commit(engine, written, now=day(1))
    over = merger(engine)
    assert (over.state, over.why) == ("withdrawn", f"{leaves} has left the program.")
    assert signals(engine) == ([(ELBE, "merger_over")] if leaves == "isar" else [])


def test_new_links_go_to_whoever_has_not_confirmed(engine: Engine) -> None:
    proposed(engine)
    said(engine, "merge_from")
    asked_again(engine)
    links = [(link["purpose"], link["number"], link["dead"]) for link in rows(engine, client_links)]
    assert links == [("merge_from", 1, False), ("merge_into", 1, True), ("merge_into", 2, False)]
    assert mails(engine, "merger_asked") == [(ELBE, "partner"), (ISAR, "partner"), (ISAR, "partner")]
    withdrawn(engine, number=4)
    asked_again(engine, number=5)
    assert len(rows(engine, client_links)) == 3, "nothing is proposed any more"


@pytest.mark.timeout(120)
def test_words_at_the_same_moment_are_words_after_each_other(engine: Engine) -> None:
    proposed(engine)

    def word(number: int) -> Merger:
        side: Any = SIDES[number % 2]
        while True:
            try:
                return say(engine, merger(engine), side, "confirm", at=day(1), now=day(1))
            except (OperationalError, TimeoutError):
                continue

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(word, range(12)))
    assert merger(engine).state == "done"
    assert {each.state for each in answers} <= {"proposed", "done"}
    assert signals(engine) == [(ISAR, "take_over"), (ELBE, "merge")]
    assert sum(row["to"] is not None for row in rows(engine, tier_intervals) if row["partner_id"] == "elbe") == 1


def test_what_is_entered_while_two_are_merged_waits_for_it_or_comes_first(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed(engine)
    said(engine, "merge_from", at=day(1))
    states = list[str]()
    merging = Thread(target=lambda: states.append(said(engine, "merge_into", at=day(2)).state))

    def slowly(connection: Connection, each: Partner, *, now: datetime) -> None:
        merging.start()
        merging.join(timeout=0.5)
        assert states == [], "nobody merges what is being entered"
        put_in(connection, each, now=now)

    monkeypatch.setattr(entering, "put_in", slowly)
    entry = Partner(id="elbe", name="Elbe", contact_name="Desk", contact_email="new@elbe.example", joined_at=NOW)
    enter_partner(engine, entry, edition="2022", now=day(1.5), left_out=("track", "tier", "joined_at"))
    merging.join(timeout=20)
    assert states == ["done"]
    [row] = [row for row in rows(engine, partners) if row["id"] == "elbe"]
    assert (row["active"], row["merged_into"]) == (False, "isar")
    assert [held["to"] for held in rows(engine, tier_intervals) if held["partner_id"] == "elbe"] == [day(2)]
