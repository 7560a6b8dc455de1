"""Connecting to Temporal, the same way for worker, portal and commands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Self

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, GrpcCompression
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter, SerializationContext
from temporalio.envconfig import ClientConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from workflows.handlers import REFUSED


class PlainRefusals(DefaultFailureConverter):
    """Failures as usual, but a refused message comes without a stack trace: staff read it in the Web UI's dialog."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """See base class."""
        super().to_failure(exception, payload_converter, failure)
        if failure.HasField("application_failure_info") and failure.application_failure_info.type == REFUSED:
            failure.stack_trace = ""


_CONVERTERS = PydanticPayloadConverter().converters


class NothingVanishes(PydanticPayloadConverter):
    """Payloads as usual, but one that can't be read arrives as bytes where any value may.

    Temporal drops a signal that can't be decoded, and its sender reads that it was delivered. This way it reaches the
    process, which refuses and shows it.
    """

    def __init__(self) -> None:
        # The SDK makes one for each open workflow and two for each activation. What they convert with has no state.
        self.converters = _CONVERTERS

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """See base class."""
        try:
            return super().from_payloads(payloads, type_hints)
        except Exception:
            if type_hints is not None:
                raise
            return [payload.data for payload in payloads]


class WithoutContext(DataConverter):
    """Converts the same for every workflow and activity, so that nothing is copied for each of them."""

    def with_context(self, context: SerializationContext) -> Self:  # noqa: ARG002
        """See base class."""
        return self


DATA_CONVERTER = WithoutContext(payload_converter_class=NothingVanishes, failure_converter_class=PlainRefusals)

# Messages have one or two kilobytes, and the server is mostly near: the SDK's default, gzip, takes 7 % of the CPU that
# a worker with a minimal workflow needs.
COMPRESSION = GrpcCompression.NONE


def runtime(metrics: PrometheusConfig | None = None) -> Runtime:
    """A runtime of Temporal's for this process, which needs one only.

    What its core logs goes where all other logs go, without the core's fields: these quote failures.
    """
    logs = LogForwardingConfig(
        logging.getLogger("temporalio.core"), prepend_target_on_message=False, append_log_fields_to_message=False
    )
    filter = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(filter, forwarding=logs), metrics=metrics, attach_service_name=False
        )
    )


async def connect(*, runtime: Runtime | None = None, patience: timedelta = timedelta(0)) -> Client:
    """A client for the server that the environment names (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, profiles …).

    The default is localhost:7233, namespace `default`. While nobody answers it tries again for `patience`; then
    `ConnectionError` with a sentence.
    """
    options: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    options.setdefault("target_host", "localhost:7233")
    loop = asyncio.get_running_loop()
    until = loop.time() + patience.total_seconds()
    while True:
        try:
            return await Client.connect(
                **options, data_converter=DATA_CONVERTER, grpc_compression=COMPRESSION, runtime=runtime
            )
        except RuntimeError as error:
            if loop.time() >= until:
                address = options["target_host"]
                raise ConnectionError(
                    f"No Temporal server answers at {address}. Start one (partnerflow up), or set TEMPORAL_ADDRESS."
                ) from error
            await asyncio.sleep(0.3)
