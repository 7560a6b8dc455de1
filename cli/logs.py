"""Structured logs: one JSON object a line on standard output, with the process it is about and nothing personal.

Texts of exceptions are left out unless PARTNERFLOW_LOG_LEVEL=DEBUG: drivers and parsers like to quote what people
typed. Type and place of an exception remain.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog
from temporalio import activity, workflow

Line = MutableMapping[str, Any]

# What Temporal's SDK knows about a log call, and under which name it is worth keeping.
_OF_TEMPORAL = ("temporal_workflow", "temporal_activity")
_KEPT = {"workflow_id": "process", "run_id": "run", "activity_type": "activity", "attempt": "attempt"}
# `process` in a log record is the operating system's.
_OWN_FIELDS = {"of_process": "process", "action": "action", "role": "role", "route": "route", "status": "status"}


def configure(level: str, program: str) -> None:
    """Send everything that is logged to standard output. `program` (worker, portal) stands in every line."""
    # The SDK would append its context to each text; it stands in fields of its own.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _fields,
            _exception(with_text=level.upper() == "DEBUG"),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _program(program),
            structlog.processors.EventRenamer("text"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    # The access log has addresses of people's computers; a mail's or request's text is theirs as well.
    for talkative in ("uvicorn.access", "httpx", "httpcore", "alembic", "transitions"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    for renamed in ("uvicorn", "uvicorn.error"):
        logging.getLogger(renamed).handlers = []
        logging.getLogger(renamed).propagate = True


def _program(name: str) -> Any:
    def add(_logger: Any, _method: str, line: Line) -> Mapping[str, Any]:
        return {"program": name, **line}

    return add


def _fields(_logger: Any, _method: str, line: Line) -> Line:
    record: logging.LogRecord = line["_record"]
    for source in _OF_TEMPORAL:
        context = getattr(record, source, None)
        if isinstance(context, Mapping):
            line.update({ours: context[theirs] for theirs, ours in _KEPT.items() if theirs in context})
    for theirs, ours in _OWN_FIELDS.items():
        if (value := getattr(record, theirs, None)) is not None:
            line[ours] = value
    return line


def _exception(*, with_text: bool) -> Any:
    def shorten(_logger: Any, _method: str, line: Line) -> Line:
        found = line.pop("exc_info", None) or line["_record"].exc_info
        # The formatter would print the whole of it under the line.
        line["_record"].exc_info = line["_record"].exc_text = None
        line["_record"].stack_info = None
        if isinstance(found, tuple) and found[1] is not None:
            error: BaseException = found[1]
            line["exception"] = f"{type(error).__name__}: {error}" if with_text else type(error).__name__
            line["at"] = _places(found[2])
            if error.__cause__ is not None:
                line["because"] = type(error.__cause__).__name__
        return line

    return shorten


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-6:]
    return [f"{'/'.join(frame.filename.rsplit('/', 2)[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
