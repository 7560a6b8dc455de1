"""The OpenAPI document, which `docs/openapi.json` holds a copy of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from portal.callers import SAYS, SECURITY_SCHEMES
from portal.problems import ProblemDocument

_DESCRIPTION = """\
Partner portals register leads here and act on them; the CRM reports sign-ups and facts.

Every call carries a key with a scope:

{scopes}

Requests may be repeated: POSTs take an `Idempotency-Key`. Every refusal is a problem document (RFC 9457). Instants are
in UTC. A 202 means that the request is durable; a 503 means that it was not accepted and may be sent again."""


def document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document for these routes."""
    scopes = "\n".join(f"- `{scope.value}`: {says}" for scope, says in SAYS.items())
    made = get_openapi(
        # The API's own version: it is in the paths, and does not change with every release of the program.
        title="partnerflow", version="1", description=_DESCRIPTION.format(scopes=scopes), routes=routes
    )  # fmt: skip
    components = made.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    components["schemas"] = dict(sorted(schemas.items()))
    return made


def render() -> str:
    """The text of `docs/openapi.json`."""
    from portal.app import api_routes

    return json.dumps(document(api_routes()), indent=2, ensure_ascii=False)
