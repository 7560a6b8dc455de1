"""Signals and updates of a process, generated from its actions: one declaration serves both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities import metrics
from states.lifecycle import Action
from states.messages import Refusal
from states.staff import Role
from workflows.process import Process

P = TypeVar("P", bound="type[Process[Any]]")
F = TypeVar("F", bound=Callable[..., Any])

REFUSED = "RefusedMessage"
"""The failure type of a refused update; the failure converter strips its stack trace."""


def handlers(cls: P) -> P:
    """Give a process class a signal for each action, and an update for each that people may take.

    Stands below `@workflow.defn`: above it, Temporal would not see the handlers.
    """
    if "__temporal_workflow_definition" in cls.__dict__:
        raise TypeError(
            f"@handlers must stand below @workflow.defn on {cls.__name__}, otherwise nothing is registered."
        )
    actions = {name: action for table in cls.lifecycles.values() for name, action in table.actions.items()}
    for action in actions.values():
        if action.name == "begin":
            continue
        setattr(cls, f"signal_{action.name}", _signal(action))
        if Role.SYSTEM not in action.who:
            setattr(cls, f"update_{action.name}", _update(action))
    cls.stray_signal = _stray_signal()  # type: ignore[attr-defined]
    cls.stray_update = _stray_update()  # type: ignore[attr-defined]
    return cls


def _description(action: Action) -> str:
    return f"{action.help} By: {', '.join(action.who)}."


def _signal(action: Action) -> Callable[..., None]:
    # One argument with a default, and room for more: a signal that misses a required one, or brings one too many, or a
    # handler that raises, would wedge the workflow until its code is changed.
    def handle(self: Process[Any], payload: Any = None, *more: Any) -> None:
        self.signalled(action, [payload, *more] if more else payload)

    return workflow.signal(name=action.name, description=_description(action))(_as_method(handle))


def _update(action: Action) -> Any:
    def handle(self: Process[Any], payload: Any = None, *more: Any) -> str:
        try:
            return self.updated(action, [payload, *more] if more else payload)
        except Refusal as refusal:
            raise _refused(action.name, refusal) from None

    update = workflow.update(name=action.name, description=_description(action))(_as_method(handle))

    def validate(self: Process[Any], payload: Any = None, *more: Any) -> None:
        try:
            self.validate(action, [payload, *more] if more else payload)
        except Refusal as refusal:
            raise _refused(action.name, refusal) from None

    update.validator(_as_method(validate))
    return update


def _stray_signal() -> Callable[..., None]:
    def handle(self: Process[Any], name: str, args: Sequence[RawValue]) -> None:  # noqa: ARG001
        self.signalled_stray(name)

    return workflow.signal(dynamic=True)(_as_method(handle))


def _stray_update() -> Any:
    def handle(self: Process[Any], name: str, args: Sequence[RawValue]) -> str:  # noqa: ARG001
        raise _refused("unknown", self.stray(name))

    update = workflow.update(dynamic=True)(_as_method(handle))

    def validate(self: Process[Any], name: str, args: Sequence[RawValue]) -> None:  # noqa: ARG001
        raise _refused("unknown", self.stray(name))

    update.validator(_as_method(validate))
    return update


def _as_method(handle: F) -> F:
    """The SDK takes an annotated `self` for the message's first argument, so the annotation has to go."""
    del handle.__annotations__["self"]
    return handle


def _refused(action: str, refusal: Refusal) -> ApplicationError:
    metrics.REFUSED_UPDATES.add(workflow.metric_meter(), action=action)
    return _failure(refusal)


def _failure(refusal: Refusal) -> ApplicationError:
    return ApplicationError(str(refusal), type=REFUSED, non_retryable=True)
