"""A migrated database for the tests of what is in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from records import database
from records.database import open_database


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a statement or a turn may take goes by the clock on the wall, also while the machine stands still."""
    monkeypatch.setattr(database, "_STATEMENT_MS", 20_000)
    monkeypatch.setattr(database, "_BUSY_MS", 20_000)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database with all tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()
