"""Where an application can stand, with what makes a difference there.

`python -m tests.states.application_situations` writes down, in `application_matrix.txt`, what follows there. The file
is read by people; a change in it is a change of the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from states.application import APPLICATION
from states.application_data import Application
from tests.states.alone import Trial
from tests.states.matrix import described
from tests.states.simulate import ny
from workflows.application import effects_of

MATRIX = Path(__file__).with_name("application_matrix.txt")
REVIEWER = {"by": "reviewer@vendor.example", "reason": "we looked at it"}
OTHER = {"by": "second@vendor.example", "reason": "we looked at it once more"}
SAYS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(
        ("approve", "ask_information", "assign_specialist", "hold_conversation", "attend_webinar", "no_answer",
         "reinstate", "void"),
        REVIEWER,
    ),
    "deny": {**REVIEWER, "because": "not_a_fit"},
    "acknowledge_agreement": {"version": "1"},
}  # fmt: skip
START = "2027-01-05 10:00"  # a Tuesday
Said = str | tuple[str, dict[str, Any]]


def an_application(now: str = START, *, edition: str = "2022", **options: Any) -> Trial[Application]:
    """An application that has just been submitted."""
    at = ny(now)
    data = Application.submit("a-1", "agency.example", at, edition_name=edition, lifecycle_version=1)
    return Trial(APPLICATION, data, at, effects_of=effects_of, says=SAYS, **options)


def after(*said: Said, edition: str = "2022", until: str = "", **options: Any) -> Callable[[], Trial[Application]]:
    """An application after these messages, all said at once, and then at the instant `until`."""

    def make() -> Trial[Application]:
        trial = an_application(edition=edition, **options)
        for each in said:
            action, fields = (each, {}) if isinstance(each, str) else each
            trial.say(action, **fields)
        if until:
            trial.until(ny(until))
        return trial

    return make


def _received() -> Trial[Application]:
    trial = an_application()
    trial.data.state = "received"
    return trial


SITUATIONS: dict[str, Callable[[], Trial[Application]]] = {
    "received": _received,
    "in review": after(),
    "in review, edition 2021": after(edition="2021"),
    "in review, overdue": after(until="2027-01-14 10:00"),
    "in review again": after("ask_information", "give_information"),
    "information asked": after("ask_information"),
    "onboarding": after("approve"),
    "onboarding, the specialist is missing": after("approve", "acknowledge_agreement", "attend_webinar"),
    "onboarding, the agreement is missing": after("approve", "assign_specialist", "hold_conversation"),
    "onboarding, the conversation is missing": after("approve", "assign_specialist", "acknowledge_agreement"),
    "onboarding, not moved for long": after("approve", until="2027-02-10 10:00"),
    "prospect": after("approve", edition="2021"),
    "prospect, the webinar is missing": after("approve", "assign_specialist", "acknowledge_agreement", edition="2021"),
    "denied": after("deny"),
    "denied, too late to undo": after("deny", until="2027-01-25 10:00"),
    "denied for silence": after("ask_information", until="2027-01-20 10:00"),
    "denied in onboarding": after("approve", "no_answer"),
    "denied in the prospect stage": after("approve", "no_answer", edition="2021"),
    "denied twice": after("deny", "appeal", ("deny", OTHER)),
    "appealed": after(("deny", OTHER), "appeal"),
    "appealed, by the one who denied": after("deny", "appeal"),
    "appealed, edition 2021": after(("deny", OTHER), "appeal", edition="2021"),
    "voided": after("void"),
    "voided in onboarding": after("approve", "void"),
    "voided in the prospect stage": after("approve", "void", edition="2021"),
    "voided on appeal": after(("deny", OTHER), "appeal", "void"),
    "member": after("approve", "assign_specialist", "acknowledge_agreement", "hold_conversation"),
    "withdrawn": after("withdraw"),
    "closed": after("deny", until="2027-03-01 10:00"),
}

if __name__ == "__main__":
    MATRIX.write_text(described(APPLICATION, SITUATIONS), encoding="utf-8")
