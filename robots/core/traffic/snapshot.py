"""Traffic as JSON and back: bases, goals, tokens, closures. Horizons are not kept, they are planned anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from robots.core.traffic.state import RobotState

if TYPE_CHECKING:
    from robots.core.traffic.traffic import Traffic

APART: Final = ("id", "base", "goal", "avoid", "horizon", "wait")
KEPT: Final = tuple(f.name for f in fields(RobotState) if f.name not in APART)


def to_json(traffic: Traffic) -> dict[str, Any]:
    names = traffic.road.names
    robots = {}
    for state in traffic.robots.values():
        kept = {name: getattr(state, name) for name in KEPT}
        kept["base"] = [names[node] for node in state.base]
        kept["goal"] = None if state.goal is None else names[state.goal]
        kept["avoid"] = sorted(names[node] for node in state.avoid)
        robots[state.id] = kept
    return {
        "map": traffic.road.hash,
        "yields": traffic.yields,
        "closed": sorted(traffic.ways.closed_zones),
        "shut": sorted(traffic.ways.shut_doors),
        "tokens": {str(key): robot for key, robot in sorted(traffic.tokens.holder.items())},
        "robots": robots,
    }


def fill(traffic: Traffic, data: Mapping[str, Any]) -> None:
    """Put what `to_json` kept into a fresh Traffic. Raises ValueError for another layout or a contradicting record."""
    road = traffic.road
    if data["map"] != road.hash:
        raise ValueError("these holdings belong to another version of the layout; drain the site before changing it")
    traffic.yields = data["yields"]
    for robot, kept in data["robots"].items():
        state = RobotState(robot, [road.index[node] for node in kept["base"]])
        for name in KEPT:
            setattr(state, name, kept[name])
        state.goal = None if kept["goal"] is None else road.index[kept["goal"]]
        state.avoid = road.nodes_named(kept["avoid"])
        refused = traffic.ledger.claim(robot, traffic.needed(state))
        if refused:
            raise ValueError(f"the record gives {road.resources[refused[0]]} to {robot} and to {refused[1]}")
        traffic.robots[robot] = state
    traffic.tokens.holder = {int(key): robot for key, robot in data["tokens"].items()}
    traffic.ways.closed_zones, traffic.ways.shut_doors = set(data["closed"]), set(data["shut"])
    traffic.ways.refresh()
