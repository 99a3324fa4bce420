"""The three services of one state folder, each embedded or external, and the environment that names them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fleet.supervisor import mqtt, postgres, valkey
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program
from fleet.supervisor.state import REPO, State, write_private


@dataclass
class Services:
    """What to start (`programs`), what to say (`notices`) and what to tell the processes (`environment`)."""

    programs: list[Program] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    broker: mqtt.Broker | None = None

    def check_external(self) -> None:
        """Raise ServiceError for the first external service that does not answer."""
        checks: dict[str, tuple[str, Callable[[str], bool]]] = {
            "DATABASE_URL": (postgres.NAME, postgres.external_ready),
            "REDIS_URL": (valkey.NAME, valkey.external_ready),
            "MQTT_URL": (mqtt.NAME, mqtt.answers),
        }
        for variable, (hop, answers) in checks.items():
            url = os.environ.get(variable)
            if url and not answers(url):
                raise ServiceError(
                    hop, f"{variable} is set, but nothing that accepts it answers at {without_password(url)}"
                )


def choose(state: State, robots: tuple[str, ...]) -> Services:
    """For each service: the external one that the environment names, else an embedded one."""
    found = Services()
    if url := os.environ.get("DATABASE_URL"):
        found.environment["DATABASE_URL"] = url
    else:
        database = postgres.Postgres(state)
        found.programs.append(database.program())
        found.environment["DATABASE_URL"] = database.url
    if url := os.environ.get("REDIS_URL"):
        found.environment["REDIS_URL"] = url
    else:
        store = valkey.Valkey(state)
        found.programs.append(store.program())
        found.environment["REDIS_URL"] = store.url
    if url := os.environ.get("MQTT_URL"):
        found.environment["MQTT_URL"] = url
        # Without the secret all robots log in with what the URL says; a broker of your own may want that.
        if secret := os.environ.get("YARDMASTER_MQTT_ROBOT_SECRET"):
            found.environment["YARDMASTER_MQTT_ROBOT_SECRET"] = secret
        if theirs := os.environ.get("YARDMASTER_MQTT_ROBOT_URL"):
            found.environment["YARDMASTER_MQTT_ROBOT_URL"] = theirs
    else:
        found.broker = mqtt.Broker(state, robots)
        found.programs.append(found.broker.program())
        found.environment["MQTT_URL"] = found.broker.url
        found.environment["YARDMASTER_MQTT_ROBOT_URL"] = found.broker.robots_url
        if found.broker.filter and not found.broker.notice:
            found.programs.append(_refusals(state, found.broker))
        found.environment["YARDMASTER_MQTT_ROBOT_SECRET"] = found.broker.secret
        if found.broker.notice:
            found.notices.append(found.broker.notice)
    notices = json.dumps(found.notices)
    found.environment["YARDMASTER_NOTICES"] = notices
    write_private(state.run / "notices.json", notices)
    return found


def _refusals(state: State, broker: mqtt.Broker) -> Program:
    """Tells the fleet what the broker refused."""
    return Program(
        name="refusals",
        argv=(sys.executable, "-m", "fleet.supervisor.refusals", str(state.logs / f"{mqtt.NAME}.log")),
        stage=2,
        env={"MQTT_URL": broker.url},
        without_env=("DATABASE_URL", "YARDMASTER_SECRET_KEY"),
        cwd=REPO,
    )


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":…@") if password else url
