"""Sending signals to running processes, for the relay."""

from __future__ import annotations

from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.relay import SendSignal


def signals_through(client: Client) -> SendSignal:
    """A function that sends a signal to the process with a workflow id, whatever its current run."""

    async def send(process: str, signal: str, payload: dict[str, Any]) -> bool:
        try:
            await client.get_workflow_handle(process).signal(signal, payload)
        except RPCError as error:
            # Closed or never started; the retention may be over as well.
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    return send
