"""Asking a web process over HTTP whether it makes progress, without ever waiting for it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
from collections.abc import Callable

from fleet.supervisor.process import HealthAddress

EVERY = 1.0
PATIENCE = 5.0


class HealthProbe:
    """One request at a time to `address`. `answered` is when it last answered, `ready` whether that was a success.

    Any answer is progress: a web process that says 503 because the database is down is not helped by a restart.
    """

    def __init__(self, address: HealthAddress, selector: selectors.BaseSelector, clock: Callable[[], float]) -> None:
        self.address = address
        self.selector = selector
        self.clock = clock
        self.answered = 0.0
        self.ready = False
        self._asked = -EVERY
        self._connection: socket.socket | None = None

    def ask(self) -> None:
        """Send the next request if it is time."""
        now = self.clock()
        if self._connection is not None:
            if now - self._asked > PATIENCE:
                self._drop()
            return
        if now - self._asked < (EVERY if self.ready else 0.1):
            return
        self._asked = now
        address = self.address
        request = f"GET {address.path} HTTP/1.1\r\nHost: {address.name}\r\nConnection: close\r\n\r\n"
        try:
            # Loopback: the kernel connects at once even when the process hangs, so this never waits for it.
            connection = socket.create_connection((address.host, address.port), timeout=0.3)
            if address.tls:
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                connection = context.wrap_socket(connection)
            connection.sendall(request.encode())
            connection.setblocking(False)
        except OSError:
            return
        self._connection = connection
        self.selector.register(connection, selectors.EVENT_READ, self)

    def read(self) -> None:
        """The answer's first bytes are here: `HTTP/1.1 200 ...`."""
        if self._connection is None:
            return
        try:
            head = self._connection.recv(64)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            head = b""
        self._drop()
        if head.startswith(b"HTTP/1."):
            self.answered = self.clock()
            # 301: behind a proxy that ends TLS, plain requests are sent there.
            self.ready = head[9:12] in (b"200", b"301")

    def close(self) -> None:
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(self._connection)
            self._connection.close()
            self._connection = None
