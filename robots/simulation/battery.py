"""Battery of every robot: drains with time and with distance, charges at a charger. Percent, s, m."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BatteryModel:
    """Percent an hour at rest, percent a km on top when driving, percent an hour at the charger.

    `factor` multiplies the charging rate: a demonstration does not wait an hour. 1 is an ordinary lithium pack.
    """

    idle_per_hour: float = 3.0
    drive_per_km: float = 4.0
    charge_per_hour: float = 60.0
    factor: float = 1.0


class Batteries:
    def __init__(self, percent: Floats, model: BatteryModel | None = None) -> None:
        self.model = model or BatteryModel()
        self.percent = np.clip(np.array(percent, dtype=np.float64), 0.0, 100.0)
        self.charging = np.zeros(len(self.percent), dtype=bool)

    def step(self, dt: float, driven: Floats) -> None:
        """`driven`: metres each robot moved in these `dt` s."""
        m = self.model
        drain = m.idle_per_hour * dt / 3600 + m.drive_per_km * driven / 1000
        gain = np.where(self.charging, m.charge_per_hour * m.factor * dt / 3600, 0.0)
        self.percent = np.clip(self.percent + gain - drain, 0.0, 100.0)
