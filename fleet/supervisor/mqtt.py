"""The MQTT broker: an external one by MQTT_URL, else Mosquitto, else amqtt for demonstrations.

Robots log in with a password derived from one secret, and may touch only their own topics (`broker_rules`). Mosquitto
listens twice: robots come in on a port where their login is also their client id, because a broker drops the older of
two connections with one client id, whoever they are; the fleet, which has several connections with one login, on
another that knows no robot.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil

from fleet.supervisor import apt, ports
from fleet.supervisor import broker_rules as rules
from fleet.supervisor.accounts import runnable, service_account
from fleet.supervisor.direct import locked
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program
from fleet.supervisor.state import State, private_folder, write_private

NAME = "mqtt"
FLEET = rules.FLEET
robot_password, password_line, check_user = rules.robot_password, rules.password_line, rules.check_user
DEMONSTRATION_ONLY = (
    "The MQTT broker is amqtt, for demonstration only: it does not notice silent robots and loses "
    "messages that were not acknowledged. Install mosquitto, or set MQTT_URL to a broker of yours."
)
# Mosquitto says who was refused in its debug log only, and there beside two lines for every message. So that log goes
# through `grep`, which lets the rest pass. stderr, because Mosquitto keeps up to 4 kB of stdout to itself. `exec`: the
# broker is the process that is watched and signalled; when it ends, the filter reads the end of the pipe and ends too.
FILTERED = (
    'rm -f "$2" && mkfifo -m 600 "$2" || exit 1; '
    'LC_ALL=C grep --line-buffered -a -E -e "$3" < "$2" & exec "$0" -c "$1" 2> "$2"'
)
KEPT_LINES = r"^([0-9]+: )?(Denied |Error|Warning|Config|Unable|Sending CONNACK to [^ ]+ \(0, (4|5|134|135)\)$)"


def robot_secret(state: State) -> str:
    """What the robots' passwords are derived from."""
    return os.environ.get("YARDMASTER_MQTT_ROBOT_SECRET") or state.secret("mqtt_robot_secret")


