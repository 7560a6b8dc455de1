"""A season and one of its nominations, alone: what one of them tells the other is heard at once, in order."""

from __future__ import annotations

from typing import Any

from states.effects import Tell
from states.nomination_data import Nomination
from states.season_data import Season
from tests.states.alone import Trial
from tests.states.nomination_situations import GOOD, MEMBERS, a_nomination
from tests.states.season_situations import a_season
from tests.states.simulate import ny

NOMINATION, SEASON = "nomination:2027-H1:isar", "elite:2027-H1"


class Pair:
    """Both of them; `unheard` are signals to one that is over, which Temporal does not take any more."""

    def __init__(self) -> None:
        self.season, self.nomination = a_season(), a_nomination()
        self.season.data.roster = MEMBERS
        self.unheard: list[str] = []
        self._told = {NOMINATION: 0, SEASON: 0}
        self.hear()

    def chair(self, action: str, **fields: Any) -> str:
        """Something is said to the season; its state when all has been heard."""
        self.season.say(action, **fields)
        self.hear()
        return self.season.state

    def say(self, action: str, **fields: Any) -> str:
        """Something is said to the nomination; its state when all has been heard."""
        self.nomination.say(action, **fields)
        self.hear()
        return self.nomination.state

    def until(self, text: str) -> None:
        """Let time pass for both."""
        for trial in (self.season, self.nomination):
            trial.until(max(trial.now, ny(text)))
        self.hear()

    def hear(self) -> None:
        """Deliver until nothing is under way."""
        while self._from(self.nomination, self.season, SEASON) + self._from(self.season, self.nomination, NOMINATION):
            pass

    def _from(self, speaker: Trial[Any], hearer: Trial[Any], target: str) -> int:
        told = [effect for effect in speaker.effects if isinstance(effect, Tell) and effect.process == target]
        new = told[self._told[target] :]
        self._told[target] = len(told)
        for tell in new:
            if hearer.lifecycle.is_final(hearer.data):
                self.unheard.append(tell.signal)
            else:
                hearer.say(tell.signal, **tell.payload)
        return len(new)


def scored(*, members: int = 3, sheet: str = GOOD, again: bool = False) -> Pair:
    """Nominated, scored by so many members, and its checklist met: the chair is asked."""
    pair = Pair()
    pair.nomination.data.reevaluation = again
    pair.until("2027-02-02 10:00")
    pair.say("nominate", case=1)
    pair.until("2027-03-02 10:00")
    for member in MEMBERS[:members]:
        pair.say("score", by=member, sheet=sheet)
    pair.until("2027-03-26 10:00")
    pair.say("looked", on="2027-03-25", met=True)
    assert (pair.season.state, pair.nomination.state) == ("selection", "scored")
    return pair


def told_standing(nomination: Trial[Nomination]) -> list[str]:
    """What the partner's standing was told."""
    return [
        effect.signal for effect in nomination.effects if isinstance(effect, Tell) and effect.process == "partner:isar"
    ]


def became_elite(nomination: Trial[Nomination]) -> bool:
    """Whether the partner's standing was told so."""
    return told_standing(nomination) == ["grant_elite"]


def selected(season: Trial[Season]) -> bool:
    """Whether the season's card names the partner as selected."""
    return any(each.startswith("isar ") for each in season.data.facts()["selected"] or ())
