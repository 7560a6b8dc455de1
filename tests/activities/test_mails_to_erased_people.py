"""A mail to somebody who was erased is not sent, and does not wait for ever either."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from activities.mail import MailServer
from activities.relay import Relay
from records import accounts, applications
from records.commits import write_commit
from records.erasing import erase_person
from records.mailbox import delivered_mails
from records.partners import partner
from records.tables import outbox
from states.effects import Mail
from tests.activities.other_ends import Clock, Recipient, statuses
from tests.records.making import NOW, commit, rows, step
from tests.records.test_applications import FORM


def to_partner(engine: Engine) -> str:
    """Posts a mail to the contact of a partner; the address that it would go to."""
    write_commit(engine, commit("lead:a", 1, step(Mail(template="lead_received", to="partner"))), now=NOW)
    known = partner(engine, "p-1")
    assert known is not None
    return known.contact_email


def to_client(engine: Engine) -> str:
    """The same to the contact of a client."""
    address = "contact@client.example"
    made = accounts.submit(
        engine, api_key="Abc123", partner_id="p-1", contact_name="A buyer", contact_email=address, received_at=NOW
    )
    mail = Mail(template="account_ended", to="client", about={"contact": made.contact})
    shown = {"request": 1, "contact": made.contact}
    told = commit(made.process, 1, step(mail), kind="account", subject="Abc123", facts=shown)
    write_commit(engine, told, now=NOW)
    return address


def to_applicant(engine: Engine) -> str:
    """The same to an applicant."""
    made = applications.submit(engine, FORM, received_at=NOW)
    shown = {"kind": "application", "subject": FORM.domain, "partner_id": made.application_id}
    mail = Mail(template="application_received", to="applicant")
    write_commit(engine, commit(f"application:{made.application_id}", 1, step(mail), **shown), now=NOW)
    return FORM.contact_email


@pytest.mark.parametrize("posted", [to_partner, to_client, to_applicant])
async def test_it_is_superseded_though_the_mail_server_is_away(
    posted: object, engine: Engine, relay: Relay, recipient: Recipient, server: MailServer, real: Clock, tmp_path: Path
) -> None:
    assert callable(posted)
    address = posted(engine)
    relay.delivery = MailServer("127.0.0.1", server.sender, port=1, timeout=1)
    await relay.mails_once()
    assert statuses(engine) == ["waiting"]
    erase_person(engine, address, mail_folder=tmp_path)
    real.passes(300)
    assert await relay.mails_once() == 1
    assert statuses(engine) == ["superseded"]
    [row] = rows(engine, outbox)
    assert row["last_error"] == "Not sent: the person to whom it was addressed has been erased."
    assert recipient.mails == []
    assert delivered_mails(engine) == []