@dataclass
class Broker:
    """The embedded broker of one state folder. `robots` are the serials that may log in beside the admitted ones.

    `source` forces where it comes from: "path" (an installed Mosquitto), "download" (the distribution's package,
    unpacked, not installed) or "amqtt"; by default the first of these that works. Robots use `port`, the fleet `url`.
    """

    state: State
    robots: tuple[str, ...] = ()
    source: str | None = None
    wanted_port: int = 1883

    def __post_init__(self) -> None:
        self.source = self.source or os.environ.get("YARDMASTER_MQTT") or None
        if self.source not in (None, "path", "download", "amqtt"):
            raise ServiceError(NAME, f"YARDMASTER_MQTT={self.source} is none of path, download, amqtt")
        for serial in self.robots:
            check_user(serial)
        self.account = service_account()
        self.folder = self.state.home / NAME
        self.port = ports.choose(self.state, NAME, self.wanted_port)
        self.fleet_port = ports.choose(self.state, f"{NAME}_fleet", 0)
        while self.fleet_port == self.port:
            self.fleet_port = ports.any_free()
        self.filter = shutil.which("grep")
        self.notice: str | None = None

    @property
    def secret(self) -> str:
        return robot_secret(self.state)

    @property
    def url(self) -> str:
        """For the fleet's own processes."""
        return f"mqtt://{FLEET}:{self.state.secret('mqtt_fleet_password')}@127.0.0.1:{self.fleet_port}"

    @property
    def robots_url(self) -> str:
        """Where robots log in, each as itself."""
        return f"mqtt://127.0.0.1:{self.port}"

    def accesses(self) -> dict[str, rules.Access]:
        """Login to what it may, the fleet's own aside."""
        return {serial: rules.simulated(serial) for serial in self.robots} | admitted(self.state)

    def users(self) -> dict[str, str]:
        """User name to password."""
        robots = {login: robot_password(self.secret, login) for login in self.accesses()}
        return {FLEET: self.state.secret("mqtt_fleet_password"), **robots}

    def program(self) -> Program:
        """Mosquitto, or amqtt with `notice` set."""
        if self.source != "amqtt" and (found := self._mosquitto()) is not None:
            binary, env = found
            config = str(self.folder / "mosquitto.conf")
            filtered = ("sh", "-c", FILTERED, str(binary), config, str(self.folder / "log.pipe"), KEPT_LINES)
            return Program(
                name=NAME,
                argv=filtered if self.filter else (str(binary), "-c", config),
                stage=1,
                env=env,
                account=self.account,
                ready=self.ready,
                prepare=self.prepare,
            )
        self.notice = DEMONSTRATION_ONLY
        self.fleet_port = self.port
        draft = self.state.run / "amqtt.json"
        return Program(
            name=NAME,
            argv=(sys.executable, "-m", "fleet.supervisor.amqtt_broker", str(draft)),
            stage=1,
            cwd=Path(__file__).resolve().parents[2],
            ready=self.ready,
            prepare=lambda: write_private(draft, json.dumps(self._for_amqtt())),
        )

    def _for_amqtt(self) -> dict[str, Any]:
        may = {login: {"write": each.writes, "read": each.reads} for login, each in self.accesses().items()}
        return {"port": self.port, "users": self.users(), "may": may}

    def prepare(self) -> None:
        """Write Mosquitto's configuration, passwords and access rules: of robots, and of the fleet."""
        private_folder(self.folder, owner=self.account.uid if self.account else None)
        users = {name: password_line(name, password) for name, password in self.users().items()}
        fleet = users.pop(FLEET)
        allowed = [line for each in self.accesses().values() for line in rules.rule_lines(each)]
        files = {
            "mosquitto.conf": self._settings(),
            "passwords": list(users.values()),
            "rules": allowed[1:],
            "fleet-passwords": [fleet],
            "fleet-rules": rules.fleet_rules(),
        }
        for name, lines in files.items():
            write_private(self.folder / name, "\n".join(lines) + "\n")
        if self.account:
            for path in self.folder.iterdir():
                os.chown(path, self.account.uid, self.account.gid)

    def _settings(self) -> list[str]:
        return [
            "per_listener_settings true",
            "persistence true",
            f"persistence_location {self.folder}/",
            # The default saves every half hour: a killed broker would forget retained stops and queued orders.
            "autosave_interval 1",
            "autosave_on_changes false",
            "max_queued_messages 10000",
            "message_size_limit 1048576",
            # Without it a small message waits for the delayed acknowledgement of the last: p95 37 ms.
            "set_tcp_nodelay true",
            "connection_messages false",
            f"log_dest {'stderr' if self.filter else 'stdout'}",
            "log_type error",
            "log_type warning",
            *(["log_type debug"] if self.filter else []),
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            # A robot that names another's client id would cut its connection.
            "use_username_as_clientid true",
            f"password_file {self.folder}/passwords",
            f"acl_file {self.folder}/rules",
            f"listener {self.fleet_port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {self.folder}/fleet-passwords",
            f"acl_file {self.folder}/fleet-rules",
        ]

    def admit(self, serials: Iterable[str], pid: int | None = None) -> None:
        """Let more robots log in; a running Mosquitto with process id `pid` reads its files again."""
        for serial in (serials := tuple(serials)):
            check_user(serial)
        self.robots = tuple(dict.fromkeys([*self.robots, *serials]))
        self.prepare()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGHUP)

    def ready(self) -> bool:
        return answers(self.url)

    def _mosquitto(self) -> tuple[Path, dict[str, str]] | None:
        if self.source in (None, "path"):
            if found := installed():
                binary = found.resolve()
                return runnable(binary, self.state.home), {}
            if self.source == "path":
                raise ServiceError(NAME, "YARDMASTER_MQTT=path, but there is no mosquitto on PATH")
        try:
            tree = apt.unpacked("mosquitto", self.state.root / "mosquitto")
            binary = runnable(tree / "usr/sbin/mosquitto", self.state.home, (tree,))
        except apt.Unavailable as error:
            if self.source == "download":
                raise ServiceError(NAME, f"mosquitto cannot be downloaded: {error}") from error
            return None
        return binary, {"LD_LIBRARY_PATH": apt.library_path(binary.parents[2])}


def installed() -> Path | None:
    """Mosquitto on PATH, or where Debian puts it and ordinary users' PATH does not look."""
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def is_embedded(state: State, url: str) -> bool:
    """Whether `url` is the fleet's login at the broker that `manage.py up` runs in this state folder."""
    try:
        return urlsplit(url).password == (state.keys / "mqtt_fleet_password").read_text().strip()
    except OSError:
        return False


