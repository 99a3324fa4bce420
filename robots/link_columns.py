"""A VDA 5050 state as the columns of `RobotState`, section by section, so that only what changed is made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .core.nurbs import sampled
from .core.vda5050.messages import Trajectory
from .core.vda5050.reports import State, Translation, Visualization

PATH_POINTS = 64
Section = Callable[[State], Any]


def scalars(state: State) -> tuple[Any, ...]:
    """What `SCALARS` names, as the message has it: compared with the last one, and written only when it differs."""
    return (
        state.operating_mode,
        state.power_supply.charging,
        state.driving,
        state.paused,
        state.safety_state,
        state.order_id,
        state.order_update_id,
        state.last_node_id,
        state.last_node_sequence_id,
        state.new_base_request,
    )


def scalar_columns(state: State) -> dict[str, Any]:
    return {
        "operating_mode": str(state.operating_mode),
        "charging": state.power_supply.charging,
        "driving": state.driving,
        "paused": bool(state.paused),
        "physical_stop": str(state.safety_state.active_emergency_stop),
        "field_violation": state.safety_state.field_violation,
        "order_id": storable(state.order_id, 80),
        "order_update_id": state.order_update_id,
        "last_node_id": storable(state.last_node_id, 60),
        "last_node_sequence_id": state.last_node_sequence_id,
        "new_base_request": bool(state.new_base_request),
    }


def _nodes(state: State) -> list[dict[str, Any]]:
    return [
        {"node_id": node.node_id, "sequence_id": node.sequence_id, "released": node.released}
        for node in state.node_states
    ]


def _actions(state: State) -> list[dict[str, Any]]:
    return [
        {
            "action_id": action.action_id,
            "action_type": action.action_type or "",
            "status": str(action.status),
            "result": action.result or "",
        }
        for action in state.all_action_states
    ]


def _loads(state: State) -> list[dict[str, Any]] | None:
    if state.loads is None:
        return None
    return [{"load_id": load.load_id, "load_type": load.load_type, "weight": load.weight} for load in state.loads]


def _errors(state: State) -> list[dict[str, Any]]:
    return [
        {
            "type": error.error_type,
            "level": str(error.level),
            "description": error.description or "",
            "hint": error.hint or "",
            "descriptions": _languages(error.descriptions),
            "hints": _languages(error.hints),
            "references": [{"key": reference.key, "value": reference.value} for reference in error.references],
        }
        for error in state.errors
    ]


def _languages(texts: tuple[Translation, ...]) -> dict[str, str]:
    return {text.key: text.value for text in texts}


def _information(state: State) -> list[dict[str, Any]]:
    return [
        {
            "type": row.info_type,
            "level": row.level,
            "description": row.descriptor or "",
            "references": [{"key": reference.key, "value": reference.value} for reference in row.references],
        }
        for row in state.information
    ]


def _maps(state: State) -> list[dict[str, Any]]:
    return [{"map_id": m.map_id, "map_version": m.map_version, "status": m.status} for m in state.maps]


def _zone_sets(state: State) -> list[dict[str, Any]]:
    return [{"zone_set_id": z.zone_set_id, "map_id": z.map_id, "status": z.status} for z in state.zone_sets]


def _zone_requests(state: State) -> list[dict[str, Any]]:
    return [
        {
            "request_id": asked.request_id,
            "kind": str(asked.kind),
            "zone_id": asked.zone_id,
            "zone_set_id": asked.zone_set_id,
            "status": str(asked.status),
            "trajectory": path(asked.trajectory),
        }
        for asked in state.zone_requests
    ]


def _edge_requests(state: State) -> list[dict[str, Any]]:
    return [
        {
            "request_id": asked.request_id,
            "kind": str(asked.kind),
            "edge_id": asked.edge_id,
            "sequence_id": asked.sequence_id,
            "status": str(asked.status),
        }
        for asked in state.edge_requests
    ]


def _planned(said: State | Visualization) -> list[list[float]]:
    return path(said.planned_path.trajectory) if said.planned_path is not None else []


def _intermediate(said: State | Visualization) -> list[list[Any]]:
    return [[point.x, point.y, point.eta] for point in said.intermediate_path[:PATH_POINTS]]


def path(curve: Trajectory | None) -> list[list[float]]:
    """Points of a trajectory to draw, [[x, y], ...] in m, at most `PATH_POINTS`; empty without one.

    Where the knots do not fit, the control points: a robot's picture of its way is shown as well as it can be.
    """
    if curve is None:
        return []
    points = [(point.x, point.y) for point in curve.control_points]
    if curve.degree > 1 or len(points) > PATH_POINTS:
        points = list(sampled(curve, min(PATH_POINTS, 8 * len(points)))) or points[:PATH_POINTS]
    return [[round(x, 3), round(y, 3)] for x, y in points]


def paths(said: Visualization) -> dict[str, Any]:
    """The paths that a visualization has; what it leaves out stays as it was."""
    found: dict[str, Any] = {}
    if said.planned_path is not None:
        found["planned_path"] = _planned(said)
    if said.intermediate_path:
        found["intermediate_path"] = _intermediate(said)
    return found


SECTIONS: Mapping[str, tuple[str, Section]] = {
    "node_states": ("node_states", _nodes),
    "action_states": ("action_states", _actions),
    "instant_action_states": ("action_states", _actions),
    "loads": ("loads", _loads),
    "errors": ("errors", _errors),
    "information": ("information", _information),
    "maps": ("maps", _maps),
    "zone_sets": ("zone_sets", _zone_sets),
    "zone_requests": ("zone_requests", _zone_requests),
    "edge_requests": ("edge_requests", _edge_requests),
    "planned_path": ("planned_path", _planned),
    "intermediate_path": ("intermediate_path", _intermediate),
}
"""Attribute of `State` -> (column, how it is made)."""
QUIET = frozenset({"information", "planned_path", "intermediate_path"})
"""Columns for people only: dispatch is not woken for them."""


def storable(text: str, limit: int) -> str:
    """What a robot said, for a column of text: PostgreSQL knows no NUL character."""
    return text.replace("\x00", "")[:limit]
