"""Mails leave at least once and on today's state, whatever is away meanwhile, and reach the right people."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from activities import relay as relay_module
from activities.mail import Letter, LocalMailbox, MailServer, StillWanted
from activities.relay import Relay
from records.commits import write_commit
from records.database import writing
from records.mailbox import delivered_mails
from records.outbox import backlog, lease_mails, settle
from records.posting import MANAGER_OF, post_mail
from records.rendering import render
from records.tables import outbox
from states.effects import Mail, Tell
from states.staff import Member, Role, StaffList
from tests.activities.other_ends import Clock, Recipient, Signals, eventually, statuses
from tests.records.making import NOW, a_partner, commit, rows, step

RECEIVED = Mail(template="lead_received", to="partner", only_while=("in_review",))


async def test_a_mail_reaches_the_partner(engine: Engine, relay: Relay, recipient: Recipient) -> None:
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    assert await relay.mails_once() == 1
    assert await relay.mails_once() == 0
    [mail] = recipient.mails
    assert mail.rcpt_tos == ["owner@p-1.example"]
    assert isinstance(mail.content, bytes)
    message = message_from_bytes(mail.content)
    assert message["Subject"] == "We have your lead client.example"
    assert message["Message-ID"].endswith("@vendor.example>")
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}
    [row] = rows(engine, outbox)
    assert (row["status"], row["sent_at"]) == ("sent", NOW)


async def test_a_server_that_is_away_for_a_while(
    engine: Engine, relay: Relay, recipient: Recipient, real: Clock, server: MailServer
) -> None:
    for number in range(15):
        write_commit(engine, commit(f"lead:{number}", 1, step(RECEIVED)), now=NOW)
    relay.delivery = MailServer("127.0.0.1", server.sender, port=1, timeout=1)
    for _ in range(4):
        await relay.mails_once()
        real.passes(300)
    assert set(statuses(engine)) == {"waiting"}
    waiting = backlog(engine)
    assert (waiting.mails, waiting.signals) == (15, 0)
    assert "away" in waiting.errors[0]
    relay.delivery = server
    while await relay.mails_once():
        pass
    assert set(statuses(engine)) == {"sent"}
    assert len(recipient.mails) == len(set(recipient.ids())) == 15


async def test_a_mail_that_is_refused_is_tried_again_and_holds_up_no_other(
    engine: Engine, relay: Relay, recipient: Recipient, real: Clock
) -> None:
    recipient.refusals = 1
    for name in ("a", "b"):
        write_commit(engine, commit(f"lead:{name}", 1, step(RECEIVED)), now=NOW)
    await relay.mails_once()
    assert statuses(engine) == ["waiting", "sent"]
    assert await relay.mails_once() == 0
    real.passes(1)
    assert await relay.mails_once() == 1
    assert statuses(engine) == ["sent", "sent"]


async def test_a_mail_that_cannot_be_written_holds_up_no_other(
    engine: Engine, relay: Relay, recipient: Recipient
) -> None:
    write_commit(engine, commit("lead:a", 1, step(Mail(template="no_such", to="partner"), RECEIVED)), now=NOW)
    await relay.mails_once()
    assert statuses(engine) == ["waiting", "sent"]
    assert "no_such" in rows(engine, outbox)[0]["last_error"]


async def test_nothing_leaves_that_today_s_state_has_overtaken(
    engine: Engine, relay: Relay, recipient: Recipient
) -> None:
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    write_commit(engine, commit("lead:a", 2, step(trigger="accept"), state="accepted"), now=NOW)
    await relay.mails_once()
    assert statuses(engine) == ["superseded"]
    assert "accepted" in rows(engine, outbox)[0]["last_error"]
    assert recipient.mails == []


async def test_the_state_is_asked_when_the_server_is_already_there(
    engine: Engine, relay: Relay, recipient: Recipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both in the same second: the change is written while the mail is being prepared."""
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    written = render

    def render_slowly(*arguments: Any) -> Any:
        write_commit(engine, commit("lead:a", 2, step(trigger="accept"), state="accepted"), now=NOW)
        return written(*arguments)

    monkeypatch.setattr(relay_module, "render", render_slowly)
    await relay.mails_once()
    assert statuses(engine) == ["superseded"]
    assert recipient.mails == []