def admitted(state: State) -> dict[str, rules.Access]:
    """Robots beside the simulated ones that may log in to the embedded broker: login to what each may."""
    found = state.remembered().get("mqtt_robots", {})
    if not isinstance(found, dict):
        return {}
    made = {}
    for login, kept in found.items():
        if isinstance(kept, dict):
            prefixes = tuple(map(str, kept.get("prefixes", ())))
            onboard, joining = bool(kept.get("onboard")), bool(kept.get("joining"))
            made[str(login)] = rules.Access(str(login), prefixes, onboard=onboard, joining=joining)
    return made


def admit_robot(state: State, access: rules.Access) -> bool:
    """Let a robot log in to the embedded broker from now on; whether a running Mosquitto knows it already.

    For another process than the one that runs the broker: it changes the broker's files and makes it read them.
    """
    check_user(access.login)
    kept = {"prefixes": access.prefixes, "onboard": access.onboard, "joining": access.joining}
    with locked(state, "mqtt_robots"):
        known = dict(state.remembered().get("mqtt_robots") or {})
        state.remember(mqtt_robots={**known, access.login: kept})
        line = password_line(access.login, robot_password(robot_secret(state), access.login))
        return _tell_running(state, access.login, [line], rules.rule_lines(access))


def dismiss_robot(state: State, login: str) -> None:
    """The login is over; what is connected with it stays until it reconnects, but may neither write nor read."""
    with locked(state, "mqtt_robots"):
        known = dict(state.remembered().get("mqtt_robots") or {})
        if known.pop(login, None) is not None:
            state.remember(mqtt_robots=known)
        _tell_running(state, login, [], [])


def _tell_running(state: State, login: str, password: list[str], allowed: list[str]) -> bool:
    """Replace what the broker's files say of a login."""
    folder = state.home / NAME
    running = _running(folder)
    if running is None:
        return False
    known = (folder / "passwords").read_text().splitlines()
    _rewrite(folder / "passwords", [*(old for old in known if not old.startswith(f"{login}:")), *password])
    before = (folder / "rules").read_text().splitlines()
    _rewrite(folder / "rules", [*rules.without_user(before, login), *allowed])
    running.send_signal(signal.SIGHUP)
    return True


def _running(folder: Path) -> psutil.Process | None:
    """The Mosquitto that was started with this folder's configuration."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            line = process.cmdline()
            if line[1:3] == ["-c", str(folder / "mosquitto.conf")]:
                return process
    return None


def _rewrite(path: Path, lines: Iterable[str]) -> None:
    before = path.stat()
    write_private(path, "\n".join(lines) + "\n")
    if os.geteuid() == 0:
        os.chown(path, before.st_uid, before.st_gid)


def answers(url: str, seconds: float = 2.0) -> bool:
    """Whether a broker accepts these credentials."""
    return publish(url, (), seconds)


def publish(url: str, messages: Iterable[tuple[str, bytes]], seconds: float = 2.0) -> bool:
    """Hand over (topic, payload) pairs with QoS 0 on a connection of their own; False: the broker does not take us.

    By hand (MQTT 3.1.1 sections 3.1 to 3.3), because the supervisor must not depend on an MQTT library, and a broker
    that listens may not yet serve.
    """
    parts = urlsplit(url)
    flags = 0x02 | (0x80 if parts.username else 0) | (0x40 if parts.password else 0)
    body = _text("MQTT") + bytes([4, flags]) + struct.pack("!H", 10) + _text(f"ready-{secrets.token_hex(4)}")
    body += _text(unquote(parts.username)) if parts.username else b""
    body += _text(unquote(parts.password)) if parts.password else b""
    tls = parts.scheme == "mqtts"
    address = (parts.hostname or "127.0.0.1", parts.port or (8883 if tls else 1883))
    try:
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(socket.create_connection(address, seconds))
            if tls:
                context = ssl.create_default_context()
                connection = stack.enter_context(context.wrap_socket(connection, server_hostname=address[0]))
            connection.settimeout(seconds)
            connection.sendall(bytes([0x10]) + _length(len(body)) + body)
            reply = connection.recv(4)
            for topic, payload in messages if _accepted(reply) else ():
                message = _text(topic) + payload
                connection.sendall(b"\x30" + _length(len(message)) + message)
            connection.sendall(b"\xe0\x00")  # DISCONNECT, so that no last will or error is logged
    except OSError:
        return False
    return _accepted(reply)


def _accepted(reply: bytes) -> bool:
    return len(reply) == 4 and reply[0] == 0x20 and reply[3] == 0


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def _length(value: int) -> bytes:
    """Remaining length, seven bits a byte (MQTT 3.1.1 section 2.2.3)."""
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)
