"""A package of Debian and its kin, fetched and unpacked into a folder without installing it: no root needed.

`apt-get download` checks signatures and hashes as an installation would.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

DONE = ".unpacked"


class Unavailable(Exception):
    """The package cannot be had here; the text says why."""


def unpacked(package: str, folder: Path) -> Path:
    """The folder with `package` and the libraries that it needs and this system lacks."""
    if (folder / DONE).exists():
        return folder
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Unavailable(f"there is no {tool} on this system")
    shutil.rmtree(folder, ignore_errors=True)
    downloads = folder / "downloads"
    downloads.mkdir(parents=True)
    private = _private_lists(folder)
    try:
        names = _needed(package, ())
        _get(names, downloads, ())
    except Unavailable:
        # No package lists on this system (as in containers), or too old ones: fetch lists of our own.
        _run(["apt-get", *private, "-q", "update"], folder, 180)
        names = _needed(package, private)
        _get(names, downloads, private)
    for archive in sorted(downloads.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(archive), str(folder)], folder, 60)
    shutil.rmtree(downloads)
    shutil.rmtree(folder / "apt", ignore_errors=True)
    (folder / DONE).write_text(" ".join(names))
    return folder


def library_path(folder: Path) -> str:
    """LD_LIBRARY_PATH for programs of an unpacked package."""
    return ":".join(sorted({str(path.parent) for path in folder.rglob("*.so*") if path.is_file()}))


def _needed(package: str, options: Sequence[str]) -> list[str]:
    """The package itself and what its installation would bring, from apt's own simulation."""
    argv = [
        "apt-get",
        *options,
        "-s",
        "-o",
        "Debug::NoLocking=1",
        "--no-install-recommends",
        "--reinstall",
        "install",
        package,
    ]
    text = _run(argv, Path("/"), 60)
    found = re.findall(r"^Inst (\S+)", text, re.MULTILINE)
    if package not in found:
        raise Unavailable(f"apt knows no package {package}")
    return found


def _get(names: Sequence[str], downloads: Path, options: Sequence[str]) -> None:
    _run(["apt-get", *options, "-q", "-o", "APT::Sandbox::User=root", "download", *names], downloads, 180)
    if not any(downloads.glob("*.deb")):
        raise Unavailable("apt-get download brought nothing")


def _private_lists(folder: Path) -> list[str]:
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / "apt" / part).mkdir(parents=True)
    values = {
        "Dir::State::lists": folder / "apt/lists",
        "Dir::Cache": folder / "apt/cache",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }
    return [part for key, value in values.items() for part in ("-o", f"{key}={value}")]


def _run(argv: Sequence[str], folder: Path, seconds: float) -> str:
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            argv, cwd=folder, capture_output=True, text=True, env=environment, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from error
    if done.returncode:
        raise Unavailable(f"{argv[0]} said: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout
