"""TCP ports: the wanted one if it is free, else a free one, remembered for the next run."""

from __future__ import annotations

import socket

from fleet.supervisor.state import State


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on host:port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose old connections are in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free(host: str = "127.0.0.1") -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def choose(state: State, name: str, wanted: int, host: str = "127.0.0.1") -> int:
    """The port of service `name`: what it had last time, else `wanted`, else any free one."""
    candidates = [port for port in (state.remembered().get(f"port.{name}"), wanted) if isinstance(port, int) and port]
    port = next((candidate for candidate in candidates if is_free(candidate, host)), None) or any_free(host)
    if port != state.remembered().get(f"port.{name}"):
        state.remember(**{f"port.{name}": port})
    return port
