"""One real stack for all flow tests: started with the first, calmed before each, stopped after the last."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet.supervisor.mqtt import installed
from tests.conftest import require
from tests.flows.floor_yard import SIMULATED, FloorYard
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


@pytest.fixture(scope="session")
def shared_floor() -> Iterator[FloorYard]:
    """A stack of its own, with scripted robots beside simulated ones: they stay registered for ever."""
    require(installed(), "no mosquitto on PATH: install the package mosquitto")
    with Stack(SIMULATED, speed=SPEED) as stack:
        yard = FloorYard(stack)
        yield yard
        yard.close()


@pytest.fixture
def floor(shared_floor: FloorYard) -> FloorYard:
    """The shared floor with every robot well, nothing closed and nobody under way."""
    shared_floor.calm()
    return shared_floor
