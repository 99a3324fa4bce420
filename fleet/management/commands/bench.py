"""`manage.py bench NAME ...`: the benchmarks in `tests/bench/`, each a module with `main(argv) -> int | None`."""

from __future__ import annotations

import sys
from importlib import import_module

from django.core.management.base import BaseCommand

from fleet.supervisor.state import REPO


def names() -> list[str]:
    """The benchmarks that there are."""
    return sorted(path.stem for path in (REPO / "tests" / "bench").glob("*.py") if not path.stem.startswith("_"))


class Command(BaseCommand):
    help = "Run a benchmark; its last line is one JSON object."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand all arguments on as they are: each benchmark has its own options."""
        if len(argv) < 3 or argv[2] not in names():
            asked = f"there is no benchmark {argv[2]}; " if len(argv) > 2 and not argv[2].startswith("-") else ""
            sys.exit(f"bench: {asked}choose one of: {', '.join(names()) or '(none here)'}")
        sys.exit(import_module(f"tests.bench.{argv[2]}").main(argv[3:]) or 0)
