"""`manage.py messages`: bring the catalogues up to date and compile them, without any gettext tool."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fleet.language import catalogue


class Command(BaseCommand):
    help = "Adds new texts to fleet/locale/*/django.po (empty), drops unused ones, compiles each to django.mo."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail if anything is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = catalogue.wanted(Path(settings.BASE_DIR))
        faults: list[str] = []
        for path in sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po")):
            language = path.parts[-3]
            known = catalogue.read_po(path.read_text())
            if not options["check"]:
                known = {key: known.get(key) or ("",) * (2 if key.plural else 1) for key in keys}
                path.write_text(catalogue.write_po(known, language))
                path.with_suffix(".mo").write_bytes(catalogue.compile_mo(known, language))
            elif path.with_suffix(".mo").read_bytes() != catalogue.compile_mo(known, language):
                faults.append(f"{language}: django.mo is not what django.po compiles to")
            faults += [f"{language}: {fault}" for fault in catalogue.faults(known, keys)]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(keys)} texts, all translated")
