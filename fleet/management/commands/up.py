"""`manage.py up`: start everything, watch it, stop it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fleet.supervisor import up


class Command(BaseCommand):
    help = "Start services and processes, print the address and a login, restart what fails, stop with Ctrl+C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--robots",
            type=int,
            default=12,
            help="how many simulated robots (default 12); 0: no demonstration, for sites of your own",
        )
        parser.add_argument(
            "--port", type=int, default=8000, help="where the pages are served; another if taken (default 8000)"
        )
        parser.add_argument("--host", default="127.0.0.1", help="the address to serve on (default: this machine only)")
        parser.add_argument(
            "--reset", action="store_true", help="delete the state folder first: database, missions, logins"
        )
        parser.add_argument(
            "--check", action="store_true", help="run three missions to completion, print figures, stop"
        )
        parser.add_argument(
            "--quiet", action="store_true", help="do not show the processes' own lines (they are in the logs)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        least = 1 if options["check"] else 0
        if not least <= options["robots"] <= 500:
            raise CommandError(f"--robots must be from {least} to 500")
        names = ("robots", "host", "port", "reset", "check", "quiet")
        sys.exit(up.run(up.Options(**{name: options[name] for name in names})))
