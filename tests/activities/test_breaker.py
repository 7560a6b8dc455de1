"""While something is away, one caller at a time looks; nobody else waits."""

import threading

import pytest

from activities.breaker import Breaker, Open


class Away(Exception):
    pass


class Refused(Exception):
    pass


class Busy(Away):
    pass


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def try_with(breaker: Breaker, error: Exception | None = None) -> None:
    with breaker.attempt():
        if error is not None:
            raise error


def test_after_a_failure_attempts_fail_at_once_until_a_probe_works() -> None:
    time = Time()
    breaker = Breaker((Away,), pause=1.0, clock=time)
    try_with(breaker)
    with pytest.raises(Away):
        try_with(breaker, Away())
    assert breaker.closed is False
    with pytest.raises(Open):
        try_with(breaker)
    time.now = 1.0
    with pytest.raises(Away):
        try_with(breaker, Away())
    with pytest.raises(Open):
        try_with(breaker)
    time.now = 2.0
    try_with(breaker)
    try_with(breaker)


def test_an_attempt_that_never_reached_the_other_side_says_nothing_of_it() -> None:
    time = Time()
    breaker = Breaker((Away,), says_nothing=(Busy,), pause=1.0, clock=time)
    with pytest.raises(Busy):
        try_with(breaker, Busy())
    assert breaker.closed
    try_with(breaker)
    with pytest.raises(Away):
        try_with(breaker, Away())
    time.now = 1.0
    with pytest.raises(Busy):  # a probe that was not answered: somebody else looks, and later
        try_with(breaker, Busy())
    with pytest.raises(Open):
        try_with(breaker)
    time.now = 2.0
    try_with(breaker)
    assert breaker.closed


def test_a_refusal_is_an_answer() -> None:
    time = Time()
    breaker = Breaker((Away,), pause=1.0, clock=time)
    with pytest.raises(Refused):
        try_with(breaker, Refused())
    assert breaker.closed
    with pytest.raises(Away):
        try_with(breaker, Away())
    time.now = 1.0
    with pytest.raises(Refused):
        try_with(breaker, Refused())
    assert breaker.closed


def test_one_probe_at_a_time() -> None:
    time = Time()
    breaker = Breaker((Away,), pause=1.0, clock=time)
    with pytest.raises(Away):
        try_with(breaker, Away())
    time.now = 1.0
    looking, answered = threading.Event(), threading.Event()

    def probe() -> None:
        with breaker.attempt():
            looking.set()
            answered.wait(50)

    thread = threading.Thread(target=probe)
    thread.start()
    looking.wait(50)
    for _ in range(100):
        with pytest.raises(Open):
            try_with(breaker)
    answered.set()
    thread.join()
    try_with(breaker)


def test_an_attempt_from_before_the_failure_does_not_close_it() -> None:
    breaker = Breaker((Away,), pause=1.0, clock=Time())
    early = breaker.attempt()
    early.__enter__()
    with pytest.raises(Away):
        try_with(breaker, Away())
    early.__exit__(None, None, None)
    assert not breaker.closed
