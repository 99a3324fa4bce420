"""The tab Layouts of the settings, and what else pages tell of the audit: the attention row and the map's layer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from fleet.accounts.models import Site
from missions.snapshots import AttentionRow
from robots import auditing, zone_sets
from robots.models import LayoutVersion, SiteTraffic
from robots.snapshots import layout_in_force, layout_of

from .layout_picture import picture

POCKETS_LISTED = 8


def layout_tab(site: Site, chosen: str) -> dict[str, Any]:
    """Every version with its verdict, and one of them drawn: `chosen`, else the newest."""
    rows = LayoutVersion.objects.filter(site=site).select_related("created_by", "site").defer("document")
    versions = list(rows)
    shown = next((v for v in versions if v.public_id == chosen), versions[0] if versions else None)
    force = next((v for v in versions if v.published_at), None)
    found: dict[str, Any] = {
        "versions": [(version, auditing.known(version)) for version in versions],
        "in_force": force,
        "drives_on": _drives_on(site, force),
        "shown": shown,
    }
    if shown is not None:
        fresh = shown == force or shown.published_at is None
        audit = auditing.known(shown) if fresh else auditing.audit_version(shown)
        large = sorted((pocket for pocket in audit["pockets"] if len(pocket) > 1), key=len, reverse=True)
        found |= {
            "audit": audit,
            "picture": picture(layout_of(shown), audit),
            "large": large[:POCKETS_LISTED],
            "large_more": max(0, len(large) - POCKETS_LISTED),
            "places": sum(map(len, audit["pockets"])),
            "zone_findings": zone_sets.findings(site, layout_of(shown)),
        }
    return found


def _drives_on(site: Site, published: LayoutVersion | None) -> int | None:
    """The number of the version that dispatch still has robots drive on while `published` waits; None: it does not."""
    row = SiteTraffic.objects.filter(site=site).values_list("layout__number", "layout__hash").first()
    return row[0] if row and published and row[1] not in (None, published.hash) else None


def pockets(site: Site) -> Mapping[str, Any]:
    """What the layer of the operations map draws; empty lists without a layout."""
    found = layout_in_force(site)
    audit = auditing.known(found[0]) if found else {"verdict": "safe", "pockets": [], "traps": []}
    return {key: audit[key] for key in ("verdict", "pockets", "traps")}


def attention(site: Site, now: datetime) -> list[AttentionRow]:
    """A fleet that has outgrown the layout in force, while nobody has accepted that."""
    version = auditing.outgrown(site)
    if version is None:
        return []
    verdict = auditing.known(version)
    what = f"{verdict['fleet']} robots can lock up on this layout, {verdict['safe_robots']} cannot"
    where = verdict["advice"]["text"] if verdict["advice"] else "Add a loop or passing places, or use fewer robots."
    address = f"{reverse('settings')}?tab=layouts&version={version.public_id}"
    return [AttentionRow(2, "layout", what, where, None, "Show the layout", address)]
