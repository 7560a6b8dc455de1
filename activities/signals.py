"""Sending what the relay brings to processes: mostly signals, and the first thing of all, their start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.relay import SendSignal
from records.posting import BEGIN

BeginProcess = Callable[[str, str, dict[str, Any]], Awaitable[None]]
"""Starts the process with a workflow id, of a kind, with its data; one that is there stays as it is."""


def signals_through(client: Client, begin: BeginProcess) -> SendSignal:
    """A function that sends a signal to the process with a workflow id, whatever its current run, or begins it."""

    async def send(process: str, signal: str, payload: dict[str, Any]) -> bool:
        if signal == BEGIN:
            await begin(process, payload["kind"], payload["data"])
            return True
        try:
            await client.get_workflow_handle(process).signal(signal, payload)
        except RPCError as error:
            # Closed or never started; the retention may be over as well.
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    return send
