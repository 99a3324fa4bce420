"""One real stack for all flow tests: started with the first, calmed before each, stopped after the last."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet.supervisor.mqtt import installed
from tests.conftest import require
from tests.flows.yard import Yard
from tests.stack import Stack

ROBOTS = 6
SPEED = 6.0


@pytest.fixture(scope="session")
def running() -> Iterator[Yard]:
    """`manage.py up` with simulated robots six times as fast as real ones."""
    require(installed(), "no mosquitto on PATH: install the package mosquitto")
    with Stack(ROBOTS, speed=SPEED) as stack:
        yard = Yard(stack)
        yield yard
        yard.close()


@pytest.fixture
def yard(running: Yard) -> Yard:
    """The running stack without open missions or stops."""
    running.calm()
    return running
