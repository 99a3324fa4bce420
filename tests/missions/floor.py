"""A demonstration site in the test database, and robots that obey their outbox orders at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.outbox.models import Message
from missions import lease, programs
from missions.dispatcher import SiteDispatcher
from robots.core.demo_site import demo_items, demo_layout, demo_robots, demo_stock
from robots.core.layout import layout_hash, layout_to_json
from robots.models import Item, LayoutVersion, ResourceHold, Robot, RobotState, RobotType, SiteTraffic, Stock

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make_site(robots: int = 3) -> Site:
    site = Site.objects.create(slug="demo", name="Demo warehouse", unattended=True)
    layout = demo_layout()
    LayoutVersion.objects.create(
        site=site,
        number=1,
        document=layout_to_json(layout),
        hash=layout_hash(layout),
        published_at=timezone.now(),
    )
    items = {}
    for item in demo_items():
        items[item.id] = Item.objects.create(site=site, slug=item.id, name=item.name, aliases=list(item.aliases))
    for row in demo_stock():
        Stock.objects.create(item=items[row.item], station=row.station, quantity=row.quantity)
    kind = RobotType.objects.create(
        slug="cart",
        name="Cart",
        embodiment="cart",
        skills=["pick", "drop", "scan", "inspect", "charge"],
        max_speed=1.6,
        length=0.9,
        width=0.7,
        max_payload=200,
        capacity=6,
    )
    points = {n.id: n for n in layout.nodes}
    for number, row in enumerate(demo_robots(robots)):
        robot = Robot.objects.create(
            site=site,
            type=kind,
            serial=row.id,
            manufacturer="yardmaster",
            name=row.id,
            home=row.node,
            live_index=number,
        )
        node = points[row.node]
        RobotState.objects.create(
            robot=robot,
            connection="online",
            state_at=NOON,
            operating_mode="AUTOMATIC",
            x=node.x,
            y=node.y,
            localized=True,
            battery=80.0,
            last_node_id=row.node,
            loads=[],
        )
    return site


def supervisor(site: Site) -> Actor:
    return Actor("person", "0", "ada", {site.pk: "supervisor"}, frozenset(), frozenset({site.pk}))


class Fleet:
    """Dispatch for one site against robots that drive their base in one go and finish every action."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.now = NOON
        self.version = 0
        self.results: dict[str, dict[str, Any]] = {}
        self.fail: dict[str, list[dict[str, Any]]] = {}
        self.orders: list[dict[str, Any]] = []
        self.instants: list[dict[str, Any]] = []
        self.programs: list[dict[str, Any]] = []
        self.deaf: set[str] = set()
        self.acknowledges = True
        self.lead("first")

    def lead(self, holder: str) -> None:
        epoch = lease.acquire(self.site, holder, self.now)
        assert epoch is not None
        self.dispatcher = SiteDispatcher(self.site, holder, epoch)
        self.dispatcher.begin()

    def turn(self, cycles: int = 1, seconds: float = 1.0) -> None:
        for _ in range(cycles):
            self.now += timedelta(seconds=seconds)
            self.version += 1
            RobotState.objects.filter(connection="online").update(state_at=self.now)
            RobotState.objects.update(version=self.version)  # as link does: what is newer has a higher number
            self.dispatcher.cycle(self.now)
            assert self.dispatcher.floor.traffic.check() == []
            self.deliver()

    def deliver(self) -> None:
        for message in Message.objects.filter(sent_at=None).order_by("id"):
            message.sent_at = self.now
            message.save()
            if message.kind == "celery":
                self.programs.append(message.payload)
                if self.acknowledges:
                    programs.note_accepted(message.payload["args"][0]["attempt"], self.now)
                continue
            robot = Robot.objects.select_related("state").get(pk=message.payload["robot"])
            if message.payload["type"] != "order":
                self.instants.append({"serial": robot.serial, **message.payload["body"]})
            if robot.serial in self.deaf:
                continue
            if message.payload["type"] == "order":
                self.orders.append({"serial": robot.serial, **message.payload["body"]})
                self.obey(robot.state, message.payload["body"])
            else:
                for action in message.payload["body"].get("actions", []):
                    self.act(robot.state, action)

    def says(self, serial: str, **fields: Any) -> RobotState:
        """The robot reports this."""
        RobotState.objects.filter(robot__serial=serial).update(**fields)
        return RobotState.objects.get(robot__serial=serial)

    def stands_at(self, serial: str, node: str, **fields: Any) -> RobotState:
        """The robot reports that it stands at this node, however it came there."""
        place = self.dispatcher.floor.layout.node(node)
        return self.says(serial, x=place.x, y=place.y, last_node_id=node, driving=False, **fields)

    def record(self) -> dict[str, Any]:
        """What dispatch wrote down of the floor as a whole."""
        return SiteTraffic.objects.get(site=self.site).snapshot

    def alarms(self) -> dict[tuple[str, str], str]:
        return {(alarm["robot"], alarm["kind"]): alarm["text"] for alarm in self.record()["alarms"]}

    def holds(self, serial: str) -> set[str]:
        rows = ResourceHold.objects.filter(robot__serial=serial)
        return set(rows.values_list("resource", flat=True))

    def obey(self, state: RobotState, order: dict[str, Any]) -> None:
        fresh = order["orderId"] != state.order_id
        state.order_id, state.order_update_id = order["orderId"], order["orderUpdateId"]
        states = [] if fresh else list(state.action_states)
        seen = {s["action_id"] for s in states}
        for node in order["nodes"]:
            if not node["released"]:
                continue
            state.last_node_id, state.last_node_sequence_id = node["nodeId"], node["sequenceId"]
            state.x, state.y = node["nodePosition"]["x"], node["nodePosition"]["y"]
            for action in node.get("actions", []):
                if action["actionId"] not in seen:
                    states.append(self.finish(state, action))
        state.action_states, state.node_states = states, []
        state.save()

    def finish(self, state: RobotState, action: dict[str, Any]) -> dict[str, Any]:
        kind = action["actionType"]
        failures = self.fail.get(kind, [])
        if failures:
            return _state(action, "FAILED", failures.pop(0))
        if kind == "startCharging":
            state.charging = True
        elif kind == "stopCharging":
            state.charging = False
        elif kind == "pick":
            state.loads = [{"load_id": "x"}]
        elif kind == "drop":
            state.loads = []
        return _state(action, "FINISHED", self.results.get(kind, {}))

    def act(self, state: RobotState, action: dict[str, Any]) -> None:
        kind = action["actionType"]
        if kind in ("startPause", "stopPause"):
            state.paused = kind == "startPause"
        if kind == "cancelOrder":
            state.node_states = []
        state.action_states = [*state.action_states, _state(action, "FINISHED", {})]
        state.save()


def _state(action: dict[str, Any], status: str, result: dict[str, Any]) -> dict[str, Any]:
    return {
        "action_id": action["actionId"],
        "action_type": action["actionType"],
        "status": status,
        "result": json.dumps(result) if result else "",
    }
