"""Turns what goes wrong while a request is answered into problem documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from portal.problems import Mistake, Problem
from portal.telling_problems import answer
from portal.visitors import SignInFirst, to_sign_in
from program.addresses import DELIVERABLE
from records.database import is_away
from workflows.doors import TemporalAway

# Long enough for a restart, short enough for a person who waits.
RETRY_AFTER = {"Retry-After": "5"}
_SHOWN = 4


def register(app: FastAPI) -> None:
    """Answer every failure of `app` with a problem document."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        mistakes = mistakes_of(error.errors())
        shown = " ".join(mistake.detail for mistake in mistakes[:_SHOWN])
        return answer(request, Problem("invalid", shown, errors=mistakes))

    @app.exception_handler(TemporalAway)
    async def _temporal(request: Request, away: TemporalAway) -> Response:
        return answer(
            request, Problem("temporal-away", f"{away} Nothing was accepted; repeat it.", headers=RETRY_AFTER)
        )

    @app.exception_handler(SQLAlchemyError)
    async def _database(request: Request, error: SQLAlchemyError) -> Response:
        if not is_away(error):
            raise error
        return answer(request, Problem("database-away", DATABASE_AWAY, headers=RETRY_AFTER))

    @app.exception_handler(SignInFirst)
    async def _nobody(request: Request, first: SignInFirst) -> Response:
        return to_sign_in(request, first)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return answer(request, _of_framework(request, error))

    @app.exception_handler(Exception)
    async def _internal(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the server logs it
        return answer(
            request, Problem("internal", "The request could not be answered; the operators see why in the log.")
        )


DATABASE_AWAY = "The database has not answered. Nothing was accepted; repeat it."


def _of_framework(request: Request, error: HTTPException) -> Problem:
    path = request.url.path
    match error.status_code:
        case 404:
            return Problem("not-found", f"There is nothing at {path}; /openapi.json lists what there is.")
        case 405:
            allowed = ", ".join(_methods_of(request)) or (error.headers or {}).get("Allow", "")
            says = f"The address {path} takes {allowed}, not {request.method}."
            return Problem("wrong-method", says, headers={"Allow": allowed})
        case _:
            return Problem("malformed", "The body can't be read as JSON in UTF-8.")


def _methods_of(request: Request) -> list[str]:
    """All methods of an address; the framework names only those of the first route that fits."""
    paths: dict[str, dict[str, Any]] = request.app.openapi()["paths"]
    return sorted(
        {
            method.upper()
            for path, methods in paths.items()
            if compile_path(path)[0].match(request.url.path)
            for method in methods
        }
    )


SHAPES = {
    DELIVERABLE: "a mail address, such as contact@shop.example",
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$": "an id of letters, digits, dots, dashes and underscores, such as acme-2",
    r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$": "an id of letters, digits and . _ : / -, such as pay-4711",
    r"^[a-z0-9][a-z0-9._-]*$": "a name of small letters, digits, dots, dashes and underscores, such as crm",
    r"^[A-Za-z0-9]+$": "letters and digits only, such as Ab12Cd",
    r"^[!-~]+$": "plain letters, digits and signs without spaces, such as a Message-ID",
    r"^[A-Za-z0-9._-]+$": "letters, digits, dots, dashes and underscores, such as acme-2",
    r"^\d{4}-H[12]$": "a half-year, such as 2027-H1",
    r"^\d{4}-H[12]:[A-Za-z0-9][A-Za-z0-9._-]*$": "a half-year and a partner, such as 2027-H1:acme",
    r"^[A-Z]{2}$": "the two capital letters of a country, such as US",
    r"^[!-~]*$": "plain letters, digits and signs without spaces, such as a UUID",
}
"""What each pattern of a field asks for, in words that people understand."""


# -- what pydantic says, as a sentence ---------------------------------------------------------------------------------


def mistakes_of(errors: Sequence[Any]) -> list[Mistake]:
    """What pydantic found, as sentences."""
    return [_mistake(error) for error in errors]


def _mistake(detail: dict[str, Any]) -> Mistake:
    where, *path = (str(part) for part in detail["loc"])
    if detail["type"] == "json_invalid":
        return Mistake(field="", detail=f"The body is no JSON: {detail['ctx']['error']} at position {path[0]}.")
    field = ".".join(path)
    name = f"«{field}»" if field else f"The {where}"
    return Mistake(field=field, detail=f"{name} {_says(detail, where)}")


def _says(detail: dict[str, Any], where: str) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is missing." if where != "body" or len(detail["loc"]) > 1 else "is missing: JSON is expected."
        case "string_too_short":
            return "is empty; it must say something."
        case "string_too_long":
            return f"is too long: at most {context['max_length']} characters."
        case "string_type":
            return "must be text."
        case "string_unicode":
            return "holds characters that are none."
        case "string_pattern_mismatch":
            return (
                f"can't be «{_given(detail)}»: it must look like {SHAPES.get(context['pattern'], context['pattern'])}."
            )
        case "extra_forbidden":
            return "is unknown here; leave it out."
        case "literal_error" | "enum":
            return f"can't be «{_given(detail)}»: possible are {context['expected']}."
        case "bool_type" | "bool_parsing":
            return "must be true or false."
        case "model_attributes_type" | "model_type" | "dict_type":
            return "must be a JSON object, sent as application/json."
        case "value_error":
            return f"can't be «{_given(detail)}»: {context['error']}"
        case _:
            message = str(detail["msg"])
            return f"can't be «{_given(detail)}»: {message[:1].lower()}{message[1:]}."


def _given(detail: dict[str, Any]) -> str:
    text = str(detail["input"])
    printable = "".join(letter if letter.isprintable() else "�" for letter in text[:60])
    return printable + ("…" if len(text) > 60 else "")
