"""What goes wrong is said in one sentence that tells what to do, with exit code 2."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import temporal_server
from cli.data_directory import DataDirectory
from cli.sentences import CannotGoOn
from cli.stack import Ports
from records.migrate import migrate
from tests.cli.running import called, partnerflow


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("option", ["--port", "--ui-port", "--portal-port"])
def test_a_taken_port(taken: int, option: str, tmp_path: Path) -> None:
    free = [word for each in ("--port", "--ui-port", "--portal-port") for word in (each, "0")]
    run = partnerflow("up", "--directory", tmp_path, *free, option, str(taken))
    assert run.returncode == 2
    assert f"The port {taken} is taken" in run.stderr
    assert option in run.stderr
    assert not list(tmp_path.glob("*.db*")), "nothing was started"


def test_a_port_for_two() -> None:
    with pytest.raises(CannotGoOn, match="--ui-port and --portal-port are both 18233; each needs a port of its own"):
        Ports(0, 18_233, 18_233).chosen()
    found = Ports(0, 0, 0).chosen()
    assert len({found.temporal, found.ui, found.portal}) == 3


@pytest.mark.parametrize(
    "words",
    [
        ["--speed", "1e308"],
        ["--speed", "1e-320"],
        ["--clock", "2027-01-04T14:00:00Z x1e308"],
        ["--clock", "2020-01-04T14:00:00Z x2000000"],
    ],
)
def test_a_clock_that_leaves_the_calendar(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("up", "--directory", tmp_path / "stack", *words) == 2
    assert "leaves the years 1 to 9999 at once, or never gets anywhere" in capsys.readouterr().err
    assert not (tmp_path / "stack").exists()


def test_a_missing_temporal_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotGoOn, match=r"missing\. Install it with"):
        temporal_server.program()


def about(directory: Path, **changes: object) -> DataDirectory:
    written = {"layout": 1, "temporal": "1.32.0", "clock": ""} | changes
    (directory / "about.json").write_text(json.dumps(written))
    return DataDirectory.at(directory)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"layout": 2}, "a newer version of partnerflow"),
        ({"layout": 0}, "an older version of partnerflow"),
        ({"temporal": "2.0.1"}, "last used with Temporal 2.0.1, and the installed one is 1.32.0"),
        ({"clock": "2027-01-04T14:00:00Z x10"}, "runs on the program clock"),
        ({"layout": "none"}, "can't be read"),
    ],
)
def test_a_directory_of_another_version(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(CannotGoOn, match=sentence):
        about(tmp_path, **changes).adopt(temporal="1.32.0", clock="2027-01-04T14:00:00Z x99")


def test_a_directory_that_nobody_signed(tmp_path: Path) -> None:
    (tmp_path / "records.db").touch()
    with pytest.raises(CannotGoOn, match="begin anew here with --fresh"):
        DataDirectory.at(tmp_path).adopt(temporal="1.32.0", clock="")


def test_fresh_deletes_ours_and_nothing_else(tmp_path: Path) -> None:
    directory = about(tmp_path, layout=7)
    for name in ("records.db", "records.db-wal", "temporal.db", "keys.txt", "holiday.jpg", "records.db.backup"):
        (tmp_path / name).touch()
    (tmp_path / "mail").mkdir()
    directory.empty()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["holiday.jpg", "records.db.backup"]
    assert directory.adopt(temporal="1.32.0", clock="") == ""


def test_fresh_deletes_nothing_where_nothing_of_ours_is(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "inbox.mbox").touch()
    DataDirectory.at(tmp_path).empty()
    assert (tmp_path / "mail" / "inbox.mbox").exists()


def test_a_directory_keeps_its_clock(tmp_path: Path) -> None:
    directory = DataDirectory.at(tmp_path)
    clock = "2027-01-04T14:00:00Z x99"
    assert directory.adopt(temporal="1.32.0", clock=clock) == clock
    assert directory.adopt(temporal="1.33.0", clock="") == clock


def test_a_directory_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = partnerflow("up", "--directory", tmp_path / "file" / "below")
    assert run.returncode == 2
    assert "can't be used" in run.stderr


@pytest.mark.parametrize(
    ("words", "variables", "sentence"),
    [
        (["worker"], {"PARTNERFLOW_CLOCK": "soon"}, "PARTNERFLOW_CLOCK=soon can't be used"),
        (["worker"], {"PARTNERFLOW_STAFF_FILE": "nowhere.toml"}, "PARTNERFLOW_STAFF_FILE=nowhere.toml can't be read"),
        (["worker"], {"PARTNERFLOW_METRICS_ADDRESS": "here"}, "it is not host:port"),
        (["worker"], {"PARTNERFLOW_DATABASE_URL": "mysql://x"}, "is neither"),
        (["doctor"], {"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "No Temporal server answers at 127.0.0.1:1"),
        (["setup", "--wait", "0"], {"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "No Temporal server answers"),
        (["keys", "list"], {"PARTNERFLOW_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "The database does not answer"),
        (["up", "--speed", "-3"], {}, "is no speed"),
        (["up", "--clock", "fast"], {}, "is no clock"),
        (["queues", "--directory", "nowhere"], {}, "No stack has been started in"),
        (["partners", "import", "nowhere.csv"], {}, "nowhere.csv can't be read"),
        (["demo", "elite", "--season", "nowhere.csv"], {}, "The elite season is always the same"),
        (["demo", "elite", "--speed", "100000"], {}, "leave --season, --directory and --speed out"),
        (["demo", "--directory", "nowhere", "--speed", "100000"], {}, "leave --speed or --directory out"),
        (["demo", "--season", "nowhere.csv"], {}, "nowhere.csv can't be read"),
    ],
)
def test_what_a_person_can_mend(
    words: list[str], variables: dict[str, str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    migrate(f"sqlite:///{tmp_path}/partnerflow.db")
    run = partnerflow(*words, **variables)
    assert run.returncode == 2, run.stdout + run.stderr
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr
