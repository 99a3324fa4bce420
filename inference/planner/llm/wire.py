"""One HTTP request with one deadline: connecting, sending and every piece read count against the same seconds.

Redirects are not followed (they would carry the key elsewhere), the size of an answer is bounded, nothing is kept.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from inference.contract import Json

MAX_BODY = 4_000_000
_PIECE = 65_536


class Unreachable(Exception):
    """No answer came: refused, cut off, or too slow. The text says which, without the address."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to post. `base` is checked by `link_to`."""

    base: SplitResult
    headers: Mapping[str, str]
    clock: Callable[[], float] = time.monotonic

    def post(self, path: str, payload: Json, deadline: float) -> Reply:
        """POST `payload` as JSON; `deadline` is a reading of `clock`. Raises Unreachable."""
        connection = self._connect(self._left(deadline))
        try:
            body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "surrogatepass")
            connection.connect()
            self._limit(connection, deadline)
            connection.request("POST", self.base.path.rstrip("/") + path, body, dict(self.headers))
            self._limit(connection, deadline)
            response = connection.getresponse()
            return Reply(
                response.status, self._read(connection, response, deadline), response.getheader("Retry-After", "")
            )
        except TimeoutError as error:
            raise Unreachable("it did not answer in time") from error
        except ssl.SSLError as error:
            raise Unreachable("its certificate or TLS is not accepted") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable("the connection failed") from error
        finally:
            connection.close()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        host, port = self.base.hostname or "", self.base.port
        if self.base.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=timeout)

    def _left(self, deadline: float) -> float:
        left = deadline - self.clock()
        if left <= 0:
            raise Unreachable("it did not answer in time")
        return left

    def _limit(self, connection: http.client.HTTPConnection, deadline: float) -> None:
        if connection.sock is not None:  # http.client lets go of it where the answer ends the connection
            connection.sock.settimeout(self._left(deadline))

    def _read(
        self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline: float
    ) -> bytes:
        pieces, size = [], 0
        while piece := response.read1(_PIECE):
            size += len(piece)
            if size > MAX_BODY:
                raise Unreachable(f"its answer is longer than {MAX_BODY} bytes")
            pieces.append(piece)
            self._limit(connection, deadline)
            self._left(deadline)
        return b"".join(pieces)


def link_to(url: str, key: str, clock: Callable[[], float] = time.monotonic) -> Link:
    """A link to the API at `url` (such as https://host/v1). Raises ValueError, naming what is wrong with it."""
    base = urlsplit(url)
    if base.scheme not in ("http", "https") or not base.hostname or base.query or base.fragment or base.username:
        raise ValueError("it must be an address such as https://host/v1, without a login or query")
    if key and base.scheme == "http" and base.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("a key is sent over https only, except to this machine")
    if not key.isascii() or not key.isprintable():
        raise ValueError("the key holds characters that no key has")
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "yardmaster"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return Link(base, headers, clock)
