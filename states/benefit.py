"""The life of a benefit that people carry out, or choose a partner for. (2022 guide, benefits.)

One process for one benefit of one partner, for as long as the partner is one: it rests in `not_given` whenever the
standing does not give the benefit, and is never final. How the data change is in `states/benefit_data.py`.
"""

from __future__ import annotations

from datetime import datetime

from states import benefit_data as what
from states.benefit_data import Benefit
from states.benefit_messages import Granted, Withdrawn
from states.lifecycle import Action, Deadline, Guard, Lifecycle, Move, Phase
from states.messages import Message, Reasoned, StaffMessage
from states.staff import Role

MANAGERS = (Role.MANAGER,)

# -- guards ------------------------------------------------------------------------------------------------------------


def _is_task(benefit: Benefit, at: datetime) -> bool:  # noqa: ARG001
    return benefit.rule.is_task


def _agreed_beforehand(benefit: Benefit, at: datetime) -> bool:  # noqa: ARG001
    return benefit.rule.agreed_beforehand


def _is_taken_back(benefit: Benefit, at: datetime) -> bool:  # noqa: ARG001
    return benefit.rule.is_taken_back


def _was_chosen(benefit: Benefit, at: datetime) -> bool:  # noqa: ARG001
    return benefit.chosen


def _by_choice(benefit: Benefit, at: datetime) -> bool:  # noqa: ARG001
    return what.is_by_choice(benefit)


is_task = Guard(_is_task, "nobody has to carry this benefit out.")
agreed_beforehand = Guard(_agreed_beforehand, "this benefit needs no agreement beforehand.")
is_taken_back = Guard(_is_taken_back, "nothing of this benefit can be taken back.")
was_chosen = Guard(_was_chosen, "staff have not chosen this partner.")
by_choice = Guard(_by_choice, "the partner's standing does not give this benefit any more.")

# -- due times ---------------------------------------------------------------------------------------------------------


def _reminder(benefit: Benefit) -> datetime | None:
    return benefit.remind_at


def _due(benefit: Benefit) -> datetime | None:
    return benefit.due_at


def _again(benefit: Benefit) -> datetime | None:
    return benefit.again_at


TASK = (
    Deadline("remind_task", _reminder, "staff are reminded"),
    Deadline("task_overdue", _due, "the task is overdue"),
)

PHASES: tuple[Phase[Benefit], ...] = (
    Phase("received", "About to begin."),
    Phase("not_given", "The partner's standing does not give this benefit."),
    Phase("offered", "The standing leaves it to staff: they may choose this partner for the benefit, or not."),
    Phase("to_agree", "To be agreed with the partner before anything is done.", Role.MANAGER, TASK),
    Phase("to_do", "The partner's standing gives this benefit: somebody has to carry it out.", Role.MANAGER, TASK),
    Phase(
        "given",
        "The partner has the benefit.",
        deadlines=(Deadline("due_again", _again, "it is due again"),),
    ),
    Phase("to_take_back", "The standing gives it no more: somebody has to undo it.", Role.MANAGER, TASK),
    Phase("declined", "The partner does not want it."),
)

WORKED_ON = ("to_agree", "to_do")

