"""`partnerflow rehearse`: a half-year before it happens, in records of its own."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import Engine

from cli.environment import open_records, settings_of
from cli.periods import half_of
from cli.sentences import CannotGoOn, out, say
from program.edition import LATEST, Edition, edition
from program.season import timetable
from records.database import open_database
from records.entering import insist_on_standing
from records.migrate import migrate
from records.partners import Partner, read_partners
from rehearsal.cast import filled_up
from rehearsal.given import copy_known
from rehearsal.run import Played, Script, play
from rehearsal.stage import NoServer
from rehearsal.summary import Summary, summary_of
from reports.season import write

_MOST = 20_000


class _Unwritten(CannotGoOn):
    """The half-year has been played, and its report can't be written: the records are all that is left of it."""


def rehearse(
    half: Annotated[str, typer.Argument(help="The half-year, such as 2027-H1.")],
    partners: Annotated[
        Path | None,
        typer.Option(
            help="A CSV file with the columns of examples/partners.csv; without it the installation's records."
        ),
    ] = None,
    fill: Annotated[int, typer.Option(min=0, max=_MOST, help="Draw partners until there are so many.")] = 0,
    leads: Annotated[
        int | None, typer.Option(min=0, max=10 * _MOST, help="How many leads; seven for two partners unless told.")
    ] = None,
    accounts: Annotated[
        int | None, typer.Option(min=0, max=10 * _MOST, help="How many accounts; two for three partners unless told.")
    ] = None,
    seed: Annotated[int, typer.Option(help="With the same seed the same happens again.")] = 1,
    report: Annotated[
        Path | None, typer.Option(help="Where the report goes; left out, rehearsal-<half-year>.html.")
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(help="An empty directory that keeps the rehearsal's records; otherwise none are kept."),
    ] = None,
) -> None:
    """Rehearse a half-year with simulated people, in minutes and without touching anything that is real."""
    which = half_of(half, "rehearsed", since=LATEST.in_force_from.year)
    file = _place(report or Path(f"rehearsal-{which}.html"))
    with _records(directory) as (engine, folder), _quiet(folder):
        rules = LATEST
        if partners is None:
            given, rules = _of_installation(engine)
        else:
            given = _of_file(partners, rules)
        cast = filled_up(given, fill, seed, which, rules)
        if not cast:
            raise CannotGoOn("There is no partner to rehearse with: name a file with --partners, or --fill 300.")
        script = Script(
            half=which,
            edition=rules.name,
            seed=seed,
            partners=cast,
            leads=len(cast) * 7 // 2 if leads is None else leads,
            accounts=len(cast) * 2 // 3 if accounts is None else accounts,
            known=frozenset(each.id for each in given) if partners is None else frozenset(),
        )
        summary = _play(engine, script, rules)
        try:
            written = write(engine, which, file, now=script.ends, rules=edition(script.edition))
        except OSError as error:
            raise _Unwritten(
                f"The report can't be written to {file}: {error.strerror}. The records are kept in "
                f"{folder / 'records.db'}."
            ) from None
        say(f"The report of {which} is in {written}.")
        if directory is not None:
            say(f"The records are in {folder / 'records.db'}.")
    raise typer.Exit(1 if summary.dates.wrong else 0)


