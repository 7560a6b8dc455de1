"""Every state of an application and every action, against a table that people have read."""

import pytest

from states.application import APPLICATION
from tests.states.application_situations import MATRIX, SITUATIONS
from tests.states.matrix import check_pair, described, legal, undeclared_deadlines_are_refused

LEGAL = legal(MATRIX)


def test_the_table_is_the_one_that_was_read() -> None:
    assert MATRIX.read_text(encoding="utf-8") == described(APPLICATION, SITUATIONS), (
        "What follows where has changed. Run `python -m tests.states.application_situations`, read the difference, "
        "and commit it if it is what the program's rules say."
    )


def test_every_state_has_a_situation() -> None:
    assert {make().state for make in SITUATIONS.values()} == set(APPLICATION.phases)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_action_in_a_situation(situation: str) -> None:
    for action in APPLICATION.actions:
        check_pair(APPLICATION, SITUATIONS[situation](), action, LEGAL[situation].get(action))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_deadline_that_the_state_does_not_have_is_refused(situation: str) -> None:
    undeclared_deadlines_are_refused(APPLICATION, SITUATIONS[situation]())