MOVES: tuple[Move[Benefit], ...] = (
    Move("begin", "received", "not_given"),
    # What the partner's standing says.
    Move("grant", ("not_given", "offered"), "to_agree", when=(agreed_beforehand,), do=what.grant),
    Move("grant", ("not_given", "offered"), "to_do", when=(is_task,), do=what.grant),
    Move("grant", ("not_given", "offered"), "given", do=what.grant_at_once),
    Move("grant", (*WORKED_ON, "declined"), None, do=what.change_level),
    Move("grant", "given", None, do=what.go_on),
    Move("grant", "to_take_back", "given", do=what.keep),
    # Given without this process: by a link in a mail, or before the partner was entered.
    Move("given_already", ("not_given", "offered", *WORKED_ON, "declined"), "given", do=what.grant_at_once),
    Move("given_already", "to_take_back", "given", do=what.keep),
    Move("given_already", "given", None, do=what.go_on),
    Move("offer", "not_given", "offered", do=what.offer),
    Move("offer", WORKED_ON, None, when=(was_chosen,), do=what.change_level),
    Move("offer", "given", None, when=(was_chosen,), do=what.go_on),
    Move("offer", WORKED_ON, "offered", do=what.offer),
    Move("offer", "given", "to_take_back", when=(is_taken_back,), do=what.begin_taking_back),
    Move("offer", "given", "offered", do=what.offer),
    Move("offer", ("offered", "declined", "to_take_back"), None, do=what.change_level),
    Move("withdraw", ("offered", *WORKED_ON, "declined"), "not_given", do=what.withdraw),
    Move("withdraw", "given", "to_take_back", when=(is_taken_back,), do=what.begin_taking_back),
    Move("withdraw", "given", "not_given", do=what.withdraw),
    Move("withdraw", "to_take_back", None, do=what.forget),
    Move("withdraw", "not_given", None),
    # What people do.
    Move("choose", ("offered", "declined"), "to_agree", when=(agreed_beforehand,), do=what.choose),
    Move("choose", ("offered", "declined"), "to_do", when=(is_task,), do=what.choose),
    Move("choose", ("offered", "declined"), "given", do=what.choose_at_once),
    Move("choose", "to_take_back", "given", when=(by_choice,), do=what.keep),
    Move("agree", "to_agree", "to_do", do=what.agree),
    Move("decline", ("offered", *WORKED_ON), "declined", do=what.decline),
    Move("carry_out", "to_do", "given", do=what.carry_out),
    Move("reopen", "given", "to_do", when=(is_task,), do=what.reopen),
    Move("take_back", "to_take_back", "offered", when=(by_choice,), do=what.take_back),
    Move("take_back", "to_take_back", "not_given", do=what.take_back),
    # What time does.
    Move("due_again", "given", "to_agree", when=(agreed_beforehand,), do=what.fall_due_again),
    Move("due_again", "given", "to_do", do=what.fall_due_again),
    Move("remind_task", (*WORKED_ON, "to_take_back"), None, do=what.remind),
    Move("task_overdue", (*WORKED_ON, "to_take_back"), None, do=what.become_overdue),
)

_WHO = "manager@vendor.example"
_TOLD = {"id": "outbox-1", "at": "2027-04-01T04:00:00Z"}

ACTIONS = (
    Action("carry_out", Reasoned, MANAGERS, "It is done: say what was done.",
           {"by": _WHO, "reason": "listed in the directory"}),
    Action("agree", Reasoned, MANAGERS, "The partner has agreed: say to what.",
           {"by": _WHO, "reason": "one post in May, text approved"}),
    Action("decline", Reasoned, MANAGERS, "The partner does not want it, or is not to get it.",
           {"by": _WHO, "reason": "the partner prefers to stay unlisted"}),
    Action("choose", Reasoned, MANAGERS, "Give it to this partner, which the standing leaves to staff.",
           {"by": _WHO, "reason": "strong first half-year"}),
    Action("take_back", StaffMessage, MANAGERS, "It has been undone.",
           {"by": _WHO, "reason": "the listing is removed"}),
    Action("reopen", Reasoned, MANAGERS, "It was not done after all: back to the queue.",
           {"by": _WHO, "reason": "the listing names the wrong company"}),
    Action("grant", Granted, (Role.SYSTEM,), "The partner's standing gives the benefit.", {**_TOLD, "level": "yes"}),
    Action("given_already", Granted, (Role.SYSTEM,), "The partner has it by a link, or had it when it was entered.",
           {**_TOLD, "level": "yes"}),
    Action("offer", Granted, (Role.SYSTEM,), "The standing leaves it to staff to choose the partner.",
           {**_TOLD, "level": "chosen partners"}),
    Action("withdraw", Withdrawn, (Role.SYSTEM,), "The partner's standing gives the benefit no more.", _TOLD),
    Action("begin", Message, (Role.SYSTEM,), "The process begins.", {}),
)  # fmt: skip

BENEFIT = Lifecycle(
    "benefit",
    version=1,
    data=Benefit,
    initial="received",
    phases=PHASES,
    moves=MOVES,
    actions=ACTIONS,
)
