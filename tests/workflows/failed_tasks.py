"""Which failed workflow tasks are faults, and which are not."""

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import WorkflowHistory

# A message that comes at the moment of leaving, or too many at a time: the server has the task done again. No fault.
OVERTAKEN = {
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
}
# What the SDK says of a task that stood still for two seconds of real time, as it does when the machine stands still.
STOOD_STILL = "[TMPRL1101]"


def faults_in(history: WorkflowHistory) -> list[str]:
    """Why workflow tasks failed by a fault."""
    return [
        str(failed.failure.message)
        for event in history.events
        if event.HasField("workflow_task_failed_event_attributes")
        and (failed := event.workflow_task_failed_event_attributes).cause not in OVERTAKEN
        and not failed.failure.message.startswith(STOOD_STILL)
    ]
