"""A limit for bodies, whether their length is announced or not, with a problem document for what exceeds it.

FastAPI's own limit answers in plain text, before any handler is asked.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.problems import Problem
from portal.telling_problems import answer


class BodyLimit:
    """Reads a body whole before anybody else sees the request: it is small, and what is half read can't be refused."""

    def __init__(self, app: ASGIApp, *, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Request(scope).headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self._largest:
            await self._refuse(scope, receive, send)
            return
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._largest:
                await self._refuse(scope, receive, send)
                return
        given = False

        async def once() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, once, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem(
            "too-large",
            f"A body may have at most {self._largest} bytes; this one has more.",
            # What follows on this connection is the rest of the body.
            headers={"Connection": "close"},
        )
        await answer(Request(scope), problem)(scope, receive, send)
