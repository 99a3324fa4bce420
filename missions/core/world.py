"""What a plan is checked against: one site at one instant, as plain frozen values built by the shell from rows.

No Django in here; the shell reads the rows once and every check sees the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

RIGHT_DISPATCH = "dispatch"
RIGHT_PRIORITISE = "prioritise"
# Operations that need a skill of the robot; the others every mobile robot can do.
SKILLED_OPS = frozenset({"pick", "drop", "scan", "inspect"})


@dataclass(frozen=True, slots=True)
class Station:
    """A named place. `node` is where a robot stands for it (None: not on the map); `capacity` in units, None for
    unlimited; `zones` are those it lies in.
    """

    id: str
    name: str
    kind: str = "storage"
    node: str | None = None
    reachable: bool = True
    closed: bool = False
    human_only: bool = False
    capacity: int | None = None
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Item:
    """An item kind. `unit_mass` in kg, None when it is not recorded."""

    id: str
    name: str
    unit_mass: float | None = None


@dataclass(frozen=True, slots=True)
class Robot:
    """A mobile robot as last reported. `battery` in percent, `payload` in kg, `units` how many units it carries at
    once.

    `mode` is VDA 5050's operatingMode (AUTOMATIC, SEMIAUTOMATIC, MANUAL, SERVICE, TEACHIN). `available` is false when
    it
    was taken out of service. `busy` names the mission it works on, `loaded` says that it carries something.
    """

    id: str
    name: str
    type: str = ""
    skills: frozenset[str] = SKILLED_OPS
    battery: float | None = None
    mode: str = "AUTOMATIC"
    available: bool = True
    payload: float | None = None
    units: int | None = None
    busy: str | None = None
    loaded: bool = False


@dataclass(frozen=True, slots=True)
class Effort:
    """Rough figures for the cautions about time and battery: seconds and percent of battery per leg, seconds per
    action.
    """

    leg_s: float = 90.0
    action_s: float = 30.0
    leg_pct: float = 1.5
    reserve_pct: float = 15.0


@dataclass(frozen=True, slots=True)
class World:
    """A snapshot. `now` is the site's local time. `stock`: item id -> station id -> quantity, None when not counted.

    `rights` are the requester's; `open_missions` maps a robot id to the missions that wait for it.
    """

    site: str
    now: datetime
    stations: Mapping[str, Station] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    robots: Mapping[str, Robot] = field(default_factory=dict)
    stock: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    rights: frozenset[str] = frozenset({RIGHT_DISPATCH, RIGHT_PRIORITISE})
    open_missions: Mapping[str, int] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)

    def station_name(self, identifier: str) -> str:
        station = self.stations.get(identifier)
        return station.name if station else identifier

    def item_name(self, identifier: str) -> str:
        item = self.items.get(identifier)
        return item.name if item else identifier

    def chargers(self) -> tuple[Station, ...]:
        return tuple(s for s in self.stations.values() if s.kind == "charger" and usable(s))

    def names(self) -> dict[str, str]:
        """Id -> name of everything, for the readback. Ids of different kinds do not collide within a site's records
        often; where they do, the station's name wins."""
        out = {r.id: r.name for r in self.robots.values()}
        out.update({i.id: i.name for i in self.items.values()})
        out.update({s.id: s.name for s in self.stations.values()})
        return out


def usable(station: Station) -> bool:
    """Whether a robot may be sent there at all."""
    return station.node is not None and station.reachable and not station.closed and not station.human_only
