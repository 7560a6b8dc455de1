"""The page of settings, from the one place where each is declared."""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from settings import Settings

_INTRODUCTION = """# Settings

<!-- Written by `make docs` from settings.py; change the declarations, not this page. -->

Each setting is a variable of the environment. An empty one counts as absent. All commands read the same ones; a value
that can't be used ends the command with a sentence that names it.

Worker and portal get the same `PARTNERFLOW_DATABASE_URL`, `PARTNERFLOW_CLOCK`, `PARTNERFLOW_EDITION`,
`PARTNERFLOW_TASK_QUEUE`, `PARTNERFLOW_PORTAL_URL`, `PARTNERFLOW_UI_URL`, `PARTNERFLOW_SMTP_HOST`,
`PARTNERFLOW_SIGNING_KEYS`, `PARTNERFLOW_STAFF_FILE`, `PARTNERFLOW_AFFILIATE_LINK`, `PARTNERFLOW_SLACK_INVITE_LINK` and
`TEMPORAL_…`.
"""

_TEMPORAL = """
## The way to Temporal

The connection has Temporal's standard variables, which every SDK and its command line read: `TEMPORAL_ADDRESS`
(default `localhost:7233`), `TEMPORAL_NAMESPACE` (default `default`), `TEMPORAL_API_KEY`, `TEMPORAL_TLS` and
`TEMPORAL_TLS_…`, or a profile of a configuration file by `TEMPORAL_PROFILE` and `TEMPORAL_CONFIG_FILE`. A
`TEMPORAL_TLS_…_PATH` that is set must not be empty.

`PYTHONTZPATH` is set to nothing in the image: deadlines are computed with the pinned zone data, whatever the operating
system has.
"""


def render() -> str:
    """The whole page as Markdown."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join([_INTRODUCTION, "| variable | default | meaning |", "| --- | --- | --- |", *rows, _TEMPORAL])


def _row(name: str, field: FieldInfo) -> str:
    description = (field.description or "").replace("|", "\\|")
    return (
        f"| `{Settings.model_config['env_prefix']}{name.upper()}` | {_default(field)} | {description}{_range(field)} |"
    )


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in ("", None):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _range(field: FieldInfo) -> str:
    """The limits of a number, as they are declared."""
    numbers = field.annotation is int or int in get_args(field.annotation)
    limits = dict(re.findall(r"(ge|le)=(\d+)", repr(field.metadata))) if numbers else {}
    match limits:
        case {"ge": low, "le": high}:
            return f" ({low} to {high})"
        case {"ge": low}:
            return f" (at least {low})"
    return ""
