"""How what somebody typed becomes a message, or a sentence that says why not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.lead import LEAD
from states.lead_messages import Factors, Occurred, Reject
from states.messages import Happened, Message, Reasoned, Refusal, StaffMessage

KINDS = sorted({action.message for action in LEAD.actions.values()}, key=lambda kind: kind.__name__)
JARGON = (
    "pydantic",
    "http",
    "type=",
    "input_",
    "validation",
    "Input should",
    "Traceback",
    "NoneType",
    "\n",
    "{",
    "ctx",
)


def refusal(kind: type[Message], payload: Any) -> str:
    with pytest.raises(Refusal) as refused:
        kind.parse(payload)
    return str(refused.value)


# -- the two forms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "reviewer@vendor.example: timely=yes relationship=deep accurate=yes engaged=nobody fits well",
        " reviewer@vendor.example :timely=yes  relationship=deep\naccurate=yes engaged=nobody\n fits well ",
        'reviewer@vendor.example: timely="yes" relationship=deep accurate=yes engaged="nobody" fits well',
    ],
)
def test_the_short_form(text: str) -> None:
    assert Factors.parse(text) == Factors(
        by="reviewer@vendor.example",
        timely="yes",
        relationship="deep",
        accurate="yes",
        engaged="nobody",
        reason="fits well",
    )


@pytest.mark.parametrize("name", LEAD.actions)
def test_every_example_says_the_same_in_both_forms(name: str) -> None:
    action = LEAD.actions[name]
    said = action.message.parse(dict(action.example))
    if action.by_staff:
        assert action.message.parse(json.loads(action.short_example)) == said


def test_the_reason_of_the_short_form_may_say_anything_after_its_first_word() -> None:
    assert Reasoned.parse("reviewer: see a=b: or c").reason == "see a=b: or c"
    assert Reasoned.parse("reviewer: 50% of = and : fine").reason == "50% of = and : fine"


@pytest.mark.parametrize("text", ["", "fits well", ": fits well", "two words: x", "=: x"])
def test_the_short_form_begins_with_who_acts(text: str) -> None:
    assert "Begin with who you are and a colon" in refusal(StaffMessage, text)


@pytest.mark.parametrize("payload", [1, 1.5, True, ["a"], [], 0])
def test_other_json_is_no_message(payload: object) -> None:
    sentence = refusal(StaffMessage, payload)
    assert sentence.startswith("A message is an object or a line of text, not a")
    assert "Fields: id, at, by, reason." in sentence


def test_nothing_at_all_is_the_empty_message() -> None:
    assert Message.parse(None) == Message()
    assert "«by» is missing" in refusal(StaffMessage, None)


# -- sentences ---------------------------------------------------------------------------------------------------------

SIGNED = {"by": "reviewer@vendor.example"}
STAMPED = {"at": "2027-01-05T09:00:00Z"}


@pytest.mark.parametrize(
    ("kind", "payload", "sentence"),
    [
        (Reasoned, SIGNED, "«reason» is missing."),
        (Reasoned, {**SIGNED, "reason": "  "}, "«reason» is empty; it must say something."),
        (Reasoned, {**SIGNED, "reason": "x" * 2_001}, "«reason» is too long: at most 2000 characters."),
        (Reasoned, {**SIGNED, "reason": 5}, "«reason» must be text, not «5»."),
        (StaffMessage, {**SIGNED, "colour": "red"}, "«colour» is unknown here. Fields: id, at, by, reason."),
        (StaffMessage, {**SIGNED, **STAMPED}, "«at» can't be given: staff messages count from the moment"),
        (Happened, {"at": "2027-01-05T09:00:00"}, "«at» needs a time zone, such as 2027-01-05T09:00:00-05:00."),
        (Happened, {"at": "yesterday"},
         "«at» can't be «yesterday»: write an instant such as 2027-01-05T09:00:00-05:00."),
        (Happened, {"at": [1]}, "«at» can't be «[1]»: write an instant such as"),
        (Happened, {"at": "0001-01-01T00:00:00Z"}, "its year must lie between 2000 and 2999."),
        (Happened, {}, "«at» is missing."),
        (Factors, {**SIGNED, "timely": "perhaps", "relationship": "deep", "accurate": "yes", "engaged": "nobody"},
         "«timely» can't be «perhaps»: possible are 'yes', 'no' or 'unclear'."),
        (Factors, {**SIGNED, "timely": "yes", "relationship": "deep", "accurate": "yes"},
         "«engaged» is missing. It says: who is engaged with it already?"),
        (Occurred, {**STAMPED, "by": "\ud800"}, "«by» holds characters that are no text."),
    ],
)  # fmt: skip
def test_a_sentence_says_what_is_wrong_and_what_is_possible(kind: type[Message], payload: Any, sentence: str) -> None:
    assert sentence in refusal(kind, payload)


def test_a_rejection_names_the_reasons_of_the_edition() -> None:
    from program.edition import EDITIONS

    reasons = set(Reject.model_fields["because"].annotation.__args__)  # type: ignore[union-attr]
    for edition in EDITIONS.values():
        assert {code.code for code in edition.leads.rejection_reasons} == reasons
        assert {code.code for code in edition.leads.review_factors} == set(Factors.model_fields) - set(
            StaffMessage.model_fields
        )


def test_an_instant_is_kept_in_utc() -> None:
    said = Happened.parse({"at": "2027-01-05T09:00:00-05:00"})
    assert said.at == datetime(2027, 1, 5, 14, tzinfo=UTC)
    assert said.at.tzinfo is UTC


def test_details_are_what_is_particular() -> None:
    said = Reject.parse({**LEAD.actions["reject"].example})
    assert set(said.details()) == {"timely", "relationship", "accurate", "engaged", "because"}
    assert StaffMessage.parse(SIGNED).details() == {}


# -- anything ----------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
FIELDS = sorted({field for kind in KINDS for field in kind.model_fields})
VALUES = JSON | st.sampled_from(
    ["yes", "deep", "nobody", "other", "2027-01-05T09:00:00Z", "9999-12-31T23:59:59-14:00", 1e12]
)
PAYLOADS = (
    JSON
    | st.dictionaries(st.sampled_from(FIELDS), VALUES)
    | st.text().map(lambda text: f"reviewer@vendor.example: {text}")
    | st.lists(st.tuples(st.sampled_from(FIELDS), st.text()), max_size=5).map(
        lambda words: "reviewer: " + " ".join(f"{name}={word}" for name, word in words)
    )
)


@settings(max_examples=400)
@given(kind=st.sampled_from(KINDS), payload=PAYLOADS)
def test_any_json_is_a_message_or_a_refusal_in_plain_words(kind: type[Message], payload: object) -> None:
    try:
        message = kind.parse(payload)
    except Refusal as refused:
        said = str(refused)
        said.encode()
        assert said.endswith((".", "?", '".'))
        assert len(said) < 1_000
        repeated = json.dumps(payload, ensure_ascii=False)
        for word in JARGON:
            assert word not in said or word in repeated or word in str(payload), said
    else:
        assert isinstance(message, kind)
        assert kind.model_validate_json(message.model_dump_json()) == message
        json.dumps(message.details())
