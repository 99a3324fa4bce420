"""`manage.py seed`: the demonstration site with its robots, people and a key. Running it again changes nothing.

What a person changed since (names, roles, robots taken out of service by hand) stays; only the number of simulated
robots follows `--robots`. Robots beyond that number are taken out of service, never deleted: missions name them.
"""

from __future__ import annotations

import json
import os
import secrets
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from fleet.accounts import services as accounts
from fleet.accounts.keys import hash_key
from fleet.accounts.models import ApiKey, Role, Site, User
from fleet.ledger.models import Entry
from robots import services as robots
from robots.core.demo_site import DemoRobot, demo_items, demo_layout, demo_robots, demo_stock
from robots.core.layout import Layout, layout_to_json
from robots.core.vda5050.quirk_row import INTERFACES
from robots.models import Item, LayoutVersion, Robot, RobotType, Stock
from robots.snapshots import layout_in_force

ACTOR = "seed"
MANUFACTURER = "yardmaster"
KEY_NAME = "check"
KEY_SCOPES = ("missions:read", "missions:write", "robots:read", "robots:write", "stop")
SKILLS = {
    "cart": ["move", "pick", "drop", "scan", "inspect", "charge"],
    "forklift": ["move", "pick", "drop", "scan", "charge"],
    "arm": ["move", "pick", "drop", "scan", "inspect", "charge"],
}


@dataclass(frozen=True, slots=True)
class Kind:
    """m/s, m, kg; the sizes of the simulated robots, and the VDA 5050 they speak."""

    name: str
    max_speed: float
    length: float
    width: float
    max_payload: float
    capacity: int
    protocol: str = "2.1.0"


KINDS = {
    "cart": Kind("Cart", 1.6, 0.60, 0.50, 120.0, 12),
    "forklift": Kind("Forklift", 1.3, 0.66, 0.56, 800.0, 12, "3.0.0"),
    "arm": Kind("Mobile arm", 1.2, 0.60, 0.52, 15.0, 12),
}


