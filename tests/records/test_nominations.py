"""Cases in writing: each has its number, whoever else writes one in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from records.nominations import cases_of, keep_case
from tests.records.making import NOW

ISAR = "nomination:2027-H1:isar"


def kept(engine: Engine, text: str) -> int:
    """The number of a case by the manager; busy is no answer."""
    while True:
        try:
            return keep_case(engine, ISAR, by="manager@vendor.example", text=text, links=[], now=NOW)
        except OperationalError:
            continue


@pytest.mark.timeout(120)
def test_cases_that_are_written_at_once_have_numbers_of_their_own(engine: Engine) -> None:
    at_once = Barrier(2)

    def write(number: int) -> int:
        at_once.wait()
        return kept(engine, f"Case {number}.")

    with ThreadPoolExecutor(2) as threads:
        numbers = list(threads.map(write, range(40)))
    assert sorted(numbers) == list(range(1, 41))
    assert {case.number: case.text for case in cases_of(engine, ISAR)} == {
        number: f"Case {written}." for written, number in enumerate(numbers)
    }


def test_the_same_case_again_is_that_one(engine: Engine) -> None:
    assert [kept(engine, text) for text in ("First.", "First.", "Second.")] == [1, 1, 2]
