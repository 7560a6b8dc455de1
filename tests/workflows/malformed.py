"""Signals that no lead can follow, as strangers' systems, scripts and people at a keyboard send them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from states.lead import LEAD
from states.lead_data import Lead
from states.lifecycle import Action, Event

EPOCH = datetime(2026, 1, 5, 14, tzinfo=UTC)


@dataclass(frozen=True)
class BadSignal:
    """A signal's name and its arguments, JSON values or raw payloads."""

    name: str
    args: list[Any]


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
_json = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_ends_of_the_calendar = st.sampled_from(
    [
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00",
        "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "1e308", "-1", -62135596800, 253402300799, 1e20, "tomorrow", "",
    ]
)  # fmt: skip
_unreadable = st.sampled_from(
    [
        Payload(metadata={"encoding": b"json/plain"}, data=b"{"),
        Payload(metadata={"encoding": b"json/plain"}, data=b""),
        Payload(metadata={"encoding": b"json/plain"}, data=b'"\\ud800"'),
        Payload(metadata={"encoding": b"json/plain"}, data=b"[" * 3_000),
        Payload(metadata={"encoding": b"json/plain"}, data=b"9" * 5_000),
        Payload(metadata={"encoding": b"json/protobuf", "messageType": b"none.Such"}, data=b"{}"),
        Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00\xff"),
        Payload(data=b"no encoding at all"),
    ]
).map(RawValue)
_values = st.one_of(
    _json,
    _ends_of_the_calendar,
    st.binary(max_size=30),
    _unreadable,
    st.sampled_from(
        ["x" * 50_000, "reviewer@vendor.example: " + "timely=" * 5_000, "\x00", "<script>", "a: b=c " * 300]
    ),
)


@st.composite
def _nearly_right(draw: st.DrawFn, action: Action) -> Any:
    """The action's own example, with one or two fields gone wrong."""
    fields = dict(action.example)
    names = st.sampled_from([*action.message.model_fields, "unknown", "", "by ", "__class__"])
    for name in draw(st.lists(names, min_size=1, max_size=2)):
        fields[name] = draw(st.one_of(_ends_of_the_calendar, _json, st.just("x" * 3_000)))
    return fields


def _for_action(action: Action) -> st.SearchStrategy[BadSignal]:
    arguments = st.one_of(
        st.lists(_values, max_size=3),
        _nearly_right(action).map(lambda fields: [fields]),
        st.just([dict(action.example), dict(action.example)]),
        st.just([action.short_example]),
    )
    return arguments.map(lambda args: BadSignal(action.name, args))


_known = st.sampled_from([action for action in LEAD.actions.values() if action.name != "begin"]).flatmap(_for_action)
_names = st.text(min_size=1, max_size=60) | st.sampled_from(["begin", "run", "snapshot", "settle", "expire", "Accept"])
_stray = st.builds(
    BadSignal, _names.filter(lambda name: name not in LEAD.actions or name == "begin"), st.lists(_values, max_size=2)
)
_signals = st.one_of(_known, _known, _known, _stray)


def is_followed(signal: BadSignal) -> bool:
    """Whether a lead in review would follow it after all."""
    action = LEAD.actions.get(signal.name)
    if action is None or action.name == "begin" or len(signal.args) > 1:
        return False
    lead = Lead.register("x", "alster", "x.example", EPOCH, edition_name="2022", lifecycle_version=LEAD.version)
    LEAD.fire(lead, Event("begin", EPOCH, EPOCH))
    lead.claim = "held"
    try:
        message = action.message.parse(signal.args[0] if signal.args else None)
        LEAD.fire(lead, Event(action.name, message.at or EPOCH, EPOCH, message=message))
    except Exception:
        return False
    return True


def bad_signals(number: int) -> list[BadSignal]:
    """So many of them, always the same ones."""
    found: list[BadSignal] = []

    @seed(20_220_401)
    @settings(
        max_examples=number // 7,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )  # fmt: skip
    @given(st.lists(_signals, min_size=10, max_size=20))
    def collect(signals: list[BadSignal]) -> None:
        if len(found) < number:
            found.extend(signal for signal in signals if not is_followed(signal))

    collect()
    assert len(found) >= number
    return found[:number]
