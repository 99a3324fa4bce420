"""`manage.py createkey`: an API key from the machine's own command line. The secret is printed once."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fleet.accounts import services
from fleet.accounts.models import Site
from fleet.accounts.rights import SCOPES


class Command(BaseCommand):
    help = "Make an API key for one site and print its secret, which is kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="the site's slug")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--scopes", nargs="+", required=True, choices=SCOPES)
        parser.add_argument("--days", type=int, default=365, help="days until it expires (default 365)")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            known = ", ".join(Site.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no site {options['site']!r}. Sites: {known}.")
        try:
            _, secret = services.create_key(
                site=site, name=options["name"], scopes=options["scopes"], actor="command-line",
                expires_at=timezone.now() + timedelta(days=options["days"]),
            )  # fmt: skip
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(secret)
