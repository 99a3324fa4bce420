"""Which map file a robot gets, enables or deletes next (VDA 5050 2.1 section 6.7, 3.0 section 6.3).

Download, enable and delete are separate: versions are loaded ahead while the robot works, enabled only while it stands
without an order, and deleted when people withdrew them or its memory is full. An enabled version is never deleted.
The robot's own `maps` is the truth: what somebody enabled by hand is seen there and put right by the next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .reports import MapInfo

ENABLED: Final = "ENABLED"


@dataclass(frozen=True, slots=True)
class HostedMap:
    """A version that we host. `offered`: robots are to load it; `enabled`: drive on it; `withdrawn`: delete it."""

    map_id: str
    map_version: str
    offered: bool = False
    enabled: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`kind`: downloadMap, enableMap, deleteMap, or wait (with `why` in plain words)."""

    kind: str
    map_id: str
    map_version: str
    why: str = ""


def has(maps: Sequence[MapInfo], map_id: str, version: str) -> bool:
    return any(m.map_id == map_id and m.map_version == version for m in maps)


def enabled_versions(maps: Sequence[MapInfo], map_id: str) -> list[str]:
    """The versions of this map that the robot says are enabled: one where all is well."""
    return sorted({m.map_version for m in maps if m.map_id == map_id and m.status == ENABLED})


def wrong_map(maps: Sequence[MapInfo], hosted: Sequence[HostedMap], map_id: str) -> str:
    """Why a robot must get no order on the map `map_id`, or "" (3.0 section 6.3.2).

    A robot that reports no maps at all, and a site without an enabled file, are not concerned.
    """
    wanted = next((h for h in hosted if h.map_id == map_id and h.enabled), None)
    if wanted is None or not maps:
        return ""
    on = enabled_versions(maps, map_id)
    if on == [wanted.map_version]:
        return ""
    if on:
        return f"has version {' and '.join(on)} of the map {map_id} enabled; the site drives on {wanted.map_version}"
    if has(maps, map_id, wanted.map_version):
        return f"has not enabled version {wanted.map_version} of the map {map_id} yet"
    return f"does not have version {wanted.map_version} of the map {map_id} yet"


def next_step(
    maps: Sequence[MapInfo],
    hosted: Sequence[HostedMap],
    *,
    actions: frozenset[str],
    standing: bool,
    memory_full: bool = False,
) -> Step | None:
    """The one thing to do now, most urgent first; None where everything is as it should be.

    `actions` are the map actions that the robot supports, `standing`: it has no order and does not move.
    """
    for h in hosted:
        if h.enabled and has(maps, h.map_id, h.map_version) and enabled_versions(maps, h.map_id) != [h.map_version]:
            if "enableMap" not in actions:
                return Step("wait", h.map_id, h.map_version, "a person has to enable it at the robot")
            if not standing:
                return Step("wait", h.map_id, h.map_version, "enabled as soon as the robot stands without an order")
            return Step("enableMap", h.map_id, h.map_version)
    wanted = [h for h in hosted if (h.enabled or h.offered) and not has(maps, h.map_id, h.map_version)]
    old = _to_delete(maps, hosted, everything_old=memory_full and bool(wanted))
    if old is not None and "deleteMap" in actions:
        return Step("deleteMap", old.map_id, old.map_version)
    for h in sorted(wanted, key=lambda h: not h.enabled):
        if "downloadMap" not in actions:
            return Step("wait", h.map_id, h.map_version, "a person has to load it onto the robot")
        if memory_full:
            return Step("wait", h.map_id, h.map_version, "the robot's memory is full and holds nothing to delete")
        return Step("downloadMap", h.map_id, h.map_version)
    return None


def _to_delete(maps: Sequence[MapInfo], hosted: Sequence[HostedMap], *, everything_old: bool) -> MapInfo | None:
    """A version that people withdrew; when memory is needed, any other of a map of ours that is not to be used."""
    for m in maps:
        if m.status == ENABLED:
            continue
        known = next((h for h in hosted if (h.map_id, h.map_version) == (m.map_id, m.map_version)), None)
        if known is not None and known.withdrawn:
            return m
        ours = any(h.map_id == m.map_id for h in hosted)
        if everything_old and ours and not (known is not None and (known.enabled or known.offered)):
            return m
    return None
