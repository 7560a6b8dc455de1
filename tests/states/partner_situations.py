"""Where a partner's standing can be, with what makes a difference there.

`python -m tests.states.partner_situations` writes down, in `partner_matrix.txt`, what follows there. The file is read
by people; a change in it is a change of the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from program.edition import Tier, Track
from states import partner_data
from states.effects import Receipt
from states.lifecycle import Event
from states.partner import PARTNER
from states.partner_data import Partner
from tests.states.alone import Trial
from tests.states.matrix import described
from tests.states.simulate import ny
from workflows.partner import effects_of

MATRIX = Path(__file__).with_name("partner_matrix.txt")
START = "2027-01-20 10:00"
STAFF = {"by": "manager@vendor.example", "reason": "we looked at it"}
BY_HAND = {**STAFF, "track": "advisor", "tier": "platinum", "until": "2027-06-30"}
ADJUSTED = {"track": "advisor", "tier": "partner", "half": "2027-H1", "judged": "advisor silver", "edition": "2022"}
SAYS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(
        (
            "release_tier",
            "hold_downtier",
            "release_downtier",
            "suspend",
            "lift_suspension",
            "end_partnership",
            "rejoin",
            "resend_merger",
            "withdraw_merger",
        ),
        STAFF,
    ),
    "set_tier": BY_HAND,
    "correct_fact": {**STAFF, "kind": "website", "value": "badge"},
    "strike_fact": {**STAFF, "fact": "academy/4711"},
    "entered": {"track": "advisor", "tier": "gold"},
    "adjust": ADJUSTED,
    "adopt_edition": {"edition": "2021"},
    "grant_elite": {"until": "2028-04-01T04:00:00Z"},
    "propose_merger": {**STAFF, "into": "isar"},
    "merger_over": {"proposed_at": "2027-01-20T15:00:00Z", "reason": "isar has declined it."},
    "take_over": {"merged": "elbe", "track": "master", "tier": "gold"},
    "merge": {"into": "isar"},
    "rise": {"track": "advisor", "tier": "gold", "why": "found"},
    "settle_standing": {"track": "advisor", "tier": "silver", "why": "found"},
    "endanger": {"falls_to": "advisor partner", "missing": "$20 MRR referred"},
}


def a_partner(track: str = "advisor", tier: str = "silver", now: str = START, **options: Any) -> Trial[Partner]:
    """A partner whose process has just begun."""
    at = ny(now)
    data = Partner.join("acme", at, edition_name="2022", lifecycle_version=1, track=Track(track), tier=Tier(tier))
    return Trial(PARTNER, data, at, effects_of=effects_of, says=SAYS, **options)


def find(trial: Trial[Partner], **found: Any) -> None:
    """The database answers an evaluation; what follows is done, as the driver does it."""
    answer = {"on": trial.now.isoformat(), "held": str(trial.data.standing), **found}
    follows = partner_data.learn(trial.data, Receipt(found={"standing": answer}))
    if follows:
        trigger, message = follows
        trial.take(PARTNER.fire(trial.data, Event(trigger, trial.now, trial.now, message=message)))


def after(*said: str, track: str = "advisor", tier: str = "silver", until: str = "") -> Callable[[], Trial[Partner]]:
    """A partner after these messages."""

    def make() -> Trial[Partner]:
        trial = a_partner(track, tier)
        for action in said:
            trial.say(action)
        if until:
            trial.until(ny(until))
        return trial

    return make


def _received() -> Trial[Partner]:
    trial = a_partner()
    trial.data.state = "received"
    return trial


def _could_be_master() -> Trial[Partner]:
    trial = a_partner(tier="gold")
    find(trial, as_master="master silver")
    return trial


def _with_expiry() -> Trial[Partner]:
    trial = a_partner()
    find(trial, changes_at=ny("2027-02-01 00:00").isoformat())
    return trial


SITUATIONS: dict[str, Callable[[], Trial[Partner]]] = {
    "received": _received,
    "member": after(),
    "member, a certification expires": _with_expiry,
    "member, could be a master": _could_be_master,
    "member, a master": after(track="master", tier="gold"),
    "member, a master by its own wish": after("ask_for_master", track="master", tier="gold"),
    "member, downtier held": after("hold_downtier"),
    "member, elite": after("grant_elite", track="master", tier="platinum"),
    "member, elite until decided": after("grant_elite", track="master", tier="platinum", until="2028-04-02 10:00"),
    "member, adjusted": after("adjust"),
    "at risk": after("endanger"),
    "by hand": after("set_tier"),
    "member, after what was set by hand": after("set_tier", until="2027-07-02 10:00"),
    "member, a merger is proposed": after("propose_merger"),
    "member, a merger was proposed": after("propose_merger", until="2027-02-20 10:00"),
    "member, after another was merged into it": after("take_over"),
    "by hand, a merger is proposed": after("set_tier", "propose_merger"),
    "suspended": after("suspend"),
    "suspended, a merger is proposed": after("propose_merger", "suspend"),
    "suspended, by hand": after("set_tier", "suspend"),
    "suspended, elite": after("grant_elite", "suspend", track="master", tier="platinum"),
    "suspended, elite waits": after("suspend", "grant_elite", track="master", tier="platinum"),
    "left": after("leave"),
    "merged": after("merge"),
}

if __name__ == "__main__":
    MATRIX.write_text(described(PARTNER, SITUATIONS), encoding="utf-8")
