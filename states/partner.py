"""The life of a partner's standing: up as soon as its facts say so, down at adjustments, and what staff may do.

The facts are in SQL, and what they give is decided by `program/evaluation.py`; this table says what follows from it.
(2022 guide, tiers and tier changes.) One process for each partner, for as long as there is one; it is never over,
unless the partner is merged into another. What happens to the data is in `states/partner_deeds.py`.
"""

from __future__ import annotations

from datetime import datetime

from program.edition import Tier, Track
from states import partner_deeds as what
from states.lifecycle import Action, Deadline, Guard, Lifecycle, Move, Phase
from states.messages import Happened, Message, Reasoned
from states.partner_data import Partner
from states.partner_messages import (
    Adjusted,
    AdoptEdition,
    ByHand,
    CorrectFact,
    Entered,
    FactsChanged,
    GrantElite,
    MergeInto,
    MergerOver,
    ProposedMerger,
    Risk,
    Stand,
    StrikeFact,
    TakeOver,
)
from states.staff import Role

STAFF = (Role.MANAGER, Role.REVIEWER)

# -- guards ------------------------------------------------------------------------------------------------------------


def _not_elite(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return partner.tier is not Tier.ELITE


def _elite(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return partner.tier is Tier.ELITE


def _grant_waits(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return partner.granted_until is not None


def _could_be_master(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return bool(partner.as_master) and partner.track is Track.ADVISOR


def _is_master(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return partner.track is Track.MASTER


def _asked(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return partner.asked_to_be_master


def _still_by_hand(partner: Partner, at: datetime) -> bool:
    return partner.hand_until is not None and at < partner.hand_until


def _has_held_downtier(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return bool(partner.downtier_held)


def _merger_proposed(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return bool(partner.merger_into)


def _no_merger_proposed(partner: Partner, at: datetime) -> bool:  # noqa: ARG001
    return not partner.merger_into


not_elite = Guard(_not_elite, "elite is granted and taken by the committee's season alone.")
elite = Guard(_elite, "the partner is not elite.")
grant_waits = Guard(_grant_waits, "no elite was granted.")
could_be_master = Guard(_could_be_master, "its facts give no master tier that ranks below the one it holds.")
is_master = Guard(_is_master, "the partner is not on the master track.")
asked_to_be_master = Guard(_asked, "the partner has not asked for a track.")
still_by_hand = Guard(_still_by_hand, "no tier is set by hand.")
has_held_downtier = Guard(_has_held_downtier, "no downtier is held.")
merger_proposed = Guard(_merger_proposed, "no merger of this partner into another one is proposed.")
no_merger_proposed = Guard(
    _no_merger_proposed, "it is proposed already to merge this partner into another one; withdraw that first."
)

# -- due times ---------------------------------------------------------------------------------------------------------


def _changes(partner: Partner) -> datetime | None:
    return partner.changes_at


def _hand_ends(partner: Partner) -> datetime | None:
    return partner.hand_until


def _retention_ends(partner: Partner) -> datetime | None:
    return partner.elite_until


def _merger_lapses(partner: Partner) -> datetime | None:
    return partner.merger_lapses_at


LOOK_AGAIN = Deadline("look_again", _changes, "a fact changes by itself, and the standing is looked at again")
RETENTION = Deadline("retention_ends", _retention_ends, "the year of elite ends, unless a season has decided")
MERGER = Deadline(
    "merger_lapses", _merger_lapses, "the merger lapses that not both partners have confirmed", costs_a_right=True
)

PHASES: tuple[Phase[Partner], ...] = (
    Phase("received", "About to begin."),
    Phase("member", "A partner whose facts give what it holds.", deadlines=(LOOK_AGAIN, RETENTION, MERGER)),
    Phase(
        "at_risk",
        "Its facts give less than what it holds: it moves down at the next adjustment, unless they recover.",
        deadlines=(LOOK_AGAIN, RETENTION, MERGER),
    ),
    Phase(
        "by_hand",
        "Its tier was set by staff, and nothing moves it until that ends.",
        deadlines=(Deadline("hand_ends", _hand_ends, "what was set by hand ends"), LOOK_AGAIN, MERGER),
    ),
    Phase(
        "suspended",
        "Suspended: no new tier and no new lead until staff lift it.",
        waits_for=Role.MANAGER,
        deadlines=(LOOK_AGAIN, RETENTION, MERGER),
    ),
    Phase("left", "No partner any more; what it was stays on record."),
    Phase("merged", "Merged into another partner.", final=True),
)

FREE = ("member", "at_risk")
STANDING = (*FREE, "by_hand")
PARTNERS = (*STANDING, "suspended")

MOVES: tuple[Move[Partner], ...] = (
    Move("begin", "received", "member"),
    Move("entered", PARTNERS, None, do=what.enter),
    Move("entered", "left", "member", do=what.rejoin),
    # Facts, and the days on which they change by themselves. What they give comes back with the receipt.
    Move("facts_changed", (*PARTNERS, "left"), None),
    Move("look_again", PARTNERS, None, do=what.forget_change),
    Move("correct_fact", PARTNERS, None),
    Move("strike_fact", PARTNERS, None),
    # What an evaluation found.
    Move("rise", FREE, "member", do=what.take_standing),
    Move("settle_standing", FREE, "member", do=what.take_standing),
    Move("settle_standing", "suspended", None, do=what.take_standing),
    Move("endanger", "member", "at_risk", do=what.be_at_risk),
    Move("recover", "at_risk", "member", do=what.be_safe),
    # Staff set a tier, and hold one.
    Move("set_tier", STANDING, "by_hand", when=(not_elite,), do=what.set_by_hand),
    Move("release_tier", "by_hand", "member", do=what.end_hand),
    Move("hand_ends", "by_hand", "member", do=what.end_hand),
    Move("hold_downtier", STANDING, None, when=(not_elite,), do=what.hold_downtier),
    Move("release_downtier", PARTNERS, None, when=(has_held_downtier,), do=what.release_downtier),
    # Which track, where the facts leave it open.
    Move("ask_for_master", FREE, "member", when=(could_be_master,), do=what.ask_to_be_master),
    Move("ask_for_master", FREE, None, when=(is_master,), do=what.stay_master),
    Move("leave_track_open", PARTNERS, None, when=(asked_to_be_master,), do=what.leave_track_open),
    # The half-year, and the season.
    Move("adjust", FREE, "member", do=what.adjust),
    Move("adjust", "suspended", None, do=what.adjust),
    Move("adopt_edition", PARTNERS, None, do=what.adopt_edition),
    Move("grant_elite", STANDING, "member", do=what.grant_elite),
    Move("grant_elite", "suspended", None, when=(elite,), do=what.grant_elite),
    Move("grant_elite", "suspended", None, do=what.keep_grant),
    Move("end_elite", "suspended", None, when=(grant_waits,), do=what.forget_grant),
    Move("end_elite", "suspended", None, when=(elite,), do=what.end_elite),
    Move("end_elite", FREE, "member", when=(elite,), do=what.end_elite),
    Move("retention_ends", (*FREE, "suspended"), None, do=what.retention_ends),
    # Leaving, for a while or for good.
    Move("suspend", STANDING, "suspended", do=what.suspend),
    Move("lift_suspension", "suspended", "by_hand", when=(still_by_hand,), do=what.lift_suspension),
    Move("lift_suspension", "suspended", "member", do=what.lift_suspension),
    Move("leave", PARTNERS, "left", do=what.leave),
    Move("end_partnership", PARTNERS, "left", do=what.leave),
    Move("rejoin", "left", "member", do=what.rejoin),
    # Two partners become one: proposed here, confirmed on a page by both, decided in one transaction of the records.
    Move("propose_merger", STANDING, None, when=(no_merger_proposed,), do=what.propose_merger),
    Move("resend_merger", PARTNERS, None, when=(merger_proposed,)),
    Move("withdraw_merger", PARTNERS, None, when=(merger_proposed,), do=what.end_merger),
    Move("merger_lapses", PARTNERS, None, do=what.end_merger),
    Move("merger_over", PARTNERS, None, when=(merger_proposed,), do=what.end_merger),
    Move("take_over", STANDING, "member", do=what.take_over),
    Move("take_over", "suspended", None, do=what.take_over),
    # It may have left in the moment after both had confirmed: what they became stays as it is.
    Move("take_over", "left", None),
    Move("merge", (*PARTNERS, "left"), "merged", do=what.be_merged),
)  # fmt: skip

_WHO = "manager@vendor.example"
_TOLD = {"id": "outbox-1", "at": "2027-04-01T04:00:00Z"}
_GOLD = {"track": "master", "tier": "gold"}

ACTIONS = (
    Action("set_tier", ByHand, STAFF, "Set a tier by hand until a day, whatever the facts give.",
           {"by": _WHO, "track": "advisor", "tier": "gold", "until": "2027-09-30", "reason": "agreed with it"}),
    Action("release_tier", Reasoned, STAFF, "End what was set by hand: its facts decide again.",
           {"by": _WHO, "reason": "no longer needed"}),
    Action("hold_downtier", Reasoned, STAFF, "Hold the next downtier: the coming adjustment leaves the partner alone.",
           {"by": _WHO, "reason": "its largest client pays late"}),
    Action("release_downtier", Reasoned, STAFF, "Do not hold the next downtier any more.",
           {"by": _WHO, "reason": "the figures are in"}),
    Action("correct_fact", CorrectFact, STAFF, "Correct a fact: it counts from now on in place of what was told.",
           {"by": _WHO, "kind": "website", "value": "badge", "reason": "seen on the partner's page"}),
    Action("strike_fact", StrikeFact, STAFF, "Strike a fact that is wrong, by the name under which it was told.",
           {"by": _WHO, "fact": "academy/4711", "reason": "the wrong company"}),
    Action("suspend", Reasoned, STAFF, "Suspend the partner: no new tier, no new lead.",
           {"by": _WHO, "reason": "breach of the agreement is looked into"}),
    Action("lift_suspension", Reasoned, STAFF, "Lift the suspension.", {"by": _WHO, "reason": "it is settled"}),
    Action("end_partnership", Reasoned, STAFF, "End the partnership: open leads and accounts end with it.",
           {"by": _WHO, "reason": "the agreement was terminated"}),
    Action("rejoin", Reasoned, STAFF, "Take a partner that had left back in.", {"by": _WHO, "reason": "signed again"}),
    Action("propose_merger", ProposedMerger, STAFF,
           "Propose to merge this partner into another one: both are asked by mail.",
           {"by": _WHO, "into": "isar", "reason": "isar has bought it"}),
    Action("resend_merger", Reasoned, STAFF, "Send a new link to each of the two that has not confirmed the merger.",
           {"by": _WHO, "reason": "the mail was lost"}),
    Action("withdraw_merger", Reasoned, STAFF, "Withdraw the proposed merger.",
           {"by": _WHO, "reason": "the purchase was called off"}),
    Action("leave", Happened, (Role.PARTNER,), "Leave the program.", {**_TOLD, "by": "partner"}),
    Action("ask_for_master", Happened, (Role.PARTNER,),
           "Be a master, or stay one, although a tier as an advisor would rank higher.", {**_TOLD, "by": "partner"}),
    Action("leave_track_open", Happened, (Role.PARTNER,), "Let the facts decide the track again.",
           {**_TOLD, "by": "partner"}),
    Action("facts_changed", FactsChanged, (Role.SYSTEM,), "Something that the standing depends on has changed.",
           {**_TOLD, "kinds": "certification"}),
    Action("entered", Entered, (Role.SYSTEM,), "Administration has entered the partner.", {**_TOLD, **_GOLD}),
    Action("adjust", Adjusted, (Role.SYSTEM,), "The half-year's adjustment moves the partner.",
           {**_TOLD, **_GOLD, "half": "2027-H1", "judged": "master platinum", "edition": "2022"}),
    Action("adopt_edition", AdoptEdition, (Role.SYSTEM,), "The half-year brings a newer edition of the program.",
           {**_TOLD, "edition": "2022"}),
    Action("grant_elite", GrantElite, (Role.SYSTEM,),
           "The season grants elite, or another year of it; a suspended partner's waits until that is lifted.",
           {**_TOLD, "tier": "elite", "track": "master", "until": "2028-04-01T04:00:00Z"}),
    Action("end_elite", Happened, (Role.SYSTEM,), "The season has not confirmed elite: the facts decide.", _TOLD),
    Action("merge", MergeInto, (Role.SYSTEM,), "The partner is merged into another one.", {**_TOLD, "into": "isar"}),
    Action("take_over", TakeOver, (Role.SYSTEM,), "Another partner is merged into this one.",
           {**_TOLD, **_GOLD, "merged": "acme"}),
    Action("merger_over", MergerOver, (Role.SYSTEM,), "Nothing comes of the proposed merger.",
           {"id": "outbox-1", "proposed_at": "2027-01-20T15:30:00Z", "reason": "isar has declined it."}),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
    Action("rise", Stand, (Role.SYSTEM,), "The facts give a higher standing.", _GOLD),
    Action("settle_standing", Stand, (Role.SYSTEM,), "The facts say where the partner stands.", _GOLD),
    Action("endanger", Risk, (Role.SYSTEM,), "The facts give less than what is held.", {"falls_to": "advisor silver"}),
    Action("recover", Risk, (Role.SYSTEM,), "The facts give again what is held.", {}),
)  # fmt: skip

PARTNER = Lifecycle(
    "partner",
    version=1,
    data=Partner,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
)
