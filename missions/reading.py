"""Rows to facts: what one dispatch cycle looks at, read in a fixed number of queries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.db.models.fields.json import KeyTransform

from fleet.accounts.models import Site
from robots.core.footprint import VehicleType
from robots.floor import Floor
from robots.floor.fit import factsheets
from robots.floor.ground import types_of
from robots.floor.recovery import order_word
from robots.floor.requests import ready_requests
from robots.models import Factsheet, FloorRequest, LayoutVersion, Robot, RobotState, RobotTraffic

from .core import lifecycle as life
from .core.charging import Levels, levels_of
from .core.desk import FINAL_ACTIONS
from .core.facts import ActionFact, Memory, MissionFact, RobotFact, StepFact
from .models import Attempt, Mission, MissionIntent

SERIOUS = ("FATAL", "CRITICAL")
COMMANDABLE = ("AUTOMATIC", "SEMIAUTOMATIC")
CONFIGURED_S = 2.0
USUAL_LEVELS = Levels()
NO_SHEET: Mapping[str, Any] = {}
OBSTACLES = frozenset({"pathBlocked", "obstacle", "obstacleDetected", "blocked"})
PASSING = frozenset({"person", "robot_ahead"})
"""Reasons of a blocked path that go away by themselves: nothing is closed for others because of them."""

KNOWN_MEMORY = frozenset(field.name for field in fields(Memory))


@dataclass(slots=True)
class Picture:
    """Everything of one site that a cycle decides on."""

    robots: dict[str, Robot]
    states: dict[str, RobotState]
    held: frozenset[str]
    missions: list[Mission]
    attempts: dict[int, Attempt]
    intents: list[MissionIntent]
    requests: list[FloorRequest]


class News(NamedTuple):
    """Whether there are open missions, and requests nobody has answered; `held` are the serials of each stop."""

    missions: bool
    intents: bool
    requests: bool
    held: list[list[str]]


NEWS = """
    select
        exists (select from missions_mission m where m.site_id = %(site)s and m.state = any(%(open)s)),
        exists (select from missions_missionintent i join missions_mission m on m.id = i.mission_id
                where m.site_id = %(site)s and i.applied_at is null),
        exists (select from robots_floorrequest where site_id = %(site)s and applied_at is null),
        (select coalesce(jsonb_agg(held), '[]')::text from robots_stoplatch
         where site_id = %(site)s and released_at is null)
