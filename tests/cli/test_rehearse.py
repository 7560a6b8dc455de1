"""What `partnerflow rehearse` can't do is said in a sentence, before anything is begun."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import add, app
from cli.sentences import CannotGoOn
from records.refusal import Refused

HEADING = "id,name,contact_name,contact_email,manager_address,country,track,tier,joined_at\n"
LINE = "acme,Acme,Desk,desk@acme.example,,US,advisor,silver,2025-03-10\n"


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
        (HEADING + LINE.replace("silver", "diamond"), "Line 2, column «tier»:"),
    ],
)
def test_a_file_that_can_not_be_used(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    file.write_text(text)
    assert sentence in str(said("2027-H1", "--partners", str(file)))
    assert "can't be read: No such file" in str(said("2027-H1", "--partners", str(tmp_path / "missing.csv")))


def test_a_directory_in_use(tmp_path: Path) -> None:
    (tmp_path / "records.db").touch()
    assert "is not empty" in str(said("2027-H1", "--directory", str(tmp_path)))
