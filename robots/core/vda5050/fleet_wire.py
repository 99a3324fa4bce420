"""How an order of ours is dressed for one robot: in the words of its version, without what it cannot take.

The dress of an order is chosen when it begins and kept for all its updates: the stitching node and a message sent again
must look as they did before, or a robot rightly refuses them (6.6.2; 3.0 6.1.4.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import checks
from .actions import canonical, spoken
from .errors import LocalProtocolError
from .messages import Action, BlockingType, Corridor, DeviationEllipse, Edge, Node, NodePosition, Order
from .quirks import Quirks
from .reports import Factsheet

_POSITION = "order.nodes.nodePosition"
_EDGE = "order.edges"
# our attribute -> its full name in 2.x and 3.0 factsheets
_OF_POSITION = {
    "theta": (f"{_POSITION}.theta",),
    "allowed_deviation_xy": (f"{_POSITION}.allowedDeviationXY", f"{_POSITION}.allowedDeviationXy"),
    "allowed_deviation_theta": (f"{_POSITION}.allowedDeviationTheta",),
}
_OF_EDGE = {
    "maximum_speed": (f"{_EDGE}.maxSpeed", f"{_EDGE}.maximumSpeed"),
    "maximum_mobile_robot_height": (f"{_EDGE}.maxHeight", f"{_EDGE}.maximumMobileRobotHeight"),
    "minimum_load_handling_device_height": (f"{_EDGE}.minHeight", f"{_EDGE}.minimumLoadHandlingDeviceHeight"),
    "orientation": (f"{_EDGE}.orientation",),
    "orientation_type": (f"{_EDGE}.orientationType",),
    "direction": (f"{_EDGE}.direction",),
    "reach_orientation_before_entering": (f"{_EDGE}.rotationAllowed", f"{_EDGE}.reachOrientationBeforeEntering"),
    "maximum_rotation_speed": (f"{_EDGE}.maxRotationSpeed", f"{_EDGE}.maximumRotationSpeed"),
    "length": (f"{_EDGE}.length",),
    "trajectory": (f"{_EDGE}.trajectory",),
    "corridor": (f"{_EDGE}.corridor",),
}
_PADDING = "padding"


@dataclass(frozen=True, slots=True)
class Dress:
    """`omit`: parts and attributes left out. `unknown`: action type -> keys of parameters left out. `padding`: m."""

    version: str
    omit: frozenset[str] = frozenset()
    unknown: Mapping[str, frozenset[str]] | None = None
    padding: float = 0.0

    def snapshot(self) -> dict[str, Any]:
        unknown = {name: sorted(keys) for name, keys in (self.unknown or {}).items()}
        return {"version": self.version, "omit": sorted(self.omit), "unknown": unknown, _PADDING: self.padding}


def restore_dress(saved: Mapping[str, Any]) -> Dress:
    unknown = {str(name): frozenset(keys) for name, keys in saved["unknown"].items()}
    return Dress(str(saved["version"]), frozenset(saved["omit"]), unknown, float(saved[_PADDING]))


def dress_for(quirks: Quirks, sheet: Factsheet | None) -> Dress:
    """What this robot is not sent: by its type's quirks, and by its factsheet where that is trusted.

    A list of optional parameters counts as complete when it names any of the order's (D119); most robots leave it
    empty, though they would be of no use without node positions.
    """
    omit = set(quirks.omit)
    if sheet is not None and quirks.trust_factsheet:
        listed = {item.parameter.lower() for item in sheet.optional_parameters}
        if any(name.startswith("order.") for name in listed):
            known = listed | {parent for name in listed for parent in _parents(name)}
            for attribute, names in (*_OF_POSITION.items(), *_OF_EDGE.items()):
                if not any(name.lower() in known for name in names):
                    omit.add(attribute)
            if _POSITION.lower() not in known:
                omit.add("position")
    return Dress(quirks.version, frozenset(omit), padding=quirks.deviation_padding)


def _parents(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts))}


def with_actions(dress: Dress, order: Order, sheet: Factsheet | None) -> Dress:
    """The dress with what `sheet` rules out of the parameters of actions that come up in `order` for the first time."""
    return _without_undeclared(dress, order.actions, sheet)


def instants_dress(quirks: Quirks, actions: Sequence[Action], sheet: Factsheet | None) -> Dress:
    """The dress of instant actions, which belong to no order."""
    return _without_undeclared(Dress(quirks.version, quirks.omit), actions, sheet)


def _without_undeclared(dress: Dress, actions: Sequence[Action], sheet: Factsheet | None) -> Dress:
    if sheet is None:
        return dress
    unknown = dict(dress.unknown or {})
    for action in actions:
        name = canonical(action.action_type)
        unknown[name] = unknown.get(name, frozenset()) | checks.undeclared(spoken(action, dress.version), sheet)
    return replace(dress, unknown=unknown) if unknown != dress.unknown else dress


def dressed(order: Order, dress: Dress) -> Order:
    """The order as this robot gets it. Its horizon is dropped by whoever keeps track of it, not here."""
    descriptor = None if "descriptors" in dress.omit else order.descriptor
    return replace(
        order,
        nodes=tuple(_node(node, dress) for node in order.nodes),
        edges=tuple(_edge(edge, dress) for edge in order.edges),
        zone_set_id=order.zone_set_id if dress.version.startswith("2") else None,
        descriptor=descriptor,
    )


def dressed_action(action: Action, dress: Dress) -> Action:
    said = spoken(action, dress.version)
    unknown = (dress.unknown or {}).get(canonical(action.action_type), frozenset())
    if unknown:
        said = replace(said, parameters=tuple(p for p in said.parameters if p.key not in unknown))
    if dress.version.startswith("2"):
        # SINGLE is 3.0's: HARD excludes other actions as well, and stands.
        blocking = BlockingType.HARD if said.blocking_type is BlockingType.SINGLE else said.blocking_type
        said = replace(said, blocking_type=blocking, retriable=None)
    return replace(said, descriptor=None) if "descriptors" in dress.omit else said


def _actions(actions: tuple[Action, ...], dress: Dress) -> tuple[Action, ...]:
    return tuple(dressed_action(action, dress) for action in actions)


def _node(node: Node, dress: Dress) -> Node:
    position = None if node.position is None or "position" in dress.omit else _position(node.position, dress)
    descriptor = None if "descriptors" in dress.omit else node.descriptor
    return replace(node, position=position, actions=_actions(node.actions, dress), descriptor=descriptor)


def _position(position: NodePosition, dress: Dress) -> NodePosition:
    xy, turn, theta = position.allowed_deviation_xy, position.allowed_deviation_theta, position.theta
    if xy is not None and dress.padding:
        xy = DeviationEllipse(xy.a + dress.padding, xy.b + dress.padding, xy.theta)
    if "deviation" in dress.omit or "allowed_deviation_xy" in dress.omit:
        xy = None
    if dress.omit & {"deviation", "theta", "allowed_deviation_theta"}:
        turn = None
    if "theta" in dress.omit:
        theta = None
    return replace(position, theta=theta, allowed_deviation_xy=xy, allowed_deviation_theta=turn)


def _edge(edge: Edge, dress: Dress) -> Edge:
    gone: dict[str, Any] = {name: None for name in _OF_EDGE if name in dress.omit}
    if "speed" in dress.omit:
        gone |= {"maximum_speed": None, "maximum_rotation_speed": None}
    if "descriptors" in dress.omit:
        gone["descriptor"] = None
    if "trajectory" in gone:
        gone["corridor"] = None  # it needs a trajectory (6.6.5)
    corridor: Corridor | None = gone.get("corridor", edge.corridor)
    if corridor is not None and dress.version.startswith("2"):
        gone["corridor"] = None if corridor.release_required else corridor  # 2.x cannot be told to ask first
    return replace(edge, actions=_actions(edge.actions, dress), **gone)


def missing(order: Order, sheet: Factsheet) -> str | None:
    """A parameter that the factsheet calls REQUIRED and the order has not, in words (D119)."""
    required = {item.parameter.lower() for item in sheet.optional_parameters if item.support == "REQUIRED"}
    if not required:
        return None
    for node in order.nodes:
        if node.position is None:
            if _POSITION.lower() in required:
                return f"node {node.node_id}: the robot needs nodePosition"
            continue
        for attribute, names in _OF_POSITION.items():
            if getattr(node.position, attribute) is None and any(name.lower() in required for name in names):
                return f"node {node.node_id}: the robot needs {names[0].rsplit('.', 1)[-1]}"
    for edge in order.edges:
        for attribute, names in _OF_EDGE.items():
            if getattr(edge, attribute) is None and any(name.lower() in required for name in names):
                return f"edge {edge.edge_id}: the robot needs {names[0].rsplit('.', 1)[-1]}"
    return None


def check_for(order: Order, dress: Dress, sheet: Factsheet | None, *, trusted: bool) -> None:
    """Whether this robot can be sent the order as dressed. Raises LocalProtocolError with what is wrong (D48, D118)."""
    for edge in order.edges:
        if edge.trajectory is not None and (bad := checks.trajectory_refusal(edge.trajectory, dress.version)):
            raise LocalProtocolError(f"edge {edge.edge_id}: {bad}")
    if sheet is None or not trusted:
        return
    refusal = checks.usable(order, sheet)
    text = refusal.text if refusal is not None else missing(order, sheet)
    if text:
        raise LocalProtocolError(f"the robot's factsheet rules this order out: {text}")
