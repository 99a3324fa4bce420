"""Yardmaster's own processes: how each is started, in which order, and how its progress is seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import HealthAddress, Program
from fleet.supervisor.state import REPO, State

LOOPBACK = ("127.0.0.1", "localhost", "::1")
WEB, WORK, DRIVE, ROBOTS = 2, 2, 3, 4  # stages after the services' 0 and 1


@dataclass(frozen=True)
class Address:
    """Where the pages are served, and what that needs."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def tls(self) -> tuple[str, str] | None:
        certificate, key = os.environ.get("YARDMASTER_TLS_CERT"), os.environ.get("YARDMASTER_TLS_KEY")
        return (certificate, key) if certificate and key else None

    @property
    def behind_proxy(self) -> bool:
        return os.environ.get("YARDMASTER_BEHIND_PROXY", "").lower() in ("1", "true", "yes", "on")

    @property
    def name(self) -> str:
        """The host name that pages are asked for under."""
        allowed = [
            name for name in os.environ.get("YARDMASTER_ALLOWED_HOSTS", "").split(",") if name and name[0] not in "*."
        ]
        return "127.0.0.1" if self.loopback else (allowed[0] if allowed else self.host)

    @property
    def url(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        if self.loopback:
            return f"{'https' if self.tls else 'http'}://{shown}:{self.port}/"
        return f"https://{self.name}/" if self.behind_proxy else f"https://{self.name}:{self.port}/"

    def check(self) -> None:
        """Raise ServiceError, naming everything that is missing to serve others than this machine."""
        if self.loopback:
            return
        missing = []
        if not os.environ.get("YARDMASTER_ALLOWED_HOSTS"):
            missing.append("YARDMASTER_ALLOWED_HOSTS (the names under which browsers reach it)")
        if not self.tls and not self.behind_proxy:
            missing.append(
                "YARDMASTER_TLS_CERT and YARDMASTER_TLS_KEY, or YARDMASTER_BEHIND_PROXY=1 behind a proxy that ends TLS"
            )
        if missing:
            raise ServiceError("web", f"--host {self.host} is open to the network, which needs: {'; '.join(missing)}")


def environment(
    state: State, address: Address, serials: tuple[str, ...], services: Mapping[str, str]
) -> dict[str, str]:
    """What every process of ours gets."""
    return {
        **services,
        "YARDMASTER_STATE": str(state.root),
        "YARDMASTER_SITE": os.environ.get("YARDMASTER_SITE", "demo"),
        "YARDMASTER_SIM_FLOOR": str(state.simulation / "floor.json"),
        "YARDMASTER_SERIALS": ",".join(serials),
        "YARDMASTER_HOST": address.host,
        "YARDMASTER_PORT": str(address.port),
        "YARDMASTER_SECRET_KEY": os.environ.get("YARDMASTER_SECRET_KEY") or state.secret("secret_key"),
        "YARDMASTER_BOOTSTRAP": "0",
        "DJANGO_SETTINGS_MODULE": "fleet.settings",
        # Numeric libraries would start a thread for each core in every process, and they would fight.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(REPO / "manage.py"), *arguments)


def all_programs(state: State, address: Address, serials: tuple[str, ...], env: Mapping[str, str]) -> list[Program]:
    """Web, worker, beat, link, dispatch and, if there are simulated robots, one onboard worker for all of them."""
    celery = (sys.executable, "-m", "celery")
    quiet = ("--without-gossip", "--without-mingle", "--loglevel", "WARNING")
    queues = ",".join(f"onboard.{serial}" for serial in serials)

    def program(name: str, argv: tuple[str, ...], stage: int, **more: object) -> Program:
        return Program(name=name, argv=argv, stage=stage, env=env, cwd=REPO, ready_seconds=60.0, **more)  # type: ignore[arg-type]

    fleet = [
        program("web", _web(address), WEB, health=_health(address), health_limit=15.0),
        program(
            "worker",
            (*celery, "-A", "fleet.celery", "worker", "-Q", "planner", "-c", "2", *quiet, "-n", "planner@%h"),
            WORK,
            beat="planner",
            beat_limit=20.0,
        ),
        program(
            "beat",
            (
                *celery,
                "-A",
                "fleet.celery",
                "beat",
                "-s",
                str(state.run / "beat-schedule"),
                "--pidfile=",
                "--loglevel",
                "WARNING",
            ),
            WORK,
        ),
        *(program(name, manage("link", "--name", name), DRIVE, beat=name) for name in link_names()),
        program("dispatch", manage("dispatch"), DRIVE, beat="dispatch"),
    ]
    if not serials:
        return fleet
    onboard = ("-A", "inference.onboard.app", "worker", "--pool", "threads", "-c", "4", "-Q", queues)
    return [
        *fleet,
        Program(
            name="onboard",
            argv=(*celery, *onboard, *quiet, "-n", "onboard@%h"),
            stage=ROBOTS,
            env={**env, "MQTT_URL": _robots_url(env)},
            # A robot knows neither the database nor the fleet's own login.
            without_env=("DATABASE_URL", "YARDMASTER_SECRET_KEY"),
            cwd=REPO,
            ready_seconds=60.0,
            beat="onboard",
        ),
    ]


def link_names() -> list[str]:
    """`link`, `link2` ...: as many as YARDMASTER_LINKS says. Raises ServiceError."""
    text = os.environ.get("YARDMASTER_LINKS") or "1"
    if not text.isdigit() or not 1 <= int(text) <= 16:
        raise ServiceError("link", f"YARDMASTER_LINKS={text!r} should be a number from 1 to 16")
    return ["link", *(f"link{number}" for number in range(2, int(text) + 1))]


def _web(address: Address) -> tuple[str, ...]:
    argv = [
        sys.executable,
        "-m",
        "uvicorn",
        "fleet.asgi:application",
        "--host",
        address.host,
        "--port",
        str(address.port),
    ]
    argv += [
        "--ws",
        "websockets-sansio",
        "--no-access-log",
        "--log-level",
        "warning",
        "--timeout-graceful-shutdown",
        "1",
        "--no-server-header",
    ]
    if address.tls:
        argv += ["--ssl-certfile", address.tls[0], "--ssl-keyfile", address.tls[1]]
    # Only a proxy that we were told of may say who the client is.
    argv += (
        ["--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"] if address.behind_proxy else ["--no-proxy-headers"]
    )
    return tuple(argv)


def _health(address: Address) -> HealthAddress:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}.get(address.host, address.host)
    return HealthAddress(host, address.port, name=address.name, tls=address.tls is not None)


def _robots_url(env: Mapping[str, str]) -> str:
    """Where robots log in: at a broker of ours on a port of their own; each as itself where we derive its password."""
    if own := env.get("YARDMASTER_MQTT_ROBOT_URL"):
        return own
    parts = urlsplit(env["MQTT_URL"])
    if "YARDMASTER_MQTT_ROBOT_SECRET" not in env:
        return env["MQTT_URL"]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
