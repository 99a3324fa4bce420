"""The floor of one site as its dispatch leader holds it: traffic in memory, the legs of its robots, their orders."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from fleet.accounts.models import Site

from ..core.footprint import VehicleType
from ..core.layout import Layout
from ..core.routing import RoadMap
from ..core.traffic import AdmissionRefused, Traffic, UnexpectedReport
from ..core.traffic.congestion import Cap
from ..core.vda5050.codec import encode_body
from ..core.vda5050.messages import InstantActions, Order
from ..legs import Leg, action_of, leg_of
from ..models import LayoutVersion, Robot, RobotTraffic
from ..snapshots import layout_in_force, layout_of
from . import ground
from . import orders as build
from .alarms import Alarms
from .fit import Fit, fit
from .places import Places
from .recovery import Recovery
from .rows import Rows


class Floor:
    """Traffic of one site with its rows. `epoch` is the fencing number stored with everything written."""

    def __init__(self, site: Site, epoch: int) -> None:
        self.site = site
        self.epoch = epoch
        self.version: LayoutVersion
        self.layout: Layout
        self.types: tuple[VehicleType, ...] = ()
        self.fleet = 1
        self.limit: int | None = None
        self.traffic: Traffic
        self.places: Places
        self.written = Rows(site, epoch)
        self.recovery = Recovery()
        self.alarms = Alarms()
        self.liveness = ""
        self.orders: dict[str, Order] = {}
        self.legs: dict[str, Leg] = {}
        self.fits: dict[str, Fit] = {}
        self.strayed: set[str] = set()
        self.refused: dict[str, str] = {}
        self._sheets: dict[str, Mapping[str, Any]] = {}
        self._speeds: dict[str, float] = {}
        self._positions: dict[str, tuple[float, float]] = {}

    # --- the ground ---------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read everything back: after a start, a take-over, or a transaction that failed."""
        found = layout_in_force(self.site)
        if found is None:
            raise LookupError(f"site {self.site.slug} has no published layout")
        kept = self.written.recorded()
        saved = kept.snapshot if kept and "ledger" in kept.snapshot else {}
        if kept and saved and kept.layout.hash != found[0].hash:
            found = kept.layout, layout_of(kept.layout)  # what is held is held on this one, see `change_layout`
        types = ground.types_from_json(saved["types"]) if saved else ground.types_at(self.site)
        in_service = self.site.robots.filter(in_service=True).count()
        road, self.fleet = ground.road_of(found[1], types), max(1, in_service, len(saved.get("robots", ())))
        self.limit = found[0].accepted_limit
        how = self._how(road, self.limit)
        self._stand_on(*found, types, Traffic.restore(saved, road, **how) if saved else Traffic(road, **how))
        if not saved:
            self.written.forget_holds()
        self.alarms = Alarms(saved.get("alarms", ()))
        self.liveness = saved.get("liveness", "")
        self.strayed = set(saved.get("misplaced", ()))
        self.orders = self.written.load(saved)
        self.legs = {serial: leg_of(row.leg) for serial, row in self.rows.items() if row.leg}

    def outdated(self, ground: tuple[str, tuple[VehicleType, ...]], robots: Mapping[str, Robot]) -> bool:
        """Another layout is in force, or robots have another type than the one they are led by."""
        if ground != (self.version.hash, self.types):
            return True
        return any(s.type != robots[s.id].type.slug for s in self.traffic.robots.values() if s.id in robots)

    def change_layout(self, now: float, robots: Mapping[str, Robot]) -> str:
        """Drive on the layout in force from now on, every robot from where it is held; returns why not, or "".

        A robot that is released to go anywhere is still to drive on the old one, so then nothing is changed.
        """
        found, types = layout_in_force(self.site), ground.types_of(robot.type for robot in robots.values())
        if found is None or not self.outdated((found[0].hash, types), robots):
            return ""
        if going := self.drives():
            return f"{', '.join(going)} still drives"
        road = ground.road_of(found[1], types)
        traffic = Traffic(road, **self._how(road, found[0].accepted_limit))
        kinds = {serial: robot.type.slug for serial, robot in robots.items()}
        if why_not := ground.carry_over(self.traffic, traffic, now, kinds):
            return why_not
        self.limit = found[0].accepted_limit
        self._stand_on(*found, types, traffic)
        self.legs.clear()
        self._sheets.clear()
        self.written.forget_holds()
        self.written.touched |= traffic.robots.keys()
        return ""

    def drives(self) -> list[str]:
        """Robots with a released way ahead of them; one that stands on a lane, without an order, is at rest."""
        states = self.traffic.robots.items()
        return sorted(serial for serial, s in states if len(s.base) > (1 if s.order_id is not None else 2))

    def resize(self, robots: int, limit: int | None) -> None:
        """The site has so many robots now, `limit` of which may be under way at once (None: no limit was accepted).

        What dead ends only one of them may enter depends on their number; it never shrinks while this leader leads.
        """
        if robots > self.fleet or limit != self.limit:
            self.fleet, self.limit = max(self.fleet, robots), limit
            kept, road = self.traffic.snapshot(), self.traffic.road
            traffic = Traffic.restore(kept, road, **self._how(road, limit))
            self._stand_on(self.version, self.layout, self.types, traffic)

    def _how(self, road: RoadMap, limit: int | None) -> dict[str, Any]:
        """How traffic is to be led: a limit that a person accepted only ever lowers what the map has room for."""
        tighter = limit is not None and limit < Cap(len(road.names)).limit
        return {"robots": self.fleet, "epoch": self.epoch, "active": limit if tighter else None}

    def _stand_on(
        self, version: LayoutVersion, layout: Layout, types: tuple[VehicleType, ...], traffic: Traffic
    ) -> None:
        self.version, self.layout, self.types, self.traffic = version, layout, types, traffic
        self.places = Places(self)
        self._speeds = dict(zip(traffic.road.edge_names, traffic.road.speeds, strict=True))

    def speed_limit(self, edge: str) -> float:
        """m/s on this edge for any robot."""
        return self._speeds[edge]

    # --- what robots report -------------------------------------------------------------------------------------------

    @property
    def rows(self) -> dict[str, RobotTraffic]:
        return self.written.traffic

    def known(self, serial: str) -> bool:
        return serial in self.traffic.robots

    def admit(self, robot: Robot, node: str, now: float, beside: Iterable[str] = ()) -> bool:
        """Take a robot into traffic where it stands; False (with the reason kept) when that place is another's.

        `beside`: it stands off `node`, on the lane to one of these. It holds that lane and first drives along it: from
        where it stands straight to another node would lead over ground that nobody holds for it. For one that has
        strayed this is the only way back: what it held elsewhere is freed, by its own report.
        """
        if not (ways := self._along(node, beside)):
            ways = [(node, None)]
        near, reasons = {node, *beside}, list[str]()
        for start, to in ways:
            around = near - {start}
            try:
                self.traffic.admit(robot.serial, start, now, vehicle_type=robot.type.slug, beside=around, to=to)
                break
            except AdmissionRefused as refusal:
                reasons.append(str(refusal))
        else:
            self.refused[robot.serial] = reasons[0]
            return False
        self.refused.pop(robot.serial, None)
        if robot.serial not in self.rows:
            self.rows[robot.serial] = RobotTraffic(robot=robot, epoch=self.epoch)
        self.strayed.discard(robot.serial)
        self.legs.pop(robot.serial, None)
        self._sheets.pop(robot.serial, None)
        self.written.touched.add(robot.serial)
        return True

    def _along(self, node: str, beside: Iterable[str]) -> list[tuple[str, str | None]]:
        """The lanes between `node` and these, in either direction; those first that lead on to everywhere."""
        road, audit = self.traffic.road, self.traffic.audit
        found: list[tuple[bool, str, str]] = []
        for other in sorted(beside):
            for ends in ((node, other), (other, node)):
                start, to = road.index[ends[0]], road.index[ends[1]]
                if (edge := road.edge_of.get((start, to))) is not None:
                    leads_on = road.passable(edge, audit.traps | audit.avoid) and audit.pocket_of[to] < 0
                    found.append((not leads_on, *ends))
        return [(start, to) for _, start, to in sorted(found, key=itemgetter(0))]

    def retired_at(self, serial: str) -> datetime | None:
        """When two persons took it out of traffic; None when it is in it, or never was."""
        row = self.rows.get(serial)
        return None if row is None or row.base or self.known(serial) else row.updated_at

    def misplace(self, serial: str, nodes: Iterable[str], now: float) -> list[str]:
        """It stands around these nodes without having been released there; gives the robots it is in the way of."""
        self.strayed.add(serial)
        where = self.traffic.road.nodes_named(nodes)
        if self.traffic.ways.present.get(serial) != where:
            return self.traffic.misplaced(serial, nodes, now)
        return self.traffic.ledger.misplaced(serial, sorted(where))  # the same place: no way has to be found anew

    def progress(self, serial: str, order_id: str, last_sequence_id: int, now: float) -> str:
        """Take a report of the robot into account. Returns what is wrong with it, or an empty string."""
        try:
            if self.traffic.progress(serial, last_sequence_id, order_id=order_id, now=now):
                self.written.touched.add(serial)
        except UnexpectedReport as unexpected:
            return str(unexpected)
        return ""

    def stands(self, serial: str, x: float | None, y: float | None) -> None:
        """Where it says it is."""
        if x is not None and y is not None:
            self._positions[serial] = (x, y)

    def position(self, serial: str) -> tuple[float, float] | None:
        """Where it said last that it is; None when nobody knows."""
        return self._positions.get(serial)

    def off(self, serial: str, node: str) -> float:
        """Metres from `node` to where the robot says it is; infinite when nobody knows."""
        here = self._positions.get(serial)
        return math.inf if here is None else math.dist(here, self.traffic.road.points[self.traffic.road.index[node]])

    def hold(self, serial: str, reason: str, kind: str = "busy") -> None:
        """Empty reason: it may drive. Otherwise it keeps all it holds and is not planned for."""
        if (self.traffic.robots[serial].held or "") != reason:
            self.traffic.set_immovable(serial, bool(reason), reason, kind)
            self.written.touched.add(serial)

    def fitted(self, robot: Robot, sheet: Mapping[str, Any]) -> None:
        """How far ahead it is released from now on; worked out anew when its factsheet is another one."""
        known = self._sheets.get(robot.serial)
        if known is None or known is not sheet:
            self._sheets[robot.serial] = sheet
            self.fits[robot.serial] = fit(robot.type, sheet, self.traffic.road)
            self.traffic.set_lookahead(robot.serial, self.fits[robot.serial].lookahead)

    def left(self, serial: str) -> None:
        """It was taken out of traffic by people: nothing of it is left but its row."""
        self.legs.pop(serial, None)
        self.fits.pop(serial, None)
        self._sheets.pop(serial, None)
        self.strayed.discard(serial)
        self.written.left(serial)

    # --- what the floor can tell --------------------------------------------------------------------------------------

    def held(self, serial: str) -> str:
        """Why it cannot drive, or ""."""
        return self.traffic.robots[serial].held or ""

    def wanted(self, serial: str) -> bool:
        """Another robot waits for the place where it stands."""
        at = self.traffic.robots[serial].end
        return self.traffic.tokens.wanted.get(self.traffic.tokens.key(at), serial) != serial

    def has_turn(self, serial: str) -> bool:
        """The place it is bound for is its own now: what is to be done there may be ordered."""
        return self.traffic.tokens.enabled(self.traffic.robots[serial])

    def moving(self, serial: str) -> bool:
        """Something released to it is not reported yet. What a cancelled robot keeps is no longer an order's."""
        state = self.traffic.robots[serial]
        return len(state.base) > 1 and state.order_id is not None

    def end(self, serial: str) -> str:
        return self.traffic.road.names[self.traffic.robots[serial].end]

    def base(self, serial: str) -> list[str]:
        """Nodes from where it reported last to where its base ends."""
        names = self.traffic.road.names
        return [names[node] for node in self.traffic.robots[serial].base]

    def horizon(self, serial: str) -> list[str]:
        """Nodes planned beyond its base, each once where it waits."""
        names, state = self.traffic.road.names, self.traffic.robots[serial]
        found, last = [], state.end
        for node in state.horizon:
            if node != last:
                found.append(names[node])
            last = node
        return found

    # --- what dispatch wants ------------------------------------------------------------------------------------------

    def drive(self, serial: str, leg: Leg, now: float, *, avoid: Iterable[str] = (), bonus: float = 0.0) -> None:
        """Begin a leg; its order leaves as soon as traffic releases the first piece (at once when already there)."""
        self.traffic.new_leg(serial, leg.order)
        self.traffic.set_goal(serial, leg.goal, now=now, avoid=avoid, bonus=bonus)
        self.legs[serial] = leg
        self.written.touched.add(serial)

    def rest(self, serial: str, now: float) -> None:
        """It has nothing to do: others may push it."""
        if self.traffic.robots[serial].goal is not None:
            self.traffic.set_goal(serial, None, now=now)
            self.written.touched.add(serial)

    def drop(self, serial: str, now: float) -> None:
        """It goes no further than what is released to it already."""
        self.legs.pop(serial, None)
        if self.known(serial):
            self.rest(serial, now)
            self.written.touched.add(serial)

    def abandon(self, serial: str, at: str, order: str = "") -> str:
        """`order` is over (a confirmed cancel, a refusal): free what lies ahead. Returns what is wrong, or "".

        Nothing is freed when the robot has been given another order since.
        """
        if order and self.traffic.robots[serial].order_id not in (order, None):
            return ""
        try:
            self.traffic.abort(serial, at, between=self.off(serial, at) > build.BETWEEN_M)
        except (UnexpectedReport, KeyError) as unexpected:
            return str(unexpected)
        self.legs.pop(serial, None)
        self.written.touched.add(serial)
        return ""

    # --- the cycle ----------------------------------------------------------------------------------------------------

    def grant(self, now: float, robots: Mapping[str, Robot]) -> list[str]:
        """Plan, release, and post the orders. Returns the serials that got one. Inside the caller's transaction."""
        self.traffic.plan(now)
        effects = {effect.robot: effect for effect in self.traffic.release(now)}
        for serial, effect in effects.items():
            self._post(robots[serial], build.order_for(self, effect))
        acting = [serial for serial in sorted(self.legs.keys() - effects.keys()) if self._acts_here(serial)]
        for serial in acting:
            self._post(robots[serial], build.order_to_act(self, serial, self.legs[serial]))
        return [*effects, *acting]

    def _acts_here(self, serial: str) -> bool:
        """It stands at its goal, nobody may push it away, and its order has not left: one node with the actions."""
        leg, state = self.legs[serial], self.traffic.robots[serial]
        if state.order_id != leg.order or self.rows[serial].order_id == leg.order or state.held is not None:
            return False
        return len(state.base) == 1 and self.end(serial) == leg.goal and self.has_turn(serial)

    def _post(self, robot: Robot, order: Order) -> None:
        self.orders[robot.serial] = order
        row = self.rows[robot.serial]
        row.order = encode_body(order, robot.type.protocol)
        row.order_id, row.order_update_id = order.order_id, order.order_update_id
        self.written.touched.add(robot.serial)
        self.send_order(robot, row.order)

    def send_order(self, robot: Robot, body: Mapping[str, Any]) -> None:
        """An order or update as it was recorded; the same one twice changes nothing (2.1, 6.6.2)."""
        key = f"order:{body['orderId']}:{body['orderUpdateId']}"
        payload = {"robot": robot.pk, "type": "order", "body": body, "version": robot.type.protocol}
        self.send("mqtt", key, payload)

    def send(self, kind: str, key: str, payload: dict[str, Any]) -> None:
        self.written.send(kind, key, payload)

    def instant(
        self, robot: Robot, action_type: str, action_id: str, parameters: Mapping[str, Any] | None = None
    ) -> None:
        """One instant action; it leaves with the commit."""
        action = {"id": action_id, "type": action_type, "blocking": "NONE", "parameters": parameters or {}}
        body = encode_body(InstantActions((action_of(action),)), robot.type.protocol)
        payload = {"robot": robot.pk, "type": "instantActions", "body": body, "version": robot.type.protocol}
        self.send("mqtt", f"instant:{action_id}", payload)

    # --- the record ---------------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """What a restart needs and what pages show of the floor as a whole."""
        return {
            **self.traffic.snapshot(),
            "types": ground.types_to_json(self.types),
            "alarms": self.alarms.rows(),
            "liveness": self.liveness,
        }

    def save(self, now: datetime) -> list[str]:
        """Write what changed; returns the serials whose rows changed. Inside the caller's transaction."""
        return self.written.save(self, now)
