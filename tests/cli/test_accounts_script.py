"""The managed accounts of the demonstration: their file can be played, and shows what becomes of accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.accounts_script import BY_CLIENT, Submission
from cli.examples import example
from cli.playing_accounts import PlayedAccount
from cli.script import REFUSED, SAME, last_day, read_script
from cli.season import Registration
from cli.sentences import CannotGoOn
from records.partners import read_partners

ACCOUNTS = read_script(example("accounts.csv"), Submission)
HEADING = "day,partner,account,contact_name,contact_email,then,expected,why\n"


def test_there_are_enough_of_them_and_every_line_says_why() -> None:
    assert len(ACCOUNTS) >= 20
    assert all(line.why for line in ACCOUNTS)
    assert last_day(ACCOUNTS) <= last_day(read_script(example("season.csv"), Registration)), (
        "they make the season no longer"
    )


def test_they_are_of_partners_that_there_are() -> None:
    with example("partners.csv").open(encoding="utf-8", newline="") as lines:
        known = {partner.id for partner in read_partners(lines)}
    assert {line.partner for line in ACCOUNTS} <= known


def test_everything_that_can_happen_to_an_account_happens_to_one() -> None:
    used = {step.action for line in ACCOUNTS for step in line.then}
    staff = {"confirm_for_vendor", "decline_for_vendor", "void", "reinstate"}
    mistakes = {"bounce", "correct", "wrong_code", "five_wrong_codes", "scan", "confirm_too_late"}
    assert {*BY_CLIENT, *staff, *mistakes, "submit", "end"} <= used
    ends = {line.expected for line in ACCOUNTS}
    assert ends >= {"active", "denied", "lapsed", "revoked", "superseded", "ended", "voided", "waiting", REFUSED, SAME}


def test_mails_to_different_accounts_go_to_different_people() -> None:
    """A client finds its letter by its address."""
    people = [line.contact_email.casefold() for line in ACCOUNTS if line.contact_email and line.expected != SAME]
    assert len(people) == len(set(people))


def test_what_could_not_be_played_is_not_as_expected() -> None:
    played = PlayedAccount(ACCOUNTS[0], contact="x@shop.example", end=ACCOUNTS[0].expected)
    assert played.as_expected
    played.trouble.append("confirm: no mail came")
    assert not played.as_expected


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1,p,a,n,e,2 confrim,active,x", "«confrim» can't happen to an account"),
        ("1,p,a,n,e,confirm,active,x", "«confirm» is no step"),
        ("1,p,a,n,e,,happy,x", "an account can't end as «happy»"),
        ("x,p,a,n,e,,active,x", "record 1, «day»"),
    ],
)
def test_a_line_that_can_not_be_played_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(f"{HEADING}{line}\n")
    with pytest.raises(CannotGoOn, match=sentence):
        read_script(file, Submission)
