"""The report of a half-year: its figures are those that were counted by hand, and its page stands alone."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import Page
from sqlalchemy import Engine

from program.calendar import Half
from program.edition import LATEST
from records.database import writing
from records.season_figures import season_figures
from records.tables import tier_intervals
from reports.season import page as page_of
from reports.season import sections, write
from tests.axe import complaints
from tests.reports.half_year import BEGINS, NAMES, make

HALF = Half(2027, 1)
ENDED = datetime(2027, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(4))
def test_the_figures_are_those_counted_by_hand(engine: Engine, seed: int) -> None:
    year = make(engine, seed)
    found = season_figures(engine, HALF, now=ENDED, rules=LATEST)
    assert dict(found.tiers[-1][1]) == dict(year.at_the_end)
    assert all(sum(held.values()) == len(NAMES) for _, held in found.tiers)
    assert Counter((each.before, each.after, each.because) for each in found.movements) == year.moves
    for standing, each in found.mrr.items():
        assert each.partners == year.at_the_end[standing]
        assert each.referred == Decimal(year.referred[standing])
        assert each.managed == Decimal(year.managed[standing])
    leads, accounts = found.leads, found.accounts
    assert (leads.registered, leads.accepted, leads.opportunity, leads.credited, leads.rejected) == tuple(
        year.leads[stage] for stage in ("registered", "accepted", "working opportunity", "credited", "rejected")
    )
    assert sorted(leads.decided_after) == sorted(year.decided)
    assert (accounts.asked, accounts.confirmed, accounts.denied, accounts.lapsed) == tuple(
        year.accounts[what] for what in ("asked", "active", "denied", "lapsed")
    )
    assert sorted(accounts.confirmed_after) == sorted(year.confirmed)
    assert [(each.role, each.waiting, each.overdue) for each in found.waiting] == [
        ("reviewer", year.overdue["waiting"], year.overdue["overdue"])
    ]
    days = dict(found.days)
    for day, counted in year.days.items():
        assert days[day]["leads registered"] == counted["leads registered"]
    assert found.lines.waiting == 1
    assert [(each.partner_id, each.became, each.average) for each in found.nominations] == [
        ("partner-1", "granted", Decimal("3.10")),
        ("partner-2", "not granted", Decimal("3.10")),
    ]


def test_while_it_runs_only_what_has_happened_counts(engine: Engine) -> None:
    make(engine, 1)
    early = season_figures(engine, HALF, now=BEGINS + timedelta(days=40), rules=LATEST)
    whole = season_figures(engine, HALF, now=ENDED, rules=LATEST)
    assert 0 < early.leads.registered < whole.leads.registered
    assert len(early.tiers) == 3, "January, February, and the day of the report"
    nothing = season_figures(engine, HALF.next(), now=datetime(2028, 3, 1, tzinfo=UTC), rules=LATEST)
    assert (nothing.leads.registered, nothing.movements, nothing.days) == (0, (), ())


def test_a_report_on_the_first_of_a_month_has_a_column_for_midnight_and_one_for_now(engine: Engine) -> None:
    make(engine, 1)
    [tiers, *_] = sections(season_figures(engine, HALF, now=datetime(2027, 4, 1, 14, 30, tzinfo=UTC), rules=LATEST))
    assert tiers.heading == ("standing", "Jan 1", "Feb 1", "Mar 1", "Apr 1", "Apr 1, 10:30")
    [tiers, *_] = sections(season_figures(engine, HALF, now=ENDED, rules=LATEST))
    assert tiers.heading[-2:] == ("Jun 1", "Jul 1")


def test_a_standing_that_the_edition_does_not_have_is_shown_last(engine: Engine) -> None:
    make(engine, 1)
    with writing(engine) as connection:
        connection.execute(
            tier_intervals.update().where(tier_intervals.c.partner_id == "partner-3").values(tier="titanium")
        )
    found = season_figures(engine, HALF, now=ENDED, rules=LATEST)
    assert found.standings[-1] == "advisor titanium"
    [tiers, *_] = sections(found)
    assert sum(int(row[-1]) for row in tiers.rows) == len(NAMES)


def test_every_picture_has_its_numbers_as_a_table(engine: Engine) -> None:
    make(engine, 2)
    shown = list(sections(season_figures(engine, HALF, now=ENDED, rules=LATEST)))
    assert len(shown) == 11
    for section in shown:
        assert section.rows, f"{section.id} has no numbers"
        assert section.picture.startswith("data:image/svg+xml;base64,"), section.id
        assert {len(row) for row in section.rows} == {len(section.heading)}


def test_an_empty_half_year_and_the_same_twice(engine: Engine, tmp_path: Path) -> None:
    assert "Nothing." in page_of(engine, HALF, now=ENDED, rules=LATEST)
    make(engine, 3)
    first = write(engine, HALF, tmp_path / "reports" / "one.html", now=ENDED, rules=LATEST).read_bytes()
    assert write(engine, HALF, tmp_path / "two.html", now=ENDED, rules=LATEST).read_bytes() == first


def test_nothing_is_loaded_from_elsewhere(engine: Engine) -> None:
    make(engine, 3)
    text = page_of(engine, HALF, now=ENDED, rules=LATEST)
    assert "<script" not in text
    assert {each[0] for each in re.findall(r'(?:src|href)="([^"]+)"', text) if not each.startswith("data:")} == {"#"}


@pytest.mark.browser
async def test_in_a_browser_and_on_paper(engine: Engine, tmp_path: Path, page: Page) -> None:
    make(engine, 2)
    file = write(engine, HALF, tmp_path / "report.html", now=ENDED, rules=LATEST)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for width in (360, 1200):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.goto(file.as_uri())
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"it scrolls sideways at {width}"
        assert await complaints(page) == []
    assert all(url.startswith(("file:", "data:")) for url in asked)
    pictures = page.locator("img")
    assert await pictures.count() == 11
    assert await pictures.evaluate_all("images => images.every(each => each.complete && each.naturalWidth > 0)")
    await page.emulate_media(media="print")
    assert not await page.locator("nav").is_visible()
    assert len(await page.pdf(format="A4")) > 50_000
