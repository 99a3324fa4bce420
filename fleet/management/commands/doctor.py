"""`manage.py doctor`: is everything there that `up` needs, and what to do about what is not."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from fleet.supervisor import doctor


class Command(BaseCommand):
    help = "Check Python, packages, disk, ports and services; say what to do about what is wrong."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = doctor.examine()
        for finding in findings:
            self.stdout.write(f"{finding.verdict:>4}  {finding.subject}: {finding.text}")
        bad = sum(finding.verdict == "BAD" for finding in findings)
        self.stdout.write(f"{len(findings)} checks, {bad} bad")
        sys.exit(1 if bad else 0)