async def test_killed_between_sending_and_noting_it_comes_twice_with_one_id(
    engine: Engine, relay: Relay, recipient: Recipient, real: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)

    def die(*_: Any, **__: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(relay_module, "settle", die)
        # In a thread of its own, as a process of its own: the test goes on after it.
        with pytest.raises(KeyboardInterrupt):
            await relay.mails_once()
    assert await relay.mails_once() == 0
    real.passes(21)
    assert await relay.mails_once() == 1
    assert statuses(engine) == ["sent"]
    assert len(recipient.mails) == 2
    assert len(set(recipient.ids())) == 1


async def test_it_comes_once_though_the_database_is_away_when_it_has_left(
    engine: Engine, relay: Relay, recipient: Recipient, real: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    tries = []

    def away_at_first(*row: Any, **said: Any) -> bool:
        tries.append(row)
        if len(tries) < 4:
            raise OperationalError("UPDATE outbox", None, TimeoutError("away"))
        return settle(*row, **said)

    monkeypatch.setattr(relay_module, "settle", away_at_first)
    assert await relay.mails_once() == 1
    assert statuses(engine) == ["sent"]
    real.passes(21)
    assert await relay.mails_once() == 0
    assert len(recipient.mails) == 1


async def test_a_database_that_stays_away_is_asked_no_longer_than_a_lease(
    engine: Engine, relay: Relay, recipient: Recipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)

    def away(*_: Any, **__: Any) -> bool:
        raise OperationalError("UPDATE outbox", None, TimeoutError("away"))

    monkeypatch.setattr(relay_module, "settle", away)
    monkeypatch.setattr(relay_module, "_LEASE", timedelta(seconds=0.2))
    with pytest.raises(OperationalError):
        await relay.mails_once()
    assert statuses(engine) == ["waiting"]


async def test_a_lease_that_ran_out_can_no_longer_be_settled(engine: Engine, relay: Relay, real: Clock) -> None:
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    lease = timedelta(seconds=10)
    [slow] = lease_mails(engine, real=real(), lease=lease, at_most=5)
    real.passes(11)
    [quick] = lease_mails(engine, real=real(), lease=lease, at_most=5)
    assert not settle(engine, slow, "dropped", now=NOW)
    assert settle(engine, quick, "sent", now=NOW)
    assert statuses(engine) == ["sent"]


class Slow:
    """A mail server that takes a mail only when it may."""

    def __init__(self, server: MailServer) -> None:
        self.domain, self.may, self._server = server.domain, asyncio.Event(), server

    async def send(self, letter: Letter, still_wanted: StillWanted) -> bool:
        await self.may.wait()
        return await self._server.send(letter, still_wanted)


async def test_a_relay_that_lives_keeps_what_it_has_taken(
    engine: Engine,
    server: MailServer,
    signals: Signals,
    recipient: Recipient,
    real: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lease = timedelta(seconds=0.3)
    monkeypatch.setattr(relay_module, "_LEASE", lease)
    a_partner(engine)
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    slow = Slow(server)
    relay, another = (Relay(engine, delivery, signals, lambda: NOW, real=real) for delivery in (slow, server))
    sending = asyncio.create_task(relay.mails_once())
    await eventually(lambda: rows(engine, outbox)[0]["attempts"] == 1)
    # The clock goes on by less than the lease, and further only once that has been renewed.
    for _ in range(8):
        real.passes(0.2)
        assert await another.mails_once() == 0
        await eventually(lambda: bool(rows(engine, outbox)[0]["lease_until"] == real() + lease))
    slow.may.set()
    assert await sending == 1
    assert statuses(engine) == ["sent"]
    assert len(recipient.mails) == 1


async def test_two_relays_share_one_outbox(
    engine: Engine, relay: Relay, server: MailServer, signals: Signals, recipient: Recipient, real: Clock
) -> None:
    for number in range(40):
        tell = Tell(process=f"partner:{number % 4}", signal="note", payload={"number": number})
        write_commit(engine, commit(f"lead:{number}", 1, step(RECEIVED, tell)), now=NOW)
    another = Relay(engine, server, signals, lambda: NOW, real=real, poll=0.05)
    stop = asyncio.Event()
    running = [asyncio.create_task(each.run(stop)) for each in (relay, another)]
    await eventually(lambda: "waiting" not in statuses(engine))
    stop.set()
    await asyncio.gather(*running)
    assert len(recipient.mails) == len(set(recipient.ids())) == 40
    assert len(signals.sent) == 40
    for target in range(4):
        numbers = [payload["number"] for process, _, payload in signals.sent if process == f"partner:{target}"]
        assert numbers == sorted(numbers)


# -- for whom ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "manager", "expected"),
    [
        ("partner", None, ["owner@p-1.example"]),
        ("manager", "manager@vendor.example", ["manager@vendor.example"]),
        ("manager", None, ["one@vendor.example", "two@vendor.example"]),
        ("staff:reviewer", None, ["one@vendor.example", "two@vendor.example"]),
        ("staff:finance", None, None),
        ("staff:nonsense", None, None),
        ("somebody", None, None),
    ],
)
async def test_who_gets_it(
    engine: Engine, relay: Relay, recipient: Recipient, to: str, manager: str | None, expected: list[str] | None
) -> None:
    a_partner(engine, manager_address=manager)
    relay.staff = StaffList(
        staff=(
            Member(address="one@vendor.example", roles=(Role.REVIEWER,)),
            Member(address="two@vendor.example", roles=(Role.REVIEWER, Role.CHAIR)),
        )
    )
    write_commit(engine, commit("lead:a", 1, step(Mail(template="review_reminder", to=to))), now=NOW)
    await relay.mails_once()
    [row] = rows(engine, outbox)
    assert row["status"] == "sent"
    if expected is not None:
        assert recipient.mails[0].rcpt_tos == expected
    else:
        assert recipient.mails == []
        [kept] = delivered_mails(engine)
        assert kept.to.startswith(f"{to} (")
        assert row["last_error"].startswith("Kept in the local mailbox")


@pytest.mark.parametrize(
    ("about", "manager", "expected"),
    [
        ("a season", "manager@vendor.example", "manager@vendor.example"),
        ("another partner's lead", "manager@vendor.example", "manager@vendor.example"),
        ("a season", None, "one@vendor.example"),
    ],
)
async def test_the_manager_of_a_partner_gets_what_is_about_something_else(
    engine: Engine, relay: Relay, recipient: Recipient, about: str, manager: str | None, expected: str
) -> None:
    a_partner(engine, manager_address="other@vendor.example")
    a_partner(engine, "elbe", manager_address=manager)
    relay.staff = StaffList(staff=(Member(address="one@vendor.example", roles=(Role.REVIEWER,)),))
    listed = Mail(template="season_list", to=f"{MANAGER_OF}elbe", about={"season": "2027-H1"})
    of_nobody = {"kind": "season", "partner_id": "", "subject": "2027-H1"} if about == "a season" else {}
    process = "season:2027-H1" if of_nobody else "lead:a"
    write_commit(engine, commit(process, 1, step(listed), **of_nobody), now=NOW)
    await relay.mails_once()
    assert recipient.mails[0].rcpt_tos == [expected]


async def test_without_a_mail_server_mails_stay_here(engine: Engine, relay: Relay, tmp_path: Path) -> None:
    relay.delivery = LocalMailbox(engine, folder=tmp_path / "mails")
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    write_commit(engine, commit("lead:b", 1, step(RECEIVED)), now=NOW)
    await relay.mails_once()
    assert [mail.to for mail in delivered_mails(engine)] == ["owner@p-1.example"] * 2
    files = list((tmp_path / "mails").glob("*.eml"))
    assert len(files) == 2
    assert message_from_bytes(files[0].read_bytes())["To"] == "owner@p-1.example"


async def test_an_address_that_is_none_harms_nothing(engine: Engine, relay: Relay, recipient: Recipient) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE partners SET contact_email = 'x@y.example\r\nBcc: all@z.example'"))
    write_commit(engine, commit("lead:a", 1, step(RECEIVED)), now=NOW)
    await relay.mails_once()
    assert recipient.mails == []
    assert statuses(engine) == ["waiting"]


async def test_the_digest_leads_to_the_queue(engine: Engine, relay: Relay, recipient: Recipient) -> None:
    relay.staff = StaffList(staff=(Member(address="one@vendor.example", roles=(Role.REVIEWER,)),))
    for _ in range(2):
        post_mail(
            engine,
            key="digest/2026-01-05/reviewer",
            process="digest",
            template="digest",
            to="staff:reviewer",
            now=NOW,
            about={"role": "reviewer", "link": "https://ui.example/queue?query=x"},
        )
    await relay.mails_once()
    [mail] = recipient.mails
    assert isinstance(mail.content, bytes)
    plain = message_from_bytes(mail.content).get_payload(0)
    assert "https://ui.example/queue?query=x" in str(plain)
