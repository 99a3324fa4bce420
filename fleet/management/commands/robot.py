"""`manage.py robot type | add | invite | credentials | broker-files | list`: real robots, and how they log in."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.supervisor.broker_rules import check_user, invited, password_line, rule_lines
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.state import write_private
from robots import admission, auditing, joining, services
from robots.broker import dynsec, emqx, mosquitto, roster
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.words import EXAMPLE, read_words
from robots.errors import RobotsError
from robots.models import Robot, RobotType
from robots.snapshots import layout_in_force, robot_view

from .seed import MANUFACTURER

ACTOR = "robot"
SKILLS = ("move", "pick", "drop", "scan", "inspect", "charge")
EMBODIMENTS = ("cart", "forklift", "arm")
FORMATS = {"mosquitto": mosquitto, "dynsec": dynsec, "emqx": emqx}
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
        asked = verbs.add_parser("invite", help="print a login with which a robot may ask to join, and nothing else")
        asked.add_argument("serial", help="serial number, as the robot says it in its topics")
        asked.add_argument("--manufacturer", default="", help="as the robot says it in its topics, if known")
        files = verbs.add_parser("broker-files", help="write who may log in and do what, for a broker of your own")
        files.add_argument("--format", choices=FORMATS, required=True)
        files.add_argument("--out", required=True, metavar="DIR", help="folder for the files (made with mode 0700)")
        listed = verbs.add_parser("list", help="robots, and those that want to join")
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
        parser.add_argument("--interface", default="", help="first level of its topics (uagv; for 3.0 vda5050)")
        parser.add_argument("--protocol", default="2.1.0", help="its VDA 5050 version (default 2.1.0)")
        parser.add_argument("--words", default="", metavar="JSON", help=f"its names of loads and stations: {EXAMPLE}")
        parser.add_argument("--onboard", action="store_true", help="it runs Yardmaster's own onboard worker")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs = {
            "type": self._type, "add": self._add, "invite": self._invite, "credentials": self._credentials,
            "broker-files": self._broker_files, "list": self._list,
        }  # fmt: skip
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
            values = {name: options[name] for name in columns} | {"words": _words(options["words"])}
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
        check_user(options["serial"])
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
        self._show(admission.credentials(robot=robot, actor=ACTOR))
        access = roster.access_of(robot)
        if roster.embedded() is not None:
            return
        if robot.certificate:
            self.stdout.write("It logs in with its client certificate. Access rules for Mosquitto:")
        else:
            self.stdout.write("Your broker must know the robot. For Mosquitto, a line of its password file:")
            self.stdout.write(f"  {password_line(access.login, roster.password_of(robot))}")
            self.stdout.write("and these of its access rules, then make it read them (SIGHUP):")
        self.stdout.write(textwrap.indent("\n".join(rule_lines(access)[1:]), "  "))

    def _show(self, login: admission.Login) -> None:
        lines = (
            ("broker", login.broker), ("user", login.user), ("password", login.password), ("topics", login.topics),
            ("VDA 5050", login.version),
        )  # fmt: skip
        for name, value in lines:
            if value:
                self.stdout.write(f"  {name:<9} {value}")
        if login.known is not None:
            when = "" if login.known else " from the next `up` on"
            self.stdout.write(f"The broker lets it in{when}.")
            self.stdout.write(ONLY_HERE)

    def _invite(self, options: dict[str, Any]) -> None:
        login = admission.invite(serial=options["serial"], manufacturer=options["manufacturer"], actor=ACTOR)
        self._show(login)
        if login.known is None:
            access = invited(options["serial"], manufacturer=options["manufacturer"])
            self.stdout.write("Your broker must know the login. For Mosquitto, a line of its password file:")
            self.stdout.write(f"  {password_line(login.user, login.password)}")
            self.stdout.write("and these of its access rules, then make it read them (SIGHUP):")
            self.stdout.write(textwrap.indent("\n".join(rule_lines(access)[1:]), "  "))

    def _broker_files(self, options: dict[str, Any]) -> None:
        folder = Path(options["out"]).absolute()
        password = urlsplit(settings.MQTT_URL).password
        if not password:
            raise CommandError("MQTT_URL has no password: the fleet needs a login of its own at the broker.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make = FORMATS[options["format"]].files
        accesses = roster.accesses()
        made = make(accesses, secret=roster.secret(), fleet_password=unquote(password), folder=str(folder))
        for name, text in made.items():
            write_private(folder / name, text)
        names = ", ".join(sorted(made))
        self.stdout.write(f"{len(accesses)} robots; {names} in {folder}, readable by this account only")

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
        waiting = joining.open_requests()
        if waiting:
            self.stdout.write("\nNot admitted, but speaking on the broker:")
        for row in waiting:
            age = max(0.0, (timezone.now() - row.last_at).total_seconds())
            topics = f"{row.interface}/{row.major}/{row.manufacturer}/{row.serial}"
            self.stdout.write(f"  {row.manufacturer}/{row.serial}: {topics}, {age:.0f} s ago")

    @staticmethod
    def _site(slug: str) -> Site:
        site = Site.objects.filter(slug=slug).first()
        if site is None:
            slugs = ", ".join(Site.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no site {slug}; there are: {slugs}.")
        return site


def _words(typed: str) -> Any:
    try:
        return read_words(typed)
    except LocalProtocolError as error:
        raise CommandError(f"--words: {error}") from error
