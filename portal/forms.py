"""Forms of pages: read as the API reads JSON, so that both refuse the same with the same sentences."""

from __future__ import annotations

import json
import re
from secrets import token_hex
from typing import Any, TypeVar

from fastapi import Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from portal.problems import Mistake
from portal.refusals import mistakes_of

M = TypeVar("M", bound=BaseModel)

AWAY = Mistake(field="", detail="The program does not answer now. What you typed is still here: send it again soon.")
"""Told where Temporal has not acknowledged, so that nothing was accepted."""

_ONCE = re.compile(r"[0-9a-f]{24}[0-9]?")


class Mistaken(Exception):
    """What was filled in can't be used."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes


def text_of(form: FormData, name: str) -> str:
    """What stands in a field; "" where there is none, or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def filled_in(form: FormData, *names: str) -> dict[str, str]:
    """What stands in these fields, to be shown again."""
    return {name: text_of(form, name) for name in names}


def read(model: type[M], content: dict[str, Any], called: dict[str, str]) -> M:
    """The content as a request of the API. Raises `Mistaken`; `called` says how the page calls the fields."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        mistakes = mistakes_of([{**each, "loc": ("body", *each["loc"])} for each in error.errors()])
        raise Mistaken([in_words_of_page(mistake, called) for mistake in mistakes]) from None


def in_words_of_page(mistake: Mistake, called: dict[str, str]) -> Mistake:
    """A mistake with the name that the page has for its field."""
    name = called.get(mistake.field)
    detail = mistake.detail.replace(f"«{mistake.field}»", f"«{name}»") if name else mistake.detail
    return Mistake(field=mistake.field if name else "", detail=detail)


def new_once() -> str:
    """Names one filling-in of a form: sent twice, it is carried out once."""
    return token_hex(12)


def once_of(form: FormData) -> str:
    """The name that the form carries; a new one where it carries none of ours."""
    given = text_of(form, "once")
    return given if _ONCE.fullmatch(given) else new_once()


def says(response: Response) -> str:
    """The sentence with which an endpoint of the API has answered."""
    sentence: str = json.loads(bytes(response.body))["says"]
    return sentence
