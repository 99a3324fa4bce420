"""`manage.py test [pytest arguments]`: the whole suite, with services of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from django.core.management.base import BaseCommand

from fleet.supervisor.postgres import Postgres
from fleet.supervisor.state import REPO, open_state


class Command(BaseCommand):
    help = "Run the tests (all of them, or what the arguments to pytest select) with services of their own."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand all arguments on to pytest; exit with its status, its closing line last."""
        sys.exit(run(argv[2:]))


def run(arguments: list[str]) -> int:
    """Run pytest on `arguments` in a temporary state folder, which is gone afterwards."""
    folder = tempfile.mkdtemp(prefix="ym-suite-", dir="/tmp")
    environment = {**os.environ, "YARDMASTER_TEST_STATE": folder, "YARDMASTER_BOOTSTRAP": "0"}
    # Ctrl+C is for pytest, which then ends its tests; we wait for it and clear up.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        argv = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(argv, cwd=REPO, env=environment, preexec_fn=_default_interrupt, check=False).returncode
    finally:
        Postgres(open_state(folder)).end_stale_server()
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGINT, before)


def _default_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
