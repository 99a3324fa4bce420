"""`manage.py link`: VDA 5050 between the robots and the database. See `robots/link.py`."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from robots.link import Link


class Command(BaseCommand):
    help = "Speaks VDA 5050 with the robots; runs until it is told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shard", default="1/1", help="i/n: serve the i-th of n parts of the sites (default 1/1)")

    def handle(self, *_: Any, **options: Any) -> None:
        # A thread that computes may make another wait this long; the default is 5 ms, as much as a whole order takes.
        sys.setswitchinterval(0.001)
        link = Link(shard=_shard(options["shard"]))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: link.halt())
        link.start()
        try:
            link.run()
        finally:
            link.stop()


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise CommandError(f"--shard must look like 1/2 (the first of two parts), not {text!r}")
    return int(part), int(parts)
