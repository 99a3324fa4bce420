"""The state folder: the one place where everything that outlives a run is kept, and where each part of it lies."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fleet.supervisor.errors import ServiceError

REPO = Path(__file__).resolve().parents[2]
# sun_path in <sys/un.h> has 108 bytes with the closing zero; PostgreSQL refuses a longer path.
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class State:
    """Paths below one state folder. Create with `open_state`."""

    root: Path

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def simulation(self) -> Path:
        return self.root / "sim"

    @property
    def tag(self) -> str:
        """Ten characters that name this state folder in places that several of them share."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:10]

    @cached_property
    def home(self) -> Path:
        """Where the services keep their data: the state folder, or a folder that an unprivileged account can reach."""
        from fleet.supervisor.accounts import service_account

        account = service_account()
        if account is None or account.can_reach(self.root):
            return self.root
        return private_folder(Path("/var/lib") / f"yardmaster-{self.tag}", mode=0o711)

    @cached_property
    def sockets(self) -> Path:
        """A folder of mode 0700 for Unix sockets whose path is short enough for the kernel."""
        from fleet.supervisor.accounts import service_account

        account = service_account()
        folder = self.home / "sockets"
        if len(os.fsencode(folder / LONGEST_SOCKET_NAME)) > SOCKET_PATH_LIMIT:
            folder = Path("/tmp") / f"ym-{self.tag}"
        return private_folder(folder, owner=account.uid if account else None)

    def secret(self, name: str, length: int = 32) -> str:
        """The secret `name`, made on first use; hexadecimal, `length` bytes of randomness, file mode 0600."""
        path = self.keys / name
        if not path.exists():
            write_private(path, secrets.token_hex(length))
        return path.read_text().strip()

    def remembered(self) -> dict[str, Any]:
        """What earlier runs chose and later runs should choose again (ports)."""
        try:
            found = json.loads((self.root / "remembered.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def remember(self, **values: Any) -> None:
        write_private(self.root / "remembered.json", json.dumps(self.remembered() | values))

    def reset(self) -> None:
        """Delete the state folder and what lies outside of it on its behalf."""
        for folder in (self.root, Path("/var/lib") / f"yardmaster-{self.tag}", Path("/tmp") / f"ym-{self.tag}"):
            if folder.is_symlink() or not folder.exists():
                continue
            if folder.stat().st_uid not in (os.geteuid(),) and os.geteuid() != 0:
                raise ServiceError(
                    "state", f"{folder} belongs to another account; delete it as that account or as root"
                )
            shutil.rmtree(folder)


def open_state(root: str | Path | None = None) -> State:
    """The state folder `root`, or YARDMASTER_STATE, or `.state` in the repository; made if it is not there."""
    path = Path(root or os.environ.get("YARDMASTER_STATE") or REPO / ".state").absolute()
    state = State(Path(os.path.realpath(path)))
    try:
        # As root the services run under another account, which has to walk through (but not list) this folder.
        private_folder(state.root, mode=0o711 if os.geteuid() == 0 else 0o700)
        for folder in (state.run, state.logs, state.keys, state.simulation):
            private_folder(folder)
    except PermissionError as error:
        raise ServiceError(
            "state", f"{error.filename} cannot be written by this account: choose another folder with YARDMASTER_STATE"
        ) from error
    return state


def private_folder(path: Path, mode: int = 0o700, owner: int | None = None) -> Path:
    """Make `path` with `mode`, owned by `owner` (default: us). Refuses a link or another account's folder."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    found = path.lstat()
    mine = {os.geteuid(), owner if owner is not None else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode):
        raise ServiceError("state", f"{path} is not a folder")
    if found.st_uid not in mine and os.geteuid() != 0:
        raise ServiceError("state", f"{path} belongs to another account: choose another folder with YARDMASTER_STATE")
    if owner is not None and found.st_uid != owner:
        os.chown(path, owner, -1)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)
    return path


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace the file in one step, so that a reader sees the old text or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(mode)
    draft.replace(path)
