"""Managed accounts as `examples/accounts.csv` scripts them: who submits which, what happens then, and how it ends.

`day` counts from the season's start. `then` lists what happens, in days from the submission: "2 confirm, 40 end". What
needs an address has it behind a sign: "4 correct=right@shop.example", "35 submit=right@shop.example".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cli.script import Line
from states.account import ACCOUNT

_STEP = re.compile(r"(?P<day>\d+) (?P<action>[a-z_]+)(?:=(?P<address>\S+))?")

BY_CLIENT = ("confirm", "deny", "revoke")
"""What a client answers on its page."""
BY_STAFF = tuple(name for name, action in ACCOUNT.actions.items() if action.by_staff)
_OTHERS = ("confirm_too_late", "scan", "wrong_code", "five_wrong_codes", "bounce", "correct", "submit", "end")


@dataclass(frozen=True, slots=True)
class Happens:
    """One thing that happens so many days after the submission; `address` is the contact that it brings, or empty."""

    day: float
    action: str
    address: str


class Submission(Line):
    """One line of the script."""

    named = "an account"
    ends = ACCOUNT.phases

    account: str
    then: tuple[Happens, ...]

    @classmethod
    def step(cls, words: str) -> Happens:
        """See base class."""
        match = _STEP.fullmatch(words)
        if match is None:
            raise ValueError(f"«{words}» is no step; write a day and what happens, such as «2 confirm»")
        possible = (*BY_CLIENT, *BY_STAFF, *_OTHERS)
        if match["action"] not in possible:
            raise ValueError(f"«{match['action']}» can't happen to an account; possible are {', '.join(possible)}")
        return Happens(float(match["day"]), match["action"], match["address"] or "")
