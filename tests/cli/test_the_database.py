"""What is wrong with the database is said in a sentence, and commands that only read make none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from cli.examples import example
from cli.trouble import sentence_for
from records.database import open_database, reading
from tests.cli.running import called

EDITION = Path(__file__).parents[2] / "examples" / "edition-2028.yaml"
NEED_RECORDS: list[list[str | Path]] = [
    ["keys", "list"],
    ["keys", "create", "CRM", "--scope", "crm"],
    ["report", "season", "2027-H1"],
    ["whatif", "--edition", EDITION],
    ["doctor"],
    ["queues"],
    ["partners", "import", example("partners.csv")],
    ["import", "mrr", "mrr.csv"],
    ["erase", "contact@shop.example"],
    ["rehearse", "2027-H1"],
]
ASK: list[list[str | Path]] = [each for each in NEED_RECORDS if each[0] not in ("doctor", "import")]


@pytest.mark.parametrize("words", NEED_RECORDS, ids=lambda words: " ".join(map(str, words[:2])))
def test_no_command_makes_records_by_asking_for_them(
    words: list[str | Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", "sqlite:///below/records.db")
    assert called(*words) == 2
    assert f"There are no records at {tmp_path / 'below' / 'records.db'}." in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", ASK, ids=lambda words: " ".join(map(str, words[:2])))
def test_a_database_without_tables(
    words: list[str | Path],
    empty_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", empty_database_url)
    (tmp_path / "empty.sqlite").touch()
    assert called(*words) == 2
    assert "does not have the tables of this version. Run `partnerflow setup` first" in capsys.readouterr().err


@pytest.mark.parametrize("words", [*ASK, ["setup", "--wait", "0"]], ids=lambda words: " ".join(map(str, words[:2])))
def test_a_file_that_is_no_database(
    words: list[str | Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "records.db").write_text("These are no records. " * 1_000)
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", "sqlite:///records.db")
    assert called(*words) == 2
    said = capsys.readouterr().err
    assert "file is not a database" in said
    assert "docs/operations.md says under «Copies of the data» how to bring a copy back" in said


def test_a_damaged_file(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = sqlite3.connect(f"file:{migrated_sqlite}?mode=ro", uri=True)
    pages = whole.serialize()
    whole.close()
    (tmp_path / "records.db").write_bytes(pages[:4_096] + b"\xff" * (len(pages) - 4_096))
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", f"sqlite:///{tmp_path / 'records.db'}")
    assert called("keys", "list") == 2
    assert "database disk image is malformed" in capsys.readouterr().err


@pytest.mark.parametrize("below", ["records.db/records.db", "records.db/deeper/records.db", ""])
def test_a_place_where_no_file_can_be(
    below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "records.db").touch()
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", f"sqlite:///{tmp_path / below}")
    for words in (["keys", "list"], ["setup", "--wait", "0"]):
        assert called(*words) == 2
        assert "PARTNERFLOW_DATABASE_URL can't be used" in capsys.readouterr().err


@pytest.mark.parametrize("statement", ["SELEC", "SELECT nothing FROM partners", "SELECT 1 FROM nowhere"])
def test_our_own_mistakes_are_not_said_to_be_somebody_elses(
    statement: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTNERFLOW_DATABASE_URL", database_url)
    engine = open_database(database_url)
    try:
        with pytest.raises(Exception, match=r"syntax|column|relation|table") as raised:  # noqa: SIM117
            with reading(engine) as connection:
                connection.execute(text(statement)).all()
    finally:
        engine.dispose()
    assert sentence_for(raised.value) == ""
