"""Whatever becomes of a partner's facts, and whatever is said to its standing: what must hold, holds."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from program.calendar import program_date
from program.edition import Tier, edition
from program.evaluation import Standing
from program.facts import Facts
from program.moves import Held, adjusted, upward
from states.effects import Evaluate
from states.messages import Refusal
from states.partner import FREE, PARTNER, PARTNERS
from tests.program.partners_at_random import nearly_all_there, some_facts
from tests.states.partner_situations import SITUATIONS
from tests.states.standings import Evaluated

BY_EVALUATION = ("begin", "rise", "settle_standing", "endanger", "recover")
SAID = [name for name in PARTNER.actions if name not in (*BY_EVALUATION, "adjust", "merge")]
ENDING = ("leave", "end_partnership")
# What may lift a standing to a higher rank, and what may lower it.
LIFTS = {"rise", "settle_standing", "set_tier", "entered", "grant_elite", "take_over"}
LOWERS = {"settle_standing", "set_tier", "entered", "adjust", "ask_for_master", "rejoin"}


class Standings(RuleBasedStateMachine):
    """One partner in two worlds: in the second, data go through JSON after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.both: tuple[Evaluated, Evaluated]
        self.said = 0

    @initialize(situation=st.sampled_from([name for name in SITUATIONS if name != "received"]), seed=st.integers(0))
    def begin(self, situation: str, seed: int) -> None:
        """Rare states are rare: so each is where one begins."""
        one, other = (SITUATIONS[situation]() for _ in range(2))
        other.continues = True
        facts = self._facts(seed, one.now)
        self.both = (Evaluated(one, facts), Evaluated(other, facts))
        self._say("facts_changed")

    @property
    def one(self) -> Evaluated:
        return self.both[0]

    def _facts(self, seed: int, now: Any) -> Facts:
        chance = Random(seed)
        return chance.choice([some_facts, nearly_all_there])(chance, program_date(now))

    def _say(self, action: str, at: Any = None, **fields: Any) -> str:
        """Say the same in both worlds, and hear the same from both; what was answered, or why it was refused."""
        self.said += 1
        answers = []
        for each in self.both:
            try:
                answers.append(each.say(action, at, id=f"m-{self.said}", **fields))
                steps = len(each.trial.steps)
                each.say(action, at, id=f"m-{self.said}", **fields)
                assert len(each.trial.steps) == steps, "a repeated message does nothing"
            except Refusal as refusal:
                answers.append(str(refusal))
        assert answers[0] == answers[1]
        return answers[0]

    @rule(seed=st.integers(0))
    def facts_change(self, seed: int) -> None:
        facts = self._facts(seed, self.one.trial.now)
        for each in self.both:
            each.facts = facts
        self._say("facts_changed")

    @rule(data=st.data(), likely=st.booleans(), ago=st.sampled_from([0, 0, 0, 1, 40]))
    def something_is_said(self, data: st.DataObject, likely: bool, ago: int) -> None:
        possible = [name for name in self.one.trial.possible() if name in SAID and name not in ENDING]
        action = data.draw(st.sampled_from(possible if likely and possible else SAID))
        by_staff = PARTNER.actions[action].by_staff
        until = {}
        if action == "set_tier":
            until = {"until": (program_date(self.one.trial.now) + timedelta(days=90)).isoformat()}
        elif action == "grant_elite":
            until = {"until": (self.one.trial.now + timedelta(days=365)).isoformat()}
        elif action == "take_over":
            until = self._another(data)
        self._say(action, None if by_staff else self.one.trial.now - timedelta(days=ago), **until)

    def _another(self, data: st.DataObject) -> dict[str, str]:
        """What a partner held that is merged into this one."""
        row = data.draw(st.sampled_from(edition(self.one.data.edition).tiers.requirements))
        held = {"track": row.track.value, "tier": row.tier.value}
        retained = row.tier is Tier.ELITE and data.draw(st.booleans())
        return held | ({"until": (self.one.trial.now + timedelta(days=200)).isoformat()} if retained else {})

    @precondition(lambda self: self.one.data.state in (*FREE, "suspended"))
    @rule(again=st.booleans())
    def the_half_year_adjusts(self, again: bool) -> None:
        """As the adjustment's run does it, on the facts of today."""
        partner, now = self.one.data, self.one.trial.now
        rules, today = edition(partner.edition), program_date(now)
        half = rules.moves.next_adjustment(now)
        day = rules.moves.adjustment_date(half)
        found = adjusted(rules, self.one.facts, today, day, partner.held)
        if partner.tier is Tier.ELITE and (partner.elite_until is None or program_date(partner.elite_until) > day):
            assert not found.moves, "elite within its retention is left alone"
        if not found.moves:
            return
        moved = {"track": found.becomes.track, "tier": found.becomes.tier, "half": str(half),
                 "judged": str(found.held), "edition": partner.edition}  # fmt: skip
        done_before = str(half) in partner.adjusted
        by_wish = partner.held.asked_to_be_master and partner.state != "suspended"
        turns = len(self.one.turns)
        answer = self._say("adjust", **moved)
        followed = [turn.step.trigger for turn in self.one.turns[turns:]]
        if done_before or partner.downtier_held == str(half) or partner.hand_until is not None:
            assert "adjust" not in followed, answer
            return
        assert followed.count("adjust") == 1, answer
        stands = found.becomes
        if by_wish:  # what it had renounced for the track that it has lost, it takes at once
            stands = upward(rules, self.one.facts, today, Held(found.becomes)).becomes
        assert self.one.data.standing == stands, "it rises again at the facts by which it fell"
        if again:
            self._say("adjust", **moved)
            self._say("adjust", **(moved | {"judged": str(found.becomes), "tier": "silver", "track": "advisor"}))
            assert self.one.data.standing == stands, "it was moved twice for one half-year"

    @rule()
    def the_database_goes_or_comes(self) -> None:
        for each in self.both:
            each.away = not each.away
            each.settle()

    @rule(span=st.sampled_from([timedelta(hours=7), timedelta(days=1), timedelta(days=40), timedelta(days=200)]))
    def time_passes(self, span: timedelta) -> None:
        for each in self.both:
            each.until(each.trial.now + span)

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def both_are_the_same(self) -> None:
        assert self.both[0].data == self.both[1].data
        assert self.both[0].turns == self.both[1].turns

    @invariant()
    def nothing_lifts_or_lowers_it_but_what_may(self) -> None:
        for step, before, after in self.one.turns:
            rank = edition(self.one.data.edition).rank
            if rank(after.tier) > rank(before.tier):
                assert step.trigger in LIFTS, f"{step.trigger} lifts it from {before} to {after}"
            if rank(after.tier) < rank(before.tier):
                assert step.trigger in LOWERS, f"{step.trigger} lowers it from {before} to {after}"
            if after.tier is Tier.ELITE and before.tier is not Tier.ELITE:
                taken_over = step.trigger == "take_over" and step.details.get("until")
                assert step.trigger == "grant_elite" or taken_over, f"{step.trigger} has made it elite"
            if step.trigger == "take_over" and step.dest != "left":
                theirs = Tier(step.details["tier"])
                theirs = Tier.PLATINUM if theirs is Tier.ELITE and "until" not in step.details else theirs
                assert rank(after.tier) == max(rank(before.tier), rank(theirs)), "it keeps the higher of the two"

    @invariant()
    def no_half_year_moves_it_twice(self) -> None:
        halves = [turn.step.details["half"] for turn in self.one.turns if turn.step.trigger == "adjust"]
        assert len(halves) == len(set(halves))

    @invariant()
    def what_it_held_leaves_no_gap_and_no_overlap(self) -> None:
        book = self.one.book
        for earlier, later in pairwise(book):
            assert earlier.until is not None
            assert earlier.since <= earlier.until <= later.since, f"{earlier} and then {later}"
            left = any(turn.step.dest == "left" for turn in self.one.turns) or book[0].until == book[0].since
            assert earlier.until == later.since or left, f"a gap between {earlier} and {later}"
        is_partner = self.one.data.state in PARTNERS
        assert (book[-1].until is None) == is_partner
        if is_partner:
            assert (book[-1].standing, book[-1].since) == (self.one.data.standing, self.one.data.held_since)

    @invariant()
    def at_the_same_facts_it_stands_where_it_stands(self) -> None:
        if self.one.away or self.one.asked:
            return
        partner, now = self.one.data, self.one.trial.now
        if partner.state not in FREE or partner.evaluated_at is None:
            return
        if program_date(partner.evaluated_at) == program_date(now):
            asked = Evaluate(on=program_date(now), held=str(partner.standing), asked_to_be_master=False)
            kept = partner.model_copy(deep=True)
            follows = self.one.answer(asked.model_copy(update={"asked_to_be_master": partner.asked_to_be_master}))
            assert follows is None, f"nothing has changed, and yet it follows: {follows}"
            assert partner == kept

    @invariant()
    def the_data_are_sound(self) -> None:
        partner = self.one.data
        assert partner.standing in [Standing(row.track, row.tier) for row in
                                    edition(partner.edition).tiers.requirements]  # fmt: skip
        assert (partner.state == "suspended") == (partner.suspended_at is not None)
        assert partner.elite_until is None or partner.tier is Tier.ELITE
        assert partner.hand_until is None or partner.state in ("by_hand", "suspended")
        assert bool(partner.merger_into) == (partner.merger_lapses_at is not None)
        assert not (partner.merger_into and partner.merger_over)
        if partner.state == "left":
            assert partner.changes_at is None
            assert not partner.merger_into
            assert not partner.falls_to
        if partner.state == "at_risk":
            assert partner.falls_to


Standings.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
TestStandings = Standings.TestCase
