"""The season of the demonstration: its file can be played, and covers what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.examples import example
from cli.script import REFUSED, SAME, last_day, read_script
from cli.season import Registration
from cli.sentences import CannotGoOn
from states.lead import LEAD
from states.staff import Role

SEASON = read_script(example("season.csv"), Registration)
HEADING = "day,partner,company,website,contact_name,contact_email,note,self_closed,via,opened,then,expected,why\n"


def test_it_is_long_enough_to_be_a_season() -> None:
    assert len(SEASON) >= 40
    assert 150 <= last_day(SEASON) <= 200


def test_it_uses_every_action_that_people_and_the_crm_have() -> None:
    used = {step.action for line in SEASON for step in line.then}
    wanted = {action.name for action in LEAD.actions.values() if Role.SYSTEM not in action.who}
    assert wanted <= used


def test_it_shows_every_way_in_which_a_lead_ends() -> None:
    ends = {line.expected for line in SEASON}
    assert {"credited", "expired", "rejected", "credit_lost", "lost", "voided", "withdrawn", "closed_out"} <= ends
    assert {REFUSED, SAME, "accepted", "in_review", "opportunity"} <= ends


def test_every_line_says_why() -> None:
    assert all(line.why for line in SEASON)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1,p,c,w,n,e,,,form,,2 acept,credited,x", "«acept» is no action of a lead"),
        ("1,p,c,w,n,e,,,form,,accept,credited,x", "«accept» is no step"),
        ("1,p,c,w,n,e,,,form,,,won twice,x", "a lead can't end as «won twice»"),
        ("x,p,c,w,n,e,,,form,,,credited,x", "record 1, «day»"),
    ],
)
def test_a_line_that_can_not_be_played_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    file = tmp_path / "season.csv"
    file.write_text(f"{HEADING}{line}\n")
    with pytest.raises(CannotGoOn, match=sentence):
        read_script(file, Registration)
