"""M-1001, M-1002, ...: the numbers people say, one after the other at each site."""

from __future__ import annotations

from django.db.models import Max

from fleet.accounts.models import Site

from .models import Mission

FIRST = 1001


def take_number(site_id: int) -> tuple[Site, int]:
    """The site, locked until the caller's transaction ends, and the next number: two missions take turns."""
    site = Site.objects.select_for_update(no_key=True).get(pk=site_id)
    top = Mission.objects.filter(site=site).aggregate(top=Max("number"))["top"]
    return site, FIRST if top is None else top + 1
