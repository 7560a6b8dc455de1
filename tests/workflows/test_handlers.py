"""Signals and updates come from the actions' declarations: all of them, with their descriptions, on every process."""

from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.sdk.v1 import WorkflowMetadata

import worker
from states.lead import LEAD
from states.staff import Role
from tests.workflows.conftest import Desk, asked
from workflows.handlers import handlers
from workflows.lead import LeadWorkflow
from workflows.process import Outcome, Process, Start


def definition(process: type) -> Any:
    return process.__dict__["__temporal_workflow_definition"]


class Misplaced(Process[Any]):
    lifecycles = {1: LEAD}  # noqa: RUF012

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:
        return await self.drive()


@pytest.mark.parametrize("process", worker.WORKFLOWS, ids=lambda process: process.__name__)
def test_every_action_is_a_signal_and_people_have_updates(process: type[Process[Any]]) -> None:
    defined = definition(process)
    for table in process.lifecycles.values():
        assert defined.name == table.name
        for action in table.actions.values():
            if action.name == "begin":
                continue
            assert action.help in defined.signals[action.name].description
            if Role.SYSTEM in action.who:
                assert action.name not in defined.updates
            else:
                assert action.help in defined.updates[action.name].description
                assert defined.updates[action.name].validator is not None
    assert None in defined.signals, "names that mean nothing are answered too"
    assert None in defined.updates
    assert "begin" not in defined.signals


def test_the_decorator_stands_below() -> None:
    with pytest.raises(TypeError, match=r"below @workflow\.defn on Misplaced"):
        handlers(workflow.defn(name="misplaced")(Misplaced))


async def test_the_web_ui_is_told_names_and_descriptions(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        metadata = await asked(lead, "__temporal_workflow_metadata", WorkflowMetadata)
    updates = {update.name: update.description for update in metadata.definition.update_definitions}
    for action in LEAD.actions.values():
        if action.name != "begin" and Role.SYSTEM not in action.who:
            assert updates[action.name] == f"{action.help} By: {', '.join(action.who)}."
    assert {"come_up", "stand_in_line"} <= {signal.name for signal in metadata.definition.signal_definitions}


def test_messages_of_a_process_are_those_of_its_table() -> None:
    names = {name for name in definition(LeadWorkflow).signals if name}
    assert names == LEAD.actions.keys() - {"begin"}
