"""One robot: what fleet control says in, what the hardware shall do out. No MQTT, no thread, no torch.

The order of things is the safety of a restart: events change the VDA 5050 side, the side's snapshot goes to disk, and
only then anything starts, moves or is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from inference.contract import Envelope
from inference.onboard.actions import OWN_ERRORS, ActionRunner
from inference.onboard.drivers import Body, Driver, Ranges
from inference.onboard.journal import Journal
from inference.onboard.lease import LeaseGuard
from inference.onboard.paths import intermediate, planned
from inference.onboard.trouble import Troubles
from inference.onboard.way import Point, Way
from inference.onboard.zones import ZoneKeeper
from robots.core.geometry import point_to_segment
from robots.core.layout import Layout
from robots.core.safety import Corridor, Limits, Proposal, SafetySupervisor, Situation, Verdict
from robots.core.vda5050.events import (
    CancelRequested,
    OrderAccepted,
    OrderCleared,
    RetryAction,
    RobotEvent,
    ShutdownRequested,
    StartAction,
    StopAction,
    TriggerReceived,
)
from robots.core.vda5050.messages import Node, Order
from robots.core.vda5050.reports import Load, MapInfo
from robots.core.vda5050.robot_shelf import ENABLED
from robots.core.vda5050.robot_side import RobotSide

HALF_WIDTH = 0.45
"""m to each side of the released way."""
ARRIVED, STANDING, ALIGNED = 0.06, 0.03, 0.1
NEAR = 1.0
"""m from its last node within which a robot drives straight to the next: by that node it would leave its corridor."""
BASE_AHEAD = 3.0
"""m before the end of the base at which more is asked for."""
AT_BORDER = 0.08
"""m before the border of a zone at which a robot without leave stands still."""
VISUALIZATION_MOVING_S, VISUALIZATION_STILL_S = 0.2, 1.0


@dataclass(frozen=True, slots=True)
class Drive:
    """Where to drive now. `end`: index in the way of the node to stop at; lengths in m, limit in m/s, theta in rad.

    `held`: it stops before that node, at the border of a zone it has no leave to enter.
    """

    way: Way
    end: int
    along: float
    remaining: float
    speed_limit: float
    theta: float | None
    corridor: Corridor
    may_drive: bool
    held: bool = False


class Executor:
    def __init__(
        self,
        side: RobotSide,
        journal: Journal,
        driver: Driver,
        guard: LeaseGuard,
        layout: Layout,
        envelope: Envelope,
        state_hz: float = 1.0,
        *,
        radius: float = 0.3,
    ) -> None:
        self.serial = side.serial
        self.side, self.journal, self.driver, self.guard = side, journal, driver, guard
        self.actions = ActionRunner(side.serial, side, journal, driver)
        self.troubles = Troubles(side)
        self.zones = ZoneKeeper(side, radius)
        self.switched_off = False
        """Shut down by fleet control: the runtime takes it off the broker."""
        interval = min(30.0, 1.0 / state_hz)
        self._active = replace(side.settings, state_interval=interval, visualization_interval=VISUALIZATION_MOVING_S)
        self._still = replace(side.settings, state_interval=interval, visualization_interval=VISUALIZATION_STILL_S)
        self._map = layout.map_id or layout.name
        self._map_version = layout.version or "1"
        self._places = {n.id: (n.x, n.y) for n in layout.nodes}
        self._zone_speed = {
            node: zone.max_speed for zone in layout.zones if zone.max_speed for node in layout.nodes_in(zone)
        }
        self._own = envelope
        self._anchor: Point | None = None
        self._saved_order: Order | None = None
        self._saved_mark: tuple[object, ...] = ()
        self._kept: Body | None = None
        self._supervisor: SafetySupervisor | None = None
        self._drive: Drive | None = None
        self.body = driver.body(self.serial)

    # --- start and stop ---------------------------------------------------------------------------------------------

    def restore(self, start_node: str | None) -> None:
        """Take up what the journal holds, or stand at `start_node` as a robot that was just switched on."""
        if (kept := self.journal.load("body")) is not None:
            self.driver.restore(self.serial, Body(**{**kept, "v": 0.0, "omega": 0.0, "loads": tuple(kept["loads"])}))
        if (saved := self.journal.load("side")) is not None:
            self.side.restore(saved)
        elif start_node:
            self.side.set_last_node(start_node)
        if self.side.settings.three and not any(m.map_id == self._map for m in self.side.shelf.maps):
            self.side.set_maps((*self.side.shelf.maps, MapInfo(self._map, self._map_version, ENABLED)))
        if (lease := self.journal.load("lease")) is not None:
            self.guard.last = (int(lease["epoch"]), int(lease["counter"]))
        self.sense(False)
        self._anchor = (self.body.x, self.body.y)
        self.actions.take_up()
        self.act(self.side.set_driving(False), 0.0)

    def keep(self) -> None:
        """Pose, battery, load and the newest lease, once a second; a robot that stands still writes nothing."""
        b = self.body
        rounded = replace(b, x=round(b.x, 3), y=round(b.y, 3), theta=round(b.theta, 3), battery=round(b.battery, 1))
        if rounded == self._kept:
            return
        self._kept = rounded
        self.journal.save_loosely("body", {name: getattr(rounded, name) for name in Body.__slots__})
        if self.guard.last is not None:
            self.journal.save_loosely("lease", {"epoch": self.guard.last[0], "counter": self.guard.last[1]})

    # --- events -----------------------------------------------------------------------------------------------------

    def act(self, events: Iterable[RobotEvent], now: float) -> None:
        """Write the side's snapshot down, then do what the events ask and what follows from it. `now`: monotonic s."""
        waiting = [*events, *self._followed()]
        self.save()
        while waiting:
            event = waiting.pop(0)
            if isinstance(event, OrderAccepted | StartAction):
                self._supervisor = None  # another program may apply now
            if isinstance(event, OrderAccepted):
                self._anchor = (self.body.x, self.body.y)
                self.troubles.clear()
                for error in OWN_ERRORS:
                    self.side.clear_error(error)
            elif isinstance(event, StartAction):
                self.actions.start(event, now, self.limits.least_confidence)
            elif isinstance(event, RetryAction):
                self.actions.again(event, now, self.limits.least_confidence)
            elif isinstance(event, TriggerReceived):
                self.actions.triggered(event.action_id)
            elif isinstance(event, ShutdownRequested):
                self.switched_off = True
            elif isinstance(event, StopAction):
                self.actions.stop([event.action_id])
            elif isinstance(event, CancelRequested):
                self.actions.stop(event.running)
            elif isinstance(event, OrderCleared):
                self.actions.stop(event.abandoned)
                self._anchor = None
            waiting += self._followed()
            self.save()

    def save(self) -> None:
        """The side's snapshot on disk, if anything changed that a restart must know. Cheap when not."""
        route, entries = self.side.route, self.side.book.entries.values()
        place = (route.closed, route.last_node_id, route.last_sequence_id, route.on_node, route.edge_entered)
        actions = tuple((e.action.action_id, e.status, e.triggered) for e in entries)
        mark = (place, actions, self.side.mode, self.side.paused, self.side.changes)
        if route.order is not self._saved_order or mark != self._saved_mark:
            self.journal.save("side", self.side.snapshot())
            self._saved_order, self._saved_mark = route.order, mark

    def _followed(self) -> list[RobotEvent]:
        events, self.actions.events = self.actions.events, []
        return events

    # --- limits -----------------------------------------------------------------------------------------------------

    @property
    def limits(self) -> Limits:
        return self.supervisor.limits

    @property
    def supervisor(self) -> SafetySupervisor:
        """For the narrower of the robot's own envelope and that of the program being executed."""
        if self._supervisor is None:
            order = self.side.route.order
            program = self.actions.program(order.order_id.partition(".")[0]) if order else None
            self._supervisor = SafetySupervisor(narrower(self._own, program.envelope if program else self._own))
        return self._supervisor

    # --- every tick -------------------------------------------------------------------------------------------------

    def sense(self, driving: bool) -> list[RobotEvent]:
        """Tell the side what the body is doing. Returns what follows, for `act`."""
        self.body = b = self.driver.body(self.serial)
        side = self.side
        side.set_pose(round(b.x, 4), round(b.y, 4), round(b.theta, 4), self._map)
        side.set_velocity(round(b.v, 3), 0.0, round(b.omega, 3))
        side.set_battery(round(b.battery, 1), b.charging)
        side.set_loads(tuple(Load(load_type=load) for load in b.loads))
        moving = driving or abs(b.v) > STANDING or abs(b.omega) > 0.05
        side.settings = self._active if moving else self._still
        self.actions.poll()
        return side.set_driving(moving)

    def passed(self) -> list[RobotEvent]:
        """Nodes the robot has passed, or stands on where it had to stop."""
        events: list[RobotEvent] = []
        while (target := self.side.next_base_target()) is not None and target.on_edge:
            drive = self.drive()
            if drive is None:
                break
            b = self.body
            if target.must_stop:
                turned = drive.theta is None or abs(math.remainder(drive.theta - b.theta, math.tau)) < ALIGNED
                there = drive.end == 1 and not drive.held and drive.remaining < ARRIVED and b.v < STANDING and turned
            else:
                there = drive.way.passed_first(b.x, b.y)
            if not there:
                break
            self._anchor = drive.way.points[1]
            events += self.side.reached_node(target.node.sequence_id)
        return events

    def drive(self) -> Drive | None:
        """Where to go now; None when nothing is released ahead or a position is missing."""
        self._drive = self._look_ahead()
        return self._drive

    def _look_ahead(self) -> Drive | None:
        target = self.side.next_base_target()
        if target is None:
            self.side.request_base(bool(self.side.route.nodes_left()))
            self.zones.stand((self.body.x, self.body.y))
            return None
        base = [node for node in self.side.route.nodes_left() if node.released]
        points = [self._start(base[0])]
        for node in base:
            if (place := self._place(node)) is None:
                self.troubles.say(
                    "positionMissing", f"node {node.node_id} has no position and is not on this robot's map"
                )
                return None
            points.append(place)
        end = next((i for i, n in enumerate(base, start=1) if self.side.book.stops_at(n.sequence_id)), len(base))
        way = Way(tuple(points))
        along = way.along(self.body.x, self.body.y)
        more = len(self.side.route.nodes_left()) > len(base)
        self.side.request_base(more and way.length_to(len(base)) - along < BASE_AHEAD)
        position = base[end - 1].position
        speeds = [target.edge.maximum_speed, self._zone_speed.get(base[0].node_id)]
        speeds.append(self._zone_speed.get(self.side.route.last_node_id))
        remaining = way.length_to(end) - along
        view = self.zones.look(way, along, (self.body.x, self.body.y), base)
        speeds.append(view.speed)
        held = view.hold is not None and view.hold < remaining
        if view.hold is not None and held:
            remaining = max(0.0, view.hold)
        return Drive(
            way=way,
            end=end,
            along=along,
            remaining=remaining,
            speed_limit=min([s for s in speeds if s is not None], default=self.limits.max_speed),
            theta=position.theta if position and not held else None,
            corridor=Corridor(tuple(points), HALF_WIDTH),
            may_drive=target.may_drive and not (held and remaining < AT_BORDER),
            held=held,
        )

    def show(self, wall: float) -> None:
        """3.0 6.8: the way it means to drive and when it will be where, from here to the end of the base."""
        if not self.side.settings.three:
            return
        drive = self._drive
        if drive is None:
            self.side.set_paths(None)
            return
        nodes = tuple(node.node_id for node in self.side.route.nodes_left() if node.released)
        ahead = drive.way.rest(drive.along, len(drive.way.points) - 1)
        here = (self.body.x, self.body.y)
        speed = min(drive.speed_limit, self.limits.max_speed)
        self.side.set_paths(planned(here, ahead, nodes), intermediate(here, ahead, speed, wall))

    def heartbeat(self, wall: float, now: float) -> None:
        """The side's own time: messages that are due, leases that end, a hibernation that is over."""
        events = self.side.tick(wall)
        if events:
            self.act(events, now)

    def enter(self) -> list[RobotEvent]:
        """The robot is about to move: its edge is entered."""
        target = self.side.next_base_target()
        if target is None or target.on_edge or not target.may_drive:
            return []
        return self.side.start_edge(target.edge.sequence_id)

    def judge(self, drive: Drive, proposal: Proposal, ranges: Ranges, now: float) -> Verdict:
        """The safety supervisor's word on the proposal, and the trouble it means if it lasts."""
        b = self.body
        situation = Situation(
            x=b.x, y=b.y, theta=b.theta, v=b.v,
            lease_ok=self.guard.fresh(now), held=self.guard.held, stopped=not drive.may_drive,
            corridor=drive.corridor, person=ranges.person, robot=ranges.robot, obstacle=ranges.obstacle,
            speed_limit=drive.speed_limit,
        )  # fmt: skip
        verdict = self.supervisor.filter(proposal, situation)
        self.troubles.watch(verdict, now)
        return verdict

    def jump(self, now: float) -> None:
        """Instant robots: be at every released node in turn, as long as nothing forbids it."""
        while self.guard.fresh(now) and not self.guard.held:
            target = self.side.next_base_target()
            place = self._place(target.node) if target is not None and target.may_drive else None
            if target is None or place is None:
                return
            self.act(self.side.start_edge(target.edge.sequence_id), now)
            self.driver.place(self.serial, *place, self.body.theta)
            self.body = self.driver.body(self.serial)
            self.act(self.side.reached_node(target.node.sequence_id), now)

    def _place(self, node: Node) -> Point | None:
        if node.position is not None:
            return node.position.x, node.position.y
        return self._places.get(node.node_id)

    def _start(self, first: Node) -> Point:
        """Where the way begins. A robot taken up between nodes goes by its last node unless that lies behind it."""
        here = self._anchor or (self.body.x, self.body.y)
        if self._anchor is None:
            self._anchor = here
        order, last = self.side.route.order, self.side.route.last_sequence_id
        passed = next((n for n in order.nodes if n.sequence_id == last), None) if order else None
        at, onward = (self._place(passed) if passed else None), self._place(first)
        if at is None or onward is None or math.dist(here, at) < NEAR or self.side.route.edge_entered is not None:
            return here
        return here if point_to_segment(here, at, onward) < 0.3 else at


def narrower(own: Envelope, asked: Envelope) -> Limits:
    """The stricter of both in every field: a program can narrow what a robot may do, never widen it."""
    return Limits(
        max_speed=min(own.max_speed, asked.max_speed),
        max_rotation=min(own.max_rotation, asked.max_rotation),
        person_clearance=max(own.person_clearance, asked.person_clearance),
        min_confidence=max(own.min_confidence, asked.min_confidence),
        max_decision_age=min(own.max_decision_age, asked.max_decision_age),
    )
