"""A benefit's effects: who is told on entering a state or on a trigger."""

from __future__ import annotations

from typing import ClassVar

from temporalio import workflow

from program.benefits import BY_LINK
from states import benefit_data
from states.benefit import BENEFIT
from states.benefit_data import Benefit
from states.effects import Effect, GiveByLink, Mail, Receipt, Step
from states.messages import Message
from states.staff import Role
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

TO_BE_DONE = ("to_agree", "to_do", "to_take_back")

MANAGER, MANAGERS = "manager", f"staff:{Role.MANAGER}"


def effects_of(benefit: Benefit, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step. The task itself needs no mail: the daily digest names what waits."""
    about = {"reason": step.reason, "benefit": benefit.rule.title, "how_far": benefit.level}
    if step.trigger in ("carry_out", "choose") and step.dest == "given":
        mail = Mail(template="benefit_given", to="partner", only_while=("given",), about=about)
        # A task that was open before there was a link: carrying it out sends the link.
        return (GiveByLink(code=benefit.code, mail=mail, otherwise=(mail,)),) if benefit.code in BY_LINK else (mail,)
    if step.trigger == "remind_task":
        due = {"to_be_done_by": benefit.due_at.isoformat()} if benefit.due_at else {}
        return (Mail(template="benefit_reminder", to=MANAGER, only_while=TO_BE_DONE, about={**about, **due}),)
    if step.trigger == "task_overdue":
        return tuple(
            Mail(template="benefit_overdue", to=to, only_while=TO_BE_DONE, about=about) for to in (MANAGER, MANAGERS)
        )
    return ()


@workflow.defn(name="benefit")
@handlers
class BenefitWorkflow(Process[Benefit]):
    """One benefit of one partner, for as long as the partner is one. The table is in `states/benefit.py`."""

    lifecycles: ClassVar = {1: BENEFIT}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """Live through the benefit's being given and withdrawn."""
        return await self.drive()

    def effects(self, data: Benefit, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Benefit, receipt: Receipt) -> tuple[str, Message] | None:
        """Nothing that the database could decide."""
        return benefit_data.learn(data, receipt)
