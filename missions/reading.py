"""Rows to facts: what one dispatch cycle looks at, read in a fixed number of queries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from fleet.accounts.models import Site
from robots.floor import Floor
from robots.models import LayoutVersion, Robot, RobotState, StopLatch

from .core import lifecycle as life
from .core.desk import FINAL_ACTIONS
from .core.facts import ActionFact, Memory, MissionFact, RobotFact, StepFact
from .models import Attempt, Mission, MissionIntent

SERIOUS = ("FATAL", "CRITICAL")
COMMANDABLE = ("AUTOMATIC", "SEMIAUTOMATIC")
CONFIGURED_S = 2.0


@dataclass(slots=True)
class Picture:
    """Everything of one site that a cycle decides on."""

    robots: dict[str, Robot]
    states: dict[str, RobotState]
    held: frozenset[str]
    missions: list[Mission]
    attempts: dict[int, Attempt]
    intents: list[MissionIntent]


class Reader:
    """Robots as configured are read every few seconds, their states by version: link numbers them.

    `layout` is the hash of the layout in force, as old as the robots.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.robots: dict[str, Robot] = {}
        self.states: dict[str, RobotState] = {}
        self.layout = ""
        self._serials: dict[int, str] = {}
        self._version = -1
        self._configured: datetime | None = None

    def read(self, now: datetime) -> Picture:
        """Seven statements at most, whatever the number of robots and missions."""
        self._robots(now)
        latches = StopLatch.objects.filter(site=self.site, released_at=None).values_list("held", flat=True)
        open_missions = Mission.objects.filter(site=self.site, state__in=life.OPEN).select_related("pinned_robot")
        missions = list(open_missions.prefetch_related("steps").order_by("id"))
        active = Attempt.objects.filter(mission__site=self.site, state="active")
        intents = MissionIntent.objects.filter(mission__site=self.site, applied_at=None).select_related("mission")
        return Picture(
            robots=self.robots,
            states=self.states,
            held=frozenset(serial for serials in latches for serial in serials),
            missions=missions,
            attempts={attempt.mission_id: attempt for attempt in active} if missions else {},
            intents=list(intents.order_by("id")),
        )

    def _robots(self, now: datetime) -> None:
        if self._configured is None or (now - self._configured).total_seconds() >= CONFIGURED_S:
            self.robots = {r.serial: r for r in Robot.objects.filter(site=self.site).select_related("type")}
            self._serials = {robot.pk: serial for serial, robot in self.robots.items()}
            published = LayoutVersion.objects.filter(site=self.site, published_at__isnull=False)
            self.layout = published.values_list("hash", flat=True).first() or ""
            self._configured, self._version = now, -1
        fresh = RobotState.objects.filter(robot__site=self.site, version__gt=self._version)
        for state in fresh:
            if (serial := self._serials.get(state.pk)) is not None:
                self.states[serial] = state
            self._version = max(self._version, state.version)


def reachable(state: RobotState, now: datetime) -> bool:
    """Online by its own last word and heard within the time VDA 5050 gives it (2.1, 6.10)."""
    if state.connection != "online" or state.state_at is None:
        return False
    return (now - state.state_at).total_seconds() <= settings.YARDMASTER["stale_state_s"]


def fault_of(state: RobotState) -> str:
    """What keeps the robot from working and needs a person, in plain words; empty when nothing does."""
    if state.physical_stop != "NONE":
        return "a stop button at the robot is pressed"
    if state.field_violation:
        return "its protective field is violated"
    if not state.localized:
        return "it does not know where it is"
    for error in state.errors:
        if str(_value(error, "level")).upper() in SERIOUS and not _references(error, "orderId"):
            return str(_value(error, "description") or _value(error, "type") or "it reports an error")
    return ""


def _value(error: Mapping[str, Any], name: str) -> Any:
    for key in (name, f"error_{name}", f"error{name.title()}"):
        if key in error:
            return error[key]
    return None


