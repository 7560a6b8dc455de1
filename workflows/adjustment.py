"""A half-year's adjustment: which jobs it has done, and when."""

from __future__ import annotations

from typing import ClassVar

from temporalio import workflow

from states import adjustment_data
from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from states.effects import Effect, Mail, ReadList, Receipt, StartJob, Step
from states.messages import Message
from states.staff import Role
from workflows.handlers import handlers
from workflows.process import Outcome, Process, Start

STAFF = f"staff:{Role.MANAGER}"


def effects_of(adjustment: Adjustment, step: Step) -> tuple[Effect, ...]:
    """Everything that follows from a step: what goes through all partners is a job."""
    half = {"half": adjustment.half, "cut_off": adjustment.cut_off_at.isoformat()}
    if step.trigger == "warn":
        warning = {"warning": step.at.isoformat(), "holds": list(adjustment.holds)}
        return (StartJob(kind="warn_of_adjustment", args=half | warning, signal="warned"),)
    if step.dest == "freezing" and step.source != "freezing":
        return (StartJob(kind="freeze_facts", args=half, signal="frozen"),)
    if step.trigger in ("hold", "correct", "let_go"):
        return (_list(adjustment),)
    if step.trigger == "frozen":
        about = {"half": adjustment.half, "movers": adjustment.would_move}
        return (
            _list(adjustment),
            Mail(template="adjustment_listed", to=STAFF, only_while=("listed",), about=about),
        )
    if step.trigger == "run":
        args = half | {
            "adjusts": adjustment.adjusts_at.isoformat(),
            "holds": list(adjustment.holds),
            "corrections": adjustment.corrections,
        }
        return (StartJob(kind="run_adjustment", args=args, signal="ran"),)
    if step.trigger == "ran":
        about = {"half": adjustment.half, "movers": adjustment.moved or 0, "released": adjustment.released}
        return (_list(adjustment), Mail(template="adjustment_ran", to=STAFF, about=about))
    return ()


def _list(adjustment: Adjustment) -> ReadList:
    """The list for the card, and whether those about whom staff decided are partners at all."""
    return ReadList(half=adjustment.half, decided=(*adjustment.holds, *adjustment.corrections))


@workflow.defn(name="adjustment")
@handlers
class AdjustmentWorkflow(Process[Adjustment]):
    """One half-year's adjustment of all partners. The table is in `states/adjustment.py`."""

    lifecycles: ClassVar = {1: ADJUSTMENT}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:  # noqa: ARG002
        """From the first warning to the last move."""
        return await self.drive()

    def effects(self, data: Adjustment, step: Step) -> tuple[Effect, ...]:
        """What the world must be told after `step`."""
        return effects_of(data, step)

    def learn(self, data: Adjustment, receipt: Receipt) -> tuple[str, Message] | None:
        """The list, for the card."""
        return adjustment_data.learn(data, receipt)
