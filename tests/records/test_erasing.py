"""Erasing a person: gone from every table and file, and what money and audit need is still there."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, update

from activities.mail import Letter, LocalMailbox
from records import accounts, applications, leads
from records.commits import write_commit
from records.database import writing
from records.erased_mails import Letters
from records.erasing import erase_person
from records.idempotency import Answered, remember
from records.mailbox import delivered_mails
from records.mentions import Mentions
from records.notes import Note, keep_note
from records.parked import park
from records.partners import partner, put_partner
from records.people import ERASED, NOBODY, Person, memberships_of, put_person
from records.sessions import begin_session
from records.sign_ins import ask
from records.survivors import survivor_held
from records.tables import (
    acknowledgements,
    audit,
    lead_details,
    mergers,
    metadata,
    notes,
    outbox,
    partners,
    processes,
    sessions,
)
from states.effects import Mail
from tests.records.making import NOW, a_partner, commit, day, rows, step
from tests.records.merging_two import both_confirm, proposed, two_partners
from tests.records.test_applications import FORM

ADDRESS, NAME = "Petra.Planted@shop.example", "Petra Planted"
SPELLED_OTHERWISE = "petra.planted@SHOP.example"
NOMINATION = "nomination:2026-H1:p-1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


async def planted(engine: Engine, folder: Path) -> str:
    """Somebody who is everywhere; the id of the lead in which they are the contact."""
    a_partner(engine, contact_name=NAME, contact_email=ADDRESS)
    a_partner(engine, "p-2", manager_address=ADDRESS)
    put_person(engine, "p-2", Person("colleague", NAME, SPELLED_OTHERWISE))
    lead_id, _ = leads.submit(
        engine, partner_id="p-1", company="Shop", domain="shop.example", contact_name=NAME, contact_email=ADDRESS,
        note=f"{NAME} called.", received_at=NOW,
    )  # fmt: skip
    process = f"lead:{lead_id}"
    keep_note(engine, Note("n-1", process, "report_progress", "partner", NOW, f"{NAME} is on holiday."))
    said = step(
        Mail(template="lead_received", to="partner", about={"reason": f"ask {ADDRESS}"}),
        reason=f"{NAME} ({SPELLED_OTHERWISE}) is nice",
        details={"heard": [f"from {NAME}"]},
        by="reviewer@vendor.example",
    )
    told = commit(process, 1, said, subject="shop.example", facts={"why": f"{NAME} says so"})
    write_commit(engine, told, now=NOW)
    park(engine, told.model_copy(update={"number": 2}), f"{ADDRESS} is refused.", now=NOW)
    accounts.submit(
        engine, api_key="Abc123", partner_id="p-1", contact_name=NAME, contact_email=ADDRESS, received_at=NOW
    )
    # The first one is another person.
    applied = applications.submit(engine, FORM, received_at=NOW).application_id
    applications.acknowledge(engine, applied)
    again = FORM.row() | {"contact_name": NAME, "contact_email": ADDRESS}
    applications.submit(engine, applications.Form(**again), received_at=NOW)
    own = {"domain": "planted.example", "tax_number": "DE777", "contact_name": NAME, "contact_email": ADDRESS}
    mine = applications.submit(engine, applications.Form(**FORM.row() | own), received_at=NOW).application_id
    applications.keep_acknowledgement(engine, mine, version="1", name=NAME, at=NOW, message_id="m-1")
    ask(engine, address=ADDRESS, is_staff=False, browser="b", client="c", onward="", real=NOW, now=NOW)
    begin_session(engine, SPELLED_OTHERWISE, real=NOW)
    answered = {"body": {"contact_name": NAME, "contact_email": ADDRESS}, "location": ""}
    remember(engine, "key-1", "k", Answered("d", 202, answered), now=NOW)
    await letters(engine, folder)
    return lead_id


async def letters(engine: Engine, folder: Path) -> None:
    """One to the person, one about them by name, one about them by address, and one of somebody of the same name."""
    about = [row["message_id"] for row in rows(engine, outbox) if row["template"] == "lead_received"]
    with writing(engine) as connection:
        refused = update(outbox).where(outbox.c.message_id == about[0])
        connection.execute(refused.values(last_error=f"550 <{ADDRESS}> unknown"))
    box = LocalMailbox(engine, folder=folder)
    for message_id, to, text in (
        ("to-them", ADDRESS, "Dear you"),
        (about[0], "reviewer@vendor.example", f"The contact is {NAME}."),
        ("elsewhere", "reviewer@vendor.example", f"Ask {SPELLED_OTHERWISE}, please."),
        ("another", "somebody@other.example", f"Dear {NAME.split()[0]}"),
    ):
        assert await box.send(
            Letter(f"{message_id}@vendor.example", (to,), "Hello", text, f"<p>{text}</p>", NOW), wanted
        )


async def wanted() -> bool:
    return True


def everything(engine: Engine) -> str:
    """All that is in the database, in small letters."""
    return str([rows(engine, table) for table in metadata.sorted_tables]).casefold()


def counts(done: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    return dict(done)


async def test_nothing_of_a_person_is_left_in_any_table_or_file(engine: Engine, folder: Path) -> None:
    lead_id = await planted(engine, folder)
    before = everything(engine)
    assert ADDRESS.casefold() in before
    assert NAME.casefold() in before

    erased = erase_person(engine, f" {SPELLED_OTHERWISE} ", mail_folder=folder)

    after = everything(engine)
    assert ADDRESS.casefold() not in after
    assert NAME.casefold() not in after
    assert [each.message_id for each in delivered_mails(engine)] == ["another@vendor.example"]
    assert os.listdir(folder) == ["another.eml"]
    assert erased.without_contact == ("p-1",)
    assert memberships_of(engine, ADDRESS) == []
    done = counts(erased.done)
    assert done["contacts of managed accounts"] == 1
    assert done["mails in the mailbox"] == done[".eml files in the mail directory"] == 3
    assert done["people of partners"] == 2
    # What was agreed and decided, and of which company, is still there.
    found = leads.lead(engine, lead_id)
    assert found is not None
    assert (found.company, found.domain, found.contact_name, found.contact_email) == (
        "Shop", "shop.example", NOBODY, ERASED,
    )  # fmt: skip
    [decided] = rows(engine, audit)
    assert (decided["by"], decided["reason"]) == ("reviewer@vendor.example", f"{NOBODY} ({ERASED}) is nice")
    assert [(row["version"], row["name"]) for row in rows(engine, acknowledgements)] == [("1", NOBODY)]
    assert "Acme Agency".casefold() in after
    assert FORM.contact_email in after


async def test_a_second_time_changes_nothing(engine: Engine, folder: Path) -> None:
    await planted(engine, folder)
    erase_person(engine, ADDRESS, mail_folder=folder)
    before = everything(engine)
    again = erase_person(engine, ADDRESS, mail_folder=folder)
    assert again.nothing
    assert erase_person(engine, ERASED, mail_folder=folder).nothing
    assert everything(engine) == before


async def test_who_has_a_longer_address_or_the_same_name_stays(engine: Engine, folder: Path) -> None:
    a_partner(engine, contact_name="Ann", contact_email="joann@shop.example")
    put_person(engine, "p-1", Person("a", "Ann", "ann@shop.example.org"))
    put_person(engine, "p-1", Person("b", "Ann", "ann@shop.example"))
    keep_note(engine, Note("n", "lead:x", "report_progress", "partner", NOW, "Ann and joann@shop.example called."))
    erase_person(engine, "ann@shop.example", mail_folder=folder)
    after = everything(engine)
    assert "joann@shop.example called" in after
    assert "ann@shop.example.org" in after
    assert "'ann@shop.example'" not in after


def test_a_letter_that_unicode_takes_for_two_is_found(engine: Engine, folder: Path) -> None:
    address = "jo@straße.example"
    a_partner(engine, contact_email=address)
    erase_person(engine, "jo@strasse.example", mail_folder=folder)
    assert address in str(rows(engine, partners)), "they are somebody else"
    erase_person(engine, address, mail_folder=folder)
    assert address not in str([rows(engine, table) for table in metadata.sorted_tables])


def test_an_address_that_is_nowhere(engine: Engine, folder: Path) -> None:
    a_partner(engine)
    before = everything(engine)
    assert erase_person(engine, "stranger@shop.example", mail_folder=folder).nothing
    assert everything(engine) == before


def test_what_somebody_signed_as_staff_keeps_their_address(engine: Engine, folder: Path) -> None:
    write_commit(engine, commit("lead:a", 1, step(by="Former@vendor.example", reason="fits")), now=NOW)
    erased = erase_person(engine, "former@vendor.example", mail_folder=folder)
    assert (erased.nothing, erased.signed) == (True, 1)
    assert [row["by"] for row in rows(engine, audit)] == ["Former@vendor.example"]


def test_a_merger_forgets_of_whom_it_speaks_and_keeps_who_proposed_it(engine: Engine, folder: Path) -> None:
    two_partners(engine, contact_name=NAME, contact_email=ADDRESS)
    proposed(engine, by="Former@vendor.example", reason=f"as {ADDRESS} asks")
    both_confirm(engine)
    assert [each.partner_id for each in memberships_of(engine, ADDRESS)] == ["isar"]
    erase_person(engine, ADDRESS, mail_folder=folder)
    assert ADDRESS.casefold() not in everything(engine)
    assert memberships_of(engine, ADDRESS) == []
    [merger] = rows(engine, mergers)
    assert (merger["proposed_by"], merger["reason"]) == ("Former@vendor.example", f"as {ERASED} asks")
    assert erase_person(engine, "former@vendor.example", mail_folder=folder).signed == 2, "the audit names them, too"


def test_an_erased_contact_of_a_partner_signs_in_nowhere_and_can_be_replaced(engine: Engine, folder: Path) -> None:
    made = a_partner(engine)
    erase_person(engine, made.contact_email, mail_folder=folder)
    nobody = partner(engine, "p-1")
    assert nobody is not None
    assert (nobody.contact_name, nobody.contact_email) == (NOBODY, ERASED)
    put_partner(engine, nobody.model_copy(update={"country": "DE"}), now=day(1))
    assert memberships_of(engine, ERASED) == []
    put_partner(engine, made, now=day(2))
    assert [each.partner_id for each in memberships_of(engine, made.contact_email)] == ["p-1"]


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Something happens after the search of an erasing, and before its transaction."""
    real = Letters.erase

    def erase(letters: Letters, mails: Collection[str], mentions: Mentions) -> int:
        do()
        return real(letters, mails, mentions)

    monkeypatch.setattr(Letters, "erase", erase)


