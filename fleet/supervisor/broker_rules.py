"""Who may do what at the broker, and Mosquitto's lines for it. Pure; needs neither Django nor a running broker.

A robot writes what robots write and reads what is meant for it, each of its own subtree only. MQTT 3.1.1 has no way to
refuse a message: the broker acknowledges it and drops it, so tests look at what arrives.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from fleet.supervisor.errors import ServiceError

FLEET = "fleet"
RESERVED = "yardmaster-"
"""With this begin the client ids of the fleet's own connections; no robot may be called so, or it would cut them."""
FROM_ROBOT = ("state", "visualization", "connection", "factsheet")
TO_ROBOT = ("order", "instantActions", "zoneSet", "responses")
JOINING_WRITES = ("connection", "factsheet", "state")
ONBOARD_READS = ("yardmaster/v1/+/lease", "yardmaster/v1/+/stop")
"""What Yardmaster's own onboard worker reads beside VDA 5050: motion leases and stops."""
STANDARD_INTERFACES = ("uagv", "vda5050")
REFUSED_TOPIC = "yardmaster/v1/broker/refused"
# SHA-512, as `mosquitto_passwd` writes it (mosquitto/src/password_mosq.h: PW_DEFAULT_ITERATIONS).
ITERATIONS = 101


@dataclass(frozen=True, slots=True)
class Access:
    """One login. `prefixes`: topic filters up to the serial number, as `uagv/v2/acme/AGV-7`.

    `joining`: nobody has admitted it yet, so it may say that it is there and hear nothing but what it is asked.
    `certificate`: the SHA-256 of its client certificate; it then has no password.
    """

    login: str
    prefixes: tuple[str, ...]
    onboard: bool = False
    joining: bool = False
    certificate: str = ""

    @property
    def writes(self) -> tuple[str, ...]:
        topics = JOINING_WRITES if self.joining else FROM_ROBOT
        return tuple(f"{prefix}/{topic}" for prefix in self.prefixes for topic in topics)

    @property
    def reads(self) -> tuple[str, ...]:
        topics = ("instantActions",) if self.joining else TO_ROBOT
        own = tuple(f"{prefix}/{topic}" for prefix in self.prefixes for topic in topics)
        return own + (ONBOARD_READS if self.onboard and not self.joining else ())


def simulated(serial: str) -> Access:
    """A robot of the demonstration: VDA 5050 2 or 3, whatever maker it names, our worker on board."""
    return Access(serial, (f"uagv/v2/+/{serial}", f"vda5050/v3/+/{serial}"), onboard=True)


def invited(serial: str, *, manufacturer: str = "", interfaces: Iterable[str] = STANDARD_INTERFACES) -> Access:
    """A robot that may ask to join, in whichever version it speaks, and under its own serial number only."""
    return Access(serial, tuple(f"{name}/+/{manufacturer or '+'}/{serial}" for name in interfaces), joining=True)


def check_user(login: str) -> None:
    """Raise ServiceError when this cannot be a robot's user name at the broker."""
    # A colon or line break would end the name in the password file, + and # are wildcards in the rules.
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", login):
        raise ServiceError("mqtt", f"{login!r} cannot be an MQTT user name: use letters, digits, and _ . -")
    if login == FLEET or login.startswith(RESERVED):
        raise ServiceError("mqtt", f"{login!r} is a name of the fleet itself at the broker: choose another")


def robot_password(secret: str, login: str) -> str:
    """The MQTT password of a robot, derived: nothing of it is kept, and whoever has the secret can say it again."""
    return hmac.new(secret.encode(), login.encode(), hashlib.sha256).hexdigest()[:32]


def hashed(password: str, salt: bytes) -> str:
    """A line's second half in Mosquitto's password file: `$7$iterations$salt$PBKDF2-HMAC-SHA512`."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_line(user: str, password: str) -> str:
    """A line of Mosquitto's password file."""
    return f"{user}:{hashed(password, secrets.token_bytes(12))}"


def rule_lines(access: Access) -> list[str]:
    """Mosquitto's access rules of one login."""
    lines = ["", f"user {access.login}"]
    lines += [f"topic write {topic}" for topic in access.writes]
    return lines + [f"topic read {topic}" for topic in access.reads]


def without_user(lines: Iterable[str], login: str) -> list[str]:
    """Access rules without those of one login."""
    kept: list[str] = []
    skipping = False
    for line in lines:
        if line.startswith("user "):
            skipping = line == f"user {login}"
        if not skipping:
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def fleet_rules() -> list[str]:
    """Mosquitto's access rules of the fleet's own login: everything."""
    return [f"user {FLEET}", "topic readwrite #"]
