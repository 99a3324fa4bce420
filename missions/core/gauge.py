"""Robots whose battery gauge knows only good and bad: they send 80 and 20 (VDA 5050 2.1, 6.10.6; 3.0, 7.8)."""

from __future__ import annotations

from dataclasses import dataclass

from .charging import Levels

GOOD, BAD = 80.0, 20.0
SURE_AFTER_S = 900.0
"""A finer gauge leaves 80 and 20 within minutes when the robot works or charges."""

COARSE = Levels(critical=BAD, minimum=50.0, maximum=GOOD)
"""Bad means that it has to charge now, good that it has charged enough: it never says more."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a robot's gauge has shown: `since` POSIX s; `coarse` nothing but good and bad, both of them or for long."""

    since: float
    values: frozenset[float] = frozenset()
    fine: bool = False
    coarse: bool = False

    def shows(self, battery: float | None, now: float) -> Gauge:
        """After one more report. A finer value, once seen, settles it."""
        if battery is None or self.fine:
            return self
        if battery not in (GOOD, BAD):
            return Gauge(self.since, fine=True)
        values = self.values | {battery}
        coarse = len(values) == 2 or now - self.since >= SURE_AFTER_S
        return Gauge(self.since, values, coarse=coarse)
