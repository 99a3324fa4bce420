"""The MQTT broker: an external one by MQTT_URL, else Mosquitto, else amqtt for demonstrations.

Robots log in as their serial with a password derived from one secret, and may touch only their own topics. The ACL
is by effect: MQTT 3.1.1 acknowledges what it drops, so tests look at what arrives.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
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
from urllib.parse import unquote, urlsplit

import psutil

from fleet.supervisor import apt, ports
from fleet.supervisor.accounts import runnable, service_account
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program
from fleet.supervisor.state import State, private_folder, write_private

NAME = "mqtt"
FLEET = "fleet"
# What a robot (user name %u) may do beside its own VDA 5050 topics.
ROBOT_READS = ("yardmaster/v1/+/lease", "yardmaster/v1/+/stop")
ROBOT_OWN = "uagv/v2/+/{robot}/#"
DEMONSTRATION_ONLY = (
    "The MQTT broker is amqtt, for demonstration only: it does not notice silent robots and loses "
    "messages that were not acknowledged. Install mosquitto, or set MQTT_URL to a broker of yours."
)
# SHA-512, as `mosquitto_passwd` writes it (mosquitto/src/password_mosq.h: PW_DEFAULT_ITERATIONS).
ITERATIONS = 101


def robot_password(secret: str, serial: str) -> str:
    """The MQTT password of the robot `serial`."""
    return hmac.new(secret.encode(), serial.encode(), hashlib.sha256).hexdigest()[:32]


def hashed(password: str, salt: bytes) -> str:
    """A line's second half in Mosquitto's password file: `$7$iterations$salt$PBKDF2-HMAC-SHA512`."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_line(user: str, password: str) -> str:
    """A line of Mosquitto's password file."""
    return f"{user}:{hashed(password, secrets.token_bytes(12))}"


def own_topics(serial: str, topics: str) -> list[str]:
    """Lines of Mosquitto's access rules: the robot may read and write what matches the filter `topics`."""
    return ["", f"user {serial}", f"topic readwrite {topics}"]


def robot_secret(state: State) -> str:
    """What the robots' passwords are derived from."""
    return os.environ.get("YARDMASTER_MQTT_ROBOT_SECRET") or state.secret("mqtt_robot_secret")


def check_user(serial: str) -> None:
    """Raise ServiceError when the serial number cannot be a user name of the broker."""
    # A colon or line break would end the name in the password file, + and # are wildcards in the rules.
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", serial):
        raise ServiceError(NAME, f"{serial!r} cannot be an MQTT user name: use letters, digits, and _ . -")


@dataclass
class Broker:
    """The embedded broker of one state folder. `robots` are the serials that may log in.

    `source` forces where it comes from: "path" (an installed Mosquitto), "download" (the distribution's package,
    unpacked, not installed) or "amqtt"; by default the first of these that works.
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
        self.notice: str | None = None

    @property
    def secret(self) -> str:
        return robot_secret(self.state)

    @property
    def url(self) -> str:
        return f"mqtt://{FLEET}:{self.state.secret('mqtt_fleet_password')}@127.0.0.1:{self.port}"

    def users(self) -> dict[str, str]:
        """User name to password."""
        robots = {serial: robot_password(self.secret, serial) for serial in (*self.robots, *admitted(self.state))}
        return {FLEET: self.state.secret("mqtt_fleet_password"), **robots}

    def program(self) -> Program:
        """Mosquitto, or amqtt with `notice` set."""
        if self.source != "amqtt" and (found := self._mosquitto()) is not None:
            binary, env = found
            return Program(
                name=NAME,
                argv=(str(binary), "-c", str(self.folder / "mosquitto.conf")),
                stage=1,
                env=env,
                account=self.account,
                ready=self.ready,
                prepare=self.prepare,
            )
        self.notice = DEMONSTRATION_ONLY
        config = self.state.run / "amqtt.json"
        return Program(
            name=NAME,
            argv=(sys.executable, "-m", "fleet.supervisor.amqtt_broker", str(config)),
            stage=1,
            cwd=Path(__file__).resolve().parents[2],
            ready=self.ready,
            prepare=lambda: write_private(config, json.dumps({"port": self.port, "users": self.users()})),
        )

    def prepare(self) -> None:
        """Write Mosquitto's configuration, passwords and access rules."""
        private_folder(self.folder, owner=self.account.uid if self.account else None)
        rules = [f"user {FLEET}", "topic readwrite #", "", f"pattern readwrite {ROBOT_OWN.format(robot='%u')}"]
        rules += [f"pattern read {topic}" for topic in ROBOT_READS]
        rules += [line for serial, topics in admitted(self.state).items() for line in own_topics(serial, topics)]
        users = [password_line(name, password) for name, password in self.users().items()]
        settings = [
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
            "log_dest stdout",
            "log_type error",
            "log_type warning",
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {self.folder}/passwords",
            f"acl_file {self.folder}/rules",
        ]
        for name, lines in (("mosquitto.conf", settings), ("passwords", users), ("rules", rules)):
            write_private(self.folder / name, "\n".join(lines) + "\n")
        if self.account:
            for path in self.folder.iterdir():
                os.chown(path, self.account.uid, self.account.gid)

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
    """Whether `url` is the broker that `manage.py up` runs in this state folder."""
    try:
        return urlsplit(url).password == (state.keys / "mqtt_fleet_password").read_text().strip()
    except OSError:
        return False


