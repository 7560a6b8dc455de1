"""What a commit asks the records for is read before its transaction, and is true all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine

from program.edition import Tier, Track
from program.fact_kinds import Certification
from records import commits, tables
from records.commits import write_commit
from records.database import writing
from records.partner_told import take_partner_fact
from states.effects import Commit, CorrectFact, Effect, Evaluate, LookAtPartner, Receipt, StrikeFact
from tests.records.making import NOW, a_partner, commit, rows, step
from tests.records.telling import refer, tell
from tests.records.watching import questions

BEFORE = NOW - timedelta(days=30)
EVALUATE = Evaluate(on=NOW.date(), held="advisor partner")


@pytest.fixture(autouse=True)
def partner(engine: Engine) -> None:
    """A partner of whom all is known that silver asks for, but one certification."""
    a_partner(engine, track=Track.ADVISOR, tier=Tier.PARTNER)
    refer(engine, "p-1", 300, paid=BEFORE)
    tell(engine, "p-1", "certification", at=BEFORE, course="product", person="e1", percent="90")


def asks(number: int, *effects: Effect) -> Commit:
    return commit("partner:p-1", number, step(*effects), kind="partner")


def certified(engine: Engine) -> None:
    passed = Certification(kind="certification", course="partner", person="e1", percent="90")  # type: ignore[arg-type]
    take_partner_fact(engine, source="academy", fact_id="1", partner_id="p-1", said=passed, at=BEFORE, now=NOW)


def rises_to(receipt: Receipt) -> str:
    return str(receipt.found["standing"]["rises_to"])


@pytest.mark.parametrize("question", [EVALUATE, LookAtPartner(on=NOW.date())], ids=lambda question: question.do)
def test_nobody_who_writes_waits_for_what_is_read(engine: Engine, question: Effect) -> None:
    certified(engine)
    with questions(engine, while_writing=True) as asked:
        receipt = write_commit(engine, asks(1, question, question), now=NOW)
    assert asked == []
    assert receipt.found
    assert rows(engine, tables.commits)[0]["receipt"] == receipt.model_dump(mode="json", exclude_defaults=True)


def test_a_commit_that_changes_facts_sees_them(engine: Engine) -> None:
    """Everything else of silver is there: staff correct the roster, on which nobody is certified, and strike that."""
    certified(engine)
    assert rises_to(write_commit(engine, asks(1, EVALUATE), now=NOW)) == "advisor silver"
    corrects = CorrectFact(fact_id="m1", kind="team", value="e2", at=NOW)
    with questions(engine, while_writing=True) as asked:
        assert rises_to(write_commit(engine, asks(2, corrects, EVALUATE), now=NOW)) == ""
        assert rises_to(write_commit(engine, asks(3, StrikeFact(fact="staff/m1"), EVALUATE), now=NOW)) == (
            "advisor silver"
        )
    assert any("partner_facts" in each for each in asked), "otherwise nobody would see it above"


def test_what_comes_between_reading_and_writing_is_told_and_asked_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_commit(engine, asks(1), now=NOW)

    @contextmanager
    def after_somebody_else(engine: Engine) -> Iterator[Connection]:
        certified(engine)
        with writing(engine) as connection:
            yield connection

    monkeypatch.setattr(commits, "writing", after_somebody_else)
    assert rises_to(write_commit(engine, asks(2, EVALUATE), now=NOW)) == ""
    monkeypatch.undo()
    told = [(row["target"], row["signal"]) for row in rows(engine, tables.outbox)]
    assert told == [("partner:p-1", "facts_changed")]
    assert rises_to(write_commit(engine, asks(3, EVALUATE), now=NOW)) == "advisor silver"


def test_a_repetition_gets_the_answer_of_the_first_time(engine: Engine) -> None:
    first = write_commit(engine, asks(1, EVALUATE), now=NOW)
    certified(engine)
    again = write_commit(engine, asks(1, EVALUATE), now=NOW + timedelta(days=1))
    assert again.model_dump(mode="json") == first.model_dump(mode="json")
    assert rises_to(first) == ""


def test_of_several_answers_the_last_one_counts(engine: Engine) -> None:
    certified(engine)
    as_silver = EVALUATE.model_copy(update={"held": "advisor silver"})
    receipt = write_commit(engine, asks(1, EVALUATE, as_silver), now=NOW)
    assert receipt.found["standing"]["held"] == "advisor silver"
    again = write_commit(engine, asks(2, as_silver, EVALUATE, as_silver, EVALUATE), now=NOW)
    assert again.found["standing"]["held"] == "advisor partner"


def test_of_a_partner_that_nobody_knows_there_is_no_answer(engine: Engine) -> None:
    asked = commit("partner:p-2", 1, step(EVALUATE), kind="partner", partner_id="p-2")
    assert write_commit(engine, asked, now=NOW) == Receipt()
    looked = commit("nomination:p-2", 1, step(LookAtPartner(on=date(2026, 1, 1))), partner_id="p-2")
    assert write_commit(engine, looked, now=NOW).found["partner"]["gone"] == "The partner has left the program."