def _place(file: Path) -> Path:
    """Where the report goes, once it is sure that a file can be written there: playing takes minutes."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        was_there = file.exists()
        file.open("ab").close()
        if not was_there:
            file.unlink()
    except OSError as error:
        raise CannotGoOn(f"The report can't be written to {file}: {error.strerror}.") from None
    return file


def _of_file(file: Path, rules: Edition) -> list[Partner]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found = read_partners(lines)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise CannotGoOn(f"{file} can't be read: {why}.") from None
    for each in found:
        insist_on_standing(each, rules)
    twice = {each.id for each in found if sum(other.id == each.id for other in found) > 1}
    if twice:
        raise CannotGoOn(f"{file} names {', '.join(sorted(twice))} twice; each partner has one line.")
    return [each for each in found if each.active]


def _of_installation(target: Engine) -> tuple[list[Partner], Edition]:
    settings = settings_of(None)
    with open_records(settings) as source:
        return copy_known(source, target), edition(settings.edition)


@contextmanager
def _records(directory: Path | None) -> Iterator[tuple[Engine, Path]]:
    """Migrated records that hold nothing yet, and the folder in which they are."""
    folder = Path(tempfile.mkdtemp(prefix="partnerflow-rehearsal-")) if directory is None else _empty(directory)
    engine = open_database(f"sqlite:///{folder / 'records.db'}")
    kept = directory is not None
    try:
        migrate(engine)
        yield engine, folder
    except _Unwritten:
        kept = True
        raise
    finally:
        engine.dispose()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _empty(directory: Path) -> Path:
    """The directory, made if need be, with nothing in it but the file that the records will be."""
    folder = directory.expanduser().absolute()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CannotGoOn(f"{directory} is not empty: a rehearsal has records of its own. Name another directory.")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "records.db").touch()
    except OSError as error:
        raise CannotGoOn(
            f"The records can't be kept in {directory}: {error.strerror}. Name another directory."
        ) from None
    return folder


@contextmanager
def _quiet(folder: Path) -> Iterator[None]:
    """What is logged goes into a file: the terminal shows how far the rehearsal is."""
    handler = logging.FileHandler(folder / "rehearsal.log", encoding="utf-8")
    root = logging.getLogger()
    before, root.handlers = root.handlers, [handler]
    try:
        yield
    finally:
        root.handlers = before
        handler.close()


def _play(engine: Engine, script: Script, rules: Edition) -> Summary:
    say(
        f"Rehearsing {script.half} with {len(script.partners)} partners, {script.leads} leads and {script.accounts} "
        f"accounts, seed {script.seed}."
    )
    began = time.monotonic()
    columns = (TextColumn("{task.fields[date]}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    days = (script.ends - script.starts).total_seconds()
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("", total=days, date="")
        month = ""

        def shown(at: datetime, played: Played) -> None:
            nonlocal month
            words = f"{_phase(script, rules, at)}: {played.says()}"
            done = (at - script.starts).total_seconds()
            progress.update(task, completed=done, date=f"{at:%Y-%m-%d}", description=words)
            if not out.is_terminal and f"{at:%Y-%m}" != month:
                month = f"{at:%Y-%m}"
                say(f"{at:%Y-%m-%d}, {words}")

        try:
            played = asyncio.run(play(engine, script, shown=shown))
        except NoServer as missing:
            raise CannotGoOn(str(missing)) from None
        progress.update(task, description="the dates are checked against the calendar")
        summary = summary_of(engine, script)
    out.print(_table(summary))
    for sentence in _ending(summary, played, time.monotonic() - began):
        say(sentence)
    return summary


def _phase(script: Script, rules: Edition, at: datetime) -> str:
    times = timetable(rules, script.half)
    phases = (
        (times.review_opens, "before the half-year"),
        (times.nominations_open, "MRR review"),
        (times.committee_opens, "nominations"),
        (times.scoring_closes, "committee review"),
        (times.grant, "selection"),
    )
    return next((name for until, name in phases if at < until), "after the grant date")


def _table(summary: Summary) -> Table:
    table = Table(title="What became of it", title_justify="left", show_edge=False)
    for name in ("process", "how many", "how they stand at the end"):
        table.add_column(name, overflow="fold", justify="right" if name == "how many" else "left")
    for kind, ends in summary.ends.items():
        words = ", ".join(f"{many} {end.replace('_', ' ')}" for end, many in ends.most_common())
        table.add_row(kind, str(sum(ends.values())), words)
    return table


def _ending(summary: Summary, played: Played, seconds: float) -> Iterator[str]:
    moved = ", ".join(f"{many} {way}" for way, many in summary.moves.most_common()) or "none"
    sent, overtaken = summary.mails["sent"], summary.mails["superseded"]
    yield f"Moves between tiers: {moved}. Mails: {sent} sent, {overtaken} overtaken by events."
    yield f"{summary.processes} processes took {summary.steps} steps, in {seconds:.0f} s."
    yield f"The digest of all steps is {summary.digest[:16]}: the same again for the same seed and the same partners."
    refused = sum(played.turned_away.values()) + sum(played.refused.values())
    if refused:
        yield f"{refused} of {refused + played.said} things that people said were refused, as they would be in life."
    wrong, checked = summary.dates.wrong, sum(summary.dates.checked.values())
    yield f"{checked} dates were checked against the calendar, {len(wrong) or 'none'} wrong."
    yield from (f"  {sentence}" for sentence in wrong[:20])
