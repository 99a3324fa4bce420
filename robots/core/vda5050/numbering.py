"""Digits for robots whose ids may only be numbers (factsheet idNumericalOnly, 2.1 6.15.1), and back.

Only ids that are no numbers are replaced. Ids of places keep their number for ever, for the robot stores them; those of
orders and actions are forgotten when nothing can name them any more, and their numbers are never given again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from .messages import Action, ActionParameter, Edge, InstantActions, Node, NodePosition, Order, ZoneSet
from .reports import (
    ActionState,
    EdgeRequest,
    EdgeState,
    Error,
    NodeState,
    PlannedPath,
    Position,
    Reference,
    State,
    Visualization,
    ZoneRequest,
)

FIRST = 100_001
LIMIT = 10**9
_REFERENCES = frozenset({"orderId", "nodeId", "edgeId", "actionId", "mapId", "zoneSetId", "zoneId", "lastNodeId"})
_PARAMETERS = frozenset({"orderId", "actionId", "lastNodeId", "mapId", "zoneSetId"})


class Numbering:
    """Two-way and restorable. `out`: our id -> what is sent. `back`: the reverse; unknown digits pass through."""

    def __init__(self) -> None:
        self.following = FIRST
        self.lasting: dict[str, str] = {}
        self.passing: dict[str, str] = {}
        self._back: dict[str, str] = {}

    def out(self, name: str, *, passing: bool = False) -> str:
        """The digits for `name`. A number of our own passes unless it was given to another id before."""
        known = self.lasting.get(name) or self.passing.get(name)
        if known is not None:
            return known
        if not name or (_number(name) is not None and name not in self._back):
            self._skip(name)
            return name
        digits = str(self.following)
        self.following += 1
        (self.passing if passing else self.lasting)[name] = digits
        self._back[digits] = name
        return digits

    def back(self, digits: str) -> str:
        name = self._back.get(digits)
        if name is None:
            self._skip(digits)
            return digits
        return name

    def _skip(self, name: str) -> None:
        """A number that is in use already, here or on the robot, is not given to another id later."""
        number = _number(name)
        if number is not None and self.following <= number < LIMIT:
            self.following = number + 1

    def forget(self, keep: Collection[str]) -> None:
        """Drop the numbers of orders and actions but those in `keep`."""
        for name in [name for name in self.passing if name not in keep]:
            del self._back[self.passing.pop(name)]

    # ------------------------------------------------------------ what is sent

    def order(self, order: Order) -> Order:
        return replace(
            order,
            order_id=self.out(order.order_id, passing=True),
            nodes=tuple(self._node(node) for node in order.nodes),
            edges=tuple(self._edge(edge) for edge in order.edges),
            zone_set_id=None if order.zone_set_id is None else self.out(order.zone_set_id),
        )

    def _node(self, node: Node) -> Node:
        at = self._at(node.position, self.out)
        return replace(node, node_id=self.out(node.node_id), position=at, actions=self.actions(node.actions))

    def _edge(self, edge: Edge) -> Edge:
        return replace(
            edge,
            edge_id=self.out(edge.edge_id),
            start_node_id=self.out(edge.start_node_id),
            end_node_id=self.out(edge.end_node_id),
            actions=self.actions(edge.actions),
        )

    def _at(self, position: NodePosition | None, name: Callable[[str], str]) -> NodePosition | None:
        return None if position is None else replace(position, map_id=name(position.map_id))

    def actions(self, actions: tuple[Action, ...]) -> tuple[Action, ...]:
        return tuple(
            replace(a, action_id=self.out(a.action_id, passing=True), parameters=self._parameters(a)) for a in actions
        )

    def _parameters(self, action: Action) -> tuple[ActionParameter, ...]:
        return tuple(
            replace(p, value=self.out(p.value, passing=p.key in ("orderId", "actionId")))
            if p.key in _PARAMETERS and isinstance(p.value, str)
            else p
            for p in action.parameters
        )

    def instants(self, message: InstantActions) -> InstantActions:
        return InstantActions(self.actions(message.actions))

    def zone_set(self, zone_set: ZoneSet) -> ZoneSet:
        zones = tuple(replace(zone, zone_id=self.out(zone.zone_id)) for zone in zone_set.zones)
        return replace(
            zone_set, zone_set_id=self.out(zone_set.zone_set_id), map_id=self.out(zone_set.map_id), zones=zones
        )

    # ------------------------------------------------------------ what is received

    def state(self, state: State, previous: State | None, raw_previous: State | None) -> State:
        """The state in our ids. What is unchanged against `raw_previous` is taken from `previous`, its translation."""
        back = self.back

        def part(name: str, translate: Callable[[Any], Any]) -> Any:
            raw = getattr(state, name)
            if previous is not None and raw_previous is not None and getattr(raw_previous, name) is raw:
                return getattr(previous, name)
            return tuple(translate(item) for item in raw) if isinstance(raw, tuple) else raw and translate(raw)

        return replace(
            state,
            order_id=back(state.order_id),
            last_node_id=back(state.last_node_id),
            node_states=part("node_states", self._node_state),
            edge_states=part("edge_states", lambda e: _edge_state(e, back)),
            action_states=part("action_states", lambda a: _action_state(a, back)),
            instant_action_states=part("instant_action_states", lambda a: _action_state(a, back)),
            errors=part("errors", lambda e: _error(e, back)),
            position=part("position", lambda p: _position(p, back)),
            maps=part("maps", lambda m: replace(m, map_id=back(m.map_id))),
            zone_set_id=back(state.zone_set_id) if state.zone_set_id else state.zone_set_id,
            zone_sets=part("zone_sets", lambda z: replace(z, zone_set_id=back(z.zone_set_id), map_id=back(z.map_id))),
            zone_requests=part("zone_requests", lambda z: _zone_request(z, back)),
            edge_requests=part("edge_requests", lambda e: _edge_request(e, back)),
            planned_path=part("planned_path", lambda p: _path(p, back)),
        )

    def visualization(self, seen: Visualization) -> Visualization:
        position = seen.position and _position(seen.position, self.back)
        return replace(seen, position=position, planned_path=seen.planned_path and _path(seen.planned_path, self.back))

    def _node_state(self, node: NodeState) -> NodeState:
        return replace(node, node_id=self.back(node.node_id), position=self._at(node.position, self.back))

    # ------------------------------------------------------------ restart

    def snapshot(self) -> dict[str, Any]:
        return {"next": self.following, "lasting": dict(self.lasting), "passing": dict(self.passing)}

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.following = int(saved["next"])
        self.lasting, self.passing = dict(saved["lasting"]), dict(saved["passing"])
        self._back = {digits: name for name, digits in (*self.lasting.items(), *self.passing.items())}


def digits_of(name: str) -> str:
    """Digits for an id without a table, for whoever has none (the stop path): the same each time, above all of a
    table's numbers and below 2^31."""
    return name if _number(name) is not None else str(LIMIT + zlib.crc32(name.encode()) % LIMIT)


_Back = Callable[[str], str]


def _number(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdigit() and len(name) <= 20 else None


def _edge_state(edge: EdgeState, back: _Back) -> EdgeState:
    return replace(edge, edge_id=back(edge.edge_id))


def _action_state(action: ActionState, back: _Back) -> ActionState:
    return replace(action, action_id=back(action.action_id))


def _error(error: Error, back: _Back) -> Error:
    found = tuple(Reference(r.key, back(r.value)) if r.key in _REFERENCES else r for r in error.references)
    return replace(error, references=found)


def _position(position: Position, back: _Back) -> Position:
    return replace(position, map_id=back(position.map_id))


def _zone_request(request: ZoneRequest, back: _Back) -> ZoneRequest:
    return replace(request, zone_id=back(request.zone_id), zone_set_id=back(request.zone_set_id))


def _edge_request(request: EdgeRequest, back: _Back) -> EdgeRequest:
    return replace(request, edge_id=back(request.edge_id))


def _path(path: PlannedPath, back: _Back) -> PlannedPath:
    return replace(path, traversed_nodes=tuple(back(name) for name in path.traversed_nodes))
