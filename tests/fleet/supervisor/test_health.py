"""The web probe: any answer is progress, success is readiness, silence never blocks the supervisor."""

from __future__ import annotations

import http.server
import selectors
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from fleet.supervisor import health
from fleet.supervisor.health import HealthProbe
from fleet.supervisor.process import HealthAddress


class Page(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    found = http.server.HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def probe_once(port: int) -> HealthProbe:
    with selectors.DefaultSelector() as selector:
        probe = HealthProbe(HealthAddress("127.0.0.1", port), selector, time.monotonic)
        probe.ask()
        for key, _ in selector.select(2):
            key.data.read()
        probe.close()
    return probe


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False), (301, True)])
def test_answers(server: http.server.HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, ready: bool) -> None:
    monkeypatch.setattr(Page, "status", status)
    probe = probe_once(server.server_port)
    assert probe.answered > 0
    assert probe.ready is ready


def test_a_server_that_listens_and_hangs_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent, selectors.DefaultSelector() as selector:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        now = [100.0]
        probe = HealthProbe(HealthAddress("127.0.0.1", silent.getsockname()[1]), selector, lambda: now[0])
        probe.ask()
        assert selector.get_map()
        now[0] += health.PATIENCE + 1
        probe.ask()
        assert not selector.get_map(), "an unanswered request is given up, so that the next one can be asked"
        assert probe.answered == 0.0
        probe.close()


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with selectors.DefaultSelector() as selector:
        probe = HealthProbe(HealthAddress("127.0.0.1", 1), selector, time.monotonic)
        probe.ask()
        assert probe.answered == 0.0
