"""What commits and the relay ask of the database: an exact figure, like history events, that every process pays for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from records import leads
from records.commits import write_commit
from records.outbox import lease_mails, lease_signals
from records.tables import metadata
from states.effects import Commit, Mail
from tests.records.making import DOMAIN, NOW, a_partner, claim, commit, credit, pin, release, step

LEAD = "lead:1"
MAIL = Mail(template="lead_received", to="partner", about={})


@contextmanager
def listening(engine: Engine) -> Iterator[list[str]]:
    """The statements that are executed meanwhile, without those that only begin or wait."""
    heard: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN") and "pg_advisory_xact_lock" not in statement:
            heard.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    yield heard
    event.remove(engine, "before_cursor_execute", note)


def life() -> tuple[Commit, Commit, Commit]:
    """A lead that is registered, accepted and paid."""
    return (
        commit(LEAD, 1, step(claim(), MAIL)),
        commit(LEAD, 2, step(claim(firm=True), pin(), MAIL, trigger="accept")),
        commit(LEAD, 3, step(credit(), MAIL, trigger="client_paid"), final=True),
    )


def test_a_lead_asks_25_things_in_its_life(engine: Engine) -> None:
    a_partner(engine)
    asked = []
    for sent in life():
        with listening(engine) as heard:
            write_commit(engine, sent, now=NOW)
        asked.append(len(heard))
    assert asked == [6, 10, 9]


def test_words_by_which_a_partial_index_chooses_are_no_parameters(engine: Engine) -> None:
    """A database that does not see the word plans such a statement anew, each time."""
    a_partner(engine)
    with listening(engine) as heard:
        for sent in life():
            write_commit(engine, sent, now=NOW)
        for lease in (lease_mails, lease_signals):
            lease(engine, real=NOW + timedelta(days=1), lease=timedelta(seconds=30), at_most=10)

    names = {"outbox": ("outbox", "due", "earlier")}
    words = [
        (name, column)
        for table in metadata.tables.values()
        for index in table.indexes
        for column in re.findall(r"(\w+)\"? = '", str(index.dialect_options["sqlite"]["where"]))
        for name in names.get(table.name, (table.name,))
    ]
    assert ("claims", "status") in words
    assert ("due", "signal") in words
    assert any("due.status = 'waiting'" in each for each in heard)
    for name, column in words:
        parameter = re.compile(rf'\b{name}\."?{column}"? = (\?|%\()')
        assert [each for each in heard if parameter.search(each)] == []


def test_who_is_open_is_asked_as_the_index_of_open_ones_says(engine: Engine) -> None:
    """Otherwise every registration would look through all that its partner has ever registered."""
    a_partner(engine)
    with listening(engine) as heard:
        lead_id, _ = leads.submit(
            engine, partner_id="p-1", company="Client", domain=DOMAIN, contact_name="", contact_email="", note="",
            received_at=NOW,
        )  # fmt: skip
        for number, change in enumerate((step(claim()), step(release()), step(claim())), 1):
            write_commit(engine, commit(f"lead:{lead_id}", number, change), now=NOW)
    asked = [each for each in heard if re.search(r'(lead_details|another)\."open"', each)]
    assert len(asked) == 3, "by the submission, by the end, and by coming back"
    assert [each for each in heard if re.search(r"\bopen\"? (= 1|IS 1|= true)", each)] == []
