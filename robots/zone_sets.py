"""The zone sets of a site as rows: made from the layout that dispatch drives on, one per kind of robot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet.accounts.models import Site

from .core.layout import Layout
from .core.vda5050.codec import decode_body, encode_body
from .core.vda5050.messages import ZoneSet, ZoneType
from .core.vda5050.topics import Topic
from .core.vda5050.zone_sets import MadeSet, zone_set_of, zone_types
from .models import LayoutVersion, RobotType, ZoneSetVersion

VERSION = "3.0"
"""The version of VDA 5050 that has zones; in its words sets are stored."""


@dataclass(frozen=True, slots=True)
class Takes:
    """What a robot takes, by its factsheet: the zone types, and how many zones at most (None: any number)."""

    types: frozenset[ZoneType] = frozenset()
    most: int | None = None


def takes(protocol: str, sheet: Mapping[str, Any]) -> Takes:
    """By the factsheet as received (3.0 section 7.10). No robot of an older version takes any."""
    if not protocol.startswith("3"):
        return Takes()
    named = _part(sheet, "typeSpecification").get("supportedZones")
    types = frozenset(ZoneType(name) for name in named or () if name in ZoneType.__members__)
    most = _part(_part(sheet, "protocolLimits"), "maximumArrayLengths").get("zoneSet.zones")
    return Takes(types, most if isinstance(most, int) and most > 0 else None)


class ZoneSets:
    """What was made so far. `forget` after a transaction that failed."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.forget()

    def forget(self) -> None:
        self._made: dict[tuple[str, Takes], MadeSet] = {}
        self._known: dict[str, frozenset[str]] | None = None

    def wanted(self, version: LayoutVersion, layout: Layout, of: Takes) -> MadeSet:
        """The set for robots that take `of`; its row is written the first time. Inside the caller's transaction."""
        key = version.hash, of
        if key not in self._made:
            made = zone_set_of(layout, owner=self.site.slug, supported=of.types, most=of.most)
            self._store(version, made.zone_set)
            self._made[key] = made
        return self._made[key]

    def known(self) -> dict[str, frozenset[str]]:
        """Every set of this site ever made -> the ids of its zones."""
        if self._known is None:
            rows = ZoneSetVersion.objects.filter(site=self.site).values_list("zone_set_id", "document")
            self._known = {name: _zone_ids(document) for name, document in rows}
        return self._known

    def _store(self, version: LayoutVersion, zone_set: ZoneSet) -> None:
        if zone_set.zone_set_id in self.known():
            return
        document = encode_body(zone_set, VERSION)
        ZoneSetVersion.objects.get_or_create(
            zone_set_id=zone_set.zone_set_id,
            defaults={
                "site": self.site,
                "map_id": zone_set.map_id,
                "layout": version,
                "zone_types": zone_types(zone_set),
                "document": document,
            },
        )
        self.known()[zone_set.zone_set_id] = _zone_ids(document)


def findings(site: Site, layout: Layout) -> tuple[str, ...]:
    """What people should know of the zones of this layout as robots of 3.0 are told them; empty without such robots."""
    types = RobotType.objects.filter(robot__site=site, protocol__startswith="3").distinct()
    reach = max((kind.width / 2 + kind.deviation_padding for kind in types), default=None)
    return () if reach is None else zone_set_of(layout, reach=reach).findings


def _zone_ids(document: Mapping[str, Any]) -> frozenset[str]:
    message = decode_body(Topic.ZONE_SET, document, VERSION)
    return frozenset(zone.zone_id for zone in message.zones) if isinstance(message, ZoneSet) else frozenset()


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}
