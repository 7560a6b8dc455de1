"""What `partnerflow rehearse` can't do is said in a sentence, before anything is begun."""

import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import rehearse
from cli.main import add, app
from cli.sentences import CannotGoOn
from records.refusal import Refused

HEADING = "id,name,contact_name,contact_email,manager_address,country,track,tier,joined_at\n"
LINE = "acme,Acme,Desk,desk@acme.example,,US,advisor,silver,2025-03-10\n"


def a_list(folder: Path) -> Path:
    """A file with one partner."""
    file = folder / "partners.csv"
    file.write_text(HEADING + LINE)
    return file


def said(*words: str) -> Exception:
    """The problem with which the command ends."""
    add(["rehearse"])
    found = CliRunner().invoke(app, ["rehearse", *words]).exception
    assert isinstance(found, CannotGoOn | Refused)
    return found


@pytest.mark.parametrize(
    ("half", "sentence"),
    [
        ("2027-H3", "H3 does not exist; a year has H1 to H2."),
        ("spring", "'spring' is not a half: write a year with H1 to H2, for example 2027-H1."),
        ("1999-H1", "1999-H1 can't be rehearsed: its year can be 2022 to 2199."),
    ],
)
def test_no_half_year(half: str, sentence: str) -> None:
    assert str(said(half)) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEADING, "There is no partner to rehearse with: name a file with --partners, or --fill 300."),
        (HEADING + LINE + LINE, "names acme twice; each partner has one line."),
        (
            HEADING + LINE.replace("advisor", "master").replace("silver", ""),
            "«tier» of acme can't be partner on the master",
        ),
        (HEADING + LINE.replace("silver", "diamond"), "Line 2, column «tier»:"),
    ],
)
def test_a_file_that_can_not_be_used(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    file.write_text(text)
    assert sentence in str(said("2027-H1", "--partners", str(file)))
    assert "can't be read: No such file" in str(said("2027-H1", "--partners", str(tmp_path / "missing.csv")))


@pytest.mark.parametrize("place", ["file/report.html", "file/below/report.html", "."])
def test_a_report_that_can_not_be_written_is_said_before_anything_is_played(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearse, "_play", lambda *_: pytest.fail("It was played."))
    (tmp_path / "file").touch()
    words = ("2027-H1", "--partners", str(a_list(tmp_path)), "--report", str(tmp_path / place))
    assert "The report can't be written to " in str(said(*words))


def test_looking_at_the_place_of_a_report_leaves_nothing_and_changes_nothing(tmp_path: Path) -> None:
    old, new = tmp_path / "old.html", tmp_path / "below" / "new.html"
    old.write_text("last year")
    assert rehearse._place(old).read_text() == "last year"
    assert not rehearse._place(new).exists()


def test_the_records_are_kept_when_the_report_can_not_be_written_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rehearse, "_play", lambda *_: None)
    monkeypatch.setattr(rehearse, "write", full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sentence = str(said("2027-H1", "--partners", str(a_list(tmp_path)), "--report", str(tmp_path / "x.html")))
    assert "x.html: No space left on device. The records are kept in " in sentence
    kept = Path(sentence.rpartition(" in ")[2].rstrip("."))
    assert kept.is_relative_to(tmp_path)
    assert kept.stat().st_size > 0


def test_nothing_is_left_of_a_rehearsal_that_could_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said("2027-H1", "--partners", str(tmp_path / "missing.csv"), "--report", str(tmp_path / "x.html"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["file/below", "/proc/below"])
def test_a_directory_that_can_not_be_made(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = ("2027-H1", "--fill", "3", "--report", str(tmp_path / "x.html"), "--directory", str(tmp_path / place))
    assert f"The records can't be kept in {tmp_path / place}: " in str(said(*words))


def test_a_directory_in_use(tmp_path: Path) -> None:
    (tmp_path / "records.db").touch()
    assert "is not empty" in str(said("2027-H1", "--directory", str(tmp_path)))
