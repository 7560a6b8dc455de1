"""A limit for bodies, whether their length is announced or not, with a problem document for what exceeds it.

FastAPI's own limit answers in plain text, before any handler is asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.problems import Problem
from portal.telling_problems import answer


class BodyLimit:
    """Reads a body whole before anybody else sees the request: it is small, and what is half read can't be refused.

    The addresses in `streams` have limits of their own, and are handed their bodies piece by piece.
    """

    def __init__(self, app: ASGIApp, *, largest: int, streams: Mapping[str, int]) -> None:
        self._app = app
        self._largest = largest
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        streamed = self._streams.get(scope["path"])
        largest = streamed or self._largest
        announced = Request(scope).headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > largest:
            await answer(Request(scope), _too_large(largest))(scope, receive, send)
        elif streamed:
            await self._app(scope, _counting(receive, streamed), send)
        else:
            await self._whole(scope, receive, send)

    async def _whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._largest:
                await answer(Request(scope), _too_large(self._largest))(scope, receive, send)
                return
        given = False

        async def once() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, once, send)


def _counting(receive: Receive, largest: int) -> Receive:
    """The same messages; a `Problem` for whoever reads on when they have become too many."""
    length = 0

    async def counted() -> Message:
        nonlocal length
        message = await receive()
        length += len(message.get("body", b""))
        if length > largest:
            raise _too_large(largest)
        return message

    return counted


def _too_large(largest: int) -> Problem:
    return Problem(
        "too-large",
        f"A body may have at most {largest} bytes here; this one has more.",
        # What follows on this connection is the rest of the body.
        headers={"Connection": "close"},
    )
