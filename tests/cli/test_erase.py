"""`partnerflow erase`: what it says, and how it ends."""

from pathlib import Path

from sqlalchemy import Engine

from cli.checks.records import check_contacts
from records.database import open_database
from records.migrate import migrate
from records.people import Person, put_person
from tests.cli.running import partnerflow
from tests.records.making import a_partner

STAFF = '[[staff]]\naddress = "reviewer@vendor.example"\nroles = ["reviewer"]\n'


def stack(folder: Path) -> tuple[dict[str, str], Engine]:
    """Settings of a database of its own, without any server."""
    url = f"sqlite:///{folder / 'records.sqlite'}"
    engine = open_database(url)
    migrate(engine)
    staff = folder / "staff.toml"
    staff.write_text(STAFF)
    settings = {"PARTNERFLOW_DATABASE_URL": url, "PARTNERFLOW_STAFF_FILE": str(staff)}
    return {**settings, "PARTNERFLOW_MAIL_DIRECTORY": str(folder / "mail")}, engine


def test_it_reports_what_it_did_and_a_second_time_that_nobody_is_there(tmp_path: Path) -> None:
    settings, engine = stack(tmp_path)
    a_partner(engine)
    put_person(engine, "p-1", Person("desk", "The desk", "Desk@agency.example"))

    run = partnerflow("erase", "owner@p-1.example", **settings)
    assert run.returncode == 0, run.stderr
    lines = [" ".join(line.replace("│", " ").split()) for line in run.stdout.splitlines()]
    assert "contacts of partners, who get no mail until another is named 1" in lines
    assert "people of partners 1" in lines
    assert "Partner p-1 has no contact now" in run.stdout
    [noted] = check_contacts(engine)
    assert (noted.note, "PUT /v1/partners/p-1 names another" in noted.text) == (True, True)

    run = partnerflow("erase", "owner@p-1.example", **settings)
    assert run.returncode == 1
    assert "Nobody with the address owner@p-1.example is in the records" in run.stdout
    assert "Nothing was changed." in run.stdout
    engine.dispose()


def test_staff_are_on_the_staff_list_and_what_is_no_address_is_said(tmp_path: Path) -> None:
    settings, engine = stack(tmp_path)
    engine.dispose()
    run = partnerflow("erase", "Reviewer@vendor.example", **settings)
    assert run.returncode == 2
    assert "is on the staff list (reviewer)" in run.stderr
    assert "staff.toml" in run.stderr
    run = partnerflow("erase", "p-1", **settings)
    assert run.returncode == 2
    assert "«p-1» is no mail address" in run.stderr