def _references(error: Mapping[str, Any], key: str) -> list[str]:
    found = error.get("references") or error.get("error_references") or error.get("errorReferences") or []
    pairs = [(r[0], r[1]) if isinstance(r, list | tuple) else _pair(r) for r in found]
    return [str(value) for name, value in pairs if name in (key, "order_id" if key == "orderId" else key)]


def _pair(reference: Mapping[str, Any]) -> tuple[Any, Any]:
    name = reference.get("key") or reference.get("reference_key") or reference.get("referenceKey")
    return name, reference.get("value") or reference.get("reference_value") or reference.get("referenceValue")


def rejected_orders(state: RobotState) -> frozenset[str]:
    """Orders the robot refused: errors that name an order which is not the one it has (2.1, 6.6.4), and link's word."""
    found = {order for e in state.errors for order in _references(e, "orderId")}
    order, how = _link_order(state)
    return frozenset(({*found, order} if how == "rejected" else found) - {state.order_id, ""})


def broken_order(state: RobotState) -> str:
    """The order that link has seen lost, or an update of it refused, while nothing tells that the robot finished it."""
    order, how = _link_order(state)
    return order if how == "lost" or (how == "rejected" and order == state.order_id) else ""


def _on_its_way(state: RobotState, sent: str) -> bool:
    """Whether link has not taken the order `sent` yet, or the robot has not confirmed it."""
    order, how = _link_order(state)
    return bool(order and sent) and (order != sent or how == "sent")


def _link_order(state: RobotState) -> tuple[str, str]:
    order = (state.link or {}).get("order") or {}
    return str(order.get("order_id", "")), str(order.get("state", ""))


def action_facts(state: RobotState) -> dict[str, ActionFact]:
    """Each action with its result. Why one failed is told by the error that names it (2.1, 6.10.5), as a code."""
    codes = {action: _value(error, "type") for error in state.errors for action in _references(error, "actionId")}
    found = {}
    for row in state.action_states:
        result = _result(row.get("result"))
        if row["status"] == "FAILED" and (code := codes.get(row["action_id"])):
            result = {**result, "error": code}
        found[row["action_id"]] = ActionFact(row["status"], result)
    return found


def _result(text: Any) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {"text": str(text)}
    return found if isinstance(found, dict) else {"text": str(text)}


def robot_fact(
    robot: Robot, state: RobotState, floor: Floor, held: bool, idle_since: float | None, now: datetime
) -> RobotFact:
    row = floor.rows[robot.serial]
    return RobotFact(
        id=robot.pk,
        serial=robot.serial,
        name=robot.name,
        reachable=reachable(state, now),
        automatic=state.operating_mode in COMMANDABLE,
        paused=state.paused,
        held=held,
        driving=state.driving,
        battery=state.battery,
        charging=state.charging,
        loaded=bool(state.loads),
        order_id=state.order_id,
        sent_order=row.order_id,
        at=state.last_node_id,
        node=floor.end(robot.serial),
        moving=floor.moving(robot.serial),
        remaining=len(state.node_states),
        actions=action_facts(state),
        rejected=rejected_orders(state),
        fault=fault_of(state),
        home=robot.home,
        idle_since=idle_since,
        acting=any(a["status"] not in FINAL_ACTIONS for a in state.action_states),
        broken=broken_order(state),
        pending=_on_its_way(state, row.order_id),
    )


def mission_fact(mission: Mission, attempt: Attempt | None) -> MissionFact:
    return MissionFact(
        id=mission.pk,
        label=mission.label,
        state=mission.state,
        steps=tuple(StepFact(s.index, s.op, s.payload, s.state, s.result) for s in mission.steps.all()),
        attempt=attempt.pk if attempt else None,
        key=attempt.public_id if attempt else "",
        robot=attempt.robot_id if attempt else None,
        memory=memory_of(attempt.memory) if attempt else Memory(),
        deadline=mission.deadline.timestamp() if mission.deadline else None,
        speed=mission.plan.get("speed"),
    )


def memory_of(data: Mapping[str, Any]) -> Memory:
    return Memory(**{**data, "actions": tuple(data.get("actions", ()))}) if data else Memory()
