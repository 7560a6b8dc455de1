"""What `partnerflow doctor` writes of a process that does not run any more, and whom it tells."""

from sqlalchemy import Engine

from cli.repair import rebuilt_as_ended
from records.checkup import projection_of
from records.commits import write_commit
from records.tables import outbox
from states.season import SEASON
from states.season_messages import Reported
from tests.records.making import NOW, a_partner, commit, day, rows, step


async def ended(engine: Engine, process: str, **projected: str) -> str:
    """What is said of a process that was terminated and is ended in the records."""
    a_partner(engine)
    write_commit(engine, commit(process, 1, step(), **projected), now=NOW)
    shown = projection_of(engine, process)
    assert shown is not None
    said = await rebuilt_as_ended(engine, shown, at=day(1), how="was terminated", now=lambda: day(2))()
    after = projection_of(engine, process)
    assert after is not None
    assert (after.projection.state, after.projection.final) == ("terminated", True)
    return said


async def test_a_season_goes_on_without_a_nomination_that_has_ended(engine: Engine) -> None:
    said = await ended(engine, "nomination:2027-H1:p-1", kind="nomination", state="scored", subject="2027-H1 p-1")
    assert "its season goes on without it" in said
    [told] = rows(engine, outbox)
    assert (told["target"], told["signal"]) == ("elite:2027-H1", "nomination_reported")
    report = SEASON.actions[told["signal"]].message.parse(told["payload"])
    assert isinstance(report, Reported)
    assert (report.partner, report.state) == ("p-1", "closed")


async def test_nobody_waits_for_a_lead_that_has_ended(engine: Engine) -> None:
    assert "season" not in await ended(engine, "lead:a")
    assert rows(engine, outbox) == []
