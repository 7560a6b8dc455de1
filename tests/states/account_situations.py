"""Where a managed account can stand: each state as it is reached by itself, and with what makes a difference there.

`python -m tests.states.account_situations` writes down, in `account_matrix.txt`, what follows there from every action
and by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from states.account import ACCOUNT
from tests.states.accounts import AccountTrial, submit
from tests.states.matrix import described
from tests.states.simulate import World, ny

MATRIX = Path(__file__).with_name("account_matrix.txt")
BEGUN = "2027-01-05 10:00"
LATE, SETTLED = "2027-02-06 10:00", "2027-03-01 10:00"
# A year after the client has confirmed, and when it had the time to answer once more.
AGED, SILENT = "2028-01-07 10:00", "2028-02-10 10:00"


def _account(*said: str, until: str = "", then: tuple[str, ...] = (), later: str = "") -> Callable[[], AccountTrial]:
    def make() -> AccountTrial:
        world = World(ny(BEGUN))
        account = submit(world)
        for action in said:
            account.say(action)
        if until:
            world.until(ny(until))
        for action in then:
            account.say(action)
        if later:
            world.until(ny(later))
        return account

    return make


def _received() -> AccountTrial:
    account = _account()()
    account.data.state = "received"
    return account


def _superseded() -> AccountTrial:
    account = _account("client_confirms")()
    submit(account.world, "south").say("client_confirms")
    return account


SITUATIONS: dict[str, Callable[[], AccountTrial]] = {
    "received": _received,
    "waiting": _account(),
    "waiting, a mail came back": _account("mail_bounced"),
    "waiting, three new links were sent today": _account("new_link", "new_link", "new_link"),
    "waiting, a day after three new links": _account("new_link", "new_link", "new_link", until="2027-01-06 10:00"),
    "waiting, confirmed for the vendor": _account("confirm_for_vendor"),
    "waiting, declined for the vendor": _account("decline_for_vendor"),
    "active": _account("client_confirms"),
    "active, confirmed for the vendor": _account("client_confirms", "confirm_for_vendor"),
    "active, declined for the vendor": _account("client_confirms", "decline_for_vendor"),
    "active, asked once more": _account("client_confirms", "confirm_for_vendor", until=AGED),
    "active, asked once more without an answer": _account("client_confirms", "confirm_for_vendor", until=SILENT),
    "lapsed": _account(until=LATE),
    "voided while waiting": _account("void"),
    "voided while waiting, the request has lapsed": _account(until="2027-02-03 10:00", then=("void",), later=LATE),
    "voided while active": _account("client_confirms", "void"),
    "denied": _account("client_denies"),
    "revoked": _account("client_confirms", "client_revokes"),
    "superseded": _superseded,
    "ended by its partner while waiting": _account("end_management"),
    "ended by its partner": _account("client_confirms", "end_management"),
    "ended after it lapsed": _account(until=SETTLED),
}

if __name__ == "__main__":
    MATRIX.write_text(described(ACCOUNT, SITUATIONS), encoding="utf-8")
