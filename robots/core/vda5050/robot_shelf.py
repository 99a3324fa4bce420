"""Maps and zone sets on the robot: what is there, which is enabled (2.1 6.7, 3.0 6.3 and 6.4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .checks import zone_set_refusal
from .codec import INTERNAL, decode_body, encode_body
from .error_types import Fault
from .errors import LocalProtocolError
from .messages import Action, Zone, ZoneSet
from .reports import Factsheet, MapInfo, ZoneSetInfo
from .topics import Topic

ENABLED, DISABLED = "ENABLED", "DISABLED"
MAP_ACTIONS = ("downloadMap", "enableMap", "deleteMap")


@dataclass(slots=True)
class Shelf:
    """`enabled`: map id -> id of its one enabled zone set. `changes` counts, so that a driver knows when to save."""

    maps: tuple[MapInfo, ...] = ()
    zone_sets: dict[str, ZoneSet] = field(default_factory=dict)
    enabled: dict[str, str] = field(default_factory=dict)
    changes: int = 0

    # ------------------------------------------------------------ maps

    def knows_map(self, map_id: str) -> bool:
        """Whether a node on this map can be driven to. A robot that lists no maps is not asked."""
        return not self.maps or any(m.map_id == map_id and m.status == ENABLED for m in self.maps)

    def hindered(self, action: Action) -> tuple[Fault | None, str] | None:
        """Why a map or zone set action cannot be done as things stand: a named fault if there is one, and the text."""
        if action.action_type in MAP_ACTIONS:
            return self._map_hindered(action)
        if action.action_type == "downloadZoneSet" and action.parameter("zoneSetId") in self.zone_sets:
            return Fault.DUPLICATE_ZONE_SET, f"zone set {action.parameter('zoneSetId')} is already here; its id is used"
        return None

    def _map_hindered(self, action: Action) -> tuple[Fault | None, str] | None:
        map_id, version = str(action.parameter("mapId")), str(action.parameter("mapVersion"))
        found = next((m for m in self.maps if (m.map_id, m.map_version) == (map_id, version)), None)
        if action.action_type == "downloadMap":
            text = f"map {map_id} version {version} is already here; delete it first"
            return (Fault.DUPLICATE_MAP, text) if found else None
        if found is None:
            return None, f"there is no map {map_id} version {version} on this robot; download it first"
        if action.action_type == "deleteMap" and found.status == ENABLED:
            return None, f"map {map_id} version {version} is in use; enable another version first"
        return None

    def map_done(self, action: Action) -> None:
        """The driver finished a map action: the list says so from now on."""
        map_id, version = str(action.parameter("mapId")), str(action.parameter("mapVersion"))
        others = tuple(m for m in self.maps if (m.map_id, m.map_version) != (map_id, version))
        if action.action_type == "downloadMap":
            self.maps = (*others, MapInfo(map_id, version, DISABLED))
        elif action.action_type == "deleteMap":
            self.maps = others
        else:
            self.maps = tuple(
                replace(m, status=ENABLED if m.map_version == version else DISABLED) if m.map_id == map_id else m
                for m in self.maps
            )
        self.changes += 1

    # ------------------------------------------------------------ zone sets

    def store(self, zone_set: ZoneSet, sheet: Factsheet) -> tuple[Fault | None, str] | None:
        """Keep a zone set, not enabled. Returns a fault and text when it is not taken, None when it is."""
        if zone_set.zone_set_id in self.zone_sets:
            text = f"zone set {zone_set.zone_set_id} is already here; a changed one needs a new id"
            return Fault.DUPLICATE_ZONE_SET, text
        bad = zone_set_refusal(zone_set, sheet)
        if bad is not None:
            return None, bad
        self.zone_sets[zone_set.zone_set_id] = zone_set
        self.changes += 1
        return None

    def enable(self, zone_set_id: str) -> str | None:
        """Make it the one of its map. Returns why not, or None."""
        zone_set = self.zone_sets.get(zone_set_id)
        if zone_set is None:
            return f"there is no zone set {zone_set_id!r} on this robot; send it first"
        self.enabled[zone_set.map_id] = zone_set_id
        self.changes += 1
        return None

    def delete(self, zone_set_id: str) -> str | None:
        """Forget it. Returns why not, or None."""
        if zone_set_id not in self.zone_sets:
            return f"there is no zone set {zone_set_id!r} on this robot"
        if zone_set_id in self.enabled.values():
            return f"zone set {zone_set_id} is in use; enable another one of its map first"
        del self.zone_sets[zone_set_id]
        self.changes += 1
        return None

    def in_force(self, map_id: str) -> ZoneSet | None:
        """The enabled zone set of a map."""
        return self.zone_sets.get(self.enabled.get(map_id, ""))

    def zone(self, zone_set_id: str, zone_id: str) -> Zone:
        """A zone of an enabled zone set. Raises LocalProtocolError for any other."""
        zone_set = self.zone_sets.get(zone_set_id)
        if zone_set is None or zone_set_id not in self.enabled.values():
            raise LocalProtocolError(f"zone set {zone_set_id!r} is not enabled; only its zones can be asked for")
        found = next((zone for zone in zone_set.zones if zone.zone_id == zone_id), None)
        if found is None:
            raise LocalProtocolError(f"zone set {zone_set_id} has no zone {zone_id!r}")
        return found

    def zone_infos(self) -> tuple[ZoneSetInfo, ...]:
        in_use = self.enabled.values()
        return tuple(
            ZoneSetInfo(s.zone_set_id, s.map_id, ENABLED if s.zone_set_id in in_use else DISABLED)
            for s in self.zone_sets.values()
        )

    # ------------------------------------------------------------ journal

    def snapshot(self) -> dict[str, Any]:
        return {
            "maps": [[m.map_id, m.map_version, m.status, m.descriptor] for m in self.maps],
            "zone_sets": [encode_body(s, INTERNAL) for s in self.zone_sets.values()],
            "enabled": dict(self.enabled),
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.maps = tuple(MapInfo(*row) for row in saved["maps"])
        found = [decode_body(Topic.ZONE_SET, body, INTERNAL) for body in saved["zone_sets"]]
        self.zone_sets = {s.zone_set_id: s for s in found if isinstance(s, ZoneSet)}
        self.enabled = {str(map_id): str(zone_set_id) for map_id, zone_set_id in saved["enabled"].items()}
