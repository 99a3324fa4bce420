"""The unprivileged account that services run under when we are root (PostgreSQL refuses to run as root)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fleet.supervisor.errors import ServiceError

# initdb looks its account up by name, so a number without an entry will not do.
CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int

    def can_reach(self, path: Path) -> bool:
        """Whether this account can walk through every folder down to `path` (as far as it exists)."""
        while not path.exists():
            path = path.parent
        return self._test("-x", path)

    def can_run(self, binary: Path) -> bool:
        return self._test("-x", binary) and self._test("-r", binary)

    def _test(self, flag: str, path: Path) -> bool:
        probe = subprocess.run(
            ["test", flag, str(path)], user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False
        )
        return probe.returncode == 0

    def take(self, folder: Path) -> None:
        """Own `folder` and all in it."""
        if folder.stat().st_uid == self.uid:
            return
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


@lru_cache(maxsize=1)
def service_account() -> Account | None:
    """Whom to become for services: None as an ordinary user (nobody else), an unprivileged account as root."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServiceError("services", f"run as root, and none of the accounts {', '.join(CANDIDATES)} exists to drop to")


def runnable(binary: Path, store: Path, needs: tuple[Path, ...] = ()) -> Path:
    """`binary` if the service account can run it, else a copy of it below `store`.

    `needs` are the folders that must be copied with it (itself among them) and keep their places to each other,
    because a program finds its libraries by their place relative to its own.
    """
    account = service_account()
    if account is None or account.can_run(binary):
        return binary
    needs = needs or (binary,)
    base = Path(os.path.commonpath([path.parent for path in needs]))
    copy = store / "programs" / needs[0].name
    copied = copy / binary.relative_to(base)
    if not copied.exists() or copied.stat().st_size != binary.stat().st_size:
        draft = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(copy, ignore_errors=True)
        for path in needs:
            _copy(path, draft / path.relative_to(base))
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        copy.parent.chmod(0o755)
        draft.rename(copy)
    if not account.can_run(copied):
        raise ServiceError(
            "services",
            f"the account {account.name} can run neither {binary} nor its copy {copied}: is the file system noexec?",
        )
    return copied


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)
