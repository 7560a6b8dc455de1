"""A migrated database for the tests of reports."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from records.database import open_database


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database with all tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()
