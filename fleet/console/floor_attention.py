"""What needs a person on the floor: each row with the one thing to do about it as its button."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from fleet.accounts.models import Site
from missions.snapshots import AttentionRow
from robots import floor_requests as asking
from robots.floor_state import AlarmView, DoorView, FloorView, floor_view
from robots.models import FloorRequest, RobotTraffic
from robots.waits import Around, Wait

CLOSING_LONG = timedelta(minutes=2)
WAITS_LONG = timedelta(minutes=3)
PRIORITY = {"conflict": 1, "misplaced": 1, "fault": 1, "rejected": 2, "late": 2, "unseen": 2, "liveness": 2}
WHAT = {
    "late": "{name} does not get on",
    "misplaced": "{name} stands where nothing was released to it",
    "conflict": "The released way of {name} is blocked by another robot",
    "rejected": "{name} refused its order",
    "fault": "{name} reports a fault",
    "unseen": "{name} has not been seen since dispatch started",
    "request": "{name} waits to be let into a zone",
    "unreachable": "{name} gave up a node of its order",
    "zone_set": "{name} has not taken the zones of the layout",
}


def rows(site: Site, now: datetime) -> list[AttentionRow]:
    """Most of it is told by dispatch (`alarms`); what only time tells is judged here."""
    floor, around = floor_view(site, now), Around(site, now)
    found = [_second_person(request, around) for request in asking.open_requests(site, now) if _needs_second(request)]
    found += [_alarm(alarm, site, around) for alarm in floor.alarms]
    found += _misplaced(floor, around)
    found += _zones(floor, around, now)
    found += [_door(door, site) for door in floor.doors if door.overdue]
    if floor.liveness and all(alarm.kind != "liveness" for alarm in floor.alarms):
        found.append(_liveness(floor.liveness, site, None))
    return found + _long_waits(site, around, now)


def _needs_second(request: FloorRequest) -> bool:
    return request.kind in FloorRequest.TWO_PERSONS and request.confirmed_at is None


def _robot_url(around: Around, serial: str) -> str:
    party = around.party(serial)
    return reverse("robot", args=[party.id]) if party.id else reverse("robots")


def _second_person(request: FloorRequest, around: Around) -> AttentionRow:
    name, by = around.party(request.target).name, asking.name_of(request.actor)
    address = f"{_robot_url(around, request.target)}?confirm={request.public_id}"
    what = f"{by} asks for a second person: release what {name} holds"
    return AttentionRow(2, "second_person", what, request.reason, request.created_at, "Confirm…", address)


def _alarm(alarm: AlarmView, site: Site, around: Around) -> AttentionRow:
    if alarm.kind == "liveness":
        return _liveness(alarm.text, site, alarm.since)
    if alarm.kind == "layout":
        address = reverse("settings") + "?tab=layouts"
        what = "The published layout is not in force yet"
        return AttentionRow(3, "floor_layout", what, alarm.text, alarm.since, "Show the layouts", address)
    name = around.party(alarm.robot).name if alarm.robot else site.name
    what = WHAT.get(alarm.kind, "{name} needs a person").format(name=name)
    address = _robot_url(around, alarm.robot) if alarm.robot else reverse("robots")
    label = "Go and look" if alarm.kind in ("late", "unseen") else "Show"
    priority = PRIORITY.get(alarm.kind, 2)
    return AttentionRow(priority, f"floor_{alarm.kind}", what, alarm.text, alarm.since, label, address)


def _liveness(text: str, site: Site, since: datetime | None) -> AttentionRow:
    address = reverse("operations", args=[site.slug]) + "#floor"
    return AttentionRow(2, "liveness", "Robots could lock up", text, since, "Show the floor", address)


def _misplaced(floor: FloorView, around: Around) -> list[AttentionRow]:
    """Those that dispatch has no alarm of its own for."""
    told = {alarm.robot for alarm in floor.alarms if alarm.kind in ("misplaced", "conflict")}
    found = []
    for serial, nodes in (floor.misplaced or {}).items():
        if serial not in told:
            what = WHAT["misplaced"].format(name=around.party(serial).name)
            where = f"near {', '.join(nodes[:3])}" if nodes else "position unknown"
            found.append(AttentionRow(1, "floor_misplaced", what, where, None, "Show", _robot_url(around, serial)))
    return found


def _zones(floor: FloorView, around: Around, now: datetime) -> list[AttentionRow]:
    found = []
    for zone in floor.zones:
        if zone.state != "closing" or zone.since is None or now - zone.since < CLOSING_LONG:
            continue
        names = ", ".join(around.party(serial).name for serial in zone.inside[:3])
        where = f"still inside: {names}" if names else "waits for the last report from inside"
        address = _robot_url(around, zone.inside[0]) if zone.inside else "#floor"
        label = "Show the robot" if zone.inside else "Show the floor"
        what = f"{zone.name} has been closing for long"
        found.append(AttentionRow(2, "zone_closing", what, where, zone.since, label, address))
    return found


def _door(door: DoorView, site: Site) -> AttentionRow:
    address = reverse("operations", args=[site.slug]) + f"?give_back={door.id}"
    what = f"{door.name} was not given back by {asking.name_of(door.owner)}"
    return AttentionRow(2, "door_overdue", what, "robots wait until it is", door.until, "Give back…", address)


def _long_waits(site: Site, around: Around, now: datetime) -> list[AttentionRow]:
    """One row for each root cause, however many robots wait behind it; a lost way counts at once after a minute."""
    table = RobotTraffic.objects.filter(robot__site=site, waiting__isnull=False).select_related("robot")
    groups: dict[str, list[tuple[str, Wait]]] = {}
    for row in table.only("waiting", "robot__serial", "robot__name", "robot__site"):
        wait = around.wait_of(row)
        if wait is None or not wait.known or wait.kind == "held" or not wait.long(now):
            continue
        if wait.kind == "no_way" or wait.lasted(now) >= WAITS_LONG.total_seconds():
            root = wait.chain[-1].serial if wait.chain else wait.holder.serial if wait.holder else row.robot.serial
            groups.setdefault(root, []).append((row.robot.serial, wait))
    return [_waiting(root, waiting, around) for root, waiting in groups.items()]


def _waiting(root: str, waiting: list[tuple[str, Wait]], around: Around) -> AttentionRow:
    serial, wait = max(waiting, key=lambda pair: pair[1].lasted(around.now))
    name, others = around.party(serial).name, len(waiting) - 1
    what = f"{name} and {others} more have been waiting for long" if others else f"{name} has been waiting for long"
    lost = wait.kind == "no_way"
    label = "Show" if root == serial else "Show the cause"
    return AttentionRow(2 if lost else 3, "long_wait", what, wait.text, wait.since, label, _robot_url(around, root))
