"""Dispatch's hold on the floor of one site: the pure `Traffic` in memory, its rows, and the orders that follow from it.

Write ahead (traffic design 5.8): holdings, bases and the outgoing order are written in one transaction and leave with
its commit, so what is recorded always covers what a robot can have. Only the dispatch leader uses this.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from fleet.accounts.models import Site
from fleet.outbox.models import Message
from fleet.outbox.services import post_all

from .core.layout import Layout
from .core.routing import DEFAULT_SPEED, UNREACHABLE, RoadMap
from .core.traffic import AdmissionRefused, ExtendBase, Traffic, UnexpectedReport
from .core.vda5050.codec import decode_body, encode_body
from .core.vda5050.messages import (
    DeviationEllipse,
    InstantActions,
    Node,
    NodePosition,
    Order,
)
from .core.vda5050.orders import Visit, extend_order, new_order, visit
from .core.vda5050.topics import Topic
from .legs import Leg, action_of, leg_of
from .models import LayoutVersion, ResourceHold, Robot, RobotTraffic, SiteTraffic
from .snapshots import layout_in_force, layout_of

log = logging.getLogger(__name__)

NODE_DEVIATION_M = 0.5
TRAFFIC_COLUMNS = (
    "order_id", "order_update_id", "order", "base", "horizon", "goal", "leg", "waiting", "epoch", "updated_at",
)  # fmt: skip
BETWEEN_M = 0.4
"""Farther than this from the node it reported last, a robot stands on the way to the next. Below the deviation."""


class Floor:
    """Traffic of one site with its rows. `epoch` is the fencing number stored with everything written."""

    def __init__(self, site: Site, epoch: int) -> None:
        self.site = site
        self.epoch = epoch
        self.version: LayoutVersion
        self.layout: Layout
        self.traffic: Traffic
        self.rows: dict[str, RobotTraffic] = {}
        self.orders: dict[str, Order] = {}
        self.legs: dict[str, Leg] = {}
        self.refused: dict[str, str] = {}
        self._touched: set[str] = set()
        self._saved: dict[str, Any] = {}
        self._held: set[tuple[str, int]] = set()
        self._places: dict[str, tuple[float, float]] = {}
        self._outgoing: list[Message] = []

    def load(self) -> None:
        """Read everything back: after a start, a take-over, or a transaction that failed."""
        found = layout_in_force(self.site)
        if found is None:
            raise LookupError(f"site {self.site.slug} has no published layout")
        kept = SiteTraffic.objects.filter(site=self.site).select_related("layout").first()
        if kept and kept.snapshot and kept.layout.hash != found[0].hash:
            found = kept.layout, layout_of(kept.layout)  # what is held is held on this one, see `change_layout`
        self.version, self.layout = found
        road = RoadMap(self.layout)
        self.traffic = Traffic.restore(kept.snapshot, road) if kept and kept.snapshot else Traffic(road)
        self._saved = self.traffic.snapshot()
        self.rows = {
            t.robot.serial: t for t in RobotTraffic.objects.select_related("robot__type").filter(robot__site=self.site)
        }
        self.orders = {
            serial: decode_body(Topic.ORDER, row.order) for serial, row in self.rows.items() if row.order is not None
        }  # type: ignore[assignment]
        self.legs = {serial: leg_of(row.leg) for serial, row in self.rows.items() if row.leg}
        self._held = set(ResourceHold.objects.filter(site=self.site).values_list("resource", "robot_id"))
        self._touched, self._outgoing = set(), []

    def change_layout(self, now: float) -> str:
        """Drive on the layout in force from now on, every robot from where it is held; returns why not, or "".

        A robot that is released to go anywhere is still to drive on the old one, so then nothing is changed.
        """
        found = layout_in_force(self.site)
        if found is None or found[0].hash == self.version.hash:
            return ""
        if going := sorted(serial for serial, state in self.traffic.robots.items() if len(state.base) > 1):
            return f"{', '.join(going)} still drives"
        traffic = Traffic(RoadMap(found[1]))
        try:
            for serial in sorted(self.traffic.robots):
                traffic.admit(serial, self.end(serial), now)
        except AdmissionRefused as refusal:
            return f"{serial} cannot stay where it stands: {refusal}"
        self.version, self.layout = found
        self.traffic = traffic
        self.legs.clear()
        ResourceHold.objects.filter(site=self.site).delete()
        self._held, self._touched = set(), self._touched | traffic.robots.keys()
        return ""

    # --- what robots report ---

    def known(self, serial: str) -> bool:
        return serial in self.traffic.robots

    def admit(self, robot: Robot, node: str, now: float) -> bool:
        """Take a robot into traffic where it stands; False (with the reason kept) when that place is another's."""
        try:
            self.traffic.admit(robot.serial, node, now)
        except AdmissionRefused as refusal:
            self.refused[robot.serial] = str(refusal)
            return False
        self.refused.pop(robot.serial, None)
        if robot.serial not in self.rows:
            self.rows[robot.serial] = RobotTraffic(robot=robot, epoch=self.epoch)
        self._touched.add(robot.serial)
        return True

    def progress(self, serial: str, order_id: str, last_sequence_id: int, now: float) -> str:
        """Take a report of the robot into account. Returns what is wrong with it, or an empty string."""
        try:
            if self.traffic.progress(serial, last_sequence_id, order_id=order_id, now=now):
                self._touched.add(serial)
        except UnexpectedReport as unexpected:
            return str(unexpected)
        return ""

    def stands(self, serial: str, x: float | None, y: float | None) -> None:
        """Where it says it is."""
        if x is not None and y is not None:
            self._places[serial] = (x, y)

    def hold(self, serial: str, reason: str) -> None:
        """Empty reason: it may drive. Otherwise it keeps all it holds and is not planned for."""
        state = self.traffic.robots[serial]
        if (state.held or "") != reason:
            self.traffic.set_immovable(serial, bool(reason), reason)
            self._touched.add(serial)

    # --- what the floor can tell ---

    def resting(self, node: str) -> str:
        """`parking` or `charger` for a node where a robot without work is out of the way, else ""."""
        kinds = (s.kind for s in self.layout.stations if s.kind in ("parking", "charger") and node in s.nodes)
        return next(kinds, "")

    def held(self, serial: str) -> str:
        """Why it cannot drive, or ""."""
        return self.traffic.robots[serial].held or ""

    def wanted(self, serial: str) -> bool:
        """Another robot waits for the place where it stands."""
        at = self.traffic.robots[serial].end
        return self.traffic.tokens.wanted.get(self.traffic.tokens.key(at), serial) != serial

    def goals(self, except_for: str) -> set[str]:
        """Nodes that other robots stand on, are released to, or are bound for."""
        taken = set()
        for serial, state in self.traffic.robots.items():
            if serial != except_for:
                taken.update(self.traffic._name(n) for n in state.base)
                if state.goal is not None:
                    taken.add(self.traffic._name(state.goal))
        return taken

    def nearest(self, node: str, kind: str, taken: set[str]) -> str | None:
        """The free node that is reached soonest from `node`: of stations of this kind, or with `at:` of one station."""
        road, at = self.traffic.road, kind.removeprefix("at:")
        stations = self.layout.stations
        found = [s for s in stations if s.kind == kind] if at == kind else [s for s in stations if at in s.nodes]
        wanted = {n for s in found for n in s.nodes if n in road.index} - taken
        times = road.from_here(road.index[node], road.no_entry)
        reached = [(times[road.index[n]], n) for n in wanted if road.index[n] in times]
        return min(reached)[1] if reached else None

    def least_wanted(self, kind: str) -> str | None:
        """Of the places of one station (`at:<node>`) the one that the fewest robots are bound for."""
        at = kind.removeprefix("at:")
        goals = [self.traffic._name(s.goal) for s in self.traffic.robots.values() if s.goal is not None]
        nodes = {n for s in self.layout.stations if at in s.nodes for n in s.nodes if n in self.traffic.road.index}
        return min(nodes, key=lambda n: (goals.count(n), n), default=None)

    def metres(self, start: str, goal: str) -> float | None:
        """Driving from `start` to `goal` in metres at the usual speed; None when no way leads there."""
        road = self.traffic.road
        if start not in road.index or goal not in road.index:
            return None
        seconds = road.distances(road.index[goal])[road.index[start]]
        return None if seconds == UNREACHABLE else seconds * DEFAULT_SPEED

    # --- what dispatch wants ---

    def moving(self, serial: str) -> bool:
        """Something released to it is not reported yet. What a cancelled robot keeps is no longer an order's."""
        state = self.traffic.robots[serial]
        return len(state.base) > 1 and state.order_id is not None

    def end(self, serial: str) -> str:
        return self.traffic._name(self.traffic.robots[serial].end)

    def drive(self, serial: str, leg: Leg, now: float, *, avoid: Iterable[str] = (), bonus: float = 0.0) -> None:
        """Begin a leg; its order leaves as soon as traffic releases the first piece (at once when already there)."""
        self.traffic.new_leg(serial, leg.order)
        self.traffic.set_goal(serial, leg.goal, now=now, avoid=avoid, bonus=bonus)
        self.legs[serial] = leg
        self._touched.add(serial)

    def rest(self, serial: str, now: float) -> None:
        """It has nothing to do: others may push it."""
        if self.traffic.robots[serial].goal is not None:
            self.traffic.set_goal(serial, None, now=now)
            self._touched.add(serial)

    def drop(self, serial: str, now: float) -> None:
        """It goes no further than what is released to it already."""
        self.legs.pop(serial, None)
        self.rest(serial, now)
        self._touched.add(serial)

    def abandon(self, serial: str, at: str, order: str = "") -> str:
        """`order` is over (a confirmed cancel, a refusal): free what lies ahead. Returns what is wrong, or "".

        Nothing is freed when the robot has been given another order since.
        """
        if order and self.traffic.robots[serial].order_id not in (order, None):
            return ""
        try:
            self.traffic.abort(serial, at, between=self._between(serial, at))
        except (UnexpectedReport, KeyError) as unexpected:
            return str(unexpected)
        self.legs.pop(serial, None)
        self._touched.add(serial)
        return ""

    def _between(self, serial: str, at: str) -> bool:
        return self._off(serial, at) > BETWEEN_M

    def _off(self, serial: str, node: str) -> float:
        """Metres from `node` to where the robot says it is; infinite when nobody knows."""
        place = self._places.get(serial)
        return math.inf if place is None else math.dist(place, self.traffic.road.points[self.traffic.road.index[node]])

    # --- the cycle ---

    def grant(self, now: float, robots: Mapping[str, Robot]) -> list[str]:
        """Plan, release, and post the orders. Returns the serials that got one. Inside the caller's transaction."""
        self.traffic.plan(now)
        effects = {effect.robot: effect for effect in self.traffic.release(now)}
        sent = []
        for serial, effect in effects.items():
            self._post(robots[serial], self._order_for(effect))
            sent.append(serial)
        for serial in sorted(self.legs.keys() - effects.keys()):
            if self._acts_here(serial):
                leg = self.legs[serial]
                here = Visit(self._node(leg.goal, (*leg.first, *leg.actions)))
                self._post(robots[serial], new_order(leg.order, [here]))
                sent.append(serial)
        return sent

    def _acts_here(self, serial: str) -> bool:
        """It stands at its goal, nobody may push it away, and its order has not left: one node with the actions."""
        leg, state = self.legs[serial], self.traffic.robots[serial]
        if state.order_id != leg.order or self.rows[serial].order_id == leg.order or state.held is not None:
            return False
        return len(state.base) == 1 and self.end(serial) == leg.goal and self.traffic.tokens.enabled(state)

    def _order_for(self, effect: ExtendBase) -> Order:
        leg = self.legs.get(effect.robot)
        ours = leg if leg is not None and leg.order == effect.order_id else None
        speed = ours.speed if ours else None
        # a goal that is another's turn is only passed: what is to be done there is done when it is this robot's
        acts = ours is not None and self.traffic.tokens.enabled(self.traffic.robots[effect.robot])
        base = []
        for seen, edge in zip(effect.visits[1:], effect.edges, strict=True):
            last = seen is effect.visits[-1]
            actions = ours.actions if ours and acts and last and seen.node == ours.goal else ()
            base.append(visit(self._node(seen.node, actions), edge.edge, speed=speed or self._limit(edge.edge)))
        horizon = [] if effect.yielding or (ours and not ours.horizon) else self._horizon(effect, speed)
        previous = self.orders.get(effect.robot)
        if effect.new_order or previous is None or previous.order_id != effect.order_id:
            start = self._node(effect.visits[0].node, ours.first if ours else (), self._reach(effect))
            return new_order(effect.order_id, [visit(start), *base], horizon)
        return extend_order(previous, base, horizon)

    def _reach(self, effect: ExtendBase) -> float:
        """How far from its first node an order is taken: more for a robot that was stopped on its way to the next."""
        road = self.traffic.road
        off = self._off(effect.robot, effect.visits[0].node)
        a, b = (road.points[road.index[seen.node]] for seen in effect.visits[:2])
        return max(NODE_DEVIATION_M, min(off, math.dist(a, b)) + 0.2 if off > BETWEEN_M else 0.0)

    def _horizon(self, effect: ExtendBase, speed: float | None) -> list[Visit]:
        road, found = self.traffic.road, []
        nodes = [effect.visits[-1].node, *effect.horizon]
        for a, b in pairwise(nodes):
            edge = road.edge_names[road.edge_of[road.index[a], road.index[b]]]
            found.append(visit(self._node(b, ()), edge, speed=speed or self._limit(edge)))
        return found

    def _limit(self, edge: str) -> float | None:
        road = self.traffic.road
        return road.speeds[road.edge_names.index(edge)]

    def _node(self, node: str, actions: Sequence[Mapping[str, Any]], deviation: float = NODE_DEVIATION_M) -> Node:
        x, y = self.traffic.road.points[self.traffic.road.index[node]]
        ellipse = DeviationEllipse(deviation, deviation)
        position = NodePosition(x, y, self.layout.map_id, allowed_deviation_xy=ellipse)
        return Node(node, 0, True, position, tuple(action_of(a) for a in actions))

    def _post(self, robot: Robot, order: Order) -> None:
        self.orders[robot.serial] = order
        row = self.rows[robot.serial]
        row.order = encode_body(order, robot.type.protocol)
        row.order_id, row.order_update_id = order.order_id, order.order_update_id
        self._touched.add(robot.serial)
        key = f"order:{order.order_id}:{order.order_update_id}"
        self.send("mqtt", key, {"robot": robot.pk, "type": "order", "body": row.order})

    def send(self, kind: str, key: str, payload: dict[str, Any]) -> None:
        """Queue a message for the outbox; `save` writes all of a cycle at once."""
        self._outgoing.append(Message(kind=kind, key=key, payload=payload))

    def instant(
        self, robot: Robot, action_type: str, action_id: str, parameters: Mapping[str, Any] | None = None
    ) -> None:
        """One instant action; it leaves with the commit."""
        action = {"id": action_id, "type": action_type, "blocking": "NONE", "parameters": parameters or {}}
        body = encode_body(InstantActions((action_of(action),)), robot.type.protocol)
        self.send("mqtt", f"instant:{action_id}", {"robot": robot.pk, "type": "instantActions", "body": body})

    # --- rows ---

    def save(self, now: datetime) -> list[str]:
        """Write what changed; returns the serials whose rows changed. Inside the caller's transaction."""
        snapshot = self.traffic.snapshot()
        self._save_holds(now)
        changed = [serial for serial in self.traffic.robots if self._fill(serial, now)]
        if changed:
            RobotTraffic.objects.bulk_create(
                [self.rows[serial] for serial in changed],
                update_conflicts=True,
                unique_fields=["robot"],
                update_fields=TRAFFIC_COLUMNS,
            )
        if snapshot != self._saved:
            row = {"layout": self.version, "snapshot": snapshot, "epoch": self.epoch, "updated_at": now}
            if not SiteTraffic.objects.filter(site=self.site).update(**row):
                SiteTraffic.objects.create(site=self.site, **row)
            self._saved = snapshot
        if self._outgoing:
            post_all(self._outgoing)
        self._touched, self._outgoing = set(), []
        return changed

    def _fill(self, serial: str, now: datetime) -> bool:
        row, state = self.rows[serial], self.traffic.robots[serial]
        leg, wait = self.legs.get(serial), state.wait
        fresh = {
            "base": [{"seq": state.first + 2 * i, "node": self.traffic._name(n)} for i, n in enumerate(state.base)],
            "horizon": self.traffic._horizon(state),
            "goal": "" if state.goal is None else self.traffic._name(state.goal),
            "leg": asdict(leg) if leg else None,
            "waiting": asdict(wait),
        }
        before = {key: getattr(row, key) for key in fresh}
        if serial not in self._touched and before == fresh:
            return False
        for key, value in fresh.items():
            setattr(row, key, value)
        row.epoch, row.updated_at = self.epoch, now
        return True

    def _save_holds(self, now: datetime) -> None:
        """One row per held resource: free ones are deleted before new ones are inserted."""
        if not self._touched:
            return
        ids = {serial: self.rows[serial].robot_id for serial in self._touched if serial in self.rows}
        wanted = {
            (self.traffic.road.resources[r], ids[serial]) for serial in ids for r in self.traffic.ledger.held(serial)
        }
        held = {hold for hold in self._held if hold[1] in ids.values()}
        if gone := held - wanted:
            ResourceHold.objects.filter(site=self.site, resource__in=[resource for resource, _ in gone]).delete()
        ResourceHold.objects.bulk_create(
            ResourceHold(site=self.site, resource=resource, robot_id=pk, epoch=self.epoch, since=now)
            for resource, pk in sorted(wanted - held)
        )
        self._held = (self._held - held) | wanted
