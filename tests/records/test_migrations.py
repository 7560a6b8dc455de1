"""The migrations lead to the tables that the program uses, forwards and back, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from records.database import open_database, reading, writing
from records.migrate import current_revision, go_back, is_current, migrate, newest_revision
from records.people import memberships_of, people_of
from records.refusal import Refused
from records.tables import metadata
from tests.records.making import a_partner


def test_migrated_tables_are_the_declared_ones(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrated_tables_are_worded_like_created_ones(engine: Engine, tmp_path: Path) -> None:
    """Alembic compares neither checks nor conditions of indexes; SQLite tells its tables word by word."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL words its catalogue in its own way.")
    created = open_database(f"sqlite:///{tmp_path / 'created.sqlite'}")
    with writing(created) as connection:
        metadata.create_all(connection)
    assert _wording(engine) == _wording(created)
    created.dispose()


def _wording(engine: Engine) -> dict[str, list[str]]:
    with reading(engine) as connection:
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
        )
        return {name: sorted(sql.replace(",", "").replace('"', "").split()) for name, sql in found}


def test_a_new_database_is_not_current_until_it_is_migrated(empty_database_url: str) -> None:
    engine = open_database(empty_database_url)
    assert current_revision(engine) is None
    assert not is_current(engine)
    migrate(empty_database_url)
    assert current_revision(engine) == newest_revision()
    assert is_current(engine)
    engine.dispose()


def test_back_and_forward_again(engine: Engine) -> None:
    go_back(engine, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    migrate(engine)
    assert is_current(engine)
    migrate(engine)
    assert is_current(engine)


def test_the_contacts_of_partners_become_the_first_of_their_people(engine: Engine) -> None:
    a_partner(engine)
    before = people_of(engine, "p-1")
    go_back(engine, "0006")
    migrate(engine)
    assert people_of(engine, "p-1") == before
    assert [person.id for person in before] == ["contact"]
    assert [each.partner_id for each in memberships_of(engine, before[0].address.upper())] == ["p-1"]


def test_a_newer_database_is_left_alone_with_a_sentence(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match=r"at revision 9999, which this version does not know"):
        migrate(engine)
    assert not is_current(engine)


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite:///:memory:", "sqlite://", "nonsense"])
def test_other_addresses_are_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///path"):
        open_database(url)