def test_what_a_process_writes_during_the_search_stays(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_partner(engine)

    def goes_on(number: int, state: str, **facts: str | None) -> None:
        scored = step(trigger="score", source="scoring", dest=state)
        write_commit(engine, commit(NOMINATION, number, scored, kind="nomination", state=state, facts=facts), now=NOW)

    goes_on(1, "scoring", missing=f"{ADDRESS}, other@vendor.example", stands="nobody has scored")
    meanwhile(monkeypatch, lambda: goes_on(2, "scored", missing=ADDRESS, stands="3.50, would pass"))
    erase_person(engine, ADDRESS, mail_folder=folder)
    [row] = rows(engine, processes)
    assert (row["state"], row["facts"]) == ("scored", {"missing": ERASED, "stands": "3.50, would pass"})


def test_what_mentions_nobody_any_more_is_left_alone_and_not_counted(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_partner(engine)
    first, second = (
        commit(NOMINATION, number, step(), kind="nomination", state="scoring", facts=facts)
        for number, facts in ((1, {"missing": ADDRESS}), (2, {"missing": "nobody"}))
    )
    write_commit(engine, first, now=NOW)
    meanwhile(monkeypatch, lambda: write_commit(engine, second, now=NOW))
    assert erase_person(engine, ADDRESS, mail_folder=folder).nothing
    [row] = rows(engine, processes)
    assert row["facts"] == {"missing": "nobody"}


def test_whoever_is_named_during_the_search_stays(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = a_partner(engine, contact_name=NAME, contact_email=ADDRESS, manager_address=ADDRESS)
    put_person(engine, "p-1", Person("colleague", NAME, ADDRESS))
    wanted: dict[str, Any] = {"partner_id": "p-1", "company": "Shop", "domain": "shop.example", "received_at": NOW}
    lead_id, _ = leads.submit(
        engine, **wanted, contact_name=NAME, contact_email=ADDRESS, note="as before", pending=True
    )
    keep_note(engine, Note("n-1", f"lead:{lead_id}", "report_progress", "partner", NOW, "We called."))
    other: dict[str, Any] = {"contact_name": "Bob", "contact_email": "bob@shop.example"}

    def others_are_named() -> None:
        changed = made.model_copy(update={**other, "manager_address": "m@vendor.example"})
        put_partner(engine, changed, now=day(1))
        put_person(engine, "p-1", Person("colleague", "Carol", "carol@shop.example"))
        leads.submit(engine, **wanted, **other, note="another one", pending=True)

    meanwhile(monkeypatch, others_are_named)
    erased = erase_person(engine, ADDRESS, mail_folder=folder)
    now = partner(engine, "p-1")
    assert now is not None
    assert (now.contact_name, now.contact_email, now.manager_address) == (*other.values(), "m@vendor.example")
    assert [each.partner_id for each in memberships_of(engine, "carol@shop.example")] == ["p-1"]
    [lead] = rows(engine, lead_details)
    assert (lead["contact_name"], lead["contact_email"], lead["note"]) == (*other.values(), "another one")
    assert [row["text"] for row in rows(engine, notes)] == ["We called."]
    assert (erased.nothing, erased.without_contact) == (True, ())


def test_what_is_deleted_during_the_search_is_gone(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_session(engine, ADDRESS, real=NOW)
    keep_note(engine, Note("n-1", "lead:a", "report_progress", "partner", NOW, f"Ask {ADDRESS}."))

    def forgotten() -> None:
        with writing(engine) as connection:
            for table in (sessions, notes):
                connection.execute(delete(table))

    meanwhile(monkeypatch, forgotten)
    assert erase_person(engine, ADDRESS, mail_folder=folder).nothing


def test_a_submission_at_the_same_moment_is_neither_lost_nor_in_the_way(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_partner(engine, contact_name=NAME, contact_email=ADDRESS)
    lead: dict[str, Any] = {
        "partner_id": "p-1", "company": "Shop", "domain": "shop.example", "contact_name": NAME,
        "contact_email": ADDRESS, "note": "", "received_at": NOW, "pending": True,
    }  # fmt: skip
    leads.submit(engine, **lead)
    holds_partner = Event()

    def slowly(connection: Connection, partner_id: str) -> str:
        held = survivor_held(connection, partner_id)
        holds_partner.set()
        time.sleep(0.5)
        return held

    monkeypatch.setattr(leads, "survivor_held", slowly)
    with ThreadPoolExecutor(1) as thread:
        again = thread.submit(leads.submit, engine, **lead)
        assert holds_partner.wait(timeout=10)
        erase_person(engine, ADDRESS, mail_folder=folder)
        again.result()
    found = partner(engine, "p-1")
    assert found is not None
    assert found.contact_email == ERASED
    # Where the submission comes second, the person has been named once more.
    [named] = [row["contact_email"] for row in rows(engine, lead_details)]
    assert named in (ERASED, ADDRESS)
