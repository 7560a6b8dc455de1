"""The same request under the same Idempotency-Key gets the same answer, and happens once.

An answer is remembered after it has become durable and never before: a request that was answered 503 is carried out
when it comes again. What a request writes is named after its key and content, so that a repetition of one whose
answer was lost on the way writes nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Annotated, Any
from weakref import WeakValueDictionary

from fastapi import Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from portal.problems import Problem
from records.idempotency import Answered, recall, remember

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        pattern=r"^[!-~]*$",
        description="chosen by the caller, new for each request; a repetition carries the same one",
    ),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that may be given: `location` is the path of what was made, or empty."""

    status: int
    body: BaseModel
    location: str = ""


Act = Callable[[str], Awaitable[Answer]]
"""Does what is asked. Its argument names this request, the same for repetitions under the same key."""


class Once:
    """Answers each request once. Two that come at the same time under one key take turns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def answer(self, request: Request, caller: str, key: str, content: BaseModel, act: Act) -> JSONResponse:
        """The answer to `content` of `caller`: remembered under `key`, or what `act` says now.

        Raises `Problem` when the key was used for other content.
        """
        if not key:
            return _response(await act(token_hex(12)))
        digest = sha256(f"{request.method} {request.url.path}\n{content.model_dump_json()}".encode()).hexdigest()
        turn = self._turns.setdefault((caller, key), asyncio.Lock())
        async with turn:
            if known := await run_in_threadpool(recall, self._engine, caller, key):
                return _repeated(known, digest)
            answer = await act(sha256(f"{caller}\n{key}\n{digest}".encode()).hexdigest()[:24])
            response = {"body": answer.body.model_dump(mode="json"), "location": answer.location}
            given = Answered(digest, answer.status, response)
            # Real time: how long answers are kept has nothing to do with the program's clock.
            kept = await run_in_threadpool(remember, self._engine, caller, key, given, now=datetime.now(UTC))
            return _response(answer) if kept is given else _repeated(kept, digest)


def _repeated(known: Answered, digest: str) -> JSONResponse:
    if known.digest != digest:
        raise Problem("key-reused", "This Idempotency-Key was used for another request; choose a new one.")
    response = _json(known.status, known.response["body"], known.response["location"])
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _response(answer: Answer) -> JSONResponse:
    return _json(answer.status, answer.body.model_dump(mode="json"), answer.location)


def _json(status: int, body: Any, location: str) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers={"Location": location} if location else None)
