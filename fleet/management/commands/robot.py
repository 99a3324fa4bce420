"""`manage.py robot type | add | credentials | list`: real robots, and how they log in to the broker."""

from __future__ import annotations

import json
import textwrap
import time
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.supervisor import mqtt
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.state import State, open_state
from robots import auditing, services
from robots.core.vda5050.topics import TopicScheme
from robots.errors import RobotsError
from robots.link import STRANGERS_KEY
from robots.models import Robot, RobotType
from robots.snapshots import layout_in_force, robot_view

from .seed import MANUFACTURER

ACTOR = "robot"
SKILLS = ("move", "pick", "drop", "scan", "inspect", "charge")
EMBODIMENTS = ("cart", "forklift", "arm")
ONLY_HERE = (
    "The broker of `manage.py up` listens on this machine only. A robot on the network needs a broker that it can "
    "reach: set MQTT_URL (docs/connect-a-robot.md)."
)


class Command(BaseCommand):
    help = "Register robots and types of robots, show what a robot needs to log in, list robots."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        self._type_arguments(verbs.add_parser("type", help="add a type of robot, or show one that is there"))
        add = verbs.add_parser("add", help="register a robot and print what it needs to log in")
        add.add_argument("serial", help="serial number, as the robot says it in its topics")
        add.add_argument("--manufacturer", required=True, help="as the robot says it in its topics")
        add.add_argument("--type", required=True, help="slug of its type; see `robot type`")
        add.add_argument("--site", required=True, help="slug of its site")
        add.add_argument("--name", default="", help="what people call it (default: the serial number)")
        add.add_argument("--alias", action="append", default=[], help="another name for it; may be repeated")
        add.add_argument("--home", default="", help="node to which it returns")
        shown = verbs.add_parser("credentials", help="print again what a robot needs to log in")
        shown.add_argument("serial")
        shown.add_argument("--manufacturer", default="", help="where two makers use the same serial number")
        listed = verbs.add_parser("list", help="robots, and strangers that speak on the broker")
        listed.add_argument("--site", default="", help="only this site")

    def _type_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name, for example tugger-600")
        parser.add_argument("--name", default="", help="what people call the type (default: the slug)")
        parser.add_argument("--embodiment", choices=EMBODIMENTS, default="cart")
        parser.add_argument("--skills", nargs="+", choices=SKILLS, default=["move", "pick", "drop", "charge"])
        parser.add_argument("--max-speed", type=float, metavar="M_PER_S")
        parser.add_argument("--max-rotation", type=float, metavar="RAD_PER_S", default=1.2)
        parser.add_argument("--length", type=float, metavar="M", help="with the largest load")
        parser.add_argument("--width", type=float, metavar="M", help="with the largest load")
        parser.add_argument("--max-payload", type=float, metavar="KG")
        parser.add_argument("--capacity", type=int, default=1, help="units carried at once (default 1)")
        parser.add_argument("--interface", default="uagv", help="first level of its topics (default uagv)")
        parser.add_argument("--protocol", default="2.1.0", help="its VDA 5050 version (default 2.1.0)")
        parser.add_argument("--onboard", action="store_true", help="it runs Yardmaster's own onboard worker")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs = {"type": self._type, "add": self._add, "credentials": self._credentials, "list": self._list}
        try:
            verbs[options["verb"]](options)
        except (RobotsError, ServiceError) as error:
            raise CommandError(str(error)) from error

    # --- types --------------------------------------------------------------------------------------------------------

    def _type(self, options: dict[str, Any]) -> None:
        needed = ("max_speed", "length", "width", "max_payload")
        missing = [f"--{name.replace('_', '-')}" for name in needed if options[name] is None]
        kind = RobotType.objects.filter(slug=options["slug"]).first()
        if kind is not None and len(missing) < len(needed):
            raise CommandError(f"The type {kind.slug} is there already. A changed robot is a type of its own.")
        if kind is None:
            if missing:
                raise CommandError(f"There is no type {options['slug']}. To add it, give {', '.join(missing)}.")
            columns = (*needed, "embodiment", "skills", "max_rotation", "capacity", "interface", "protocol", "onboard")
            values = {name: options[name] for name in columns}
            kind = services.add_type(
                slug=options["slug"], name=options["name"] or options["slug"], actor=ACTOR, **values
            )
        self.stdout.write(
            f"type {kind.slug}: {kind.name}, {kind.embodiment}, {kind.length:g} x {kind.width:g} m, "
            f"{kind.max_speed:g} m/s, {kind.max_payload:g} kg, can {', '.join(kind.skills)}; "
            f"VDA 5050 {kind.protocol}{', with the onboard worker' if kind.onboard else ''}"
        )

    # --- robots -------------------------------------------------------------------------------------------------------

    def _add(self, options: dict[str, Any]) -> None:
        mqtt.check_user(options["serial"])
        if options["manufacturer"] == MANUFACTURER:
            raise CommandError(f"{MANUFACTURER!r} is the maker of the simulated robots; `up --robots N` makes those.")
        site = self._site(options["site"])
        kind = RobotType.objects.filter(slug=options["type"]).first()
        if kind is None:
            types = ", ".join(RobotType.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no type {options['type']}; there are: {types}. See `robot type`.")
        found = layout_in_force(site)
        if options["home"] and (found is None or options["home"] not in {node.id for node in found[1].nodes}):
            raise CommandError(f"The layout in force has no node {options['home']}.")
        if Robot.objects.filter(serial=options["serial"]).exists():
            raise CommandError(f"A robot {options['serial']} is registered already; it is also a broker user name.")
        robot = services.register_robot(
            site=site,
            kind=kind,
            serial=options["serial"],
            manufacturer=options["manufacturer"],
            name=options["name"] or options["serial"],
            aliases=options["alias"],
            home=options["home"],
            actor=ACTOR,
        )
        self.stdout.write(f"registered {robot.name} ({robot.public_id}) at {site.slug}")
        if warning := auditing.warning(site):
            self.stdout.write(f"warning: {warning}")
        self._print_login(robot)

    def _credentials(self, options: dict[str, Any]) -> None:
        rows = Robot.objects.select_related("type").filter(serial=options["serial"])
        if options["manufacturer"]:
            rows = rows.filter(manufacturer=options["manufacturer"])
        if len(rows) != 1:
            raise CommandError(f"There is no robot {options['serial']}." if not rows else "Name the --manufacturer.")
        self._print_login(rows[0])

    def _print_login(self, robot: Robot) -> None:
        state = open_state(settings.STATE_DIR)
        scheme = TopicScheme(robot.type.interface, f"v{robot.type.protocol.split('.')[0]}")
        topics = f"{scheme.interface}/{scheme.major}/{robot.manufacturer}/{robot.serial}"
        parts = urlsplit(settings.MQTT_URL)
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        password = mqtt.robot_password(mqtt.robot_secret(state), robot.serial)
        for name, value in (
            ("broker", f"{parts.scheme}://{parts.hostname}:{port}"),
            ("user", robot.serial),
            ("password", password),
            ("topics", f"{topics}/..."),
            ("VDA 5050", robot.type.protocol),
        ):
            self.stdout.write(f"  {name:<9} {value}")
        if mqtt.is_embedded(state, settings.MQTT_URL):
            self._admit(state, robot.serial, f"{topics}/#")
            return
        self.stdout.write("Your broker must know the robot. For Mosquitto, a line of its password file:")
        self.stdout.write(f"  {mqtt.password_line(robot.serial, password)}")
        self.stdout.write("and these of its access rules, then make it read them (SIGHUP):")
        reads = [f"topic read {topic}" for topic in mqtt.ROBOT_READS] if robot.type.onboard else []
        rules = [*mqtt.own_topics(robot.serial, f"{topics}/#"), *reads]
        self.stdout.write(textwrap.indent("\n".join(rules[1:]), "  "))

    def _admit(self, state: State, serial: str, topics: str) -> None:
        known = mqtt.admit_robot(state, serial, topics)
        self.stdout.write("The broker lets it in." if known else "The broker lets it in from the next `up` on.")
        self.stdout.write(ONLY_HERE)

    # --- lists --------------------------------------------------------------------------------------------------------

    def _list(self, options: dict[str, Any]) -> None:
        rows = Robot.objects.select_related("site", "type", "state", "traffic")
        if options["site"]:
            rows = rows.filter(site=self._site(options["site"]))
        line = "{:<12} {:<16} {:<16} {:<12} {:<10} {}"
        self.stdout.write(line.format("serial", "name", "manufacturer", "type", "site", "state"))
        for robot in rows.order_by("site__slug", "serial"):
            words = robot_view(robot, timezone.now()).line
            cells = (robot.serial, robot.name, robot.manufacturer, robot.type.slug, robot.site.slug, words)
            self.stdout.write(line.format(*cells))
        strangers = _strangers()
        if strangers:
            self.stdout.write("\nNot registered, but speaking on the broker:")
        for row in strangers:
            age = max(0.0, time.time() - row["last_at"])
            self.stdout.write(f"  {row['manufacturer']}/{row['serial']}: {row['topic']}, {age:.0f} s ago")

    @staticmethod
    def _site(slug: str) -> Site:
        site = Site.objects.filter(slug=slug).first()
        if site is None:
            slugs = ", ".join(Site.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no site {slug}; there are: {slugs}.")
        return site


def _strangers() -> list[dict[str, Any]]:
    """What link saw of robots nobody registered; nothing while it does not run."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            found = json.loads(client.get(STRANGERS_KEY) or "[]")
    except (redis.RedisError, ValueError):
        return []
    return found if isinstance(found, list) else []
