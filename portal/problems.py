"""Every refusal is a problem document (RFC 9457) whose detail is a sentence for the person who reads it.

The kinds stand here once: the handlers answer with them, the page `/problems` and the guide list them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. `repeat` says whether, and how, sending the request again can help."""

    slug: str
    status: int
    title: str
    repeat: str


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.slug: kind for kind in kinds}


KINDS = _kinds(
    Kind("malformed", 400, "The request can't be read", "No: mend it first."),
    Kind("no-key", 401, "A valid key is missing", "With a key that is valid."),
    Kind("not-allowed", 403, "This key may not do that", "With a key that has the scope."),
    Kind("stale-form", 403, "The form is not valid any more", "After opening its page again."),
    Kind("not-found", 404, "There is nothing of that name", "No."),
    Kind("wrong-method", 405, "This address takes other methods", "With a method that the header Allow names."),
    Kind("over", 409, "What is meant is over", "No: nothing can be said to it any more."),
    Kind("other-fact", 409, "This fact was reported with other content", "Under a fact_id of its own."),
    Kind("conflict", 409, "The present state of things forbids it", "After what the detail names has changed."),
    Kind("too-large", 413, "The body is too large", "With a smaller body."),
    Kind("wrong-media", 415, "This kind of content is not taken here", "As one of the kinds that the detail names."),
    Kind("invalid", 422, "The content is not valid", "No: mend what the errors name."),
    Kind(
        "lines-refused",
        422,
        "Some lines were refused",
        "When they are mended: they alone, or the whole file; what was taken stays as it is.",
    ),
    Kind("key-reused", 422, "This Idempotency-Key belongs to another request", "Under a key of its own."),
    Kind("too-many", 429, "Too many requests", "Later."),
    Kind("internal", 500, "Something went wrong here", "Once, later; then tell the program's operators."),
    Kind("temporal-away", 503, "Temporal is away", "Yes, after Retry-After seconds, with the same Idempotency-Key."),
    Kind(
        "database-away", 503, "The database is away", "Yes, after Retry-After seconds, with the same Idempotency-Key."
    ),
    Kind("not-ready", 503, "The portal is not ready", "Yes, later."),
)


class Mistake(BaseModel):
    """One thing that is wrong: where it stands, and a sentence."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="the field, parameter or header; empty for the request as a whole")
    detail: str


class ProblemDocument(BaseModel):
    """What every refusal carries (RFC 9457), as application/problem+json."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="address of the page that explains this kind of problem")
    title: str
    status: int
    detail: str = Field(description="what is wrong, with which value, and what is possible")
    errors: list[Mistake] = Field(description="each single mistake, where there are some")


class Problem(Exception):
    """A refusal, raised anywhere below a request; the slug names one of `KINDS`."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = KINDS[slug]
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def wrong(field: str, detail: str) -> Problem:
    """The refusal of a request because of one field."""
    return Problem("invalid", detail, errors=[Mistake(field=field, detail=detail)])


def document(problem: Problem, *, portal_url: str) -> ProblemDocument:
    """The document of a problem; its type is an address below the portal's."""
    return ProblemDocument(
        type=f"{portal_url}/problems#{problem.kind.slug}",
        title=problem.kind.title,
        status=problem.kind.status,
        detail=problem.detail,
        errors=list(problem.errors),
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These refusals as an endpoint documents them; `portal.openapi` adds the schema they refer to."""
    return {status: _documented(status) for status in sorted(statuses)}


def _documented(status: int) -> dict[str, Any]:
    titles = [kind.title for kind in KINDS.values() if kind.status == status]
    described: dict[str, Any] = {
        "description": "; ".join(titles),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 503:
        described["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return described
