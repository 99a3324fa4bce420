"""The onboard worker's settings: environment only, read once, failing loudly."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.quirk_row import INTERFACES, level_of
from robots.core.vda5050.quirks import Quirks
from robots.core.vda5050.robot_settings import RobotSettings
from robots.core.vda5050.topics import TopicScheme

SERVICE_TIMEOUT = 3.0
"""s: how long a call to the broker or the result store may hang."""


class SettingError(ValueError):
    """A setting that is missing or cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where MQTT is. With `robot_secret` each robot has its own credentials: its serial and a derived password."""

    host: str
    port: int
    tls: bool
    username: str | None
    password: str | None
    robot_secret: str | None

    def credentials(self, serial: str) -> tuple[str, str] | None:
        if self.robot_secret:
            digest = hmac.new(self.robot_secret.encode(), serial.encode(), hashlib.sha256).hexdigest()
            return serial, digest[:32]
        return (self.username, self.password or "") if self.username else None


@dataclass(frozen=True, slots=True)
class Config:
    state: Path
    broker: Broker
    site: str
    floor: dict[str, Any]
    serials: tuple[str, ...]
    speed: float
    instant: bool
    state_hz: float = 1.0

    @property
    def lease_key(self) -> Path:
        return self.state / "keys" / "lease.pub"

    @property
    def beat(self) -> Path:
        return self.state / "run" / "onboard.beat"


def state_folder(env: Mapping[str, str]) -> Path:
    return Path(_required(env, "YARDMASTER_STATE"))


def from_environment(env: Mapping[str, str]) -> Config:
    """Raises SettingError when something needed is missing or wrong."""
    floor = _floor(Path(_required(env, "YARDMASTER_SIM_FLOOR")))
    known = tuple(robot["serial"] for robot in floor["robots"])
    wanted = tuple(s.strip() for s in env.get("YARDMASTER_SERIALS", "").split(",") if s.strip())
    if unknown := set(wanted) - set(known):
        raise SettingError(f"YARDMASTER_SERIALS names robots that the floor file does not have: {sorted(unknown)}")
    return Config(
        state=state_folder(env),
        broker=_broker(_required(env, "MQTT_URL"), env.get("YARDMASTER_MQTT_ROBOT_SECRET")),
        site=env.get("YARDMASTER_SITE") or "demo",
        floor=floor,
        serials=wanted or known,
        speed=_number(env, "YARDMASTER_SIM_SPEED", 0.1, 20),
        instant=env.get("YARDMASTER_SIM_INSTANT", "") in ("1", "true", "yes"),
        state_hz=_number(env, "YARDMASTER_SIM_STATE_HZ", 0.1, 20),
    )


def spoken(row: Mapping[str, Any]) -> RobotSettings:
    """The VDA 5050 that a robot of the floor file speaks: `protocol`, `interface`, `major`; 2.1 where it says nothing.

    Raises SettingError when they do not fit together.
    """
    version = str(row.get("protocol") or "2.1.0")
    try:
        interface = str(row.get("interface") or INTERFACES.get(version[0], ""))
        scheme = TopicScheme(interface, str(row.get("major") or level_of(version)))
        return RobotSettings(version=Quirks(version, scheme).version, topics=scheme)
    except LocalProtocolError as error:
        raise SettingError(f"YARDMASTER_SIM_FLOOR: robot {row.get('serial')}: {error}") from error


def _number(env: Mapping[str, str], name: str, least: float, most: float) -> float:
    try:
        value = float(env.get(name) or 1.0)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise SettingError(f"{name} must be a number from {least:g} to {most:g}")
    return value


def celery_url(redis_url: str) -> str:
    """`unix:///path?db=1` as kombu spells it (`redis+socket:///path?virtual_host=1`); other URLs unchanged."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


def _broker(url: str, secret: str | None) -> Broker:
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise SettingError("MQTT_URL must look like mqtt://user:password@host:1883 (mqtts:// for TLS)")
    tls = parts.scheme == "mqtts"
    return Broker(
        host=parts.hostname,
        port=parts.port or (8883 if tls else 1883),
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        robot_secret=secret or None,
    )


def _floor(path: Path) -> dict[str, Any]:
    try:
        floor = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SettingError(f"YARDMASTER_SIM_FLOOR: {path} cannot be read: {error}") from error
    if not isinstance(floor, dict) or not isinstance(floor.get("robots"), list) or "layout" not in floor:
        raise SettingError(f"YARDMASTER_SIM_FLOOR: {path} must be an object with `layout` and `robots`")
    return floor


def _required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    raise SettingError(f"{name} is not set")
