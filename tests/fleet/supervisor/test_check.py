"""`up --check` against a small REST server that behaves well or badly: the hop that failed is named."""

from __future__ import annotations

import http.server
import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fleet.supervisor import check
from fleet.supervisor.console import Console
from fleet.supervisor.state import State, write_private
from fleet.supervisor.supervisor import Supervisor


class Fleet(http.server.BaseHTTPRequestHandler):
    """Understands everything and completes a mission at the second look, unless told otherwise."""

    decision = "plan"
    final = "completed"
    create_status = 201
    busy_once: list[int]
    looks: dict[str, int]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Authorization"] == "Bearer key"
        assert self.headers["Idempotency-Key"]
        if self.path.endswith(":interpret"):
            self.answer(200, {"interpretation_id": body["text"], "hash": "h", "decision": self.decision})
        else:
            assert body["hash"] == "h"
            self.answer(self.create_status, {"id": str(len(self.looks)), "state": "queued"})
            self.looks[str(len(self.looks))] = 0

    def do_GET(self) -> None:
        if self.busy_once:
            self.answer(self.busy_once.pop(), {})
            return
        name = self.path.rsplit("/", 1)[1]
        self.looks[name] += 1
        self.answer(200, {"id": name, "state": self.final if self.looks[name] > 1 else "running"})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Retry-After", "0.01")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Fleet, "looks", {}, raising=False)
    monkeypatch.setattr(Fleet, "busy_once", [], raising=False)
    monkeypatch.setattr(check, "PAUSE", 0.01)
    server = http.server.HTTPServer(("127.0.0.1", 0), Fleet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def run(state: State, url: str, key: str | None = "key") -> tuple[int, dict[str, Any]]:
    said = io.StringIO()
    console = Console(said)
    if key:
        write_private(state.root / "check.key", key + "\n")
    status = check.run(url, state, console, Supervisor(state, console), started_in=1.0)
    (line,) = said.getvalue().splitlines()
    return status, json.loads(line)


def test_three_missions_completed(state: State, url: str) -> None:
    Fleet.busy_once.append(429)
    status, line = run(state, url)
    assert status == 0
    assert line["ok"] is True
    assert line["missions"] == len(line["completed_s"]) == 3


@pytest.mark.parametrize(
    ("change", "hop"),
    [
        ({"decision": "ask"}, "planner"),
        ({"create_status": 409}, "dispatch"),
        ({"final": "failed"}, "mission"),
        ({"final": "queued"}, "dispatch"),
        ({"final": "assigned"}, "onboard"),
        ({"final": "running"}, "link"),
    ],
)
def test_the_hop_that_failed_is_named(
    state: State, url: str, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], hop: str
) -> None:
    monkeypatch.setattr(check, "SECONDS", 0.2)
    for name, value in change.items():
        monkeypatch.setattr(Fleet, name, value)
    status, line = run(state, url)
    assert (status, line["ok"], line["hop"]) == (1, False, hop)


def test_no_web_and_no_key(state: State) -> None:
    assert run(state, "http://127.0.0.1:1/", key=None)[1]["hop"] == "seed"
    assert run(state, "http://127.0.0.1:1/")[1]["hop"] == "web"
