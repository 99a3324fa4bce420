"""Traffic as JSON and back: bases, goals, tokens, closures. Horizons are not kept, they are planned anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from robots.core.traffic.ledger import Ledger
from robots.core.traffic.state import RobotState
from robots.core.traffic.ways import Obstacle

if TYPE_CHECKING:
    from robots.core.traffic.traffic import Traffic

APART: Final = ("id", "base", "goal", "came", "avoid", "horizon", "wait")
KEPT: Final = tuple(f.name for f in fields(RobotState) if f.name not in APART)


def to_json(traffic: Traffic) -> dict[str, Any]:
    names, ways = traffic.road.names, traffic.ways
    robots = {}
    for state in traffic.robots.values():
        kept = {name: getattr(state, name) for name in KEPT}
        kept["base"] = [names[node] for node in state.base]
        kept["goal"] = None if state.goal is None else names[state.goal]
        kept["came"] = None if state.came is None else names[state.came]
        kept["avoid"] = sorted(names[node] for node in state.avoid)
        robots[state.id] = kept
    return {
        "map": traffic.road.hash,
        "yields": traffic.yields,
        "zones": traffic.zones(),
        "doors": {door: {"owner": owner, "until": until} for door, (owner, until) in sorted(traffic.doors.items())},
        "blocks": {place: {"until": o.until, "by": o.by} for place, o in sorted(ways.obstacles.items())},
        "misplaced": {robot: sorted(names[n] for n in nodes) for robot, nodes in sorted(ways.present.items())},
        "tokens": {str(key): robot for key, robot in sorted(traffic.tokens.holder.items())},
        "queued": dict(sorted(traffic.tokens.queued.items())),
        "granted": {str(key): since for key, since in sorted(traffic.tokens.granted.items())},
        "cap": traffic.cap.to_json(),
        "guided": traffic.guided,
        "ledger": traffic.ledger.snapshot(),
        "robots": robots,
    }


def fill(traffic: Traffic, data: Mapping[str, Any], epoch: int) -> None:
    """Put what `to_json` kept into a fresh Traffic. Raises ValueError for another layout or a contradicting record."""
    road = traffic.road
    if data["map"] != road.hash:
        raise ValueError("these holdings belong to another version of the layout; drain the site before changing it")
    traffic.ledger = Ledger.restore(data["ledger"], road, epoch=epoch)
    traffic.yields = data["yields"]
    for robot, kept in data["robots"].items():
        state = RobotState(robot, [])
        for name in KEPT:
            setattr(state, name, kept[name])
        state.goal = None if kept["goal"] is None else road.index[kept["goal"]]
        state.came = None if kept["came"] is None else road.index[kept["came"]]
        state.avoid = road.nodes_named(kept["avoid"])
        traffic.robots[robot] = state
        traffic.sync(state)
        if [road.names[node] for node in state.base] != kept["base"]:
            raise ValueError(f"the record gives {robot} another base than its ledger does")
    traffic.tokens.holder = {int(key): robot for key, robot in data["tokens"].items()}
    traffic.tokens.queued = dict(data["queued"])
    traffic.tokens.granted = {int(key): since for key, since in data.get("granted", {}).items()}
    traffic.cap.fill(data["cap"])
    ways = traffic.ways
    ways.zones = traffic.ledger.blocked()
    traffic.doors = {door: (kept["owner"], kept["until"]) for door, kept in data["doors"].items()}
    ways.taken_doors = set(traffic.doors)
    ways.obstacles = {place: Obstacle(kept["until"], kept["by"]) for place, kept in data["blocks"].items()}
    ways.present = {robot: road.nodes_named(nodes) for robot, nodes in data["misplaced"].items()}
    ways.refresh()
    traffic.steer(data["guided"])
