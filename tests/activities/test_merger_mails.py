"""What two partners read of a merger, and that a link leaves only while it opens."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from activities.mail import LocalMailbox
from activities.relay import Relay
from records import accounts
from records.commits import write_commit
from records.jobs import lease_job
from records.links import address_of
from records.mailbox import Delivered, delivered_mails
from records.merging import tell_page
from records.signing import Signer
from records.tables import client_links, outbox
from states.account import ACCOUNT
from states.account_data import Account
from states.lifecycle import Event
from states.messages import ChangePartner
from tests.activities.other_ends import Signals, statuses
from tests.records.making import NOW, commit, rows, step
from tests.records.merging_two import (
    a_lead,
    asked_again,
    both_confirm,
    proposed,
    said,
    two_partners,
    withdrawn,
)
from workflows.account import effects_of as effects_of_account

PAGE = "https://portal.example"


@pytest.fixture
def at_work(engine: Engine, signals: Signals) -> Relay:
    """A relay with the addresses of pages, that keeps mails here."""
    two_partners(engine)
    page = partial(address_of, portal_url=PAGE, signer=Signer(["a key of this test, long enough for it"]))
    return Relay(engine, LocalMailbox(engine), signals, lambda: NOW, client_page=page, web_ui="https://ui.example/w")


async def sent(relay: Relay, engine: Engine) -> dict[str, list[Delivered]]:
    while await relay.mails_once():
        pass
    found: dict[str, list[Delivered]] = {}
    for mail in delivered_mails(engine):
        found.setdefault(mail.to, []).append(mail)
    return found


async def test_each_gets_its_link_and_its_code_and_reads_what_moves(engine: Engine, at_work: Relay) -> None:
    a_lead(engine, "elbe", "one.example")
    proposed(engine)
    mails = await sent(at_work, engine)
    links = {row["purpose"]: row for row in rows(engine, client_links)}
    for address, side in (("owner@elbe.example", "merge_from"), ("owner@isar.example", "merge_into")):
        [mail] = mails[address]
        assert mail.subject == "Please confirm the merger of Agency elbe into Agency isar"
        assert "- leads: 1" in mail.text
        assert "- people who sign in: 1" in mail.text
        assert "It can't be undone." in mail.text
        assert f"{PAGE}/merger/{side}/" in mail.text
        assert links[side]["code"] in mail.text


async def test_a_link_that_opens_nothing_any_more_stays_here(engine: Engine, at_work: Relay) -> None:
    proposed(engine)
    asked_again(engine)
    mails = await sent(at_work, engine)
    assert [len(mails[f"owner@{name}.example"]) for name in ("elbe", "isar")] == [1, 1]
    assert statuses(engine) == ["superseded", "superseded", "sent", "sent"]
    asked_again(engine, number=4)
    withdrawn(engine, number=5)
    mails = await sent(at_work, engine)
    of_mails = [row["status"] for row in rows(engine, outbox) if row["template"] == "merger_asked"]
    assert of_mails == ["superseded", "superseded", "sent", "sent", "superseded", "superseded"]
    over = mails["owner@isar.example"][0]
    assert over.subject == "No merger of Agency elbe into Agency isar"
    assert "called off" in over.text


async def test_what_was_refused_is_told_to_the_manager(engine: Engine, at_work: Relay) -> None:
    proposed(engine, "nobody")
    [mail] = (await sent(at_work, engine))["m@vendor.example"]
    assert mail.subject == "Agency elbe: the merger into nobody can't be proposed"
    assert "There is no partner nobody." in mail.text
    assert "https://ui.example/w/partner%3Aelbe" in mail.text


async def test_done_each_is_told_what_it_means_for_it(engine: Engine, at_work: Relay) -> None:
    proposed(engine)
    both_confirm(engine)
    mails = await sent(at_work, engine)
    ended, goes_on = (mails[f"owner@{name}.example"][0].text for name in ("elbe", "isar"))
    assert "you see the pages of Agency isar" in ended
    assert "Keys for programs that were yours have ended." in ended
    assert "Everybody who signed in for Agency elbe signs in for you now" in goes_on
    assert "https://ui.example/w/partner%3Aelbe" in mails["m@vendor.example"][0].text
    said(engine, "merge_from")
    assert statuses(engine).count("waiting") == 2, "the two signals"


def test_the_page_of_a_job_tells_nobody_where_nobody_goes_on(engine: Engine, at_work: Relay) -> None:
    proposed(engine)
    both_confirm(engine)
    job = lease_job(engine, real=NOW)
    assert job is not None
    page = tell_page(engine, job, NOW)
    assert (page.next, page.counted["told"]) == (None, 0)


async def test_a_client_hears_who_its_partner_is_now(engine: Engine, at_work: Relay) -> None:
    made = accounts.submit(
        engine, api_key="Ab12Cd", partner_id="elbe", contact_name="A client", contact_email="client@shop.example",
        received_at=NOW,
    )  # fmt: skip
    data = Account.submit("Ab12Cd", "elbe", NOW, edition_name="2022", lifecycle_version=1)
    ACCOUNT.fire(data, Event("begin", NOW, NOW))
    moved = ACCOUNT.fire(data, Event("change_partner", NOW, NOW, message=ChangePartner(to="isar", merged="elbe")))
    assert data.partner_id == "isar"
    proposed(engine)
    both_confirm(engine)
    effects = effects_of_account(data, moved)
    shown: dict[str, Any] = {"kind": "account", "partner_id": "elbe", "subject": "Ab12Cd", "state": "waiting"}
    written = commit(made.process, 1, step(*effects), **shown, facts={"request": 1, "contact": 1})
    write_commit(engine, written, now=NOW)
    [mail] = (await sent(at_work, engine))["client@shop.example"]
    assert mail.subject == "Agency elbe is a part of Agency isar now"
    assert (
        "Agency elbe has become a part of Agency isar, which asks you in its place about your account Ab12Cd."
        in mail.text
    )
