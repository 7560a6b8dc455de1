"""An account belongs to one domain at a time, and who merely mentions it moves it nowhere."""

import pytest
from sqlalchemy import Engine

from records.client_accounts import ClientAccount, client_account, meet_account
from records.tables import client_accounts
from tests.records.making import NOW, day, rows


def test_what_is_heard_first_is_filled_in_later_and_then_stays(engine: Engine) -> None:
    assert client_account(engine, "Ab12Cd") is None
    assert meet_account(engine, "Ab12Cd", source="managed", at=NOW) == "new"
    assert meet_account(engine, "Ab12Cd", source="managed", at=day(1)) == "known"
    assert meet_account(engine, "Ab12Cd", domain="shop.example", source="affiliate", at=day(2)) == "completed"
    assert meet_account(engine, "Ab12Cd", domain="other.example", source="crm", at=day(3)) == "elsewhere"
    assert meet_account(engine, "Ab12Cd", domain=None, source="managed", at=day(4)) == "known"
    assert client_account(engine, "Ab12Cd") == ClientAccount("Ab12Cd", "shop.example", "affiliate", NOW)


def test_a_correction_ends_what_was_known_and_the_time_before_it_stays(engine: Engine) -> None:
    meet_account(engine, "Ab12Cd", domain="shop.example", source="affiliate", at=NOW)
    assert meet_account(engine, "Ab12Cd", domain="store.example", source="crm", at=day(2), corrects=True) == "corrected"
    assert meet_account(engine, "Ab12Cd", domain=None, source="crm", at=day(3), corrects=True) == "corrected"
    assert meet_account(engine, "Ab12Cd", domain=None, source="crm", at=day(4), corrects=True) == "known"
    kept = [(row["known_from"], row["known_until"], row["domain"]) for row in rows(engine, client_accounts)]
    assert kept == [(NOW, day(2), "shop.example"), (day(2), day(3), "store.example"), (day(3), None, None)]


@pytest.mark.parametrize("later", [0, -1])
def test_a_correction_of_the_same_instant_or_before_it_replaces_in_place(engine: Engine, later: float) -> None:
    meet_account(engine, "Ab12Cd", domain="shop.example", source="crm", at=NOW, corrects=True)
    meet_account(engine, "Ab12Cd", domain="store.example", source="crm", at=day(later), corrects=True)
    assert [(row["known_from"], row["domain"]) for row in rows(engine, client_accounts)] == [(NOW, "store.example")]
