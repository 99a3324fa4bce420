"""What the simulated robots say they are and can do (VDA 5050 2.1 section 6.15, 3.0 section 6.10), by type."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inference.contract import Envelope
from robots.core.vda5050.actions import ACTIONS
from robots.core.vda5050.messages import ActionScope, ZoneType
from robots.core.vda5050.reports import (
    ActionDeclaration,
    Factsheet,
    LoadSet,
    ParameterDeclaration,
    SoftwareVersion,
)

OFFERED = (
    "pick", "drop", "scan", "inspect", "startCharging", "stopCharging", "startPause", "stopPause", "cancelOrder",
    "stateRequest", "factsheetRequest", "initializePosition", "detectObject", "finePositioning", "waitForTrigger",
)  # fmt: skip
OFFERED_SINCE_3 = (
    "trigger", "retry", "skipRetry", "clearInstantActions", "clearZoneActions", "startHibernation", "stopHibernation",
    "shutdown", "enableZoneSet", "deleteZoneSet", "downloadMap", "enableMap", "deleteMap",
)  # fmt: skip
ZONES = (ZoneType.RELEASE, ZoneType.SPEED_LIMIT, ZoneType.BLOCKED)
NAMED_BY_STEP = frozenset({"pick", "drop", "scan", "inspect"})
_STEP = (
    ParameterDeclaration("attempt", "STRING", True, "the mission program this action belongs to"),
    ParameterDeclaration("step", "INTEGER", True, "the index of its step in that program"),
)
_QUANTITY = ParameterDeclaration("quantity", "INTEGER", True, "how many loads, 1 unless given")
TRIGGER = ActionDeclaration("trigger", (ActionScope.INSTANT,), descriptor="releases the open waitForTrigger")
MAP_FREE_LENGTHS = {"order.nodes": 500, "order.edges": 500, "node.actions": 20, "edge.actions": 20}


@dataclass(frozen=True, slots=True)
class RobotType:
    """m/s, kg, m. `radius`: of the circle it fills on the floor, as the simulation sees it."""

    name: str
    max_speed: float
    max_payload: float
    length: float
    width: float
    height: float
    radius: float = 0.3
    capacity: int = 12


TYPES = {
    "cart": RobotType("cart", 1.6, 120.0, 0.60, 0.50, 0.60),
    "forklift": RobotType("forklift", 1.3, 800.0, 0.66, 0.56, 1.60),
    "arm": RobotType("arm", 1.2, 15.0, 0.60, 0.52, 1.30),
}


def type_of(name: str) -> RobotType:
    """The type by name; an unknown one is a cart under that name."""
    return TYPES.get(name) or replace(TYPES["cart"], name=name or "cart")


def default_envelope(kind: RobotType) -> Envelope:
    """The robot's own limits. A program's envelope can only be narrower."""
    return Envelope(
        version="robot",
        max_speed=kind.max_speed,
        max_rotation=1.5,
        person_clearance=0.6,
        max_payload=kind.max_payload,
        min_confidence=0.5,
        max_decision_age=0.5,
    )


def factsheet_of(kind: RobotType, policy: str, version: str = "2.1.0") -> Factsheet:
    """`policy`: name and version of the robot model, reported under versions (the standard's place for it)."""
    three = version.startswith("3")
    own = tuple(_declared(name, version) for name in (*OFFERED, *(OFFERED_SINCE_3 if three else ())))
    return Factsheet(
        series_name=f"simulated-{kind.name}",
        kinematic="DIFF",
        robot_class="FORKLIFT" if kind.name == "forklift" else "CARRIER",
        maximum_load_mass=kind.max_payload,
        maximum_speed=kind.max_speed,
        maximum_acceleration=0.9,
        maximum_deceleration=1.4,
        maximum_height=kind.height,
        width=kind.width,
        length=kind.length,
        maximum_array_lengths=MAP_FREE_LENGTHS,
        minimum_state_interval=0.05,
        default_state_interval=1.0,
        visualization_interval=0.2,
        actions=own if three else (*own, TRIGGER),
        supported_zones=ZONES if three else (),
        load_sets=(LoadSet("default", "*", maximum_weight=kind.max_payload),),
        versions=(SoftwareVersion("robotModel", policy), SoftwareVersion("onboard", "yardmaster")),
    )


def _declared(name: str, version: str) -> ActionDeclaration:
    declared = ACTIONS[name].declaration(version=version)
    if name not in NAMED_BY_STEP:
        return declared
    more = (*_STEP, _QUANTITY) if name in ("pick", "drop") else _STEP
    return replace(declared, parameters=(*declared.parameters, *more))
