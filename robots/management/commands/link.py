"""`manage.py link`: VDA 5050 between the robots and the database. See `robots/link.py`."""

from __future__ import annotations

import gc
import re
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from robots.link import Link


class Command(BaseCommand):
    help = "Speaks VDA 5050 with the robots; runs until it is told to stop. Any number of them share the robots."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--name", default="link", help="what this one is called among several, the same at each start"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        name = str(options["name"])
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
            raise CommandError(f"--name must be up to 40 letters, digits, - and _, not {name!r}")
        # A thread that computes may make another wait this long; the default is 5 ms, as much as a whole order takes.
        sys.setswitchinterval(0.001)
        # Messages leave no cycles behind, but make so many objects that looking for cycles all the time costs a tenth.
        gc.set_threshold(50_000, 20, 50)
        link = Link(name=name)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: link.halt())
        link.start()
        try:
            link.run()
        finally:
            link.stop()