def admitted(state: State) -> dict[str, str]:
    """Robots beside the simulated ones that may log in to the embedded broker: serial to the filter of their topics."""
    found = state.remembered().get("mqtt_robots", {})
    return {str(serial): str(topics) for serial, topics in found.items()} if isinstance(found, dict) else {}


def admit_robot(state: State, serial: str, topics: str) -> bool:
    """Let a robot log in to the embedded broker from now on; whether a running Mosquitto knows it already.

    For another process than the one that runs the broker: it adds to the broker's files and makes it read them.
    """
    check_user(serial)
    before = admitted(state)
    state.remember(mqtt_robots={**before, serial: topics})
    folder = state.home / NAME
    running = _running(folder)
    if running is None:
        return False
    line = password_line(serial, robot_password(robot_secret(state), serial))
    kept = [old for old in (folder / "passwords").read_text().splitlines() if not old.startswith(f"{serial}:")]
    _rewrite(folder / "passwords", [*kept, line])
    rules = (folder / "rules").read_text().splitlines()
    if before.get(serial) != topics:
        _rewrite(folder / "rules", [*rules, *own_topics(serial, topics)])
    running.send_signal(signal.SIGHUP)
    return True


def _running(folder: Path) -> psutil.Process | None:
    """The Mosquitto that was started with this folder's configuration."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if str(folder / "mosquitto.conf") in process.cmdline():
                return process
    return None


def _rewrite(path: Path, lines: Iterable[str]) -> None:
    before = path.stat()
    write_private(path, "\n".join(lines) + "\n")
    if os.geteuid() == 0:
        os.chown(path, before.st_uid, before.st_gid)


def answers(url: str, seconds: float = 2.0) -> bool:
    """Whether a broker accepts these credentials: CONNECT, then CONNACK with code 0 (MQTT 3.1.1, 3.1 and 3.2).

    By hand, because the supervisor must not depend on an MQTT library, and a broker that listens may not yet serve.
    """
    parts = urlsplit(url)

    def text(value: str) -> bytes:
        data = value.encode()
        return struct.pack("!H", len(data)) + data

    flags = 0x02 | (0x80 if parts.username else 0) | (0x40 if parts.password else 0)
    body = text("MQTT") + bytes([4, flags]) + struct.pack("!H", 10) + text(f"ready-{secrets.token_hex(4)}")
    body += text(unquote(parts.username)) if parts.username else b""
    body += text(unquote(parts.password)) if parts.password else b""
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
            connection.sendall(b"\xe0\x00")  # DISCONNECT, so that no last will or error is logged
    except OSError:
        return False
    return len(reply) == 4 and reply[0] == 0x20 and reply[3] == 0


def _length(value: int) -> bytes:
    """Remaining length, seven bits a byte (MQTT 3.1.1 section 2.2.3)."""
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)
