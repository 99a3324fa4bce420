"""Rules of the house that tools check: style, types, layers, migrations."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.supervisor.state import REPO


def run(*argv: str) -> None:
    done = subprocess.run(
        argv, cwd=REPO, capture_output=True, text=True, env={**os.environ, "COLUMNS": "160"}, check=False
    )
    assert done.returncode == 0, f"{' '.join(argv)}:\n{(done.stdout + done.stderr)[-6000:]}"


def tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_ruff() -> None:
    run(tool("ruff"), "check", "--output-format", "concise", ".")


@pytest.mark.slow
def test_types() -> None:
    run(tool("mypy"))


def test_layers() -> None:
    run(tool("lint-imports"), "--no-cache")


def test_migrations_are_up_to_date(postgres: str) -> None:
    run(sys.executable, str(REPO / "manage.py"), "makemigrations", "--check", "--dry-run")
