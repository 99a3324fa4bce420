"""What the plain robot does differently from others, and what it finds wrong with an order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

TAKES = ("pick", "drop", "startCharging", "stopCharging")


@dataclass(slots=True)
class Habits:
    """What robots on the market do differently, each on its own within the standard or a common misreading of it.

    `refusals`: orders it turns down before it takes one. `failures`: times that an action ends FAILED.

    `retriable`: times that an action stops as RETRIABLE (3.0). `late_nodes` s: node states vanish so much later than
    the last node changes. `every` s between states that nothing caused; events are always told at once.
    """

    sheet: dict[str, Any] | None = None
    says_node_at_start: bool = True
    forgets_order: bool = False
    keeps_passed_nodes: bool = False
    forgets_actions: bool = False
    says_loads: bool = True
    refuses_while_charging: bool = False
    wants_theta: bool = False
    refusals: int = 0
    failures: int = 0
    retriable: int = 0
    late_nodes: float = 0.0
    every: float = 25.0
    pace: float = 7.0
    action_s: float = 0.3
    most_nodes: int = 0
    known_parameters: frozenset[str] | None = None


@dataclass(slots=True)
class Act:
    """An action as it goes: `due` on the monotonic clock."""

    body: dict[str, Any]
    status: str = "WAITING"
    due: float = 0.0
    result: str = ""


def malformed(order: dict[str, Any], version: str, map_id: str, habits: Habits) -> str:
    """What is wrong with the message (2.1 sections 6.6.1 and 6.6.6, 3.0 sections 6.1.1 and 7.3), or ""."""
    nodes, edges, three = order["nodes"], order["edges"], version.startswith("3")
    parts = [part for pair in zip(nodes, [*edges, None], strict=False) for part in pair if part]
    numbers = [part["sequenceId"] for part in parts]
    if len(edges) != len(nodes) - 1 or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return f"sequence ids are {numbers}"
    released = [part["released"] for part in parts]
    if not released[0] or sorted(released, reverse=True) != released:
        return f"released is {released}"
    for index, edge in enumerate(edges):
        ends = (nodes[index]["nodeId"], nodes[index + 1]["nodeId"])
        if not three and (edge.get("startNodeId"), edge.get("endNodeId")) != ends:
            return f"edge {edge['edgeId']} does not join {ends}"
        if three and ("startNodeId" in edge or "endNodeId" in edge):
            return f"edge {edge['edgeId']} names nodes, which 3.0 does not know"
    for node in nodes:
        position = node.get("nodePosition") or {}
        if position.get("mapId") != map_id:
            return f"node {node['nodeId']} is on map {position.get('mapId')}"
        if habits.wants_theta and "theta" not in position:
            return f"node {node['nodeId']} has no theta"
    if 0 < habits.most_nodes < len(nodes):
        return f"{len(nodes)} nodes"
    return _bad_action([action for node in nodes for action in node["actions"]], habits, three)


def _bad_action(actions: list[dict[str, Any]], habits: Habits, three: bool) -> str:
    for action in actions:
        kind = action["actionType"]
        keys = {parameter["key"] for parameter in action.get("actionParameters") or ()}
        if kind not in TAKES:
            return f"action {kind}"
        if habits.known_parameters is not None and kind in ("pick", "drop") and not keys <= habits.known_parameters:
            return f"parameters {sorted(keys - habits.known_parameters)} of {kind}"
        if not three and kind == "pick" and not {"stationType", "loadType"} <= keys:
            return f"pick needs stationType and loadType, has {sorted(keys)}"
    return ""


def within(node: dict[str, Any], where: tuple[float, float]) -> bool:
    """Whether the robot stands within the deviation allowed at a node: a radius in 2.x, an ellipse in 3.0."""
    place = node["nodePosition"]
    allowed = place.get("allowedDeviationXY", place.get("allowedDeviationXy", 0.3))
    radius = max(allowed["a"], allowed["b"]) if isinstance(allowed, dict) else float(allowed)
    return math.dist((place["x"], place["y"]), where) <= max(radius, 0.05)
