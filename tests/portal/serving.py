"""The portal behind a real web server, for programs that speak HTTP by themselves."""

import contextlib
import threading
import time
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from cli.ports import free_port


@contextlib.contextmanager
def served(app: FastAPI, *, port: int = 0) -> Iterator[str]:
    """Serve an application in a thread of its own; the address."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 40
    while not server.started:
        assert time.monotonic() < until, "the portal does not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
