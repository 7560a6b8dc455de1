"""What pages have in common that a signed link in a mail opens, with a code that is retyped from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from portal.refusals import RETRY_AFTER
from portal.showing import page
from records.database import is_away
from records.links import CODE_LENGTH
from workflows.doors import TemporalAway

_log = logging.getLogger("partnerflow.portal")

UNKNOWN = (
    "This is no link of ours, or a part of it got lost on the way. Please open it from our newest mail, or copy it "
    "whole.",
)
UNREADABLE = ("What was sent can't be read as the form of this page. Please open the link in our mail once more.",)
AWAY = "We could not take your answer just now, and nothing was changed. Please send it again in a minute."
CHOOSE = "Please choose an answer."
NO_CODE = f"Please type the code from the mail: it has {CODE_LENGTH} letters and digits, and no vowel."


def wrong_code(left: int, then: str) -> str:
    """What to say to a wrong code; with the last of the tries that are left `then` happens."""
    tries = "one more try" if left == 1 else f"{left} more tries"
    return f"This is not the code in our newest mail to you. You have {tries}; then {then}."


class NoSuchLink(Exception):
    """The address is not that of a link of ours."""


class PageRoute(APIRoute):
    """A route that stamps each request, and answers with a page whatever goes wrong: a person reads it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See base class."""
        handle = super().get_route_handler()

        async def for_people(request: Request) -> Response:
            request.state.received = request.app.state.portal.receive()
            try:
                return await handle(request)
            except NoSuchLink:
                return note("This link does not open", UNKNOWN, status=404)
            except (TemporalAway, SQLAlchemyError) as error:
                if isinstance(error, SQLAlchemyError) and not is_away(error):
                    raise
                _log.warning("answered 503 to somebody with a link (%s)", type(error).__name__)
                return repeatable(note("Not sent", (AWAY,), status=503))
            except HTTPException:
                return note("Not sent", UNREADABLE, status=400)

        return for_people


def see(request: Request) -> Response:
    """Lead to the page as it is now, so that loading it again sends nothing again."""
    return RedirectResponse(
        request.url.path.removesuffix("/new-link"), status_code=303, headers={"Cache-Control": "no-store"}
    )


def note(title: str, sentences: tuple[str, ...], *, status: int = 200) -> Response:
    """A page that only says something."""
    return page_of_link("client_note.html", status=status, title=title, sentences=sentences)


def page_of_link(template: str, *, status: int, **known: Any) -> Response:
    """A page whose address opens it: that is told to nobody, not even to ourselves."""
    response = page(template, status=status, code_length=CODE_LENGTH, **known)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def repeatable(response: Response) -> Response:
    """An answer that says when to send the same again."""
    response.headers.update(RETRY_AFTER)
    return response