class Command(BaseCommand):
    help = "Make or complete the demonstration site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--robots", type=int, default=12, help="how many simulated robots (default 12)")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            wanted = demo_robots(options["robots"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        state = Path(settings.STATE_DIR)
        with transaction.atomic():
            site = _site()
            layout = _layout(site)
            _goods(site)
            rows = _robots(site, _types(), wanted)
            people = _people(site)
            key = _key(site, state)
        _private(state / "sim" / "floor.json", json.dumps(_floor(site, layout, wanted, rows)))
        for name, text in people.items():
            _private(state / name, text)
        if key:
            _private(state / "check.key", key + "\n")
        self.stdout.write(f"site {site.slug}: {len(wanted)} robots, {len(layout.stations)} stations")


def _site() -> Site:
    """Unattended, because its robots are simulated: nobody has to watch them for the motion lease to be given."""
    slug = os.environ.get("YARDMASTER_SITE", "demo")
    made = {"name": "Demo warehouse", "time_zone": "UTC", "unattended": True}
    return Site.objects.get_or_create(slug=slug, defaults=made)[0]


def _layout(site: Site) -> Layout:
    if not LayoutVersion.objects.filter(site=site, published_at__isnull=False).exists():
        document = layout_to_json(demo_layout())
        version, _ = robots.import_layout(site=site, document=document, actor=ACTOR, note="Demonstration")
        robots.publish_layout(version=version, actor=ACTOR)
    found = layout_in_force(site)
    assert found is not None, "a layout was published a moment ago"
    return found[1]


def _goods(site: Site) -> None:
    if Item.objects.filter(site=site).exists():
        return
    items = {}
    for item in demo_items():
        items[item.id] = Item.objects.create(
            site=site, slug=item.id, name=item.name, aliases=list(item.aliases), unit_mass=item.weight
        )
    Stock.objects.bulk_create(
        Stock(item=items[row.item], station=row.station, quantity=row.quantity) for row in demo_stock()
    )


def _types() -> dict[str, RobotType]:
    made = {}
    for slug, kind in KINDS.items():
        values = {
            "name": kind.name,
            "embodiment": slug,
            "skills": SKILLS[slug],
            "max_speed": kind.max_speed,
            "length": kind.length,
            "width": kind.width,
            "max_payload": kind.max_payload,
            "capacity": kind.capacity,
            "protocol": kind.protocol,
            "interface": INTERFACES[kind.protocol[0]],
        }
        made[slug] = RobotType.objects.get_or_create(slug=slug, defaults=values)[0]
    return made


def _robots(site: Site, types: dict[str, RobotType], wanted: tuple[DemoRobot, ...]) -> dict[str, Robot]:
    """Simulated robots by serial. One that an earlier, smaller `--robots` took out of service comes back."""
    rows = Robot.objects.filter(site=site, manufacturer=MANUFACTURER).select_related("state", "type")
    known = {robot.serial: robot for robot in rows}
    for demo in wanted:
        robot = known.get(demo.id)
        if robot is None:
            known[demo.id] = robots.register_robot(
                site=site,
                kind=types[demo.kind],
                serial=demo.id,
                manufacturer=MANUFACTURER,
                name=demo.name,
                aliases=demo.aliases,
                home=demo.node,
                actor=ACTOR,
            )
    serials = {demo.id for demo in wanted}
    for serial, robot in known.items():
        here = serial in serials
        if here != robot.in_service and (not here or _seeded_out(robot)):
            reason = "the number of simulated robots was changed"
            robots.set_in_service(robot=robot, in_service=here, actor=ACTOR, reason=reason)
    return known


def _seeded_out(robot: Robot) -> bool:
    """Whether it was this command that took the robot out of service last, not a person."""
    acts = Entry.objects.filter(target_kind="robot", target_id=robot.public_id, action="robot.out_of_service")
    last = acts.order_by("-seq").first()
    return last is None or last.actor_name == ACTOR


def _people(site: Site) -> dict[str, str]:
    """The files that tell the passwords, made with the accounts and never again."""
    files = {}
    for username, role, file in (
        ("supervisor", Role.SUPERVISOR, "login.txt"),
        ("admin", Role.SITE_ADMIN, "admin.txt"),
    ):
        if not User.objects.filter(username=username).exists():
            password = secrets.token_urlsafe(12)
            user = accounts.create_user(username=username, password=password, actor=ACTOR, full_name=username.title())
            accounts.set_role(user=user, site=site, role=role, actor=ACTOR)
            files[file] = f"{username}\n{password}\n"
    return files


def _key(site: Site, state: Path) -> str:
    """A key for `manage.py up --check`; the one in the file stays while the database knows it."""
    file = state / "check.key"
    keys = ApiKey.objects.filter(site=site, name=KEY_NAME, revoked_at__isnull=True)
    if file.exists() and keys.filter(hash=hash_key(file.read_text().strip())).exists():
        return ""
    for key in keys:
        accounts.revoke_key(key=key, actor=ACTOR, reason="its secret was lost")
    return accounts.create_key(site=site, name=KEY_NAME, scopes=KEY_SCOPES, actor=ACTOR)[1]


def _floor(site: Site, layout: Layout, wanted: tuple[DemoRobot, ...], rows: dict[str, Robot]) -> dict[str, Any]:
    """What the simulated hardware starts from: each robot stands where it was last, else at its home."""
    return {
        "site": site.slug,
        "layout": layout_to_json(layout),
        "robots": [_placed(demo, rows[demo.id], layout, number) for number, demo in enumerate(wanted)],
        "seed": 1,
        "time_factor": 1,
    }


def _placed(demo: DemoRobot, robot: Robot, layout: Layout, number: int) -> dict[str, Any]:
    node = layout.node(demo.node)
    place = {
        "serial": demo.id,
        "manufacturer": robot.manufacturer,
        "type": demo.kind,
        "x": node.x,
        "y": node.y,
        "theta": node.theta or 0.0,
        "node": demo.node,
        "battery": 62 + (number * 13) % 36,
        "protocol": robot.type.protocol,
        "interface": robot.type.interface,
        "major": robot.type.major,
    }
    state = getattr(robot, "state", None)
    if state is not None and state.x is not None and state.localized and state.map_id == layout.map_id:
        place |= {"x": state.x, "y": state.y, "theta": state.theta or 0.0, "battery": state.battery or 50.0}
        place["node"] = state.last_node_id or demo.node
    return place


def _private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
