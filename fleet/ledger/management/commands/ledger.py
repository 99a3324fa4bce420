"""`manage.py ledger verify | export FILE`: check the audit ledger, or hand it to somebody who checks it without us."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fleet.ledger import reading


class Command(BaseCommand):
    help = "Check the audit ledger's hash chain, or export it for deploy/verify_ledger.py."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="check every row; exit code 1 and the first bad row if one is wrong")
        verify.add_argument("--head", metavar="ROWS:HASH", help="what was printed earlier, kept elsewhere")
        export = verbs.add_parser("export", help="write JSON lines that deploy/verify_ledger.py checks")
        export.add_argument("file", type=Path)
        export.add_argument("--site", default="", help="slug; rows of other sites are written as their hashes only")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "verify":
            self._verify(_noted(options["head"]))
        else:
            self._export(options["file"], options["site"])

    def _verify(self, noted: tuple[int, str] | None) -> None:
        rows, last = reading.head() or (0, "-")
        bad = reading.check(noted)
        if bad is not None:
            raise CommandError(f"row {bad.seq} is the first bad one: {bad.why}", returncode=1)
        self.stdout.write(f"ok: {rows} rows, head {rows}:{last}")

    def _export(self, path: Path, site: str) -> None:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                rows, last = reading.export(file, now=timezone.now(), site=site)
            draft.replace(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error}") from error
        finally:
            draft.unlink(missing_ok=True)
        self.stdout.write(f"{path}: {rows} rows, head {rows}:{last}")


def _noted(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
        raise CommandError("--head must read ROWS:HASH, as `ledger verify` prints it.")
    rows, _, last = text.partition(":")
    return int(rows), last
