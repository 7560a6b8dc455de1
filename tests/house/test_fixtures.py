"""The fixtures of tests/conftest.py give what they promise, and their skips are true."""

import pytest
from playwright.async_api import Page
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from records.migrate import is_current
from tests.conftest import DATABASE, missing


def tables_after_making_one(url: str) -> int:
    """How often the table `promise` can be made: 1 in a fresh database."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE promise (id INTEGER PRIMARY KEY)"))
            connection.execute(text("INSERT INTO promise VALUES (1)"))
            return int(connection.execute(text("SELECT count(*) FROM promise")).scalar_one())
    finally:
        engine.dispose()


def migrated(url: str) -> bool:
    engine = create_engine(url)
    try:
        return is_current(engine)
    finally:
        engine.dispose()


# Twice, because the second time tells whether the database is a fresh one.
@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_a_fresh_database_of_the_kind_under_test(database_url: str, time: int) -> None:
    kind = {"sqlite": "sqlite", "postgres": "postgresql"}[DATABASE]
    assert make_url(database_url).get_backend_name() == kind
    assert migrated(database_url)
    assert tables_after_making_one(database_url) == 1


@pytest.mark.parametrize("time", [1, 2])
def test_an_empty_database_has_not_been_migrated(empty_database_url: str, time: int) -> None:
    assert not migrated(empty_database_url)
    assert tables_after_making_one(empty_database_url) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_a_fresh_postgres_database(postgres_url: str, time: int) -> None:
    assert tables_after_making_one(postgres_url) == 1


@pytest.mark.browser
async def test_the_browser_runs_scripts_and_sees_the_page(page: Page) -> None:
    await page.set_content("<button onclick=\"this.textContent = 'renewed'\">renew</button>")
    await page.get_by_role("button").click()
    assert await page.get_by_role("button").text_content() == "renewed"


def test_a_missing_need_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARTNERFLOW_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="There is no moon"):
        missing("There is no moon.")


def test_a_missing_need_fails_where_everything_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNERFLOW_REQUIRE", "all")
    with pytest.raises(pytest.fail.Exception, match="There is no moon"):
        missing("There is no moon.")
