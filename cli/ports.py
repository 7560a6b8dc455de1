"""Ports that nobody takes between the moment they are chosen and the moment a server listens on them."""

import random
import socket
from pathlib import Path

HOST = "127.0.0.1"
_LOWEST = 10_000
_TRIES = 200
_given: set[int] = set()


def free_port() -> int:
    """A free port of the loopback interface.

    It lies below those that the kernel gives to outgoing connections: one of these could be in use again before the
    server that is started next has taken it. No port is given twice. Raises `OSError` where none is found.
    """
    for port in random.sample(range(_LOWEST, _first_ephemeral()), _TRIES):
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise OSError(f"None of {_TRIES} ports of {HOST} is free.")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface now."""
    with socket.socket() as probe:
        # As the servers do: a port that was used a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _first_ephemeral() -> int:
    """Linux says it; elsewhere, IANA's range."""
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 49_152
    return first if first > _LOWEST + _TRIES else 65_536
