"""A way to PostgreSQL that can be cut: connections are refused, or swallowed like those to a host that hangs."""

import contextlib
import select
import socket
import threading
from typing import Literal

Mode = Literal["through", "refuses", "hangs"]


class Proxy:
    """A TCP port on this machine in front of a server's socket file. Threads, because the database's clients block."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._mode: Mode = "through"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def become(self, mode: Mode) -> None:
        """Change what happens to connections, old and new. After `hangs`, old ones end when it goes on."""
        before, self._mode = self._mode, mode
        if mode == "refuses" or before == "hangs":
            for end in list(self._open):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closing.set()
        self.become("refuses")
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._mode == "refuses":
                client.close()
            else:
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        ends = {client, server}
        self._open |= ends
        try:
            server.connect(self._target)
            while not self._closing.is_set():
                if self._mode == "hangs":
                    # Whoever speaks is not heard. Only the end of the connection is noticed, by `become`.
                    self._closing.wait(0.05)
                    if not select.select([client], [], [], 0)[0] or client.recv(1, socket.MSG_PEEK):
                        continue
                    return
                readable, _, _ = select.select([client, server], [], [], 0.05)
                for end in readable if self._mode == "through" else ():
                    data = end.recv(65536)
                    if not data:
                        return
                    (server if end is client else client).sendall(data)
        except OSError:
            return
        finally:
            self._open -= ends
            for end in ends:
                end.close()
