"""A real HTTP server that answers what the test says, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Scripted:
    """`replies` are used up in order, the last one again and again: (status, body or JSON, headers), or a function of
    the request giving that. `hang`: set to let the server take its time until it is released.
    """

    replies: list[Any] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    slow: bool = False
    drip: bool = False
    url: str = ""

    def reply(self, request: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        found = self.replies[0] if len(self.replies) == 1 else self.replies.pop(0)
        found = found(request) if callable(found) else found
        status, body, *rest = found
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return status, raw, rest[0] if rest else {}


def said(content: str, tokens: list[tuple[str, float]] | None = None, finish: str = "stop") -> tuple[int, Any]:
    """A good reply whose message is `content`."""
    choice: dict[str, Any] = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}
    if tokens is not None:
        choice["logprobs"] = {"content": [{"token": token, "logprob": logprob} for token, logprob in tokens]}
    return 200, {"object": "chat.completion", "choices": [choice]}


@contextlib.contextmanager
def serving(*replies: Any) -> Iterator[Scripted]:
    script = Scripted(list(replies))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(script: Scripted) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            script.received.append({"path": self.path, **json.loads(raw)})
            script.keys.append(self.headers.get("Authorization"))
            if script.slow:
                script.release.wait(10)
                return
            status, body, headers = script.reply(script.received[-1])
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self._write(body)

        def _write(self, body: bytes) -> None:
            if not script.drip:
                self.wfile.write(body)
                return
            for n in range(len(body)):
                self.wfile.write(body[n : n + 1])
                if script.release.wait(0.05):
                    return

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the console of a test run."""

    return Handler
