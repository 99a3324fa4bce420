"""From robots as people configured them to what each may do at the broker."""

from __future__ import annotations

import logging
import re

from django.conf import settings

from fleet.supervisor import mqtt
from fleet.supervisor.broker_rules import Access, check_user, invited
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.state import State, open_state
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.quirk_row import standard_quirks
from robots.core.vda5050.topics import Topic
from robots.models import Robot
from robots.types import quirks_of

log = logging.getLogger(__name__)


def login_of(robot: Robot) -> str:
    """Its user name at the broker."""
    return robot.login or robot.serial


def possible_login(serial: str) -> str:
    """The serial number, with what cannot stand in a user name left out of it."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", serial)[:64]


def access_of(robot: Robot) -> Access:
    """What the robot (fetched with its type) may, in the topics of its type; of a type spoilt by hand what is usable.

    Raises LocalProtocolError when its maker or serial number cannot be part of a topic.
    """
    try:
        topics = quirks_of(robot.type).topics
    except (LocalProtocolError, TypeError) as error:
        log.error("the quirks of %s do not fit together and are left out: %s", robot.type.slug, error)
        topics = standard_quirks(robot.type).topics
    prefix = topics.build(robot.manufacturer, robot.serial, Topic.STATE).removesuffix(f"/{Topic.STATE}")
    return Access(login_of(robot), (prefix,), onboard=robot.type.onboard, certificate=robot.certificate)


def accesses() -> list[Access]:
    """Every robot of every site whose names a broker takes, and whoever was invited to join.

    An invitation to a robot that is registered by now, under another login, is over.
    """
    found, registered = [], set()
    for robot in Robot.objects.select_related("type").order_by("serial"):
        registered.add(robot.serial)
        try:
            check_user(login_of(robot))
            found.append(access_of(robot))
        except (ServiceError, LocalProtocolError) as error:
            log.warning("%s is left out of the broker's files: %s", robot.serial, error)
    taken = {access.login for access in found} | registered
    asked = mqtt.admitted(open_state(settings.STATE_DIR)).values()
    return found + [access for access in asked if access.joining and access.login not in taken]


def secret() -> str:
    """What robots' passwords are derived from."""
    return mqtt.robot_secret(open_state(settings.STATE_DIR))


def password_of(robot: Robot) -> str:
    return mqtt.robot_password(secret(), login_of(robot))


def embedded() -> State | None:
    """The state folder of the broker that `manage.py up` runs, when that is the one in use."""
    state = open_state(settings.STATE_DIR)
    return state if mqtt.is_embedded(state, settings.MQTT_URL) else None


def let_in(robot: Robot) -> bool | None:
    """Tell the embedded broker of an admitted robot: True when it knows it now, False from the next `up` on.

    None: the broker is one of the operator's own and has to be told by its files.
    """
    if login_of(robot) != robot.serial:
        shut_out(robot.serial)  # with which it asked to join, and could still speak as itself
    state = embedded()
    return None if state is None else mqtt.admit_robot(state, access_of(robot))


def let_knock(serial: str, manufacturer: str = "") -> bool | None:
    """Let a robot that nobody has admitted say that it is there; the answer as of `let_in`."""
    state = open_state(settings.STATE_DIR)
    known = mqtt.admit_robot(state, invited(serial, manufacturer=manufacturer))
    return None if embedded() is None else known


def shut_out(login: str, manufacturer: str = "") -> None:
    """End a login that only may ask to join; with a `manufacturer`, only where it may do so in that maker's name."""
    state = open_state(settings.STATE_DIR)
    if (known := mqtt.admitted(state).get(login)) is None or not known.joining:
        return
    makers = {prefix.split("/")[-2] for prefix in known.prefixes}
    if not manufacturer or makers & {manufacturer, "+"}:
        mqtt.dismiss_robot(state, login)
