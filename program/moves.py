"""Moving between tiers: up at any time, down at the half-yearly adjustment, and what the partner is told of it.

Source: 2022 guide, tier changes. Both are decisions, not deeds: pure functions of
the edition, the facts, the day and what the partner holds.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from program.edition import Edition, Tier, Track
from program.evaluation import Evaluation, Standing, evaluate
from program.facts import Facts


class Held(NamedTuple):
    """What a partner holds.

    `elite_until` is the first day on which its elite is no longer retained, None for elite that lasts until decided.
    `asked_to_be_master`: it asked for a master tier that ranks below what it could have as an advisor.
    """

    standing: Standing
    elite_until: date | None = None
    asked_to_be_master: bool = False


class Decision(NamedTuple):
    """What becomes of a partner's standing, and the evaluation that says why."""

    held: Standing
    becomes: Standing
    evaluation: Evaluation
    retained: bool = False

    @property
    def moves(self) -> bool:
        """Whether the partner's track or tier changes."""
        return self.becomes != self.held


def upward(edition: Edition, facts: Facts, on: date, held: Held) -> Decision:
    """Whether the partner moves up on a day: straight to the highest tier that its facts give, never into elite.

    Of two tiers that rank the same an advisor takes the master's; nobody else changes track without rising.
    """
    evaluation = evaluate(edition, facts, on)
    mine = held.standing
    on_its_track = held.asked_to_be_master and mine.track is Track.MASTER
    best = evaluation.best(Track.MASTER if on_its_track else None)
    if best is None or not _above(edition, best, mine):
        best = mine
    return Decision(mine, best, evaluation)


def adjusted(edition: Edition, facts: Facts, cut_off: date, adjustment: date, held: Held) -> Decision:
    """Whether the partner moves down at an adjustment, judged on its facts as they stood at the cut-off.

    One that still meets what it holds keeps it; another falls straight to the best tier of either track that its facts
    give. Nobody rises here, and elite is left alone while its retention runs.
    """
    asks_sms = adjustment >= edition.tiers.sms_can_move_down_from
    evaluation = evaluate(edition, facts, cut_off, asks_sms=asks_sms)
    mine = held.standing
    if mine.tier is Tier.ELITE:
        if _retained(edition, held, adjustment):
            return Decision(mine, mine, evaluation, retained=True)
    elif evaluation.of(mine).met:
        return Decision(mine, mine, evaluation)
    return Decision(mine, _fallen(edition, evaluation, mine), evaluation)


def recovered(edition: Edition, at_cut_off: Decision, today: Decision) -> Decision:
    """What an adjustment does when facts have changed since the cut-off: a recovery counts, a decline waits.

    `today` is the same decision on today's facts; the better one of the two holds, and of two that rank the same the
    one that keeps what is held, if one does.
    """
    if not at_cut_off.moves:
        return at_cut_off
    if not today.moves or edition.rank(today.becomes.tier) > edition.rank(at_cut_off.becomes.tier):
        return today
    return at_cut_off


def possible_as_master(edition: Edition, evaluation: Evaluation, held: Standing) -> Standing | None:
    """The master tier that an advisor meets and that ranks below the one it holds; told so, it may ask for it."""
    if held.track is not Track.ADVISOR or not edition.tiers.advisor_may_ask_for_a_lower_master_tier:
        return None
    best = evaluation.best(Track.MASTER)
    return best if best is not None and edition.rank(best.tier) < edition.rank(held.tier) else None


def next_tier(edition: Edition, evaluation: Evaluation, held: Standing) -> Standing | None:
    """The next tier on a partner's track, towards which it works; None at the top. Elite has its own way in."""
    ladder = edition.tiers_of(held.track)
    higher = [tier for tier in ladder if edition.rank(tier) > edition.rank(held.tier) and tier is not Tier.ELITE]
    unmet = [tier for tier in higher if not evaluation.of(Standing(held.track, tier)).met]
    return Standing(held.track, unmet[0]) if unmet else None


def _above(edition: Edition, best: Standing, mine: Standing) -> bool:
    """Whether a standing is worth moving to: it ranks higher, or the same on the master's track."""
    there, here = edition.rank(best.tier), edition.rank(mine.tier)
    return there > here or (there == here and mine.track is Track.ADVISOR and best.track is Track.MASTER)


def _retained(edition: Edition, held: Held, adjustment: date) -> bool:
    if edition.moves.retained_elite_is_adjusted:
        return False
    # On the anniversary the season decides. Undecided, or called off, elite lasts until a season has decided.
    return held.elite_until is None or adjustment <= held.elite_until


def _fallen(edition: Edition, evaluation: Evaluation, mine: Standing) -> Standing:
    """The best standing that is met and ranks no higher than the one that is lost; at worst the one of joining."""
    within = [
        each
        for each in evaluation.appraisals
        if each.met and each.standing.tier is not Tier.ELITE and each.rank <= edition.rank(mine.tier)
    ]
    if not within:
        return evaluation.floor
    return max(within, key=lambda each: (each.rank, each.standing.track is Track.MASTER)).standing
