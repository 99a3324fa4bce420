"""Which robot has which hosted map in which state, for pages and REST; every robot's own report is the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fleet.accounts.models import Site

from .core.vda5050.map_sync import Step, enabled_versions, next_step, wrong_map
from .core.vda5050.reports import MapInfo
from .floor.fit import factsheets
from .maps import HostedMaps, map_actions
from .models import MapFile, Robot
from .snapshots import layout_in_force


@dataclass(frozen=True, slots=True)
class RobotMaps:
    """`enabled` and `loaded`: "map version" as people read it. `why`: why it gets no order, "" when it does."""

    robot: Robot
    enabled: tuple[str, ...]
    loaded: tuple[str, ...]
    step: Step | None
    why: str
    maps: tuple[MapInfo, ...] = ()


@dataclass(slots=True)
class FileRow:
    """One hosted file; robots of its type by what they have of it."""

    file: MapFile
    enabled: list[Robot] = field(default_factory=list)
    loaded: list[Robot] = field(default_factory=list)
    without: list[Robot] = field(default_factory=list)

    @property
    def use(self) -> str:
        """enabled, offered, hosted or withdrawn."""
        if self.file.enabled:
            return "enabled"
        if self.file.withdrawn_at is not None:
            return "withdrawn"
        return "offered" if self.file.offered else "hosted"


def robots_of(site: Site) -> list[RobotMaps]:
    """Robots in service that report maps or declare map actions; four queries."""
    hosted = HostedMaps(site)
    hosted.refresh(0.0)
    found = layout_in_force(site)
    drives_on = found[1].map_id if found else ""
    robots = list(site.robots.filter(in_service=True).select_related("type", "state"))
    sheets = factsheets(robots)
    rows = []
    for robot in robots:
        state = getattr(robot, "state", None)
        actions = map_actions(sheets.get(robot.pk, {}))
        if state is None or not (state.maps or actions):
            continue
        maps = tuple(MapInfo(row["map_id"], row["map_version"], row["status"]) for row in state.maps)
        here = hosted.hosted(robot)
        standing = not (state.driving or state.node_states)
        step = next_step(maps, here, actions=frozenset(actions), standing=standing)
        ids = sorted({m.map_id for m in maps})
        enabled = tuple(f"{name} {version}" for name in ids for version in enabled_versions(maps, name))
        loaded = tuple(sorted(f"{m.map_id} {m.map_version}" for m in maps if m.status != "ENABLED"))
        rows.append(RobotMaps(robot, enabled, loaded, step, wrong_map(maps, here, drives_on), maps))
    return rows


def files_of(site: Site, robots: Sequence[RobotMaps]) -> list[FileRow]:
    files = MapFile.objects.filter(site=site).select_related("site", "type", "created_by").defer("content")
    return [_row(file, robots) for file in files]


def _row(file: MapFile, robots: Iterable[RobotMaps]) -> FileRow:
    row = FileRow(file)
    for one in robots:
        if file.type_id is not None and one.robot.type_id != file.type_id:
            continue
        status = {m.status for m in one.maps if (m.map_id, m.map_version) == (file.map_id, file.map_version)}
        (row.enabled if "ENABLED" in status else row.loaded if status else row.without).append(one.robot)
    return row
