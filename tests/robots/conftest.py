from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.supervisor import direct
from fleet.supervisor.mqtt import Broker
from fleet.supervisor.state import open_state
from tests.conftest import require


class RunningBroker:
    """A broker of one test that can be taken away and brought back on the same port."""

    def __init__(self, folder: Path) -> None:
        self.state = open_state(folder)
        self.broker = Broker(self.state, source="path", wanted_port=20000 + secrets.randbelow(20000))
        self.program = self.broker.program()
        self.child = direct.start(self.state, self.program)

    @property
    def url(self) -> str:
        return self.broker.url

    def stop(self) -> None:
        direct.stop(self.child, self.program)

    def start(self) -> None:
        self.child = direct.start(self.state, self.program)


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    found = any(Path(folder, "mosquitto").exists() for folder in [*os.get_exec_path(), "/usr/sbin"])
    require(found, "no mosquitto on PATH: install the package mosquitto")
    running = RunningBroker(tmp_path_factory.mktemp("broker"))
    yield running
    running.stop()
    running.state.reset()


@pytest.fixture
def closing() -> Iterator[Callable[[object], object]]:
    """Register what has `stop` or `close`; it is called after the test."""
    things: list[object] = []

    def keep(thing: object) -> object:
        things.append(thing)
        return thing

    yield keep
    for thing in reversed(things):
        (getattr(thing, "close", None) or thing.stop)()  # type: ignore[attr-defined]
