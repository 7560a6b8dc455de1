"""The list on an adjustment's card: who moves where and why, what staff decided, and what became of it."""

from typing import Any

from states.adjustment import ADJUSTMENT
from states.adjustment_data import LISTED_ON_CARD, WHO_MOVES, learn
from states.card import Recording, card
from states.effects import ReadList, Receipt
from tests.states.adjustment_situations import LISTED, after

FALLS = {"partner": "acme", "held": "advisor gold", "becomes": "advisor silver", "missing": "$340 MRR referred"}
OTHER = {**FALLS, "partner": "isar", "missing": ""}


def found(*movers: dict[str, Any], strangers: tuple[str, ...] = ()) -> Receipt:
    return Receipt(found={"list": {"movers": movers, "strangers": strangers}})


def test_each_decision_shows_in_its_line() -> None:
    trial = after("frozen", until=LISTED)()
    assert learn(trial.data, found(FALLS, OTHER)) is None
    plain = "acme: advisor gold → advisor silver; misses $340 MRR referred"
    more = "and 5 more: the page in the portal has all"
    assert trial.data.facts()[WHO_MOVES] == [plain, "isar: advisor gold → advisor silver", more]
    trial.say("hold")
    assert trial.data.facts()[WHO_MOVES][0] == f"{plain} (held)"
    trial.say("correct", track="master", tier="silver")
    assert (
        trial.data.facts()[WHO_MOVES][0] == "acme: advisor gold → master silver; misses $340 MRR referred (corrected)"
    )
    trial.say("let_go")
    assert trial.data.facts()[WHO_MOVES][0] == plain
    learn(trial.data, found({**FALLS, "becomes": "advisor gold", "outcome": "recovered"}))
    assert trial.data.facts()[WHO_MOVES][0] == "acme: advisor gold → advisor gold; misses $340 MRR referred (recovered)"


def test_who_stays_whatever_is_found_has_a_line_and_is_not_among_those_who_would_move() -> None:
    trial = after("frozen", until=LISTED)()
    stay = [{**OTHER, "partner": "elbe", "outcome": "held"}, {**OTHER, "partner": "havel", "outcome": "set by hand"}]
    learn(trial.data, found(FALLS, *stay))
    trial.say("correct", partner="havel", track="advisor", tier="platinum")
    assert trial.data.facts()[WHO_MOVES] == [
        "acme: advisor gold → advisor silver; misses $340 MRR referred",
        "elbe: advisor gold → advisor silver (held)",
        "havel: advisor gold → advisor silver (set by hand)",
        "and 6 more: the page in the portal has all",
    ]
    trial.say("release")
    trial.until(trial.data.adjusts_at)
    trial.say("ran", moves=7, held=2)
    kept = [{**each, "becomes": "advisor gold"} for each in stay]
    learn(trial.data, found({**FALLS, "outcome": "moved"}, *kept))
    assert trial.data.facts()[WHO_MOVES][2:] == [
        "havel: advisor gold → advisor gold (set by hand)",
        "and 6 more: the page in the portal has all",
    ]


def test_it_is_read_when_it_is_there_when_somebody_decides_and_when_it_has_run() -> None:
    trial = after("frozen", "hold", until=LISTED)()
    trial.say("correct", partner="isar")
    asked = [effect.decided for effect in trial.effects if isinstance(effect, ReadList)]
    assert asked == [(), ("acme",), ("acme", "isar")]


def test_a_partner_that_nobody_knows_is_named() -> None:
    trial = after("frozen", "hold", until=LISTED)()
    learn(trial.data, found(strangers=("acme",)))
    assert trial.data.facts()["no such partner"] == "acme"


def test_a_list_with_everything_missing_fits_on_the_card() -> None:
    trial = after("frozen", until=LISTED)()
    long = {**FALLS, "partner": "p" * 100, "missing": ", ".join(["$7,340 MRR referred"] * 9)}
    learn(trial.data, found(*[long] * LISTED_ON_CARD))
    written = card(
        ADJUSTMENT, trial.data, now=trial.now, notices=(), recording=Recording(), open_staff_list=False, link=""
    )  # fmt: skip
    assert written.count("p" * 100) == LISTED_ON_CARD
    assert len(written.encode()) < 20_000
