"""Program time and real time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from program.clock import REAL_TIME, ProgramClock

ORIGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
INSTANTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
SPEEDS = st.floats(0.01, 100_000)
MICROSECOND = timedelta(microseconds=1)


@given(INSTANTS)
def test_production_time_is_real_time(instant: datetime) -> None:
    assert REAL_TIME.program(instant) == instant
    assert REAL_TIME.real(instant) == instant


@given(INSTANTS, INSTANTS, INSTANTS)
def test_at_speed_one_nothing_is_lost(origin: datetime, starts: datetime, real: datetime) -> None:
    clock = ProgramClock(origin=origin, starts=starts)
    assert clock.real(clock.program(real)) == real
    assert clock.program(real) - starts == real - origin
    assert ProgramClock(origin=origin).program(real) == real


@given(SPEEDS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_round_trip_stays_within_the_documented_tolerance(speed: float, passed: timedelta) -> None:
    assume(speed * passed.total_seconds() < 3e9)
    clock = ProgramClock(origin=ORIGIN, speed=speed)
    real = ORIGIN + passed
    assert abs(clock.real(clock.program(real)) - real) <= MICROSECOND * (1 + 1 / (2 * speed))
    program = ORIGIN + passed
    assert abs(clock.program(clock.real(program)) - program) <= MICROSECOND * (1 + speed / 2)


def test_a_fast_clock_plays_a_season_in_minutes() -> None:
    clock = ProgramClock(origin=ORIGIN, speed=20_000)
    assert clock.program(ORIGIN) == ORIGIN
    assert clock.program(ORIGIN + timedelta(seconds=1)) == ORIGIN + timedelta(seconds=20_000)
    assert clock.real(ORIGIN + timedelta(days=90)) == ORIGIN + timedelta(seconds=388.8)
    assert clock.real_delay(timedelta(days=1)) == timedelta(seconds=4.32)


def test_a_clock_can_start_at_another_instant() -> None:
    starts = datetime(2027, 1, 1, 5, tzinfo=UTC)
    clock = ProgramClock(origin=ORIGIN, speed=1_000, starts=starts)
    assert clock.program(ORIGIN) == starts
    assert clock.program(ORIGIN + timedelta(seconds=2)) == starts + timedelta(seconds=2_000)
    assert clock.real(starts) == ORIGIN


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_clock_runs_forwards(speed: float) -> None:
    with pytest.raises(ValueError, match=r"cannot run at speed .*; it can be any number above 0"):
        ProgramClock(origin=ORIGIN, speed=speed)


def test_a_clock_needs_instants_with_a_time_zone() -> None:
    with pytest.raises(ValidationError):
        ProgramClock(origin=datetime(2026, 1, 5, 9))  # noqa: DTZ001
    with pytest.raises(ValueError, match="names no time zone"):
        REAL_TIME.program(datetime(2026, 1, 5, 9))  # noqa: DTZ001
    with pytest.raises(ValueError, match="names no time zone"):
        REAL_TIME.real(datetime(2026, 1, 5, 9))  # noqa: DTZ001


def test_a_clock_is_immutable_and_speaks_utc() -> None:
    clock = ProgramClock(origin=ORIGIN.astimezone(ZoneInfo("Asia/Tokyo")))
    assert clock.origin.tzinfo is UTC
    assert clock.program(ORIGIN.astimezone(ZoneInfo("Asia/Tokyo"))).tzinfo is UTC
    with pytest.raises(ValidationError):
        clock.speed = 2  # type: ignore[misc]


def test_times_outside_the_calendar_are_refused_in_a_sentence() -> None:
    clock = ProgramClock(origin=ORIGIN, speed=20_000)
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        clock.program(datetime(2300, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        ProgramClock(origin=ORIGIN, speed=0.0001).real(datetime(2300, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-01-05T09:00:00Z x20000", ProgramClock(origin=ORIGIN, speed=20_000)),
        ("2026-01-05T09:00:00Z x1", ProgramClock(origin=ORIGIN)),
        ("2026-01-05T09:00:00Z x0.5", ProgramClock(origin=ORIGIN, speed=0.5)),
        (
            "2026-01-05T09:00:00Z x20000 from 2027-01-01T05:00:00Z",
            ProgramClock(origin=ORIGIN, speed=20_000, starts=datetime(2027, 1, 1, 5, tzinfo=UTC)),
        ),
    ],
)
def test_a_clock_fits_one_line(text: str, clock: ProgramClock) -> None:
    assert clock.text() == text
    assert ProgramClock.from_text(text) == clock
    assert ProgramClock.from_text(f"  {text}\n") == clock


@given(INSTANTS, SPEEDS, st.none() | INSTANTS)
def test_every_clock_is_read_as_it_is_written(origin: datetime, speed: float, starts: datetime | None) -> None:
    clock = ProgramClock(origin=origin, speed=speed, starts=starts)
    assert ProgramClock.from_text(clock.text()) == clock
    assert ProgramClock.model_validate_json(clock.model_dump_json()) == clock


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "write 2026-01-05T09:00:00Z x60"),
        ("20000", "write 2026-01-05T09:00:00Z x60"),
        ("2026-01-05T09:00:00Z", "write 2026-01-05T09:00:00Z x60"),
        ("2026-01-05T09:00:00 x2", "names no time zone"),
        ("2026-01-05T09:00:00Z xfast", "could not convert"),
        ("2026-01-05T09:00:00Z x-2", "cannot run at speed -2"),
        ("2026-01-05T09:00:00Z xnan", "cannot run at speed nan"),
        ("yesterday x2", "Invalid isoformat"),
    ],
)
def test_a_mistyped_clock_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refusal:
        ProgramClock.from_text(text)
    assert "\n" not in str(refusal.value)
