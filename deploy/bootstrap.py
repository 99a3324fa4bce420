"""Making `.venv`: standard library only, run by `manage.py` before anything is installed.

The environment holds exactly what the lock files name. A stamp in it records for which lock files, interpreter and
torch index it was made; as long as that is unchanged nothing is done. YARDMASTER_BOOTSTRAP=0 turns all of this off,
for images and packages that bring their own environment.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

STAMP = "yardmaster-installed.json"
UNFINISHED = "yardmaster-unfinished"
TORCH_SIZE = "about 190 MB for the CPU build, 800 MB and more with CUDA libraries"
NEEDS_PIP = (
    "This Python ({python}) has neither the module ensurepip nor pip, so packages cannot be installed. "
    "Install one of them and run this again. On Debian and Ubuntu: apt install python3-venv"
)
NEEDS_VENV = (
    "This Python ({python}) has no module venv. Install it and run this again. "
    "On Debian and Ubuntu: apt install python3-venv"
)


class BootstrapError(Exception):
    """The environment cannot be made; the text says why and what to do."""


def enter(repo: str | Path, argv: Sequence[str], *, with_tests: bool) -> None:
    """Return inside the environment, made or brought up to date if necessary; re-executes `argv` to get there."""
    if os.environ.get("YARDMASTER_BOOTSTRAP") == "0":
        return
    environment = Environment(Path(repo), say=_say)
    try:
        environment.update(with_tests=with_tests)
    except BootstrapError as error:
        sys.exit(f"yardmaster: {error}")
    except KeyboardInterrupt:
        sys.exit("yardmaster: interrupted; the next run continues the installation")
    if Path(sys.prefix).resolve() != environment.folder.resolve():
        os.execv(environment.python, [str(environment.python), *argv])


def _say(text: str) -> None:
    print(f"yardmaster: {text}", file=sys.stderr, flush=True)


class Environment:
    """The virtual environment of one checkout. `interpreter` is the Python it is made with."""

    def __init__(self, repo: Path, say: Callable[[str], None], interpreter: str | None = None) -> None:
        self.repo = repo
        self.say = say
        self.folder = repo / ".venv"
        self.python = self.folder / "bin" / "python"
        self.interpreter: str = interpreter or getattr(sys, "_base_executable", "") or sys.executable

    def update(self, *, with_tests: bool) -> bool:
        """Make the environment match the lock files. Returns whether anything had to be done.

        Raises BootstrapError. Only one process works at a time; the others wait and find it done.
        """
        if not self._outdated(with_tests):
            return False
        with self._locked():
            outdated = self._outdated(with_tests)
            if not outdated:
                return False
            self._make_folder()
            (self.folder / UNFINISHED).touch()
            done = self._stamp()
            for part in outdated:
                done.pop(part, None)
                self._write_stamp(done)
                self._install(part)
                done[part] = self._fingerprint(part)
                self._write_stamp(done)
            (self.folder / UNFINISHED).unlink()
        return True

    def _outdated(self, with_tests: bool) -> list[str]:
        """Which parts must be installed, in their order."""
        parts = ["requirements.txt"]
        if with_tests or os.environ.get("YARDMASTER_QWEN_PATH"):
            parts.append("requirements-llm.txt")
        if with_tests:
            parts.append("requirements-test.txt")
        parts.append("torch.txt")
        if not self.python.exists() or (self.folder / UNFINISHED).exists():
            return parts
        done = self._stamp()
        return [part for part in parts if done.get(part) != self._fingerprint(part)]

    def _fingerprint(self, part: str) -> str:
        text = [(self.repo / "deploy" / part).read_text(), self._version_of_folder(), platform.machine()]
        if part == "torch.txt":
            text.append(os.environ.get("YARDMASTER_TORCH_INDEX", ""))
        return hashlib.sha256("\0".join(text).encode()).hexdigest()

    def _stamp(self) -> dict[str, str]:
        try:
            found = json.loads((self.folder / STAMP).read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write_stamp(self, done: Mapping[str, str]) -> None:
        draft = self.folder / f"{STAMP}.{os.getpid()}"
        draft.write_text(json.dumps(dict(done), indent=1))
        draft.replace(self.folder / STAMP)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # The checkout's own folder is the lock: no file to leave behind, released however the process ends.
        try:
            handle = os.open(self.repo, os.O_RDONLY)
        except OSError as error:
            raise BootstrapError(f"{self.repo} cannot be read: {error.strerror}") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.say("another run is installing; waiting for it")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    # --- the folder -------------------------------------------------------------------------------------------------

    def _make_folder(self) -> None:
        if self.python.exists() and self._runs():
            self._repair()
            return
        if self.folder.exists():
            if (
                any(self.folder.iterdir())
                and not (self.folder / "pyvenv.cfg").exists()
                and not (self.folder / UNFINISHED).exists()
            ):
                raise BootstrapError(
                    f"{self.folder} exists and is not a virtual environment: move it away and run this again"
                )
            self.say("making .venv again, because its Python does not run or is older than 3.11")
            shutil.rmtree(self.folder)
        else:
            self.say(f"making .venv with Python {platform.python_version()}")
        try:
            self.folder.mkdir()
        except OSError as error:
            raise BootstrapError(f"{self.folder} cannot be made: {error.strerror}") from error
        (self.folder / UNFINISHED).touch()
        # Without pip: Debian's venv module fails half-way when the package with ensurepip is missing.
        made = self._run([self.interpreter, "-m", "venv", "--without-pip", str(self.folder)])
        if made.returncode:
            reason = (
                NEEDS_VENV.format(python=self.interpreter)
                if "No module named venv" in made.stdout
                else made.stdout.strip()
            )
            raise BootstrapError(reason)

    def _version_of_folder(self) -> str:
        """The version of the environment's own Python, which may differ from the one that runs this."""
        try:
            text = (self.folder / "pyvenv.cfg").read_text()
        except OSError:
            return ""
        found = re.search(r"^version(?:_info)?\s*=\s*(\S+)", text, re.MULTILINE)
        return found[1] if found else ""

    def _runs(self) -> bool:
        return self._run([str(self.python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).returncode == 0

    def _repair(self) -> None:
        """Remove the records of half-installed packages, so that pip installs them again rather than trusts them."""
        if not (self.folder / UNFINISHED).exists():
            return
        for packages in self.folder.glob("lib/python*/site-packages"):
            for entry in packages.glob("~*"):  # pip's name for what it was about to replace
                shutil.rmtree(entry, ignore_errors=True)
            for record in packages.glob("*.dist-info"):
                # pip writes INSTALLER after the last file of the package.
                if not all((record / name).exists() for name in ("METADATA", "RECORD", "INSTALLER")):
                    shutil.rmtree(record)

    # --- packages ---------------------------------------------------------------------------------------------------

    def _install(self, part: str) -> None:
        lock = self.repo / "deploy" / part
        if part == "torch.txt":
            self._install_torch(lock)
            return
        count = len(re.findall(r"^[A-Za-z0-9]\S*==", lock.read_text(), re.MULTILINE))
        self.say(f"installing {count} packages from deploy/{part}")
        self._pip(part, "--require-hashes", "-r", str(lock))

    def _install_torch(self, lock: Path) -> None:
        index = os.environ.get("YARDMASTER_TORCH_INDEX")
        wanted = lock.read_text().strip().replace("==", " ")
        where = (
            f"from {index}"
            if index
            else "set YARDMASTER_TORCH_INDEX to choose another wheel index, such as one of CPU builds"
        )
        self.say(f"installing {wanted}: {TORCH_SIZE} ({where})")
        # The lock as constraints, so that torch's own wishes change none of the locked packages. Without
        # the hashes: pip would then ask for one of torch too, and that differs from build to build.
        constraints = self.folder / "torch-constraints.txt"
        locked = re.findall(
            r"^[A-Za-z0-9]\S*==[^\\\n]*", (self.repo / "deploy" / "requirements.txt").read_text(), re.MULTILINE
        )
        constraints.write_text("\n".join(line.strip() for line in locked) + "\n")
        extra = ["--index-url", index] if index else []
        self._pip("torch.txt", "-r", str(lock), "-c", str(constraints), *extra)

    def _pip(self, part: str, *arguments: str) -> None:
        fixed = ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        done = self._run([*self._pip_command(), *fixed, *arguments])
        if done.returncode:
            last = "\n".join(done.stdout.strip().splitlines()[-12:])
            raise BootstrapError(f"installing deploy/{part} failed; the next run tries again. pip said:\n{last}")

    def _pip_command(self) -> list[str]:
        inside = [str(self.python), "-m", "pip"]
        if self._run([*inside, "--version"]).returncode == 0:
            return inside
        if self._run([str(self.python), "-m", "ensurepip", "--default-pip"]).returncode == 0:
            return inside
        outside = [self.interpreter, "-m", "pip", "--python", str(self.python)]
        if self._run([*outside, "--version"]).returncode == 0:
            return outside
        raise BootstrapError(NEEDS_PIP.format(python=self.interpreter))

    def _run(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        # A user's pip settings for global installs (--user, break-system-packages) have no meaning in here.
        clean = {
            key: value
            for key, value in os.environ.items()
            if key not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX")
        }
        clean["PIP_USER"] = "0"
        return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean, check=False)
