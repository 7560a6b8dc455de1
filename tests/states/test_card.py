"""The card: bounded, literal about what people typed, and with texts to paste that work."""

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.card import Notice, Recording, card, escape, moment
from states.lead import LEAD
from tests.states.lead_situations import SITUATIONS
from tests.states.simulate import LeadTrial, World, end_of, ny

LIMIT = 20_000
NASTY = (
    "<img src=x onerror=alert(1)> | a | b\n\n# h1\n```\ncode\n```\n[x](http://evil.example) **b** _i_ ~~s~~ &lt; $x$ \\"
)


def card_of(lead: LeadTrial, *, notices: tuple[Notice, ...] = (), parked: str = "") -> str:
    return card(
        LEAD, lead.data, now=lead.world.now, notices=notices, recording=Recording(waiting=True, parked=parked),
        open_staff_list=True, link="https://portal.example/leads/1",
    )  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_action_of_staff_stands_on_the_card_with_a_text_that_works_when_pasted(situation: str) -> None:
    lead = SITUATIONS[situation]()
    shown = card_of(lead)
    staff = [action for action in LEAD.possible(lead.data, lead.world.now) if action.by_staff]
    for action in LEAD.actions.values():
        assert (f"**{action.name}** " in shown) == (action in staff)
    for action in staff:
        pasted = re.search(rf"\*\*{action.name}\*\* .*\n`(.*)`", shown)
        assert pasted is not None
        again = SITUATIONS[situation]()
        again.follow(action.name, json.loads(pasted[1]))
        assert again.steps[-1].by == "reviewer@vendor.example" or again.steps[-1].trigger != action.name


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_card_says_where_it_stands_whom_it_waits_for_and_what_comes_next(situation: str) -> None:
    lead = SITUATIONS[situation]()
    shown = card_of(lead)
    waits_for = LEAD.waits_for(lead.data)
    assert LEAD.phases[lead.state].says in shown
    assert f"**Waits for: {waits_for.value if waits_for else 'nobody'}" in shown
    for due in LEAD.deadlines(lead.data):
        assert f"{moment(due.at)}: {due.summary}" in shown
    assert lead.data.decide in shown or escape(lead.data.decide) in shown
    assert len(shown.encode()) < LIMIT


def rejected(reason: str) -> LeadTrial:
    lead = World(ny("2027-01-05 10:00")).submit()
    lead.say("reject", reason=reason)
    return lead


TEXTS = st.text(alphabet=st.one_of(st.sampled_from(NASTY), st.characters(codec="utf-8")), min_size=1, max_size=2_000)


@settings(max_examples=50)
@given(reason=TEXTS.filter(lambda text: bool(text.strip()) and "\0" not in text), refused=TEXTS, parked=TEXTS)
def test_whatever_people_type_the_card_stays_small_and_whole(reason: str, refused: str, parked: str) -> None:
    notice = Notice(at=ny("2027-01-06 10:00"), action=refused[:60], text=refused)
    lead = rejected(reason)
    shown = card_of(lead, notices=(notice, notice, notice), parked=parked)
    assert len(shown.encode()) < LIMIT
    plain = card_of(
        rejected("plain"), notices=(notice.model_copy(update={"action": "x", "text": "y"}),) * 3, parked="z"
    )
    assert shown.count("\n") == plain.count("\n"), "nobody's text adds a line"
    for mark in "<>`[]*|~$\\":
        assert shown.count(mark) == plain.count(mark), f"nobody's text adds a {mark}"
    assert "://evil" not in shown


@pytest.mark.parametrize("mark", list("\\`*_{}[]()<>#|!~&$"))
def test_each_active_character_is_shown_literally(mark: str) -> None:
    assert escape(f"a{mark}b") == f"a&#{ord(mark)};b"


@pytest.mark.parametrize(
    "address", ["http://evil.example/x", "HTTPS://evil.example", "www.evil.example", "ftp://x.example"]
)
def test_an_address_does_not_become_a_link(address: str) -> None:
    shown = escape(address)
    assert "\u2060" in shown
    assert not re.search(r"https?://|www\.", shown, re.IGNORECASE)


def test_a_long_text_is_cut() -> None:
    assert escape("x" * 5_000) == "x" * 299 + "…"
    assert escape(" a \n\n b\tc ") == "a b c"


def test_midnight_is_the_end_of_the_day_before() -> None:
    assert moment(end_of("2027-04-05")) == "Mon 2027-04-05, end of day"
    assert moment(end_of("2027-11-07")) == "Sun 2027-11-07, end of day"
    assert moment(end_of("2027-04-05") - timedelta(minutes=1)) == "Mon 2027-04-05 23:59"
    assert moment(ny("2027-03-14 12:00")) == "Sun 2027-03-14 12:00"
