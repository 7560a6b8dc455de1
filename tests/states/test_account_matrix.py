"""Every state of a managed account and every action, legal and illegal, against a table that people have read."""

import pytest

from states.account import ACCOUNT
from tests.states.account_situations import MATRIX, SITUATIONS
from tests.states.accounts import SAYS
from tests.states.matrix import check_pair, described, legal, undeclared_deadlines_are_refused

LEGAL = legal(MATRIX)


def test_the_table_is_the_one_that_was_read() -> None:
    assert MATRIX.read_text(encoding="utf-8") == described(ACCOUNT, SITUATIONS), (
        "What follows where has changed. Run `python -m tests.states.account_situations`, read the difference, and "
        "commit it if it is what the program's rules say."
    )


def test_every_state_has_a_situation() -> None:
    assert {make().state for make in SITUATIONS.values()} == set(ACCOUNT.phases)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("action", ACCOUNT.actions)
def test_a_pair_of_situation_and_action(situation: str, action: str) -> None:
    check_pair(ACCOUNT, SITUATIONS[situation](), action, LEGAL[situation].get(action))


def test_nobody_may_send_what_only_time_decides() -> None:
    triggers = {deadline.trigger for phase in ACCOUNT.phases.values() for deadline in phase.deadlines}
    assert triggers.isdisjoint(ACCOUNT.actions)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_deadline_that_the_state_does_not_have_is_refused(situation: str) -> None:
    undeclared_deadlines_are_refused(ACCOUNT, SITUATIONS[situation]())


def test_what_the_tests_say_is_what_the_actions_take() -> None:
    for name, said in SAYS.items():
        stamp = {} if ACCOUNT.actions[name].by_staff else {"at": "2027-01-05T09:00:00Z"}
        ACCOUNT.actions[name].message.parse({**said, **stamp})