"""


class Reader:
    """Robots as configured are read every few seconds, their states by version: link numbers them.

    `ground` is the hash of the layout in force and the robot types, `limit` how many robots that layout was accepted
    for (None: for all); as old as the robots.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.robots: dict[str, Robot] = {}
        self.states: dict[str, RobotState] = {}
        self.ground: tuple[str, tuple[VehicleType, ...]] = ("", ())
        self.limit: int | None = None
        self.sheets: dict[int, Mapping[str, Any]] = {}
        self._levels: dict[int, Levels] = {}
        self._serials: dict[int, str] = {}
        self._version = -1
        self._newest_sheet: int | None = None
        self._configured: datetime | None = None

    def read(self, now: datetime) -> Picture:
        """Five statements in most cycles, whatever the number of robots and missions; more when asked for something."""
        if self._configured is None:
            self.refresh(now)
        self._states()
        news = self._news()
        missions: list[Mission] = []
        if news.missions:
            found = Mission.objects.filter(site=self.site, state__in=life.OPEN)
            missions = list(found.prefetch_related("steps").order_by("id"))
        active = Attempt.objects.filter(mission__site=self.site, state="active")
        intents = MissionIntent.objects.filter(mission__site=self.site, applied_at=None).select_related("mission")
        return Picture(
            robots=self.robots,
            states=self.states,
            held=frozenset(serial for serials in news.held for serial in serials),
            missions=missions,
            attempts={attempt.mission_id: attempt for attempt in active} if missions else {},
            intents=list(intents.order_by("id")) if news.intents else [],
            requests=ready_requests(self.site) if news.requests else [],
        )

    def _news(self) -> News:
        """What there is to read at all, in one statement: most cycles find neither requests nor stops."""
        with connection.cursor() as cursor:
            cursor.execute(NEWS, {"site": self.site.pk, "open": list(life.OPEN)})
            missions, intents, requests, held = cursor.fetchone()
        return News(missions, intents, requests, json.loads(held))

    def sheet(self, robot: Robot) -> Mapping[str, Any]:
        """Its newest factsheet as it was received; empty while it has sent none."""
        return self.sheets.get(robot.pk, NO_SHEET)

    def levels(self, robot: Robot) -> Levels:
        return self._levels.get(robot.pk, USUAL_LEVELS)

    def refresh(self, now: datetime) -> None:
        """Robots, types, layout and factsheets as people and makers have them now; every few seconds is enough.

        Asked for after a cycle, so that no order waits for it.
        """
        if self._configured is not None and (now - self._configured).total_seconds() < CONFIGURED_S:
            return
        self.robots = {r.serial: r for r in Robot.objects.filter(site=self.site).select_related("type")}
        serials = {robot.pk: serial for serial, robot in self.robots.items()}
        if serials != self._serials:
            self._serials, self._version = serials, -1  # the states of new robots may be older than others'
        published = LayoutVersion.objects.filter(site=self.site, published_at__isnull=False)
        layout, self.limit = published.values_list("hash", "accepted_limit").first() or ("", None)
        self.ground = (layout, types_of(robot.type for robot in self.robots.values()))
        self._factsheets()
        self._configured = now

    def _states(self) -> None:
        fresh = RobotState.objects.filter(robot__site=self.site, version__gt=self._version)
        # link's own bookkeeping is long, and all of it that matters here is what became of the newest order
        for state in fresh.defer("link").annotate(order_word=KeyTransform("order", "link")):
            if (serial := self._serials.get(state.pk)) is not None:
                self.states[serial] = state
            self._version = max(self._version, state.version)

    def _factsheets(self) -> None:
        """The documents are long and hardly ever change: they are read when there is a newer one."""
        newest = Factsheet.objects.filter(robot__site=self.site).aggregate(newest=Max("id"))["newest"]
        if newest != self._newest_sheet:
            self._newest_sheet = newest
            self.sheets = factsheets(self.robots.values())
            self._levels = {pk: levels_of(sheet) for pk, sheet in self.sheets.items()}


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


def critical(state: RobotState) -> bool:
    """It stops and can take another order, but not go on with the one it has (VDA 5050 3.0, error levels)."""
    return any(str(_value(error, "level")).upper() == "CRITICAL" for error in state.errors)


def obstacle(state: RobotState) -> str | None:
    """What a robot says is blocked: a node, an edge, "" for what lies ahead of it; None when it says nothing."""
    for error in state.errors:
        if str(_value(error, "type")) not in OBSTACLES or set(_references(error, "reason")) & PASSING:
            continue
        named = [*_references(error, "edgeId"), *_references(error, "nodeId")]
        return named[0] if named else ""
    return None


def rejected_orders(state: RobotState) -> frozenset[str]:
    """Orders the robot refused: errors that name an order which is not the one it has (2.1, 6.6.4), and link's word."""
    found = {order for e in state.errors for order in _references(e, "orderId")}
    order, how = _link_order(state)
    return frozenset(({*found, order} if how == "rejected" else found) - {state.order_id, ""})


def broken_order(state: RobotState) -> str:
    """The order that cannot be finished: lost, cancelled, an update of it refused, or the robot in a bad way."""
    order, how = _link_order(state)
    if how in ("lost", "cancelled") or (how == "rejected" and order == state.order_id):
        return order
    return state.order_id if state.node_states and critical(state) else ""


def _on_its_way(state: RobotState, row: RobotTraffic) -> bool:
    """Whether link has not taken the newest order or update yet, or the robot has not confirmed it."""
    order, how = _link_order(state)
    if not order or not row.order_id:
        return False
    behind = int(order_word(state).get("order_update_id") or 0) < row.order_update_id
    return order != row.order_id or how == "sent" or (behind and how in ("confirmed", "finished"))


def _link_order(state: RobotState) -> tuple[str, str]:
    order = order_word(state)
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
        pending=_on_its_way(state, row),
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
    """What an attempt remembers. Members that this release does not know are left out: one row must not stop a site."""
    kept = {name: value for name, value in data.items() if name in KNOWN_MEMORY}
    return Memory(**{**kept, "actions": tuple(data.get("actions", ()))}) if data else Memory()
