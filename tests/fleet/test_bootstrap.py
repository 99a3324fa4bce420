"""The environment's making, for real, with tiny packages made here: no network, no torch."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.bootstrap import STAMP, UNFINISHED, BootstrapError, Environment
from fleet.supervisor.state import REPO


def make_wheel(folder: Path, name: str, version: str) -> str:
    """A package of one module; returns the hash of its wheel."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        key: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        for key, text in files.items()
    }
    files[f"{info}/RECORD"] = (
        "".join(f"{key},sha256={digest},\n" for key, digest in digests.items()) + f"{info}/RECORD,,\n"
    )
    with zipfile.ZipFile(path, "w") as archive:
        for key, text in files.items():
            archive.writestr(key, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Checkout:
    """A repository with four lock files and the wheels they name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.wheels = folder / "wheels"
        for part in (self.wheels, folder / "deploy"):
            part.mkdir()
        self.lock("requirements.txt", "alpha", "1.0")
        self.lock("requirements-test.txt", "beta", "1.0")
        self.lock("requirements-llm.txt", "gamma", "1.0")
        make_wheel(self.wheels, "torch", "2.13.0")
        (folder / "deploy" / "torch.txt").write_text("torch==2.13.0\n")

    def lock(self, part: str, name: str, version: str, digest: str | None = None) -> None:
        digest = digest or make_wheel(self.wheels, name, version)
        (self.folder / "deploy" / part).write_text(f"{name}=={version} \\\n    --hash=sha256:{digest}\n")

    def environment(self, kind: type[Environment] = Environment) -> Environment:
        return kind(self.folder, say=self.said.append)

    def version(self, name: str) -> str:
        python = str(self.folder / ".venv/bin/python")
        done = subprocess.run(
            [python, "-c", f"import {name}; print({name}.VERSION)"], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    found = Checkout(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(found.wheels))
    return found


def test_made_once_kept_while_unchanged_and_brought_up_to_date(checkout: Checkout) -> None:
    assert checkout.environment().update(with_tests=False)
    assert (checkout.version("alpha"), checkout.version("torch"), checkout.version("beta")) == ("1.0", "2.13.0", "")
    torch_line = next(line for line in checkout.said if "torch" in line)
    assert "torch 2.13.0: about 190 MB" in torch_line
    assert "YARDMASTER_TORCH_INDEX" in torch_line
    assert not checkout.environment().update(with_tests=False)
    assert checkout.environment().update(with_tests=True)
    assert checkout.version("beta") == "1.0"
    checkout.lock("requirements.txt", "alpha", "2.0")
    assert checkout.environment().update(with_tests=False)
    assert checkout.version("alpha") == "2.0"
    assert not (checkout.folder / ".venv" / UNFINISHED).exists()


def test_a_package_that_is_not_the_locked_one_is_refused_and_the_next_run_continues(checkout: Checkout) -> None:
    checkout.lock("requirements.txt", "alpha", "1.0", digest="0" * 64)
    with pytest.raises(BootstrapError, match=r"(?s)deploy/requirements.txt failed.*HASH"):
        checkout.environment().update(with_tests=False)
    checkout.lock("requirements.txt", "alpha", "1.0")
    assert checkout.environment().update(with_tests=False)
    assert checkout.version("alpha") == "1.0"


def test_an_interrupted_installation_is_repaired(checkout: Checkout) -> None:
    checkout.environment().update(with_tests=False)
    packages = next((checkout.folder / ".venv").glob("lib/python*/site-packages"))
    # As a kill in the middle leaves it: files missing, the record begun, the stamp of before.
    (packages / "alpha.py").unlink()
    (packages / "alpha-1.0.dist-info" / "INSTALLER").unlink()
    (checkout.folder / ".venv" / UNFINISHED).touch()
    assert checkout.environment().update(with_tests=False)
    assert checkout.version("alpha") == "1.0"


def test_a_folder_without_a_working_python_is_made_again(checkout: Checkout) -> None:
    folder = checkout.folder / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /gone\nversion = 3.10.1\n")
    (folder / "bin" / "python").symlink_to("/gone/python")
    assert checkout.environment().update(with_tests=False)
    assert checkout.version("alpha") == "1.0"


def test_a_folder_that_is_somebody_elses_is_left_alone(checkout: Checkout) -> None:
    (checkout.folder / ".venv").mkdir()
    (checkout.folder / ".venv" / "precious").touch()
    with pytest.raises(BootstrapError, match="not a virtual environment"):
        checkout.environment().update(with_tests=False)
    assert (checkout.folder / ".venv" / "precious").exists()


class WithoutEnsurepip(Environment):
    """As Debian without python3-venv: the module is not there."""

    def _run(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        if "ensurepip" in argv:
            return subprocess.CompletedProcess(argv, 1, stdout="No module named ensurepip")
        return super()._run(argv)


class WithoutAnyPip(WithoutEnsurepip):
    """And without python3-pip."""

    def _run(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        if list(argv[1:3]) == ["-m", "pip"]:
            return subprocess.CompletedProcess(argv, 1, stdout="No module named pip")
        return super()._run(argv)


def test_without_ensurepip_the_systems_pip_installs_into_the_environment(checkout: Checkout) -> None:
    assert checkout.environment(WithoutEnsurepip).update(with_tests=False)
    assert checkout.version("alpha") == "1.0"


def test_without_any_pip_the_package_to_install_is_named(checkout: Checkout) -> None:
    with pytest.raises(BootstrapError, match="apt install python3-venv"):
        checkout.environment(WithoutAnyPip).update(with_tests=False)


def test_two_runs_at_once_install_once(checkout: Checkout) -> None:
    results: list[bool] = []
    runs = [
        threading.Thread(target=lambda: results.append(checkout.environment().update(with_tests=False)))
        for _ in range(3)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(results) == [False, False, True]
    assert any("waiting" in line for line in checkout.said)


def test_another_torch_index_is_another_torch(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.environment().update(with_tests=False)
    monkeypatch.setenv("YARDMASTER_TORCH_INDEX", (checkout.folder / "wheels").as_uri())
    checkout.said.clear()
    assert checkout.environment().update(with_tests=False)
    assert [line for line in checkout.said if "installing" in line] == [
        line for line in checkout.said if "torch 2.13.0" in line
    ]


def test_the_stamp_names_every_part(checkout: Checkout) -> None:
    checkout.environment().update(with_tests=True)
    stamp = json.loads((checkout.folder / ".venv" / STAMP).read_text())
    assert set(stamp) == {"requirements.txt", "requirements-llm.txt", "requirements-test.txt", "torch.txt"}


def test_what_a_language_model_needs_is_installed_where_a_checkpoint_is_named(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YARDMASTER_QWEN_PATH", raising=False)
    checkout.environment().update(with_tests=False)
    assert checkout.version("gamma") == ""
    monkeypatch.setenv("YARDMASTER_QWEN_PATH", "/srv/qwen")
    assert checkout.environment().update(with_tests=False)
    assert checkout.version("gamma") == "1.0"


def test_old_interpreters_can_read_the_entry_and_are_told_what_is_needed() -> None:
    source = (REPO / "manage.py").read_text()
    ast.parse(source, feature_version=(3, 4))
    refusal = source.index("sys.version_info < (3, 11)")
    assert refusal < source.index("from deploy import bootstrap")


@pytest.mark.parametrize("path", ["manage.py", "deploy/bootstrap.py"])
def test_the_bootstrap_needs_the_standard_library_only(path: str) -> None:
    tree = ast.parse((REPO / path).read_text())
    top = {alias.name.split(".")[0] for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    top |= {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom) and node.module}
    assert top <= set(sys.stdlib_module_names)


def test_no_package_registry_is_named() -> None:
    text = "".join(
        (REPO / name).read_text() for name in ("manage.py", "deploy/bootstrap.py", "deploy/torch.txt", ".ci/run")
    )
    assert not re.search(r"https?://", text)
