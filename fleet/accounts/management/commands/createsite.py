"""`manage.py createsite`: a site of your own and its first site admin. The password is printed once."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from fleet.accounts import services
from fleet.accounts.models import Role, User

ACTOR = "createsite"


class Command(BaseCommand):
    help = "Make a site and give one person the role site admin there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True, help="short name in addresses and topics, for example plant1")
        parser.add_argument("--name", required=True, help="what people call it")
        parser.add_argument("--time-zone", default="UTC", help="for example Europe/Berlin (default UTC)")
        parser.add_argument("--admin", required=True, help="username of its first site admin, made if it is new")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["admin"]
        password = ""
        try:
            with transaction.atomic():
                site = services.create_site(
                    slug=options["slug"], name=options["name"], time_zone=options["time_zone"], actor=ACTOR
                )
                user = User.objects.filter(username=username).first()
                if user is None:
                    password = secrets.token_urlsafe(12)
                    user = services.create_user(username=username, password=password, actor=ACTOR)
                services.set_role(user=user, site=site, role=Role.SITE_ADMIN, actor=ACTOR)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"site {site.slug}; site admin {username}{f', password {password}' if password else ''}")
